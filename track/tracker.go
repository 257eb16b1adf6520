package track

import (
	"context"
	"math"
	"time"

	"shoal/contingency"
	"shoal/dataset"
	"shoal/deep"
	"shoal/runlog"
)

// tracker is the hook that scores the network. Predictions and tables are in
// the database before it returns, that is before the next step begins.
type tracker struct {
	trainer    *deep.Trainer
	split      dataset.Split
	run        *runlog.Run
	references []runlog.Reference
	due        map[int]bool // scored steps
	done       int          // the last step that is in the database, -1 for none
	evaluation *float64     // seconds are added here
	report     func(Progress)
	total      int

	predicted []uint16
}

func (t *tracker) after(ctx context.Context, m moment) error {
	if !t.due[m.step] || m.step <= t.done {
		return nil
	}
	start := time.Now()
	defer func() { *t.evaluation += time.Since(start).Seconds() }()
	if t.predicted == nil {
		t.predicted = make([]uint16, t.split.Len())
	}
	loss, err := t.trainer.Score(ctx, t.split.Pixels, t.split.Labels, t.predicted)
	if err != nil {
		return err
	}
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return errNotFinite
	}
	e := runlog.Evaluation{
		Step: m.step, Epoch: m.epoch, Loss: loss, Accuracy: accuracy(t.split.Labels, t.predicted),
		Seconds: time.Since(start).Seconds(), Predictions: t.predicted,
	}
	if err := t.run.AppendEvaluation(e); err != nil {
		return err
	}
	t.done = m.step
	return t.tell(m, e)
}

// tell reports accuracy and the table against every reference.
func (t *tracker) tell(m moment, e runlog.Evaluation) error {
	if t.report == nil {
		return nil
	}
	p := Progress{Part: PartEvaluate, Done: m.step, Total: t.total, Epoch: m.epoch, Loss: m.loss, Accuracy: e.Accuracy}
	for _, r := range t.references {
		table, err := contingency.Count(t.split.Labels, r.Predictions, t.predicted)
		if err != nil {
			return err
		}
		p.Tables = append(p.Tables, NamedTable{r.Name, table})
	}
	t.report(p)
	return nil
}

func accuracy(labels, predicted []uint16) float64 {
	right := 0
	for i, label := range labels {
		if predicted[i] == label {
			right++
		}
	}
	return float64(right) / float64(len(labels))
}

// progressHook reports every training step.
type progressHook struct {
	report func(Progress)
	total  int
}

func (h *progressHook) after(_ context.Context, m moment) error {
	if h.report != nil {
		h.report(Progress{Part: PartTrain, Done: m.step, Total: h.total, Epoch: m.epoch, Loss: m.loss})
	}
	return nil
}
