package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"shoal/dataset"
	"shoal/dynamics"
	"shoal/internal/parallel"
	"shoal/record"
	"shoal/report"
	"shoal/report/figure"
	"shoal/runlog"
)

// outcome is what comparisons need of one run: its log is too large to be kept for many.
type outcome struct {
	folder           string
	seed             uint64
	seeded           bool   // seed is known
	study            string // but for its seed; "" where the seed isn't known
	state            string // "" for a finished run
	soFar            bool   // it may still grow: its last step is not the end
	dataset, network string
	labels           string // hash of the evaluation split
	steps            []int
	epochs           []float64
	accuracy         []float64 // at each of them
	right            []bool    // what the network gets right at the last one
	references       []against
}

// against is the run seen against one of its references.
type against struct {
	name, kind string
	kept       runlog.Reference // without margins and facts, which are large
	right      []bool
	curves     figure.Curves
	peak       dynamics.Estimate // of the smoothed R±, with its own interval
}

// group are the runs that differ in their seed only.
type group struct {
	name    string
	planned int // items; runs are those that are finished
	runs    []*outcome
	damaged []error // why others can't be read
}

// bySeed sorts the runs of all groups: a plan that grew, or a command line, may have them in any order, and settings
// of the same seeds are compared seed by seed.
func bySeed(groups []*group) {
	for _, g := range groups {
		slices.SortStableFunc(g.runs, func(a, b *outcome) int { return cmp.Compare(a.seed, b.seed) })
	}
}

// seeds are those of the runs that know theirs.
func (g *group) seeds() []uint64 {
	seeds := []uint64{}
	for _, run := range g.runs {
		if run.seeded {
			seeds = append(seeds, run.seed)
		}
	}
	return seeds
}

// reference is the run's outcome against a reference, nil where it has none of that name.
func (o *outcome) reference(name string) *against {
	for k := range o.references {
		if o.references[k].name == name {
			return &o.references[k]
		}
	}
	return nil
}

// damage is why a run can't be read: of a sweep the other runs can.
type damage struct{ error }

func (d damage) Unwrap() error { return d.error }

// damaged are the errors of all runs that can't be read.
func damaged(groups []*group) (errs []error) {
	for _, g := range groups {
		errs = append(errs, g.damaged...)
	}
	return errs
}

// collect reads the finished runs of the sweep in dir, grouped by their setting in the plan's order. One that
// can't be read is left out, and its group says so; one of another seed or study is an error.
func collect(ctx context.Context, dir string, workers int, progress func(done, total int)) ([]*group, error) {
	items, err := Read(dir)
	if err != nil {
		return nil, err
	}
	runs, errs, broken := make([]*outcome, len(items)), make([]error, len(items)), make([]error, len(items))
	done := make(chan int, len(items))
	parallel.For(parallel.Workers(workers), len(items), func(_, k int) {
		if errs[k] = ctx.Err(); errs[k] == nil {
			runs[k], errs[k] = finishedRun(ctx, dir, items[k])
		}
		if why := (damage{}); errors.As(errs[k], &why) {
			broken[k], errs[k] = why.error, nil
		}
		done <- k
		if progress != nil {
			progress(len(done), len(items))
		}
	})
	if err := errors.Join(errs...); err != nil {
		return nil, firstOf(errs)
	}
	var groups []*group
	at := map[string]*group{}
	for k, it := range items {
		g := at[it.Setting()]
		if g == nil {
			g = &group{name: it.Setting()}
			at[it.Setting()] = g
			groups = append(groups, g)
		}
		g.planned++
		if runs[k] != nil {
			g.runs = append(g.runs, runs[k])
		}
		if broken[k] != nil {
			g.damaged = append(g.damaged, broken[k])
		}
	}
	bySeed(groups)
	return groups, nil
}

func firstOf(errs []error) error {
	k := slices.IndexFunc(errs, func(err error) bool { return err != nil })
	return errs[k]
}

// finishedRun reads the run of an item, nil while it isn't finished.
func finishedRun(ctx context.Context, dir string, it Item) (*outcome, error) {
	run := it.Path(dir)
	if !runlog.Exists(run) {
		return nil, nil
	}
	g, err := it.glance(dir)
	if err != nil || g.Status != runlog.Finished {
		return nil, err
	}
	o, err := readOutcome(ctx, run)
	switch {
	case err == nil: // which a run that was trained elsewhere may not say
		o.seed, o.seeded = it.Seed, true
	case ctx.Err() == nil && !errors.Is(err, runlog.ErrMemory):
		err = damage{err}
	}
	return o, err
}

// readOutcome reads the run in a folder.
func readOutcome(ctx context.Context, dir string) (*outcome, error) {
	h, err := runlog.Load(ctx, dir)
	if err != nil {
		return nil, err
	}
	last := len(h.Log.Steps) - 1
	if last < 0 {
		return nil, fmt.Errorf("run %q has no evaluation yet", dir)
	}
	o := &outcome{folder: dir, dataset: h.Dataset, network: h.Network, labels: h.LabelsHash, steps: h.Log.Steps, epochs: h.Log.Epochs,
		soFar: h.Status.Unfinished(), accuracy: h.Log.Accuracies(), right: slices.Clone(h.Log.Correct(last))}
	if o.study, o.seed, o.seeded, err = record.StudyButSeed(h.Meta); err != nil {
		return nil, fmt.Errorf("run %q: %w", dir, err)
	}
	learned, err := h.Log.Learning()
	if err != nil {
		return nil, fmt.Errorf("run %q: %w", dir, err)
	}
	for k, ref := range h.References {
		if ref.Control() { // there for the order of learning alone, and each comparison more makes the others less sharp
			continue
		}
		a := against{name: ref.Name, kind: ref.Kind, kept: ref, right: slices.Clone(ref.Correct(h.Log.Labels))}
		a.kept.Margins, a.kept.FactsJSON = nil, ""
		c, err := dynamics.Curves(&h.Log, ref.Reference)
		if err != nil {
			return nil, fmt.Errorf("run %q: %w", dir, err)
		}
		a.curves = report.Curves(dataset.Describe(h.Dataset).Title, h.Network, c)
		a.curves.SoFar = o.soFar
		if err := report.AtOneAssociation(ctx, &a.curves, &h.Log, learned, ref.Reference); err != nil {
			return nil, fmt.Errorf("run %q: %w", dir, err)
		}
		if h.Judgements != nil && h.Judgements[k].Peak.Found {
			a.peak = h.Judgements[k].Peak.Ratio
		}
		o.references = append(o.references, a)
	}
	return o, nil
}

// accuracyAt is the accuracy at a step, if the run was scored there.
func (o *outcome) accuracyAt(step int) (float64, bool) {
	k, found := slices.BinarySearch(o.steps, step)
	if !found {
		return 0, false
	}
	return o.accuracy[k], true
}
