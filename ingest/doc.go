// Package ingest brings predictions that were logged elsewhere into a run folder: the logs of package
// predlog, and files that other tools write. From there on such a run is like any other.
//
// # Logs
//
// [Refresh] imports what is new in RUN/log into RUN/run.db; [Files] imports logs from elsewhere. Every
// evaluation is imported exactly once, from any cut: how far a file was read is stored in the
// transaction that stores its evaluation. Where a line waits for the parts of other ranks, its file
// is read again from there next time. The tables of a run depend on its logs alone: without run.db
// the next import makes them again, but for references, which are added by comparisons.
//
// A session (a training that resumed) replaces what the sessions before it say of later steps when
// its first evaluation is whole; until then theirs stand. Where a log that comes late shows that parts of
// two trainings were taken for one, the split is imported again from its beginning.
//
// A log doesn't say that a training is over. A run that was imported is finished as far as it goes.
//
// # Other formats
//
//	.npz, .npy         arrays of predictions, probabilities or logits; see matrix.go
//	.jsonl             dynamics_epoch_N.jsonl of dataset cartography, all epochs together
//	.csv, .parquet     a row for each step and example: columns step, example, prediction, label
//
// They are read as streams. A run that was imported in part, by a process that was killed, is
// completed by importing the same files again.
package ingest
