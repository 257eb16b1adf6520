// Package curriculum says which training examples a network visits, and in which sequence.
//
// # Partitions
//
// A [Partition] cuts a training split into an easy and a hard part by what a reference gets right
// (the paper's abstract): an example is easy when the reference predicts its label. The predictions
// have to be out of fold, because a model is right from memory on examples that it was fitted to.
//
//	p, err := curriculum.Cut(labels, outOfFold)
//	p.Dataset, p.DatasetHash, p.Reference, p.Folds = "mnist", hash, "svm", 5
//	err = p.Save("easy.json")
//
// A partition is kept as one JSON file: a header, which names the dataset by the hash of its
// training split, and the two lists of indices, ascending. [Read] is strict: unknown fields, a
// wrong count, an index that is missing or there twice, and trailing data are errors.
// [Partition.Match] says whether a partition belongs to a training split.
//
// # Orders and plans
//
// Training goes in passes: each visits one set of examples once. An [Order] says which sets, and
// [Partition.Plan] names their examples.
//
//	easy-only, hard-only             every pass visits the easy or the hard examples
//	random-as-easy, random-as-hard   every pass visits the same examples, as many as
//	                                 are easy or hard, drawn from all by the seed
//	random                           every pass visits all examples
//	easy-first, hard-first           some passes visit the easy or the hard
//	                                 examples, all later ones visit all
//
// [Order.Control] is the random order to compare an order with: the one that visits as many
// examples. The statistics over runs of several orders are in package dynamics/orders, which takes
// orders and controls as plain names.
//
// # Visits
//
// [Visits] follows a plan step by step: [Visits.From] yields the examples of every batch. The
// sequence within a pass follows from the seed and the number of the pass alone, so a training that
// resumes at any step visits the same examples as one that never stopped. The sequences are part of
// what a run is made of: they are written out here, independent of the standard library's shuffles,
// and tests pin their hashes.
package curriculum
