package paper

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"

	"shoal/dynamics"
	"shoal/runlog"
	"shoal/track"
)

// controlPrefix begins the names of control references in a run: control-svm.
const controlPrefix = "control-"

// controlled reports whether the runs of a part get controls: there is another
// seed, or a control run.
func (x *execution) controlled(part Part) bool {
	return len(part.Study.References) > 0 && (x.plan.Seeds > 1 || part.Control != "")
}

// control adds to every seed of the part, for each M, the network of another
// seed where its accuracy is nearest to M's: the next seed's, or that of the
// control run when there is only one.
func (x *execution) control(ctx context.Context, part Part) error {
	for k := range x.plan.Seeds {
		dir := filepath.Join(x.options.Out, part.folder(k+1))
		other := filepath.Join(x.options.Out, part.folder((k+1)%x.plan.Seeds+1))
		if x.plan.Seeds == 1 {
			other = filepath.Join(x.options.Out, part.controlFolder())
		}
		have, err := readRun(dir)
		if err != nil {
			return err
		}
		if have.controlled() {
			continue
		}
		if x.plan.Seeds == 1 {
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

// controlRun trains the network of the next seed, without references, a quarter
// further than the first network took to be as accurate as the best of M: some
// networks take longer.
func (x *execution) controlRun(ctx context.Context, part Part, dir string, have *run) error {
	best := 0.0
	for _, r := range have.shallow() {
		best = math.Max(best, r.Accuracy)
	}
	study := part.study(part.Study.Seed + 1)
	study.Name += "-control"
	study.References = []track.Reference{}
	study.Evaluation.Schedule = part.Control
	if t := slices.IndexFunc(have.log.Accuracies(), func(a float64) bool { return a >= best }); t >= 0 {
		perEpoch := float64(have.log.Steps[len(have.log.Steps)-1]) / have.log.Epochs[len(have.log.Epochs)-1]
		steps := math.Ceil(1.25*float64(have.log.Steps[t])) + 20
		study.Training.Epochs = math.Min(study.Training.Epochs, steps/perEpoch)
	}
	x.options.say("%s: control network, seed %d, %.2f epochs", part.Name, study.Seed, study.Training.Epochs)
	return x.run(ctx, dir, study, false)
}

// compare adds the controls to the run in dir; this also judges it and draws
// its report.
func (x *execution) compare(ctx context.Context, dir, other string, have *run) error {
	o := x.options.Track
	o.Report = x.drawRun
	control, err := readRun(other)
	if err != nil {
		return err
	}
	var list []track.Reference
	for _, r := range have.shallow() {
		t := control.log.NearestAccuracy(r.Accuracy)
		list = append(list, track.Reference{
			Name: controlPrefix + r.Name, Kind: track.KindNetwork, Path: other + "@" + strconv.Itoa(control.log.Steps[t]),
			Parameters: map[string]string{},
		})
	}
	if _, err := track.Compare(ctx, dir, list, o); err != nil {
		if stopped(err) {
			return &Interrupted{Out: x.options.Out, Dir: dir, Cause: err}
		}
		return fmt.Errorf("controls of %q: %w", dir, err)
	}
	return nil
}

// shallow lists the references that are no controls.
func (r *run) shallow() []runlog.Reference {
	var out []runlog.Reference
	for _, ref := range r.references {
		if ref.Kind != track.KindNetwork {
			out = append(out, ref)
		}
	}
	return out
}

// controlOf is the control of a reference, nil when there is none.
func (r *run) controlOf(name string) *runlog.Reference {
	for k := range r.references {
		if r.references[k].Name == controlPrefix+name && r.references[k].Kind == track.KindNetwork {
			return &r.references[k]
		}
	}
	return nil
}

// controlled reports whether every M has its control.
func (r *run) controlled() bool {
	return !slices.ContainsFunc(r.shallow(), func(ref runlog.Reference) bool { return r.controlOf(ref.Name) == nil })
}

// plain is a stored reference as package dynamics has it.
func plain(r runlog.Reference) dynamics.Reference {
	return dynamics.Reference{Name: r.Name, Predictions: r.Predictions, Margins: r.Margins}
}
