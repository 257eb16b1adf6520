package track

import (
	"context"
	"fmt"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/internal/usage"
	"shoal/record"
	"shoal/runlog"
)

// checkScoredTrain reports a number of scored training examples that can't be right.
func (s Study) checkScoredTrain() error {
	switch n := s.Evaluation.Train; {
	case n < 0:
		return usage.Errorf("%d training examples to score: want 1 or more, or 0 for none", n)
	case n > 0 && s.Subset.Partition != "":
		return usage.Errorf("a study that trains by a partition can't score its training split: not all of its examples are trained on")
	case n > 0 && s.Data.LimitTrain > 0 && n > s.Data.LimitTrain:
		return usage.Errorf("%d training examples to score, of %d that are trained on: want no more", n, s.Data.LimitTrain)
	}
	return nil
}

// takeScored cuts the training examples that are scored, which come first, and says what that costs.
func (x *training) takeScored(ctx context.Context) error {
	n := x.study.Evaluation.Train
	if n == 0 {
		return nil
	}
	if n > x.splits.Train.Len() {
		return usage.Errorf("%d training examples to score: %s has %d", n, x.splits.Name, x.splits.Train.Len())
	}
	x.learner.scored = x.splits.Train.First(n)
	each, err := x.scoringSeconds(ctx, n)
	if err != nil {
		return err
	}
	times := len(x.loop.Scored)
	x.options.Tell(fmt.Sprintf("scoring %s training examples as well, %s times, takes about %s and %d MB", textfmt.Thousands(n), textfmt.Thousands(times),
		textfmt.Duration(each*float64(times)), (times*n*valueBytes)/1e6+1))
	return nil
}

// valueBytes is about what an evaluation keeps of a training example: four values at half precision, and
// a class, packed.
const valueBytes = 8

// addScored adds the split of the scored training examples to a new run.
func (x *training) addScored(run *runlog.Run) error {
	scored := x.learner.scored
	if scored.Len() == 0 {
		return nil
	}
	_, err := run.AddSplit(dynamics.TrainSplit, scored.Hash(), runlog.Examples{
		Labels: scored.Labels, Names: scored.Names,
		Image: func(i int) ([]byte, error) { return x.splits.PNG(scored.Image(i)) },
	})
	return err
}

// recorder is what records the run, its training examples included where they are scored.
func (x *training) recorder(run *runlog.Run) (*record.Recorder, error) {
	r, err := record.New(run, x.options.Options)
	if err == nil && x.learner.scored.Len() > 0 {
		err = r.ScoreTraining(x.learner)
	}
	return r, err
}

// ScoreTraining predicts the scored training examples, without augmentation, and says what their logits
// say of their labels.
func (e *engine) ScoreTraining(ctx context.Context, predicted []uint16) (loss float64, values map[string][]float32, err error) {
	n := e.scored.Len()
	p, margin, losses, el2n := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	loss, err = e.score(ctx, e.scored, predicted, func(i int, v dynamics.LabelValues) {
		p[i], margin[i], losses[i], el2n[i] = float32(v.P), float32(v.Margin), float32(v.Loss), float32(v.EL2N)
	})
	return loss, map[string][]float32{dynamics.ValueP: p, dynamics.ValueMargin: margin, dynamics.ValueLoss: losses, dynamics.ValueEL2N: el2n}, err
}
