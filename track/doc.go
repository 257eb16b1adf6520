// Package track runs a study: it fits the references, trains the network,
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
// A [Study] is everything that defines the numbers of a run: dataset, network,
// optimiser, references, evaluation schedule, seed. It is a TOML file; the run
// folder gets a copy with every default written out. What must not change any
// number (workers, folders, how often to checkpoint) is in [Options] instead.
//
// # Training by a partition
//
// A [Subset] has D learn from the easy or the hard examples only, or first, by
// a file that a [Partition] made from a shallow model's out-of-fold
// predictions; package curriculum has the file, the orders and the visits. The
// study names the file, its SHA-256 and the order; the file names the training
// split by its hash. An epoch stays as many steps as a pass
// over the whole split takes, whatever the order. [CompareOrders] tabulates runs
// that differ in order and seed only.
//
// # The loop
//
// loop.go has the training loop, and nothing else happens there: take a batch,
// step, call the hooks. The hooks are the tracker (scores the network when the
// schedule says so and writes the predictions and all tables to the database
// before it returns), the checkpointer and the progress display.
//
// # Resume
//
// The sequence of the examples follows from (seed, pass), augmentation from
// (seed, pass, example), dropout from (seed, step), so a training that starts
// from a checkpoint gives the same bits as one that never stopped. Resume drops
// the evaluations after its checkpoint and computes them again. It refuses a
// study that differs from the run's.
//
// # What it leaves out
//
// Figures and report.html: Options.Report is called when training is over, so
// that this package doesn't depend on what draws.
package track
