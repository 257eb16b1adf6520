package paper

import (
	"context"
	"fmt"
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
// their reports.
func (x *execution) control(ctx context.Context, part Part) error {
	var dirs []string
	for k := range x.plan.seeds(part) {
		dirs = append(dirs, filepath.Join(x.options.Out, part.folder(k+1)))
	}
	changed := make([]bool, len(dirs))
	for k, dir := range dirs {
		have, err := readRun(ctx, dir)
		if err != nil {
			return err
		}
		changed[k] = !have.standsWith(len(dirs))
		if have.controlled() {
			continue
		}
		changed[k] = true
		if err := x.ladder(ctx, part, dirs, k); err != nil {
			return x.inControl(dir, err)
		}
	}
	if len(dirs) > 1 && slices.Contains(changed, true) {
		if err := record.JoinSeeds(ctx, dirs, x.options.Track.Options); err != nil {
			return x.inControl(dirs[0], err)
		}
	}
	for k, dir := range dirs {
		if !changed[k] {
			continue
		}
		if err := x.drawAgain(ctx, dir); err != nil {
			return x.inControl(dir, err)
		}
	}
	return nil
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

// controlled reports whether the run has its ladder.
func (r *run) controlled() bool { return slices.ContainsFunc(r.References, runlog.Reference.Control) }

// standsWith reports whether the run's judgements know of so many seeds.
func (r *run) standsWith(seeds int) bool {
	return !slices.ContainsFunc(r.Judgements, func(j *dynamics.Judgement) bool { return j.Regime.Seeds != seeds })
}
