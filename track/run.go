package track

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"shoal/deep"
	"shoal/internal/atomicfile"
	"shoal/internal/usage"
	"shoal/kernel"
	"shoal/runlog"
)

// Keys of a run's meta that this package writes.
const (
	metaStudy     = "study_toml"
	metaTrainHash = "train_sha256"
	metaTestHash  = "test_sha256"
	metaSeconds   = "seconds_json"
	metaFailure   = "failure"
	metaFacts     = "facts_json:" // followed by the name of a reference
)

// StudyFile is the name of the resolved study in a run folder.
const StudyFile = "study.toml"

// Run runs a study and writes its run folder, options.Out. When it fails
// before the network was scored once, it leaves nothing behind.
func Run(ctx context.Context, s Study, o Options) (*Summary, error) {
	if err := checkOut(o.Out); err != nil {
		return nil, err
	}
	start := time.Now()
	x, err := newExperiment(ctx, s, o)
	if err != nil {
		return nil, err
	}
	_, statErr := os.Stat(o.Out)
	log, err := x.create()
	if err != nil {
		return nil, err
	}
	summary, err := x.execute(ctx, log, start)
	last, lastErr := log.LastStep()
	if e := log.Close(); err == nil && e != nil {
		err = e
	}
	var interrupted *Interrupted
	if err != nil && lastErr == nil && last < 0 && !errors.As(err, &interrupted) {
		discard(o.Out, os.IsNotExist(statErr))
	}
	return summary, err
}

// checkOut refuses a folder that holds a run, before any work is done.
func checkOut(dir string) error {
	if dir == "" {
		return usage.Errorf("no run folder: name one with --out")
	}
	info, err := os.Stat(dir)
	switch {
	case os.IsNotExist(err):
		return nil
	case err != nil:
		return fmt.Errorf("run folder: %w", err)
	case !info.IsDir():
		return fmt.Errorf("run folder %q is a file; name another with --out", dir)
	}
	for _, name := range []string{runlog.Database, StudyFile} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return fmt.Errorf("run folder %q %w; name another with --out, or go on with --resume", dir, runlog.ErrExists)
		}
	}
	if left, err := checkpoints(dir); err != nil || len(left) > 0 {
		return fmt.Errorf("run folder %q holds checkpoints of another run; name another with --out, or remove its folder %s", dir, checkpointFolder)
	}
	return nil
}

// discard removes what a run that came to nothing has written.
func discard(dir string, whole bool) {
	for _, name := range []string{"run.db", "run.db-wal", "run.db-shm", "run.lock", StudyFile} {
		_ = os.Remove(filepath.Join(dir, name))
	}
	_ = os.Remove(filepath.Join(dir, checkpointFolder)) // only if it is empty
	if whole {
		_ = os.Remove(dir) // only if it is empty
	}
}

// create makes the run folder with the study and the examples.
func (x *experiment) create() (*runlog.Run, error) {
	text, err := x.study.Encode(nil)
	if err != nil {
		return nil, err
	}
	dir := x.options.Out
	log, err := runlog.Create(dir, runlog.Meta{
		Study: x.study.Name, Dataset: x.set.Name, Network: x.study.Network.Name, Classes: x.set.Classes, LabelsHash: x.set.Test.LabelHash(),
		More: map[string]string{metaStudy: string(text), metaTrainHash: x.trainHash, metaTestHash: x.testHash},
	}, x.set.Test.Labels, x.picture())
	if err != nil {
		return nil, err
	}
	if err := x.writeStudy(); err != nil {
		log.Close()
		discard(dir, false)
		return nil, err
	}
	return log, nil
}

// writeStudy writes the folder's study.toml, unless it is there.
func (x *experiment) writeStudy() error {
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
func (x *experiment) made() map[string]any {
	made := map[string]any{
		"shoal": x.options.Version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH,
		"simd": x.level(), "workers": workers(x.options.Workers), "data": x.set.Origin,
	}
	if len(x.set.Notes) > 0 {
		made["notes"] = x.set.Notes
	}
	return made
}

func (x *experiment) level() string {
	if l, err := kernel.ParseLevel(x.options.Level); err == nil {
		return l.String()
	}
	return x.options.Level
}

// execute fits what is not fitted, trains what is not trained and writes the
// report and the summary.
func (x *experiment) execute(ctx context.Context, log *runlog.Run, start time.Time) (*Summary, error) {
	before := x.seconds.Total
	clock := func() { x.seconds.Total = before + time.Since(start).Seconds() }
	err := x.fitMissing(ctx, log)
	if err == nil {
		err = x.train(ctx, log, clock)
	}
	if err != nil {
		return nil, x.stopped(log, err, clock)
	}
	return x.finish(ctx, log, clock)
}

// stopped records why a run ended early. The error that stopped it comes
// first, whatever else fails.
func (x *experiment) stopped(log *runlog.Run, cause error, clock func()) error {
	clock()
	status, message := runlog.Interrupted, cause.Error()
	diverged := new(deep.DivergenceError)
	step := int(x.trainer.Steps())
	switch {
	case errors.As(cause, &diverged):
		status = runlog.Failed
		cause = fmt.Errorf("%w (run %q is kept and marked failed)", cause, log.Dir())
	case cancelled(cause):
		message = ""
		cause = &Interrupted{Dir: log.Dir(), Step: step, Command: x.options.resume(log.Dir())}
	default:
		if last, err := log.LastStep(); err == nil && last >= 0 { // Run keeps the folder
			cause = fmt.Errorf("%w; once that is mended go on with: %s", cause, x.options.resume(log.Dir()))
		}
	}
	_ = log.SetMeta(metaFailure, message)
	_ = x.saveSeconds(log)
	_ = log.SetStatus(status)
	return cause
}

// cancelled reports whether an error says no more than that somebody asked to stop.
func cancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// fitMissing adds the references that the run doesn't have yet.
func (x *experiment) fitMissing(ctx context.Context, log *runlog.Run) error {
	have, err := log.References()
	if err != nil {
		return err
	}
	defer watch(&x.seconds.References)()
	f := x.fitter()
	for _, s := range x.sources {
		if slices.ContainsFunc(have, func(r runlog.Reference) bool { return r.Name == s.Name }) {
			continue
		}
		if err := f.add(ctx, log, s); err != nil {
			return err
		}
	}
	return nil
}

// add resolves one reference and writes it to the run.
func (f *fitter) add(ctx context.Context, log *runlog.Run, s source) error {
	r, facts, err := f.resolve(ctx, s)
	if err != nil {
		return err
	}
	if text, err := json.Marshal(facts); err == nil && facts != nil {
		if err := log.SetMeta(metaFacts+s.Name, string(text)); err != nil {
			return err
		}
	}
	if _, err := log.AddReference(r); err != nil {
		return err
	}
	if f.report != nil {
		f.report(Progress{Part: PartFit, Name: s.Name, Done: 1, Total: 1, Accuracy: r.Accuracy, Fitted: true})
	}
	return nil
}

func (x *experiment) saveSeconds(log *runlog.Run) error {
	text, err := json.Marshal(x.seconds)
	if err != nil {
		return err
	}
	return log.SetMeta(metaSeconds, string(text))
}

// watch adds the seconds until the returned function is called.
func watch(sum *float64) func() {
	start := time.Now()
	return func() { *sum += time.Since(start).Seconds() }
}
