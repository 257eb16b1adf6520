package track

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"shoal/deep"
	"shoal/internal/atomicfile"
	"shoal/internal/parallel"
	"shoal/internal/usage"
	"shoal/kernel"
	"shoal/record"
	"shoal/runlog"
)

// StudyFile is the name of the resolved study in a run folder.
const StudyFile = record.StudyFile

// Run runs a study and writes its run folder, options.Out: database, checkpoints, study.toml and
// summary.json. When it fails before the network was scored once, it leaves nothing behind.
func Run(ctx context.Context, s Study, o Options) (*record.Summary, error) {
	if err := CheckOut(o.Out); err != nil {
		return nil, err
	}
	start := time.Now()
	x, err := newTraining(ctx, s, kept{}, o)
	if err == nil {
		err = x.begin()
	}
	if err != nil {
		return nil, err
	}
	_, statErr := os.Stat(o.Out)
	run, err := x.create(ctx)
	if err != nil {
		return nil, err
	}
	var summary *record.Summary
	r, err := x.recorder(run)
	if err == nil {
		summary, err = x.execute(ctx, run, r, start)
	}
	last, lastErr := run.LastStep()
	var stopped *Stopped
	if err != nil && lastErr == nil && last < 0 && !errors.As(err, &stopped) {
		discard(run, os.IsNotExist(statErr))
		return summary, err
	}
	if e := run.Close(); err == nil && e != nil {
		err = e
	}
	return summary, err
}

// ErrCheckpoints is wrapped by the error for a new run's folder that has checkpoints already.
var ErrCheckpoints = errors.New("holds checkpoints of another run")

// CheckOut refuses a folder that holds a run, before any work is done.
func CheckOut(dir string) error {
	if dir == "" {
		return usage.Errorf("no run folder")
	}
	info, err := os.Stat(dir)
	switch {
	case os.IsNotExist(err):
		return atomicfile.CanMake(dir)
	case err != nil:
		return fmt.Errorf("run folder: %w", err)
	case !info.IsDir():
		return fmt.Errorf("run folder %q is a file", dir)
	}
	if _, err := os.Lstat(filepath.Join(dir, StudyFile)); err == nil || runlog.Exists(dir) {
		return fmt.Errorf("run folder %q %w", dir, runlog.ErrExists)
	}
	if left, err := record.Checkpoints(dir); err != nil || len(left) > 0 {
		return fmt.Errorf("run folder %q %w in its folder %s", dir, ErrCheckpoints, record.CheckpointFolder)
	}
	return atomicfile.CanMake(dir)
}

// discard closes a run that failed at its start and removes what it has written: the database last,
// since another run may begin in the folder then.
func discard(run *runlog.Run, all bool) {
	dir := run.Dir()
	_ = os.Remove(filepath.Join(dir, StudyFile))
	_ = os.Remove(filepath.Join(dir, record.CheckpointFolder)) // only if it is empty
	_ = run.Discard()
	if all {
		_ = os.Remove(dir) // only if it is empty
	}
}

// create makes the run folder with the study and the examples.
func (x *training) create(ctx context.Context) (*runlog.Run, error) {
	dir := x.options.Out
	run, err := runlog.Create(dir, runlog.Meta{
		Study: x.study.Name, Dataset: x.splits.Name, Network: x.study.Network.Name, Classes: x.splits.Classes,
		StudyTOML: x.text, TrainHash: x.splits.TrainHash, TestHash: x.splits.TestHash, Decoder: x.splits.Decoder,
	}, runlog.Examples{
		Labels: x.splits.Test.Labels, Names: x.splits.Test.Names,
		Image: func(i int) ([]byte, error) {
			if err := ctx.Err(); err != nil { // ten thousand images take seconds
				return nil, err
			}
			return x.splits.PNG(x.splits.Test.Image(i))
		},
	})
	if err != nil {
		return nil, err
	}
	if err = x.addScored(run); err == nil {
		err = x.writeStudy()
	}
	if err != nil {
		discard(run, false)
		return nil, err
	}
	return run, nil
}

// writeStudy writes the folder's study.toml, unless it is there.
func (x *training) writeStudy() error {
	path := filepath.Join(x.options.Out, StudyFile)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	text, err := x.study.Encode(x.made())
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(path, text)
}

// made says what runs the study.
func (x *training) made() map[string]any {
	made := map[string]any{
		"shoal": x.options.Version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH,
		"simd": x.level(), "workers": parallel.Workers(x.options.Workers), "data": x.splits.Origin,
	}
	if x.splits.Decoder != "" {
		made["decoder"] = x.splits.Decoder
	}
	if tier := x.precision().Tier(); tier != "" {
		made["tier"] = tier
	}
	if len(x.splits.Notes) > 0 {
		made["notes"] = x.splits.Notes
	}
	return made
}

// precision is the study's, which has been checked.
func (x *training) precision() deep.Precision {
	p, _ := deep.ParsePrecision(x.study.Training.Precision)
	return p
}

func (x *training) level() string {
	if l, err := kernel.ParseLevel(x.options.Level); err == nil {
		return l.String()
	}
	return x.options.Level
}

// execute fits what is not fitted, trains what is not trained and writes the summary.
func (x *training) execute(ctx context.Context, run *runlog.Run, r *record.Recorder, start time.Time) (*record.Summary, error) {
	defer x.learner.close()
	r.Seconds.Data += x.seconds
	before := r.Seconds.Total
	x.loop.Clock = func() { r.Seconds.Total = before + time.Since(start).Seconds() }
	err := r.AddReferences(ctx, x.splits.Fitter(x.options.Options, x.study.Seed), x.sources)
	if err == nil {
		err = x.initialise(ctx, run, r)
	}
	if err == nil {
		err = r.Train(ctx, x.learner, x.loop)
	}
	if err != nil {
		x.loop.Clock()
		return nil, x.stopped(run, r, err)
	}
	s, err := r.Finish(ctx, record.Summary{
		Precision: string(x.precision()), Tier: x.precision().Tier(), TierRefused: x.precision().Refused(),
		SIMD: x.level(), Workers: parallel.Workers(x.options.Workers), Seed: &x.study.Seed, Subset: x.subset,
	}, x.loop.Clock)
	if err != nil {
		return nil, &Stopped{Dir: run.Dir(), Step: x.learner.Steps(), Cause: fmt.Errorf("training is complete, but not its summary: %w", err)}
	}
	return s, nil
}

// stopped records why a run ended early. The error that stopped it comes first, whatever else
// fails.
func (x *training) stopped(run *runlog.Run, r *record.Recorder, cause error) error {
	status, failure := runlog.Interrupted, cause.Error()
	diverged := new(deep.DivergenceError)
	stopped := &Stopped{Dir: run.Dir(), Step: x.learner.Steps(), Cause: cause}
	out := error(stopped)
	switch {
	case errors.As(cause, &diverged):
		status = runlog.Failed
		out = fmt.Errorf("%w (run %q is kept and marked failed)", cause, run.Dir())
	case stopped.Interrupted():
		failure = ""
	case r.LastStep() < 0: // Run removes the folder
		out = cause
	}
	_ = r.KeepSeconds()
	_ = run.SetStatus(status, failure)
	return out
}
