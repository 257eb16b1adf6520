package track

import (
	"context"
	"fmt"
	"time"

	"shoal/internal/textfmt"
	"shoal/kernel"
	"shoal/record"
)

// thinSchedule scores a tenth of the steps that every:1 does in an epoch of MNIST, and no fewer of
// the first twenty.
const thinSchedule = "log:1.05"

// patience is what scoring may take altogether before a schedule that nobody asked for is thinned.
const patience = 2 * time.Minute

// thin replaces the evaluation schedule by thinSchedule where scoring would take longer than
// patience, and tells so. It is for runs whose schedule nobody gave, see Options.MayThin, on
// machines that have only the portable kernels: with the others the decision would be near enough to
// the limit to depend on what else the machine does. The schedule in use is in the run's study.toml.
func (x *training) thin(ctx context.Context, patience time.Duration) error {
	if level, err := kernel.ParseLevel(x.options.Level); err != nil || level != kernel.Portable {
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
	part := x.splits.Test.First(2 * x.study.Training.Batch)
	out := make([]uint16, part.Len())
	seconds, err := typical(ctx, 2, func() error {
		_, err := x.learner.trainer.Score(ctx, part.Pixels, part.Labels, out)
		return err
	})
	if err != nil {
		return err
	}
	each := seconds * float64(x.splits.Test.Len()) / float64(part.Len())
	all := float64(len(x.loop.Scored)) * each
	if all <= patience.Seconds() {
		return nil
	}
	x.options.Tell(fmt.Sprintf("with the portable kernels, %d evaluations would take %s: the network is scored %d times instead (evaluation schedule %s)",
		len(x.loop.Scored), textfmt.Duration(all), len(scored), thinSchedule))
	x.study.Evaluation.Schedule, x.loop.Scored = thinSchedule, scored
	return nil
}
