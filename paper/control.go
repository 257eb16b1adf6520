package paper

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"

	"shoal/record"
	"shoal/runlog"
)

// controlPrefix begins the names of control references in a run: control-svm.
const controlPrefix = "control-"

// controlled reports whether the runs of a part get controls: there is another seed, or a control
// run.
func (x *execution) controlled(part Part) bool {
	return len(part.Study.References) > 0 && (x.plan.seeds(part) > 1 || part.Control != "")
}

// control adds to every seed of the part, for each M, the network of another seed where its
// accuracy is nearest to M's: the next seed's, or that of the control run when there is only one.
func (x *execution) control(ctx context.Context, part Part) error {
	for k := range x.plan.seeds(part) {
		dir := filepath.Join(x.options.Out, part.folder(k+1))
		other := filepath.Join(x.options.Out, part.folder((k+1)%x.plan.seeds(part)+1))
		if x.plan.seeds(part) == 1 {
			other = filepath.Join(x.options.Out, part.controlFolder())
		}
		have, err := readRun(ctx, dir)
		if err != nil {
			return err
		}
		if have.controlled() {
			continue
		}
		if x.plan.seeds(part) == 1 {
			if err := x.controlRun(ctx, part, other, have); err != nil {
				return err
			}
		}
		if err := x.compare(ctx, dir, other, have); err != nil {
			return err
		}
	}
	return nil
}

// controlRun trains the network of the next seed, without references, a quarter further than the
// first network took to be as accurate as the best of M: some networks take longer.
func (x *execution) controlRun(ctx context.Context, part Part, dir string, have *run) error {
	best := 0.0
	for _, r := range have.shallow() {
		best = math.Max(best, r.Accuracy)
	}
	study := part.study(part.Study.Seed + 1)
	study.Name += "-control"
	study.References = record.References{}
	study.Evaluation.Schedule = part.Control
	if t := slices.IndexFunc(have.Log.Accuracies(), func(a float64) bool { return a >= best }); t >= 0 {
		perEpoch := float64(have.Log.Steps[len(have.Log.Steps)-1]) / have.Log.Epochs[len(have.Log.Epochs)-1]
		steps := math.Ceil(1.25*float64(have.Log.Steps[t])) + 20
		study.Training.Epochs = math.Min(study.Training.Epochs, steps/perEpoch)
	}
	x.options.say("%s: control network, seed %d, %.2f epochs", part.Name, study.Seed, study.Training.Epochs)
	return x.run(ctx, dir, study, false)
}

// compare adds the controls to the run in dir, and draws its report.
func (x *execution) compare(ctx context.Context, dir, other string, have *run) error {
	o := x.options.Track
	control, err := readRun(ctx, other)
	if err != nil {
		return err
	}
	var list record.References
	for _, r := range have.shallow() {
		t := control.Log.NearestAccuracy(r.Accuracy)
		list = append(list, record.Reference{
			Name: controlPrefix + r.Name, Kind: record.KindNetwork, Path: other + "@" + strconv.Itoa(control.Log.Steps[t]),
			Parameters: map[string]string{},
		})
	}
	_, err = record.Compare(ctx, dir, list, o.Options)
	if err == nil {
		err = x.drawRun(ctx, dir)
	}
	if err != nil && stopped(err) {
		return &Interrupted{Out: x.options.Out, Dir: dir, Cause: err}
	}
	if err != nil {
		return fmt.Errorf("controls of %q: %w", dir, err)
	}
	return nil
}

// shallow lists the references that are no controls.
func (r *run) shallow() []runlog.Reference {
	var out []runlog.Reference
	for _, ref := range r.References {
		if ref.Kind != record.KindNetwork {
			out = append(out, ref)
		}
	}
	return out
}

// controlOf is the control of a reference, nil when there is none.
func (r *run) controlOf(name string) *runlog.Reference {
	if c := r.Reference(controlPrefix + name); c != nil && c.Kind == record.KindNetwork {
		return c
	}
	return nil
}

// controlled reports whether every M has its control.
func (r *run) controlled() bool {
	return !slices.ContainsFunc(r.shallow(), func(ref runlog.Reference) bool { return r.controlOf(ref.Name) == nil })
}
