package ingest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"shoal/internal/npy"
	"shoal/internal/usage"
	"shoal/predlog"
	"shoal/runlog"
)

// source is a file, or files, of another format.
type source interface {
	// header says what was scored. It is called first.
	header(ctx context.Context) (*predlog.Header, error)
	// each hands over the evaluations, whole, in the order of their steps.
	each(ctx context.Context, add func(*predlog.Part) error) error
	close() error
}

// Files imports files of one format into the run in dir, which may be there from an earlier import
// of them.
func Files(ctx context.Context, dir string, paths []string, o Options) (*Result, error) {
	isLog, err := logs(paths)
	if err != nil {
		return nil, err
	}
	if isLog {
		return importLogs(ctx, dir, paths, o)
	}
	src, err := open(paths, o)
	if err != nil {
		return nil, err
	}
	out, err := importSource(ctx, dir, paths, src, o)
	return out, errors.Join(err, src.close())
}

// logs reports whether files are logs of package predlog, all or none.
func logs(paths []string) (bool, error) {
	count := 0
	for _, path := range paths {
		if filepath.Ext(path) != ".jsonl" {
			continue
		}
		foreign, err := isCartography(path)
		if err != nil {
			return false, err
		}
		if !foreign {
			count++
		}
	}
	if count > 0 && count < len(paths) {
		return false, usage.Errorf("%d of the %d files are logs: import them by themselves", count, len(paths))
	}
	return count > 0, nil
}

// open opens files of another format.
func open(paths []string, o Options) (source, error) {
	ending := strings.ToLower(filepath.Ext(paths[0]))
	for _, path := range paths {
		if e := strings.ToLower(filepath.Ext(path)); e != ending {
			return nil, usage.Errorf("%q and %q are of different formats: import them by themselves", paths[0], path)
		}
	}
	if len(paths) > 1 && ending != ".npy" && ending != ".jsonl" {
		return nil, usage.Errorf("%d files %s: want one", len(paths), ending)
	}
	switch ending {
	case ".npz":
		return openNPZ(paths[0], o)
	case ".npy":
		return openNPY(paths, o)
	case ".jsonl":
		return openCartography(paths, o)
	case ".csv", ".tsv":
		return openCSV(paths[0], o)
	case ".parquet":
		return openParquet(paths[0], o)
	}
	return nil, usage.Errorf("%q: want .jsonl (a log, or dynamics_epoch_N.jsonl), .npz, .npy, .csv or .parquet", paths[0])
}

