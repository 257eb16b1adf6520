package paper

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"shoal/dataset"
	"shoal/internal/usage"
	"shoal/record"
	"shoal/report"
	"shoal/runlog"
	"shoal/track"
)

// Options are what must not change any number of the paper's table.
type Options struct {
	Out string // the folder of everything; it may hold an earlier part of the same
	// Track says where data are and how to compute; Out is set here.
	Track track.Options
	// NoEstimate leaves the measurements before the start out; EstimateOnly does nothing but them.
	NoEstimate, EstimateOnly bool
	DPI                      int // of PNG files; 0 means 200
	// Table shows rows of a table, the names of its columns first; nil for nobody.
	Table func(rows [][]string)
}

func (o Options) say(format string, args ...any) {
	if o.Track.Say != nil {
		o.Track.Say(fmt.Sprintf(format, args...))
	}
}

// An Interrupted error says that a paper was stopped on request and can be resumed.
type Interrupted struct {
	Out, Dir string
	Cause    error
}

func (e *Interrupted) Error() string {
	return fmt.Sprintf("interrupted in %q", e.Dir)
}

// Is makes errors.Is(err, context.Canceled) true.
func (e *Interrupted) Is(target error) bool { return target == context.Canceled }

// Run runs what of the plan isn't in o.Out yet, then writes figures, page and summary (Write). A
// dataset that is not available is skipped with a line, and so is, with its error, a part that
// fails; the others are run. Run ends with an error all the same when a part failed, when a skipped
// part is Required, and when nothing at all could be run; the summary is nil only if nothing was
// written.
func Run(ctx context.Context, p Plan, o Options) (*Summary, error) {
	if o.Out == "" {
		return nil, usage.Errorf("no folder for the runs")
	}
	if len(p.Parts) == 0 {
		return nil, usage.Errorf("the plan has no part")
	}
	state, err := openState(o.Out, p)
	if err != nil {
		return nil, err
	}
	p.Parts = slices.Clone(p.Parts)
	for i := range p.Parts {
		p.Parts[i].asBegun(o.Out, p.seeds(p.Parts[i]))
	}
	x := &execution{plan: p, options: o, state: state}
	s, err := x.all(ctx)
	if interrupted := new(Interrupted); err != nil && stopped(err) && !errors.As(err, &interrupted) {
		err = &Interrupted{Out: o.Out, Dir: o.Out, Cause: err}
	}
	return s, err
}

// all is Run from the first measurement to the page.
func (x *execution) all(ctx context.Context) (*Summary, error) {
	p, o, state := x.plan, x.options, x.state
	costs, err := x.survey(ctx)
	if err != nil {
		return nil, err
	}
	rows, from := costTable(costs)
	if rows != nil && o.Table != nil {
		o.Table(rows)
	}
	if from != "" {
		o.say("%s", from)
	}
	if o.EstimateOnly || !slices.ContainsFunc(p.Parts, func(part Part) bool { return !x.skipped(part) }) && !x.any() {
		return nil, x.outcome()
	}
	if err := state.save(o.Out); err != nil {
		return nil, err
	}
	if err := Renew(ctx, o.Out, o.Track.Options); err != nil {
		return nil, err
	}
	for k, part := range p.Parts {
		if x.skipped(part) {
			continue
		}
		x.worked = false
		if err := x.settle(part, x.part(ctx, part)); err != nil {
			return nil, err
		}
		if x.worked && k < len(p.Parts)-1 {
			if err := x.meanwhile(ctx); err != nil {
				return nil, err
			}
		}
	}
	if !x.any() {
		return nil, x.outcome()
	}
	s, err := x.write(ctx)
	return s, errors.Join(x.outcome(), err)
}

// write keeps what was skipped, and draws the page.
func (x *execution) write(ctx context.Context) (*Summary, error) {
	if err := x.state.save(x.options.Out); err != nil {
		return nil, err
	}
	return Write(ctx, x.options.Out, WriteOptions{DPI: x.options.DPI, Progress: x.drawing()})
}

// meanwhile draws the page while other parts are still to be made, which may take days: whatever stops them
// leaves it. What fails of it is told, and fails again at the end if it lasts.
func (x *execution) meanwhile(ctx context.Context) error {
	if !x.any() {
		return nil
	}
	_, err := x.write(ctx)
	if err != nil && !stopped(err) {
		x.options.say("note: the page isn't drawn yet: %s", oneLine(err.Error()))
		return nil
	}
	return err
}

// execution is one call of Run.
type execution struct {
	plan    Plan
	options Options
	state   *state
	missing []string // required parts that were skipped, with the reason
	failed  []error
	worked  bool // the part that is being made had something to do
}

