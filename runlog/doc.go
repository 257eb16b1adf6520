// Package runlog keeps a run: a folder with one SQLite database, from which everything else about
// the run is computed, and checkpoints beside it.
//
// # The database
//
// run.db, in write-ahead-log mode, has
//
//	meta(key, value)           study, dataset, labels_sha256, schema_version, status, ...
//	example(id, label, image)  the evaluation split in order; image is a PNG, or null
//	reference(id, name, kind, params_json, accuracy, fit_seconds, predictions, margins)
//	evaluation(step, epoch, loss, accuracy, seconds, predictions)
//	contingency(step, reference_id, both, shallow_only, deep_only, neither)
//
// Predictions are one byte an example when there are at most 256 classes and two, little-endian,
// beyond; those of an evaluation are zstd-compressed. Margins are 32-bit floats, little-endian, or
// null. An epoch, loss or time that the learner did not know is infinite. Rows of contingency
// follow from the rest: they are written with the evaluation or the reference that completes them,
// in the same transaction, so that a reader never sees an evaluation without its tables.
//
// Accuracies and tables follow from the predictions: this package computes them, whatever a writer
// gives. The meaning of every key of meta is in meta.go, and no other package spells one: readers
// get them as [Meta].
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
// read it meanwhile through [OpenReadOnly].
package runlog
