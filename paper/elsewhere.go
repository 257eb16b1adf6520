package paper

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"shoal/internal/textfmt"
	"shoal/record"
	"shoal/runlog"
	"shoal/track"
)

// A column may be a run that was trained elsewhere and imported into the part's folder, such as one of the
// recipes for PyTorch: track.Finish wants dataset, network and labels to be the part's. Its references are
// fitted here. It has no ladder, which takes trainings of its network.

// elsewhere reports whether no study of shoal defines the run.
func (r *run) elsewhere() bool { return r.StudyTOML == "" }

// noteOfLog says of a run from elsewhere what its log says of the training.
func (r *run) noteOfLog() string {
	var said struct {
		Framework string `json:"framework"`
	}
	_ = json.Unmarshal([]byte(r.LogJSON), &said) // a log needn't say it
	epochs := "a number of epochs that it doesn't say"
	if x := r.summarise().Epochs.Known(); x != nil {
		epochs = textfmt.Passes(*x)
	}
	return "trained elsewhere, with " + cmp.Or(said.Framework, "a framework that its log doesn't name") + ", for " + epochs
}

// oneM takes from a run, whose seed comes after others, the references that aren't the first run's M of their
// names, and notes what doesn't count where: M is one fixed model for all seeds (Part.study), with which numbers
// over seeds are counted, but a run from elsewhere may have come with others.
func (c *collected) oneM(r *run) {
	if len(c.runs) == 0 {
		return
	}
	first := c.runs[0]
	for _, ref := range first.shallow() {
		own := r.Reference(ref.Name)
		if own == nil {
			c.lacks(fmt.Errorf("run %q doesn't count against %s, which it lacks", r.folder, ref.Name))
			continue
		}
		if slices.Equal(own.Predictions, ref.Predictions) && slices.Equal(own.Right, ref.Right) {
			continue
		}
		why := cmp.Or(record.ReferenceDiffers(ref, *own, first.folder, r.folder), "it was fitted by another seed, or to other data")
		c.lacks(fmt.Errorf("run %q doesn't count against %s, which is another one there than in run %q: %s", r.folder, ref.Name, first.folder, why))
		r.drop(ref.Name)
	}
	for _, own := range r.shallow() {
		if first.Reference(own.Name) == nil {
			c.lacks(fmt.Errorf("reference %s of run %q is left out: run %q lacks it", own.Name, r.folder, first.folder))
		}
	}
}

// drop removes a reference, with its judgement, from what was read of the run.
func (r *run) drop(name string) {
	k := slices.IndexFunc(r.References, func(ref runlog.Reference) bool { return ref.Name == name })
	r.References = slices.Delete(r.References, k, k+1)
	if r.Judgements != nil {
		r.Judgements = slices.Delete(r.Judgements, k, k+1)
	}
}

// having are the references of a part that a run has.
func (r *run) having(list []runlog.Reference) []runlog.Reference {
	return slices.DeleteFunc(slices.Clone(list), func(ref runlog.Reference) bool { return r.Reference(ref.Name) == nil })
}

// compareElsewhere gives a run in dir that was trained elsewhere those of the study's references that it lacks.
func (x *execution) compareElsewhere(ctx context.Context, dir string, study track.Study) error {
	r, err := runlog.OpenReadOnly(dir)
	if err != nil {
		return err
	}
	m, err := r.Meta()
	have := r.ReferenceNames()
	if closed := r.Close(); err == nil {
		err = closed
	}
	missing := slices.DeleteFunc(slices.Clone(study.References), func(ref record.Reference) bool { return slices.Contains(have, ref.Name) })
	if err != nil || m.StudyTOML != "" || len(missing) == 0 {
		return err
	}
	x.worked = true
	_, err = record.Compare(ctx, dir, missing, x.options.Track.Options)
	return err
}
