package paper

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"shoal/dynamics"
	"shoal/record"
	"shoal/runlog"
)

// controlled reports whether the runs of a part get a ladder of references at one accuracy.
func (x *execution) controlled(part Part) bool {
	return part.Ladder != nil && len(part.Study.References) > 0
}

// control adds the ladder to every seed of the part, has the seeds stand by each other, and draws
// their reports: those, too, that an interruption or an error has left undrawn. What a ladder fails with
// comes back after that.
func (x *execution) control(ctx context.Context, part Part) error {
	var dirs []string
	for k := range x.plan.seeds(part) {
		dirs = append(dirs, filepath.Join(x.options.Out, part.folder(k+1)))
	}
	apart, err := x.ladders(ctx, part, dirs)
	if err != nil && stopped(err) {
		return err
	}
	if apart && len(dirs) > 1 {
		if joined := record.JoinSeeds(ctx, dirs, x.options.Track.Options); joined != nil {
			err = errors.Join(err, x.inControl(dirs[0], joined))
		}
	}
	for _, dir := range dirs {
		if !stale(dir) {
			continue
		}
		x.worked = true
		if drawn := x.drawAgain(ctx, dir); drawn != nil {
			err = errors.Join(err, x.inControl(dir, drawn))
		}
	}
	return err
}

// ladders adds a ladder to every run that lacks it, until one fails. apart reports whether some run doesn't
// know of the others.
func (x *execution) ladders(ctx context.Context, part Part, dirs []string) (apart bool, err error) {
	for k, dir := range dirs {
		have, err := readRun(ctx, dir)
		if err != nil {
			return apart, x.inControl(dir, err)
		}
		apart = apart || !have.standsWith(len(dirs))
		if have.controlled() || have.elsewhere() {
			continue
		}
		apart, x.worked = true, true
		if err := x.ladder(ctx, part, dirs, k); err != nil {
			return apart, x.inControl(dir, err)
		}
	}
	return apart, nil
}

// ladder adds the ladder to the k-th of the part's runs. Its trainings are shared by all of them.
func (x *execution) ladder(ctx context.Context, part Part, dirs []string, k int) error {
	l := *part.Ladder
	l.Folder, l.Seed = filepath.Join(x.options.Out, part.ladderFolder()), part.Study.Seed
	l.Others = slices.Concat(dirs[k+1:], dirs[:k])
	l.Others = l.Others[:min(2, len(l.Others))]
	x.options.say("%s: references at one accuracy", filepath.Base(dirs[k]))
	_, err := l.Do(ctx, dirs[k], x.options.Track)
	return err
}

// inControl is the error of a control, which may have been stopped on request.
func (x *execution) inControl(dir string, err error) error {
	if stopped(err) {
		return &Interrupted{Out: x.options.Out, Dir: dir, Cause: err}
	}
	return fmt.Errorf("controls of %q: %w", dir, err)
}

// shallow lists the references that are no controls.
func (r *run) shallow() []runlog.Reference {
	var out []runlog.Reference
	for _, ref := range r.References {
		if ref.Kind != record.KindNetwork && !ref.Control() {
			out = append(out, ref)
		}
	}
	return out
}

// controlled reports whether the run has its whole ladder: when all of it is added, the run is judged again.
func (r *run) controlled() bool {
	return r.Judgements != nil && slices.ContainsFunc(r.References, runlog.Reference.Control)
}

// standsWith reports whether the run's judgements know of so many seeds; it has none of references that were
// added since, nor by the rules of today after those of an earlier version.
func (r *run) standsWith(seeds int) bool {
	if r.Judgements == nil {
		return len(r.References) == 0
	}
	return !slices.ContainsFunc(r.Judgements, func(j *dynamics.Judgement) bool { return j.Regime.Seeds != seeds })
}

// stale reports whether the run in dir lacks a report of what its summary says now.
func stale(dir string) bool {
	page, err := os.Stat(filepath.Join(dir, PageFile))
	if err != nil {
		return true
	}
	summary, err := os.Stat(filepath.Join(dir, record.SummaryFile))
	return err == nil && page.ModTime().Before(summary.ModTime())
}
