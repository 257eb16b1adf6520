package paper

import (
	"cmp"
	"context"
	"encoding/json"
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
