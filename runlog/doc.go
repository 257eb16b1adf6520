// Package runlog keeps a run: a folder with one SQLite database, from which everything else about
// the run is computed, and checkpoints beside it.
//
// # The database
//
// run.db has, of the main evaluation split,
//
//	meta(key, value)                 study, dataset, labels_sha256, schema_version, status, ...
//	example(id, label, name, image)  the split in order
//	reference(id, name, kind, params_json, facts_json, accuracy, fit_seconds, predictions, right, margins)
//	evaluation(step, epoch, loss, accuracy, seconds, predictions, right)
//	value(step, name, data)          numbers of every example at an evaluation
//	contingency(step, reference_id, both, shallow_only, deep_only, neither)
//
// An example's name is the path of its file or another identity; null where the index in the
// dataset's official file is all there is. Its image is a PNG or a JPEG, or null. Predictions are one byte an
// example when there are at most 256 classes and two, little-endian, beyond; those of an evaluation
// are zstd-compressed. right has one bit an example, the first the lowest bit of the first byte, and
// is null where "right" means that the predicted class is the label. Margins are 32-bit floats,
// values zstd-compressed 16-bit floats, all little-endian. An epoch, loss or time that the learner
// did not know is null.
//
// Other evaluation splits are listed in split(id, name). The tables of split 1 are example_1,
// reference_1, evaluation_1, value_1 and contingency_1, its keys in meta end in ":" and its name.
// attribute(id, name, groups_json, data), in runs that were given groups ([Run.SetGroups]), has the group
// of every example, packed as predictions are; the number of groups stands for none.
// copy_of and relabelled_json in meta, the latter for each split, say whose copy a run is and which of its
// labels were corrected ([Relabel]).
// source(file, bytes) says how much of which file of a log was read; see [Run.Take].
//
// Rows of contingency follow from the rest: they are written with the evaluation or the reference
// that completes them, in the same transaction, so that a reader never sees an evaluation without
// its tables. Accuracies and tables follow from the predictions: this package computes them, whatever
// a writer gives. The meaning of every key of meta is in meta.go, and no other package spells one:
// readers get them as [Meta].
//
// This is version 2 of the schema. Version 1 had numbers for everything (infinite ones for what is
// not known), no names, no right, no values, one split and no checksums. It is read as it is, and
// becomes version 2 when the run is opened for writing.
//
// # Nothing is shown that was not written
//
// Every row but those of contingency and source carries a checksum over its table's name and its
// values, keys included (the image of an example has its own); [Load] counts accuracies and tables
// again. A damaged or edited database is an error that names what doesn't fit.
//
// # The one door
//
// [Load] returns a [History]: everything that a reader of a run needs, at once. Its references are
// those of package dynamics with what else is known of them, and its judgements are the run's own:
// [Run.KeepJudgements] stores them, and [History.Judge] makes those that are missing or belong to
// an older log.
//
// # What survives what
//
// When [Run.AppendEvaluation] returns, the evaluation survives the death of the process at any
// later moment. It may be lost when the machine loses power: the log is not forced to the disk at
// every step, which would cost more than a step of a small network; the database stays whole all
// the same, and a resumed run computes the lost evaluations again, bit for bit.
//
// # Readers and writers
//
// One process writes a run: [Create] and [Open] take a lock beside the database. Any number may
// read it meanwhile through [OpenReadOnly]. While a process writes, the database is in
// write-ahead-log mode; a writer that closes it leaves one file, which anybody's SQLite can read from
// a read-only disk.
//
// A write-ahead log needs one host, since its index is in memory that processes share. On a file
// system of a network the database is written with a rollback journal: every evaluation is forced to
// the disk then, and a reader and the writer wait for each other for a moment. Where a file system
// refuses locks, a file names the writer (package lockfile), and nobody reads a run that is being
// written. [Run.Note] says when either is so. See [NoLocks], too.
//
// A training that is repeated from an earlier step replaces evaluations one by one: see
// [Run.Rewind].
package runlog
