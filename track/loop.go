package track

import (
	"context"
	"errors"
	"fmt"
	"math"

	"shoal/deep"
)

// A moment is what hooks see after a training step: step steps are done.
type moment struct {
	step  int
	epoch float64
	loss  float64 // of the batch just learned from; NaN at the start
}

// A hook is called once before the first step of a loop and after every step.
type hook interface {
	after(ctx context.Context, m moment) error
}

// loop trains a network. All else that happens on the way are hooks.
type loop struct {
	trainer  *deep.Trainer
	batches  *batches
	rate     deep.Schedule
	perEpoch int
	total    int
	hooks    []hook
}

// errNotFinite is a hook's word that the network's outputs left the finite
// numbers.
var errNotFinite = errors.New("the network's loss on the evaluation split is not a finite number")

// run trains until total steps are done, counting those that the trainer had
// done before.
func (l *loop) run(ctx context.Context) error {
	ahead, stop := context.WithCancel(ctx)
	defer stop()
	step := int(l.trainer.Steps())
	l.batches.start(ahead, step, l.total)
	loss := math.NaN()
	for {
		if err := l.call(ctx, step, loss); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if step == l.total {
			return nil
		}
		b, err := l.batches.next(ctx)
		if err != nil {
			return err
		}
		loss, err = l.trainer.Step(b.pixels, b.labels, l.rate(step, l.perEpoch, l.total))
		if err != nil {
			return err
		}
		l.batches.done(b)
		step++
	}
}

// call calls the hooks.
func (l *loop) call(ctx context.Context, step int, loss float64) error {
	m := moment{step: step, epoch: float64(step) / float64(l.perEpoch), loss: loss}
	for _, h := range l.hooks {
		err := h.after(ctx, m)
		if errors.Is(err, errNotFinite) {
			return l.nameLayer(ctx, step, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// nameLayer takes one more step of a network that isn't finite any more, for
// the error that names the layer where that begins.
func (l *loop) nameLayer(ctx context.Context, step int, cause error) error {
	if step < l.total {
		if b, err := l.batches.next(ctx); err == nil {
			_, err = l.trainer.Step(b.pixels, b.labels, 0)
			if diverged := new(deep.DivergenceError); errors.As(err, &diverged) {
				return err
			}
		}
	}
	return &deep.DivergenceError{Step: int64(step), Layer: fmt.Sprintf("output (%v)", cause)}
}
