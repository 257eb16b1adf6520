package track

import (
	"context"
	"fmt"

	"shoal/internal/textfmt"
	"shoal/kernel"
	"shoal/record"
)

// thinSchedule scores a tenth of the steps that every:1 does in an epoch of MNIST, and no fewer of
// the first twenty.
const thinSchedule = "log:1.05"

// thin replaces the evaluation schedule by thinSchedule where scoring would take longer than
// Options.Patience, and tells so. Only machines that have nothing but the portable kernels are
// measured: with the others the decision would be near enough to the limit to depend on what else
// the machine does. The schedule in use is in the run's study.toml.
func (x *training) thin(ctx context.Context) error {
	level, err := kernel.ParseLevel(x.options.Level)
	if err != nil || level != kernel.Portable || x.options.Patience <= 0 {
		return err
	}
	schedule, err := record.ParseSchedule(thinSchedule)
	if err != nil {
		return err
	}
	scored := schedule.Steps(x.loop.PerEpoch, x.loop.Total)
	if len(scored) >= len(x.loop.Scored) {
		return nil
	}
	each, err := x.scoringSeconds(ctx, x.splits.Test.Len()+x.study.Evaluation.Train)
	if err != nil {
		return err
	}
	all := float64(len(x.loop.Scored)) * each
	if all <= x.options.Patience.Seconds() {
		return nil
	}
	x.options.Tell(fmt.Sprintf("with the portable kernels, %d evaluations would take %s: the network is scored %d times instead (evaluation schedule %s)",
		len(x.loop.Scored), textfmt.Duration(all), len(scored), thinSchedule))
	x.study.Evaluation.Schedule, x.loop.Scored = thinSchedule, scored
	return nil
}

// scoringSeconds measures on a few images how long scoring n takes.
func (x *training) scoringSeconds(ctx context.Context, n int) (float64, error) {
	trainer, err := newTrainer(x.study, x.splits, x.options, "")
	if err != nil {
		return 0, err
	}
	part := x.splits.Test.First(2 * x.study.Training.Batch)
	out := make([]uint16, part.Len())
	seconds, err := typical(ctx, 2, func() error {
		_, err := trainer.Score(ctx, part.Pixels, part.Labels, out)
		return err
	})
	return seconds * float64(n) / float64(part.Len()), err
}
