package track

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"shoal/internal/parallel"
	"shoal/runlog"
	"shoal/shallow"
)

func workers(n int) int { return parallel.Workers(n) }

func (x *experiment) fitter() *fitter {
	f := &fitter{
		labels: x.set.Test.Labels, set: x.set, trainHash: x.trainHash, testHash: x.testHash,
		report: x.options.Progress, say: x.options.Say,
		options: shallow.Options{Workers: x.options.Workers, MemoryBytes: x.options.MemoryBytes, Seed: x.study.Seed},
	}
	if !x.options.NoCache {
		f.cacheDir = x.options.cacheFolder()
	}
	return f
}

// cacheFolder is where fitted models are kept; "" when there is no cache.
func (o Options) cacheFolder() string {
	base := o.CacheDir
	if base == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return ""
		}
		base = filepath.Join(user, "shoal")
	}
	return base
}

// train runs the loop from where the trainer stands, and saves a checkpoint
// when it is over, also when it was stopped on the way.
func (x *experiment) train(ctx context.Context, log *runlog.Run, clock func()) error {
	references, err := log.References()
	if err != nil {
		return err
	}
	last, err := log.LastStep()
	if err != nil {
		return err
	}
	keeper := &checkpointer{
		dir: log.Dir(), trainer: x.trainer, every: x.options.checkpoint(), step: -1,
	}
	due := map[int]bool{}
	for _, step := range x.scored {
		due[step] = true
	}
	l := &loop{
		trainer: x.trainer, rate: x.rate, perEpoch: x.perEpoch, total: x.total,
		batches: &batches{split: x.set.Train, augment: x.augment, visits: x.visits},
		hooks: []hook{
			&tracker{
				trainer: x.trainer, split: x.set.Test, run: log, references: references, due: due, done: last,
				evaluation: &x.seconds.Evaluation, report: x.options.Progress, total: x.total,
			},
			&progressHook{report: x.options.Progress, total: x.total}, // after the tracker: it shows the newest accuracy
			keeper,
		},
	}
	// Evaluation is timed on its own and taken out of the training's time.
	start, evaluated := time.Now(), x.seconds.Evaluation
	account := func() {
		now := time.Now()
		x.seconds.Training += now.Sub(start).Seconds() - (x.seconds.Evaluation - evaluated)
		start, evaluated = now, x.seconds.Evaluation
	}
	keeper.saved = func() error { account(); clock(); return x.saveSeconds(log) }
	err = l.run(ctx)
	account()
	if err != nil && !cancelled(err) {
		return err
	}
	if e := keeper.save(int(x.trainer.Steps())); e != nil {
		return e
	}
	return err
}
