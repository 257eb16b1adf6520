package dynamics

import (
	"math"
	"slices"
)

const (
	// leastRise is by how much a peak has to exceed 1 and both its feet, as a factor, before it is
	// called one.
	leastRise = 1.1
	// modeShare is the prominence, as a share of the highest maximum's, from which another maximum
	// of the smoothed curve counts as a mode.
	modeShare = 0.25
	// settledWithin is the share of the fall that may be left when the curve is called settled.
	settledWithin = 0.1
)

// shape describes one smoothed curve of R±. Its first point stands for the untrained network: step
// 0, ratio 1.
type shape struct {
	peak      int     // index of the highest point, never 0
	modes     int     // maxima between the ends that are prominent enough
	base      float64 // the higher of 1 and the last value: the feet of the peak
	rises     bool    // the peak exceeds 1 by leastRise
	falls     bool    // it exceeds the last value by leastRise
	skewness  float64 // of the excess over base as a density over steps; NaN without one
	leftHalf  float64 // steps from rising past half height to the peak
	rightHalf float64 // steps from the peak to falling past half height
	settled   float64 // step from which the curve stays near its last value
}

// width is the width of the peak at half height, in steps.
func (s shape) width() float64 { return s.leftHalf + s.rightHalf }

// shapeOf measures a curve given by at least two points.
func shapeOf(steps, ratio []float64) shape {
	last := len(ratio) - 1
	s := shape{peak: 1 + slices.Index(ratio[1:], slices.Max(ratio[1:]))}
	top := ratio[s.peak]
	s.base = math.Min(top, math.Max(1, ratio[last])) // a curve below 1 has no height
	s.rises, s.falls = top >= leastRise, top >= leastRise*ratio[last]
	s.modes = modes(ratio)
	s.skewness = skewness(steps, ratio, s.base)
	half := s.base + float64((top-s.base)/2)
	s.leftHalf = steps[s.peak] - crossing(steps, ratio, half, s.peak, -1)
	s.rightHalf = crossing(steps, ratio, half, s.peak, +1) - steps[s.peak]
	s.settled = steps[last]
	for i := last; i >= s.peak; i-- {
		if math.Abs(math.Log(ratio[i]/ratio[last])) > settledWithin*math.Log(top/ratio[last]) {
			break
		}
		s.settled = steps[i]
	}
	return s
}

// modes counts the maxima between the ends of a curve whose prominence, in the logarithm, is at
// least leastRise and modeShare of the greatest prominence.
func modes(ratio []float64) int {
	var prominences []float64
	greatest := 0.0
	for i := 1; i < len(ratio)-1; i++ {
		if ratio[i] > ratio[i-1] && ratio[i] >= ratio[i+1] {
			p := math.Log(ratio[i] / math.Max(saddle(ratio, i, -1), saddle(ratio, i, +1)))
			prominences = append(prominences, p)
			greatest = math.Max(greatest, p)
		}
	}
	count := 0
	for _, p := range prominences {
		if p >= math.Log(leastRise) && p >= modeShare*greatest {
			count++
		}
	}
	return count
}

// saddle is the lowest value on the way from i to higher ground in the given direction, or to the
// end. Of equal heights the one further left is higher, so that twin tops with a shallow dip
// between them are one mode.
func saddle(ratio []float64, i, direction int) float64 {
	low := ratio[i]
	for j := i + direction; j >= 0 && j < len(ratio); j += direction {
		if ratio[j] > ratio[i] || direction < 0 && ratio[j] == ratio[i] {
			break
		}
		low = math.Min(low, ratio[j])
	}
	return low
}

// crossing is the step where the curve, followed from index i in the given direction, first falls
// to level; the end of the curve when it does not.
func crossing(steps, ratio []float64, level float64, i, direction int) float64 {
	for j := i + direction; j >= 0 && j < len(ratio); j += direction {
		if ratio[j] <= level {
			k := j - direction // the point before, not below level
			if ratio[k] == level {
				return steps[k]
			}
			share := (ratio[k] - level) / (ratio[k] - ratio[j])
			return steps[k] + float64(share*(steps[j]-steps[k]))
		}
		i = j
	}
	return steps[i]
}

// skewness is the third standardised moment of max(0, ratio - base) taken as a density over steps,
// by the trapezoid rule.
func skewness(steps, ratio []float64, base float64) float64 {
	weight := make([]float64, len(steps))
	var mass, mean float64
	for i := range steps {
		weight[i] = float64(math.Max(0, ratio[i]-base) * stretch(steps, i))
		mass += weight[i]
		mean += float64(weight[i] * steps[i])
	}
	mean /= mass
	var second, third float64
	for i := range steps {
		d := steps[i] - mean
		second += float64(weight[i] * d * d)
		third += float64(weight[i] * d * d * d)
	}
	second, third = second/mass, third/mass
	return third / math.Pow(second, 1.5) // NaN when there is no excess
}
