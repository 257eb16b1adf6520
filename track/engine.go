package track

import (
	"context"
	"errors"
	"fmt"
	"math"

	"shoal/curriculum"
	"shoal/dataset"
	"shoal/dataset/augment"
	"shoal/deep"
	"shoal/dynamics"
	"shoal/internal/usage"
	"shoal/record"
)

// engine is shoal's own learner: a deep.Trainer with the batches of a study.
type engine struct {
	trainer *deep.Trainer
	test    dataset.Split
	scored  dataset.Split // the training examples that are scored
	batches *batches
	rate    deep.LearningRate
	loop    record.Training
	options Options
	stop    context.CancelFunc // ends the preparation of batches; nil before the first step
}

// newEngine builds a study's network, with weights drawn from its seed, and all that feeds it.
func newEngine(s Study, splits *record.Splits, v *curriculum.Visits, loop record.Training, o Options, identity string) (*engine, error) {
	trainer, err := newTrainer(s, splits, o, identity)
	if err != nil {
		return nil, err
	}
	policy, err := augment.New(s.Training.policy(), splits.Height, splits.Width, splits.Channels, s.Seed)
	if err != nil {
		return nil, &usage.Error{Err: err}
	}
	rate, err := ParseRate(s.Training.Schedule, s.Training.LearningRate)
	if err != nil {
		return nil, err
	}
	return &engine{
		trainer: trainer, test: splits.Test, rate: rate, loop: loop, options: o,
		batches: &batches{split: splits.Train, augment: policy, visits: v},
	}, nil
}

// Arithmetic are lines for a person on how this machine computes in p, where that isn't what its name
// promises.
func Arithmetic(p deep.Precision) []string {
	var lines []string
	if why := p.Refused(); why != "" {
		lines = append(lines, "instructions for bfloat16 that this processor has are not used: "+why)
	}
	if p == deep.BFloat16 && !p.Faster() {
		lines = append(lines, NotFaster)
	}
	return lines
}

// NotFaster is what bfloat16 is good for where its instructions aren't used, as a line for a person.
const NotFaster = "bfloat16 isn't faster than float32 here, where its instructions aren't used: it halves the memory of activations"

// newTrainer builds a study's network with its optimiser, for images of the splits' shape.
func newTrainer(s Study, splits *record.Splits, o Options, identity string) (*deep.Trainer, error) {
	shape := deep.Shape{Height: splits.Height, Width: splits.Width, Channels: splits.Channels}
	network, err := deep.Build(s.Network.Name, shape, len(splits.Classes), s.Seed)
	if err != nil {
		return nil, &usage.Error{Err: err}
	}
	if init, err := deep.ParseNormInit(s.Network.BNInit); err != nil {
		return nil, &usage.Error{Err: err}
	} else if init == deep.Uniform {
		network.DrawNorms(s.Seed)
	}
	t := s.Training
	precision, err := deep.ParsePrecision(t.Precision)
	if err != nil {
		return nil, &usage.Error{Err: err}
	}
	for _, line := range Arithmetic(precision) {
		o.Tell(line)
	}
	trainer, err := deep.NewTrainer(network, deep.Options{
		Batch: min(t.Batch, splits.Train.Len()), Workers: o.Workers, Seed: s.Seed, Level: o.Level,
		Normalisation:  deep.Normalisation{Mean: t.Mean, Std: t.Std},
		SGD:            deep.SGD{Momentum: t.Momentum, WeightDecay: t.WeightDecay, Nesterov: t.Nesterov},
		LabelSmoothing: t.LabelSmoothing, Precision: precision, Identity: identity,
	})
	if err != nil {
		return nil, &usage.Error{Err: err}
	}
	return trainer, nil
}

// Steps is the number of training steps done.
func (e *engine) Steps() int { return int(e.trainer.Steps()) }

// Step takes the next training step. Batches are prepared ahead of it, from the first call on.
func (e *engine) Step(ctx context.Context) (loss float64, err error) {
	if e.stop == nil {
		var ahead context.Context
		ahead, e.stop = context.WithCancel(ctx)
		e.batches.start(ahead, e.Steps(), e.loop.Total)
	}
	return e.step(ctx, e.rate(e.Steps(), e.loop.PerEpoch, e.loop.Total))
}

func (e *engine) step(ctx context.Context, rate float64) (loss float64, err error) {
	b, err := e.batches.next(ctx)
	if err != nil {
		return 0, err
	}
	loss, err = e.trainer.Step(b.pixels, b.labels, rate)
	if err != nil {
		return 0, err
	}
	e.batches.done(b)
	return loss, nil
}

// Score predicts the evaluation split. A loss that isn't finite is a *deep.DivergenceError.
func (e *engine) Score(ctx context.Context, predicted []uint16) (loss float64, err error) {
	return e.score(ctx, e.test, predicted, nil)
}

// ScoreLabels is Score, with the probabilities of the labels.
func (e *engine) ScoreLabels(ctx context.Context, predicted []uint16) (loss float64, p []float32, err error) {
	p = make([]float32, e.test.Len())
	loss, err = e.score(ctx, e.test, predicted, func(i int, v dynamics.LabelValues) { p[i] = float32(v.P) })
	return loss, p, err
}

// score predicts the examples of a split, and calls each, if it isn't nil, with what the outputs say of
// their labels, from several goroutines. A loss that isn't finite is an error.
func (e *engine) score(ctx context.Context, of dataset.Split, predicted []uint16, each func(i int, v dynamics.LabelValues)) (float64, error) {
	var logits func(i int, logits []float32)
	if each != nil {
		logits = func(i int, logits []float32) { each(i, dynamics.ValuesOf(logits, int(of.Labels[i]))) }
	}
	loss, err := e.trainer.ScoreEach(ctx, of.Pixels, of.Labels, predicted, logits)
	if err == nil && (math.IsNaN(loss) || math.IsInf(loss, 0)) {
		err = e.diverged(ctx)
	}
	return loss, err
}

// diverged takes one more step of a network whose outputs left the finite numbers, for the error
// that names the layer where that begins.
func (e *engine) diverged(ctx context.Context) error {
	step := e.Steps()
	if step < e.loop.Total && e.stop != nil {
		_, err := e.step(ctx, 0)
		if named := new(deep.DivergenceError); errors.As(err, &named) {
			return err
		}
	}
	const cause = "the network's loss on the evaluation split is not a finite number"
	return &deep.DivergenceError{Step: int64(step), Layer: fmt.Sprintf("output (%s)", cause)}
}

// Save writes the network, under PyTorch's names, and the trainer's whole state.
func (e *engine) Save(network, state string) error {
	if err := e.trainer.Network().Save(network); err != nil {
		return err
	}
	return e.trainer.SaveState(state)
}

// Load returns to a saved state.
func (e *engine) Load(state string) error {
	e.close()
	err := e.trainer.LoadState(state)
	if tier, ok := errors.AsType[*deep.TierError](err); ok && e.options.AnyTier {
		e.options.Tell(tier.Error())
		err = e.trainer.LoadStateOfAnyTier(state)
	}
	return err
}

// close ends the preparation of batches; the next step begins another one.
func (e *engine) close() {
	if e.stop != nil {
		e.stop()
		e.stop = nil
	}
}
