// Package record records the run of a learner: the data with their references, the evaluations on a
// schedule, checkpoints, judgements and the summary. It knows nothing of how a learner is trained.
//
// # Two ways to use it
//
// Whoever owns the training loop takes a [Recorder] and calls Record after each evaluation:
//
//	run, err := runlog.Create(dir, runlog.Meta{Study: "mine", Dataset: "mnist", Network: "mine", Classes: names}, labels, nil)
//	r, err := record.New(run, record.Options{})
//	err = r.Record(record.Evaluation{Step: 100, Epoch: .1, Loss: math.NaN(), Seconds: math.NaN(), Predictions: p})
//	summary, err := r.Finish(ctx, record.Summary{}, nil)
//
// NaN stands for what the loop doesn't know. A run may lack its epochs too, but what is computed
// from a log (Finish, reports, exports) still needs them.
//
// Whoever has a network behind the [Learner] interface (step, score, save, load) has
// [Recorder.Train] run the loop: it steps, scores when the schedule says so, saves checkpoints, and
// [Recorder.Resume] returns to the last one. Package track has the learner of shoal's own engine.
//
// # The loop
//
// loop.go has it, and nothing else happens there: step, call the hooks. The hooks are the scorer
// (writes the predictions and all tables to the database before it returns), the display of the
// progress and the checkpointer.
//
// # References
//
// A [Reference] says what M is: a shallow model to be fitted to [Data], predictions in a file, which
// package answers reads, or the network of another run. [Splits] are the data in memory, and [Fitter]
// fits to them or takes from the cache. [Compare] adds references to a run that is there, whoever
// recorded it: of a run that no study defines only the dataset's name is needed, and its labels have
// to agree.
//
// # What it leaves out
//
// Figures and pages, which package report draws from the run folder.
package record