// importSource imports what is new of files of another format.
func importSource(ctx context.Context, dir string, paths []string, src source, o Options) (out *Result, err error) {
	h, err := src.header(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.Check(); err != nil {
		return nil, fmt.Errorf("%q: %w", paths[0], err)
	}
	top := &head{splits: []*predlog.Header{h}}
	if err := top.fill(o); err != nil {
		return nil, err
	}
	run, end, err := openRun(dir, top, o)
	if err != nil {
		return nil, err
	}
	defer func() { end(err != nil && ctx.Err() == nil) }() // one that was stopped is continued by the same command
	view, err := viewOf(run, h)
	if err != nil {
		return nil, err
	}
	out = &Result{}
	t := &tableImport{run: view, out: out, options: o, last: -1}
	if t.steps, _, err = view.Times(); err != nil {
		return nil, err
	}
	if err := t.checkTraining(ctx, src, paths); err != nil {
		return nil, err
	}
	if err := src.each(ctx, func(p *predlog.Part) error { return errors.Join(ctx.Err(), t.add(p)) }); err != nil {
		return nil, err
	}
	if len(t.steps) == 0 && out.Added == 0 {
		return nil, fmt.Errorf("%q has no evaluation", paths[0])
	}
	if err := t.done(paths); err != nil {
		return nil, err
	}
	return out, finish(run, out)
}

// tableImport adds the evaluations of a source to a run.
type tableImport struct {
	run     *runlog.Run
	out     *Result
	options Options
	steps   []int // that the run had before
	last    int   // step added last
	epoch   float64
	epochNote
}

// epochNote tells of epochs that go back, once.
type epochNote struct{ told bool }

// forgetEpoch takes the epoch of an evaluation as not known, as it goes back behind that of another step: a
// training that resumed with other batches, or several stages that each count from 0. Their evaluations
// are in order, and only where the passes end is not said.
func (n *epochNote) forgetEpoch(o Options, p *predlog.Part, step int, epoch float64) {
	if !n.told {
		o.say("note: step %d has epoch %v, step %d epoch %v: epochs that go back are taken as not known", p.Step, p.Epoch, step, epoch)
	}
	n.told, p.Epoch = true, nan
}

// checkTraining refuses files that begin before the last step of the run and have none of its steps, whatever
// they are called: nothing says that they are of the same training, and both would be one. Those that begin
// after its last step may well continue it, which a person is told.
func (t *tableImport) checkTraining(ctx context.Context, src source, paths []string) error {
	if len(t.steps) == 0 {
		return nil
	}
	first, shared := -1, false
	err := src.each(ctx, func(p *predlog.Part) error {
		if first < 0 {
			first = p.Step
		}
		if _, shared = slices.BinarySearch(t.steps, p.Step); shared {
			return errEnough
		}
		return ctx.Err()
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	if last := t.steps[len(t.steps)-1]; err == nil && first >= 0 && first < last {
		err = fmt.Errorf("run %q has other evaluations up to step %d, and %q begins at step %d and has none of them: if it is of another training give it a folder of its own",
			t.run.Dir(), last, paths[0], first)
	} else if err == nil && first > last {
		t.options.say("note: %q begins at step %d, after the last step of run %q, %d: it is taken as the continuation of that training; another training needs a folder of its own",
			paths[0], first, t.run.Dir(), last)
	}
	return err
}

// add adds an evaluation, unless the run has it.
func (t *tableImport) add(p *predlog.Part) error {
	if p.Step < 0 {
		return fmt.Errorf("step is %d, want 0 or more", p.Step)
	}
	if p.Step <= t.last {
		return fmt.Errorf("step %d follows step %d, want increasing steps", p.Step, t.last)
	}
	if p.Epoch < 0 {
		return fmt.Errorf("step %d has epoch %v, want 0 or more", p.Step, p.Epoch)
	}
	if p.Epoch < t.epoch {
		t.forgetEpoch(t.options, p, t.last, t.epoch)
	}
	t.last = p.Step
	if !math.IsNaN(p.Epoch) {
		t.epoch = p.Epoch
	}
	if _, have := slices.BinarySearch(t.steps, p.Step); have {
		return t.compare(p)
	}
	_, err := t.run.Take(runlog.Taken{Evaluation: evaluation(p)})
	if err == nil {
		t.out.Added++
		if t.options.Progress != nil {
			t.options.Progress(Progress{Step: p.Step, Evaluations: t.out.Added})
		}
	}
	return err
}

// compare refuses an evaluation that the run has otherwise.
func (t *tableImport) compare(p *predlog.Part) error {
	for e, err := range t.run.Evaluations(p.Step - 1) {
		if err != nil {
			return err
		}
		if !slices.Equal(e.Predictions, p.Predictions) || !slices.Equal(e.Right, p.Right) {
			return fmt.Errorf("run %q has other predictions of step %d already: are they of another training?", t.run.Dir(), p.Step)
		}
		return nil
	}
	return nil
}

// done notes that the files were read.
func (t *tableImport) done(paths []string) error {
	read := map[string]int64{}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		read[filepath.Base(path)] = info.Size()
	}
	return t.run.SetSources(read)
}

// evaluation is a whole part as a run stores it.
func evaluation(p *predlog.Part) runlog.Evaluation {
	return runlog.Evaluation{
		Step: p.Step, Epoch: p.Epoch, Loss: p.Loss, Seconds: p.Seconds, Predictions: p.Predictions, Right: p.Right, Values: p.Values,
	}
}

// givenLabels reads the labels that the options name; nil where they name none.
func givenLabels(o Options) ([]uint16, error) {
	if o.Labels == "" {
		return nil, nil
	}
	return npy.ReadClassFile(o.Labels)
}

// nan is a number that a file doesn't say.
var nan = math.NaN()
