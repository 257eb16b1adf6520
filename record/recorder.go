package record

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"shoal/contingency"
	"shoal/dynamics"
	"shoal/runlog"
)

// Evaluation is one scoring of a learner; see runlog.
type Evaluation = runlog.Evaluation

// Recorder writes the run of one learner: references, evaluations, judgements, summary. It knows
// nothing of how the learner is trained.
type Recorder struct {
	// Seconds are the times so far; they are written with checkpoints and at the end.
	Seconds runlog.Seconds

	run     *runlog.Run
	options Options
	place   string                             // where a comparison writes its summary
	company func(judged []*dynamics.Judgement) // sets judgements beside other runs; nil for none
	last    int                                // step of the last evaluation, -1 for none
	// training scores the training examples of the run's split train, which is train; nil for no such.
	training TrainingScorer
	train    *runlog.Run
	// trained: Resume found nothing left to train.
	trained bool
	// differs: an evaluation that was made again was not the same, which is said once.
	differs bool
}

// New returns a recorder that writes to an open run and adds to its times.
func New(run *runlog.Run, o Options) (*Recorder, error) {
	m, err := run.Meta()
	if err != nil {
		return nil, err
	}
	if note := run.Note(); note != "" {
		o.Tell("note: " + note)
	}
	last, err := run.LastStep()
	return &Recorder{Seconds: m.Seconds, run: run, options: o, last: last}, err
}

// recorderOf is New for a split of a run, "" for the main one, whose summary is in the folder dir: that of
// another split is in a folder of its name there.
func recorderOf(run *runlog.Run, dir, split string, o Options) (*Recorder, error) {
	view, err := run.Split(split)
	if err != nil {
		return nil, err
	}
	r, err := New(view, o)
	if err != nil {
		return nil, err
	}
	if r.place = dir; view != run {
		r.place = filepath.Join(dir, view.SplitName())
	}
	return r, nil
}

// ScoreTraining has Train score the examples of the run's split train as well, by s, whenever it scores
// the evaluation split, and before it: where an evaluation of a step is there, so is that of the training
// examples.
func (r *Recorder) ScoreTraining(s TrainingScorer) error {
	view, err := r.run.Split(dynamics.TrainSplit)
	r.training, r.train = s, view
	return err
}

// LastStep is the step of the last evaluation, -1 for none.
func (r *Recorder) LastStep() int { return r.last }

// AddReferences fits or reads the references that the run doesn't have yet, and writes each with
// its tables for all evaluations as soon as it is there.
func (r *Recorder) AddReferences(ctx context.Context, f *Fitter, sources []Source) error {
	have, err := r.run.References()
	if err != nil {
		return err
	}
	defer Watch(&r.Seconds.References)()
	for _, s := range sources {
		if slices.ContainsFunc(have, func(r runlog.Reference) bool { return r.Name == s.Name }) {
			continue
		}
		ref, err := f.resolve(ctx, s)
		if err != nil {
			return err
		}
		if _, err := r.run.AddReference(ref); err != nil {
			return err
		}
		ref.Accuracy = contingency.RightShare(ref.Correct(r.run.Labels())) // the dataset's labels may have been corrected
		r.options.Show(Progress{Part: PartFit, Name: s.Name, Done: 1, Total: 1, Accuracy: ref.Accuracy, Fitted: true})
	}
	return nil
}

// Record writes one evaluation: when it returns, predictions and tables are in the database. Steps
// come in increasing order. Loss, epoch and seconds are NaN where the learner doesn't know them.
func (r *Recorder) Record(e Evaluation) error {
	return r.record(e, Progress{Loss: e.Loss})
}

// record is Record, with what else is known of the moment.
func (r *Recorder) record(e Evaluation, p Progress) error {
	scored, err := r.run.AppendEvaluation(e)
	if err != nil {
		return err
	}
	r.last = e.Step
	if scored.Differ > 0 && !r.differs {
		r.differs = true
		r.options.Tell(fmt.Sprintf("warning: the evaluation of step %d, made again, differs from the earlier one in %d of %d predictions: was it made by another processor or version?", e.Step, scored.Differ, len(e.Predictions)))
	}
	if r.options.Progress == nil {
		return nil
	}
	p.Part, p.Done, p.Epoch, p.Accuracy = PartEvaluate, e.Step, e.Epoch, scored.Accuracy
	for i, name := range r.run.ReferenceNames() {
		p.Tables = append(p.Tables, NamedTable{name, scored.Tables[i]})
	}
	r.options.Show(p)
	return nil
}

// Watch adds the seconds until the returned function is called.
func Watch(sum *float64) func() {
	start := time.Now()
	return func() { *sum += time.Since(start).Seconds() }
}
