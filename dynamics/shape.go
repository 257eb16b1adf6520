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
	peak  int  // index of the highest point, never 0
	modes int  // maxima between the ends that are prominent enough
	rises bool // the peak exceeds 1 by leastRise
	falls bool // it exceeds the last value by leastRise
	// base is the level above which the peak is measured: 1 or, where the curve has come to rest
	// above it, the last value.
	base    float64
	settled float64 // step from which the curve stays near its last value
	step    flanks  // over ln(1 + step)
	gained  flanks  // over the accuracy reached so far
}

// flanks are the two sides of a peak over one axis. A number is NaN where the curve doesn't come
// down to the height that it takes.
type flanks struct {
	skewness   float64 // of the excess over a tenth of the height as a density
	width      float64 // at half height
	rise, fall float64 // between a tenth of the height and the peak, on either side
}

// flankShare is the share of a peak's height from which on its sides are compared: further down
// noise would count as a tail, and a side that was not seen whole as a short one.
const flankShare = .1

// slowness is the logarithm of how much longer the fall takes than the rise.
func (f flanks) slowness() float64 { return math.Log(f.fall / f.rise) }

// shapeOf measures a curve of at least two points whose peak lies at index from or later, from being
// at least 1; accuracy is the network's at each point. settled says that the last value is the one
// that the curve has come to: what lies below it is no part of the peak then. Before from, where the
// network was at chance, only the foot of the peak is looked for.
func shapeOf(steps, accuracy, ratio []float64, from int, settled bool) shape {
	last := len(ratio) - 1
	s := shape{peak: from + slices.Index(ratio[from:], slices.Max(ratio[from:]))}
	top := ratio[s.peak]
	s.rises, s.falls = top >= leastRise, top >= leastRise*ratio[last]
	s.modes = modes(append([]float64{1}, ratio[from:]...))
	s.base = 1
	if settled {
		s.base = math.Max(1, ratio[last])
	}
	s.base = math.Min(top, s.base) // a curve below 1 has no height
	logs, reached := make([]float64, len(ratio)), make([]float64, len(ratio))
	for i := range ratio {
		logs[i], reached[i] = math.Log1p(steps[i]), accuracy[i]
		if i > 0 {
			reached[i] = math.Max(reached[i-1], accuracy[i])
		}
	}
	s.step, s.gained = s.flanks(logs, ratio), s.flanks(reached, ratio)
	s.settled = steps[last]
	for i := last; i >= s.peak; i-- {
		if math.Abs(math.Log(ratio[i]/ratio[last])) > settledWithin*math.Log(top/ratio[last]) {
			break
		}
		s.settled = steps[i]
	}
	return s
}

// flanks measures both sides of the peak over the axis x, which rises.
func (s shape) flanks(x, ratio []float64) flanks {
	level := func(share float64) float64 { return s.base + float64(share*(ratio[s.peak]-s.base)) }
	foot := func(share float64, direction int) float64 { return crossing(x, ratio, level(share), s.peak, direction) }
	lo, hi := foot(flankShare, -1), foot(flankShare, +1)
	return flanks{skewness: skewness(x, ratio, level(flankShare), lo, hi), width: foot(.5, +1) - foot(.5, -1),
		rise: x[s.peak] - lo, fall: hi - x[s.peak]}
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

// crossing is where on the axis x the curve, followed from index i in the given direction, first falls
// to level; NaN when it does not.
func crossing(x, ratio []float64, level float64, i, direction int) float64 {
	if ratio[i] <= level {
		return x[i]
	}
	for j := i + direction; j >= 0 && j < len(ratio); j += direction {
		if ratio[j] <= level {
			k := j - direction // the point before, above level
			share := (ratio[k] - level) / (ratio[k] - ratio[j])
			return x[k] + float64(share*(x[j]-x[k]))
		}
	}
	return math.NaN()
}

// skewness is the third standardised moment of ratio - level, between its feet lo and hi, taken as a
// density over x that is made of straight lines; NaN where a foot is, or lo and hi are one.
func skewness(x, ratio []float64, level, lo, hi float64) float64 {
	if !(hi > lo) {
		return math.NaN()
	}
	const pieces = 200 // of the way from lo to hi
	var mass, mean float64
	at, weight := make([]float64, pieces), make([]float64, pieces)
	k := 0
	for i := range at {
		at[i] = lo + float64((hi-lo)*(float64(i)+.5)/pieces)
		for k+2 < len(x) && x[k+1] < at[i] {
			k++
		}
		share := 0.
		if x[k+1] > x[k] {
			share = (at[i] - x[k]) / (x[k+1] - x[k])
		}
		weight[i] = math.Max(0, ratio[k]+float64(share*(ratio[k+1]-ratio[k]))-level)
		mass += weight[i]
		mean += float64(weight[i] * at[i])
	}
	mean /= mass
	var second, third float64
	for i := range at {
		d := at[i] - mean
		second += float64(weight[i] * d * d)
		third += float64(weight[i] * d * d * d)
	}
	second, third = second/mass, third/mass
	return third / math.Pow(second, 1.5) // NaN when there is no excess
}
