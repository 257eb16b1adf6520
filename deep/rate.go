package deep

import (
	"math"

	"shoal/internal/elementary"
)

// LearningRate returns the learning rate of a step, counted from 0, of a training of totalSteps steps
// with stepsPerEpoch steps an epoch.
type LearningRate func(step, stepsPerEpoch, totalSteps int) float64

// Constant is the same rate throughout.
func Constant(lr float64) LearningRate {
	return func(_, _, _ int) float64 { return lr }
}

// Steps starts at lr and multiplies by factor at the start of each of the given epochs (torch's
// MultiStepLR, stepped once an epoch), or at the step nearest to a part of one.
func Steps(lr, factor float64, epochs ...float64) LearningRate {
	return func(step, perEpoch, _ int) float64 {
		rate := lr
		for _, e := range epochs {
			if step >= nearest(e, perEpoch) {
				rate *= factor
			}
		}
		return rate
	}
}

// Cosine falls from lr to 0 along half a cosine, epoch by epoch (torch's CosineAnnealingLR over all
// epochs, stepped once an epoch).
func Cosine(lr float64) LearningRate {
	return func(step, perEpoch, total int) float64 {
		perEpoch = max(1, perEpoch)
		epochs := max(1, (total+perEpoch-1)/perEpoch)
		return lr * (1 + elementary.Cos(math.Pi*float64(step/perEpoch)/float64(epochs))) / 2
	}
}

// OneCycle rises from lr/25 to lr over the first 30 % of the steps and falls to lr/250,000 over the
// rest, both along half a cosine: torch's OneCycleLR with its defaults (momentum isn't cycled).
func OneCycle(lr float64) LearningRate {
	const rise, start, end = 0.3, 25, 1e4
	between := func(a, b, x float64) float64 { return b + float64((a-b)*(1+elementary.Cos(math.Pi*x))/2) }
	return func(step, _, total int) float64 {
		top := float64(rise*float64(total)) - 1
		s := float64(step)
		if s <= top {
			return between(lr/start, lr, s/math.Max(top, 1))
		}
		rest := math.Max(float64(total-1)-top, 1)
		return between(lr, lr/start/end, math.Min(1, (s-top)/rest))
	}
}

// Warmup multiplies the rate of then by (step+1)/(epochs·stepsPerEpoch) during the first epochs: a
// linear rise that ends at the full rate.
func Warmup(epochs float64, then LearningRate) LearningRate {
	return func(step, perEpoch, total int) float64 {
		lr := then(step, perEpoch, total)
		if n := nearest(epochs, perEpoch); step < n {
			lr *= float64(step+1) / float64(n)
		}
		return lr
	}
}

// A RatePoint is the learning rate at an epoch.
type RatePoint struct{ Epoch, Rate float64 }

// Linear goes straight from point to point, whose epochs must rise; it is flat before the first and
// after the last. Step i has the rate of epoch i/stepsPerEpoch.
func Linear(points ...RatePoint) LearningRate {
	return func(step, perEpoch, _ int) float64 {
		epoch := float64(step) / float64(max(1, perEpoch))
		for i, p := range points {
			if epoch > p.Epoch {
				continue
			}
			if i == 0 {
				return p.Rate
			}
			from := points[i-1]
			return from.Rate + float64((p.Rate-from.Rate)*((epoch-from.Epoch)/(p.Epoch-from.Epoch)))
		}
		return points[len(points)-1].Rate
	}
}

// nearest is the step at which so many epochs are over.
func nearest(epochs float64, perEpoch int) int {
	return int(math.Round(epochs * float64(perEpoch)))
}
