package figure

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"shoal/internal/textfmt"
)

// zeroStep is the place of the untrained network on the logarithmic axis of steps (and a count of 0
// on one of counts).
const zeroStep = 0.5

// tick is a mark on an axis at a value in the axis' own units; without label it is a minor one.
type tick struct {
	at    float64
	label string
}

// scale maps values to [0,1] along an axis.
type scale struct {
	lo, hi float64 // in mapped units
	f      func(float64) float64
	ticks  []tick
}

func (a scale) pos(v float64) float64 { return (a.f(v) - a.lo) / (a.hi - a.lo) }

// logAtZero is log10 with everything below zeroStep moved to it.
func logAtZero(v float64) float64 { return math.Log10(math.Max(v, zeroStep)) }

// StepFraction is the horizontal place of a step, 0 at the left and 1 at the right end of every
// figure whose evaluations run from steps first to last.
func StepFraction(step, first, last int) float64 { return stepScale(first, last).pos(float64(step)) }

// StepPlace is where a step lies on the axis of every figure, in the axis' own units: those that the
// ends of the axis have in an SVG's element of class area.
func StepPlace(step int) float64 { return logAtZero(float64(step)) }

// stepScale is the logarithmic axis of training steps with step 0 at the left.
func stepScale(first, last int) scale {
	a := scale{f: logAtZero, lo: logAtZero(float64(first)), hi: logAtZero(float64(max(last, 1)))}
	if a.hi <= a.lo {
		a.hi = a.lo + 1 // a single evaluation: one decade to look at
	}
	if first == 0 {
		a.ticks = append(a.ticks, tick{0, "0"})
	}
	for e := 0; e <= 12; e++ {
		for m := 1; m <= 9; m++ {
			v := float64(m) * math.Pow10(e)
			if logAtZero(v) < a.lo-1e-9 || logAtZero(v) > a.hi+1e-9 {
				continue
			}
			label := ""
			if m == 1 {
				label = textfmt.Thousands(int(v))
			}
			a.ticks = append(a.ticks, tick{v, label})
		}
	}
	return a
}

// epochTicks chooses labelled epochs for the second row so that no two labels come nearer than gap,
// in fractions of the axis. Whole powers of ten come first, then the last whole epoch, then the
// rest from coarse to fine.
func epochTicks(x scale, steps []int, epochs []float64, gap float64) []tick {
	last := len(steps) - 1
	if last < 0 || !(epochs[last] > 0) || steps[last] == 0 {
		return nil
	}
	perEpoch := float64(steps[last]) / epochs[last]
	wish := []float64{1, 10, 100, .1, math.Floor(epochs[last] + 1e-9), .01, .001,
		.2, .5, .02, .05, .002, .005, 2, 5, 20, 50, 200, 500}
	var out []tick
	for _, e := range wish {
		p := x.pos(e * perEpoch)
		if !(e > 0) || e*perEpoch < 1 || p < 0 || p > 1+1e-9 {
			continue
		}
		if !slices.ContainsFunc(out, func(t tick) bool { return math.Abs(x.pos(t.at)-p) < gap }) {
			out = append(out, tick{e * perEpoch, strconv.FormatFloat(e, 'f', -1, 64)})
		}
	}
	slices.SortFunc(out, func(a, b tick) int { return cmp.Compare(a.at, b.at) })
	return out
}

// linearScale spans [lo,hi] with about n labelled ticks on round numbers; format prints them.
func linearScale(lo, hi float64, n int, format func(float64) string) scale {
	if !(hi > lo) {
		hi = lo + 1
	}
	step := niceStep((hi - lo) / float64(n))
	a := scale{lo: lo, hi: hi, f: func(v float64) float64 { return v }}
	for k := math.Ceil(lo/step - 1e-9); k*step <= hi+1e-9*step; k++ {
		v := k * step
		if v == 0 {
			v = 0 // no "-0"
		}
		a.ticks = append(a.ticks, tick{v, format(v)})
	}
	return a
}

func niceStep(raw float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if raw <= m*p*(1+1e-9) {
			return m * p
		}
	}
	return 10 * p
}

// countScale is a logarithmic axis of example counts from 0 to n, with 0 at zeroStep.
func countScale(n int) scale {
	a := scale{f: logAtZero, lo: logAtZero(0), hi: logAtZero(float64(max(n, 2)))}
	a.ticks = append(a.ticks, tick{0, "0"})
	for v := 1; v <= n; v *= 10 {
		a.ticks = append(a.ticks, tick{float64(v), textfmt.Thousands(v)})
	}
	return a
}

// ratioScale chooses the axis of R±: linear while the peak is below 12, logarithmic beyond.
func ratioScale(points []Point, n int) scale {
	top, low, high := 1.0, 1.0, 1.0
	for _, p := range points {
		if p.OK {
			top, low, high = math.Max(top, p.Value), math.Min(low, p.Value), math.Max(high, p.High)
		}
	}
	hi := max(1.12*top, min(high, 1.35*top), 1.25)
	if top <= 12 {
		lo := 0.5
		if low < 0.55 {
			lo = 0
		}
		if top < 1.6 && low > 0.8 {
			lo = 0.75
		}
		return linearScale(lo, hi, n, rounded).withOne()
	}
	a := scale{f: math.Log10, lo: math.Log10(math.Max(math.Min(low, .5), .05)), hi: math.Log10(hi)}
	for e := -2; e <= 6; e++ {
		for _, m := range []float64{1, 2, 5} {
			if v := m * math.Pow10(e); math.Log10(v) >= a.lo-1e-9 && math.Log10(v) <= a.hi {
				a.ticks = append(a.ticks, tick{v, trimmed(v)})
			}
		}
	}
	return a
}

// withOne has a tick at 1, where network and reference are independent, instead of any that is too near.
func (a scale) withOne() scale {
	const near = .075 // of the axis: less, and labels would touch
	if slices.ContainsFunc(a.ticks, func(t tick) bool { return t.at == 1 }) {
		return a
	}
	a.ticks = slices.DeleteFunc(a.ticks, func(t tick) bool { return math.Abs(a.pos(t.at)-a.pos(1)) < near })
	a.ticks = append(a.ticks, tick{1, "1"})
	slices.SortFunc(a.ticks, func(s, t tick) int { return cmp.Compare(s.at, t.at) })
	return a
}

func trimmed(v float64) string {
	return strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), "-", "−", 1)
}

func rounded(v float64) string { return trimmed(math.Round(v*1e6) / 1e6) }

func percentTick(v float64) string { return rounded(100 * v) }