// survey finds out which datasets are available and what the parts will cost.
func (x *execution) survey(ctx context.Context) ([]Cost, error) {
	var costs []Cost
	for _, part := range x.plan.Parts {
		x.state.unskip(part.Name)
		c, err := x.estimate(ctx, part)
		if err == nil {
			costs = append(costs, c)
		} else if err := x.settle(part, err); err != nil {
			return nil, err
		}
	}
	return costs, nil
}

// settle notes what stopped a part, so that the others are run; only a request to stop ends them
// all.
func (x *execution) settle(part Part, err error) error {
	if err == nil || stopped(err) {
		return err
	}
	x.state.skip(part.Name, err.Error())
	if !errors.Is(err, dataset.ErrNotFound) {
		x.options.say("failed %s: %v", part.Name, err)
		x.failed = append(x.failed, fmt.Errorf("%s: %w", part.Name, err))
		return nil
	}
	x.options.say("skipped %s: %v", part.Name, err)
	if part.Required {
		x.missing = append(x.missing, part.Name)
	}
	return nil
}

func stopped(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func (x *execution) skipped(part Part) bool { return x.state.part(part.Name).Skipped != "" }

// any reports whether there is a run to write about, of these parts or of others that the folder
// holds.
func (x *execution) any() bool {
	return slices.ContainsFunc(x.state.Parts, func(p partState) bool {
		return runlog.Exists(filepath.Join(x.options.Out, Part{Name: p.Name}.folder(1)))
	})
}

// unavailable is the error of datasets that nobody has: a dataset.ErrNotFound in the paper's words.
type unavailable string

func (u unavailable) Error() string { return string(u) + ": see `shoal data list`" }

// Is makes errors.Is(err, dataset.ErrNotFound) true.
func (u unavailable) Is(target error) bool { return target == dataset.ErrNotFound }

// outcome is the error that all parts together end with.
func (x *execution) outcome() error {
	err := errors.Join(x.failed...)
	switch {
	case len(x.missing) > 0:
		return errors.Join(err, unavailable(strings.Join(x.missing, ", ")+" is not available and was left out"))
	case err == nil && !x.options.EstimateOnly && !x.any():
		return unavailable("none of the datasets is available, nothing was run")
	}
	return err
}

func (x *execution) drawing() func(done, total int, note string) {
	if x.options.Track.Progress == nil {
		return nil
	}
	return func(done, total int, note string) {
		x.options.Track.Progress(record.Progress{Part: record.PartReport, Done: done, Total: total, Note: note})
	}
}

// part runs all seeds of a part and adds their controls.
func (x *execution) part(ctx context.Context, part Part) error {
	control := x.controlled(part)
	for k := range x.plan.seeds(part) {
		if x.plan.seeds(part) > 1 {
			x.options.say("%s: seed %d of %d", part.Name, k+1, x.plan.seeds(part))
		}
		dir := filepath.Join(x.options.Out, part.folder(k+1))
		if err := x.run(ctx, dir, part.study(part.Study.Seed+uint64(k)), !control); err != nil {
			return err
		}
	}
	if control {
		if err := x.control(ctx, part); err != nil {
			return err
		}
	}
	return x.easiness(ctx, part)
}

// run makes the run in dir, resumes it, or leaves it when it is finished.
func (x *execution) run(ctx context.Context, dir string, study track.Study, draw bool) error {
	made, err := track.Finish(ctx, dir, study, x.options.Track)
	x.worked = x.worked || made
	if err == nil && !made {
		err = x.compareElsewhere(ctx, dir, study)
	}
	if err == nil && draw && len(study.References) > 0 && stale(dir) {
		x.worked = true
		err = x.drawRun(ctx, dir, made)
	}
	if err != nil && stopped(err) {
		return &Interrupted{Out: x.options.Out, Dir: dir, Cause: err}
	}
	return err
}

// drawRun writes the report of a finished run. Where that has just finished, the time is a part of it.
func (x *execution) drawRun(ctx context.Context, dir string, first bool) error {
	start := time.Now()
	if err := x.drawAgain(ctx, dir); err != nil || !first {
		return err
	}
	if _, err := record.Drawn(dir, time.Since(start)); err != nil {
		return err
	}
	now := time.Now() // the summary has just been written with that time, and is no newer than its report for it
	return os.Chtimes(filepath.Join(dir, PageFile), now, now)
}

// drawAgain writes a run's own report.
func (x *execution) drawAgain(ctx context.Context, dir string) error {
	return report.Write(ctx, dir, report.Options{DPI: x.options.DPI, Progress: x.drawing()})
}
