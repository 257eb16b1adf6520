// Package track runs a study: it fits the references, trains the network with shoal's own engine,
// scores it on the whole evaluation split on schedule and writes the run.
//
// # Use
//
//	study, err := track.Builtin("mnist")
//	result, err := track.Run(ctx, study, track.Options{Out: "runs/first"})
//	result, err = track.Resume(ctx, "runs/first", nil, track.Options{})
//
// # A study
//
// A [Study] is everything that defines the numbers of a run: dataset, network, optimiser,
// references, evaluation schedule, seed. It is a TOML file; the run folder gets a copy with every
// default written out. What must not change any number (workers, folders, how often to checkpoint)
// is in [Options] instead.
//
// # Training by a partition
//
// A [Subset] has D learn from the easy or the hard examples only, or first, by a file that a
// [Partition] made from a shallow model's out-of-fold predictions; package curriculum has the file,
// the orders and the visits. The study names the file, its SHA-256 and the order; the file names
// the training split by its hash. An epoch stays as many steps as a pass over the whole split
// takes, whatever the order. [CompareOrders] tabulates runs that differ in order and seed only.
//
// # The training
//
// training.go puts a study together with its data; engine.go makes a record.Learner of a
// deep.Trainer and its batches, which batches.go prepares ahead. The loop itself, the evaluations
// and the checkpoints are package record's, which doesn't know the engine.
//
// # Resume
//
// The sequence of the examples follows from (seed, pass), augmentation from (seed, pass, example),
// dropout from (seed, step), so a training that starts from a checkpoint gives the same bits as one
// that never stopped. Resume drops the evaluations after its checkpoint and computes them again. It
// refuses a study that differs from the run's.
//
// # What a run will take
//
// [EstimateRun] measures a few steps and scorings of the real network and small fits of the
// references, before anything is run.
//
// # What it leaves out
//
// Figures and report.html: whoever runs a study calls package report when the run is finished.
package track
