package dynamics

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// OverSeeds is the mean of one number a run with Student's 95 % interval: the variation over seeds
// that no interval over examples has. Undefined for fewer than 3 runs: of two the interval is so wide,
// 12.7 standard errors, that it says nothing.
func OverSeeds(values []float64) Estimate {
	if len(values) < LeastSeeds {
		return Estimate{}
	}
	mean, variance := moments(values)
	return Combined(mean, 0, Component{variance / float64(len(values)), float64(len(values) - 1)})
}

// SeedDifference is the mean of a minus the mean of b, the runs being different ones, with Welch's
// 95 % interval (degrees of freedom after Satterthwaite). Undefined when either has fewer than 3
// runs. For runs that share their seeds pairwise, OverSeeds of the differences is sharper.
func SeedDifference(a, b []float64) Estimate {
	if len(a) < LeastSeeds || len(b) < LeastSeeds {
		return Estimate{}
	}
	ma, va := moments(a)
	mb, vb := moments(b)
	na, nb := float64(len(a)), float64(len(b))
	va, vb = va/na, vb/nb
	freedom := (va + vb) * (va + vb) / (va*va/(na-1) + vb*vb/(nb-1))
	if va+vb == 0 {
		freedom = na + nb - 2 // no variation: the width is 0 for any number
	}
	return Combined(ma-mb, 0, Component{va + vb, freedom})
}

// moments are the mean and the variance with n-1; NaN for fewer than 2 values.
func moments(x []float64) (mean, variance float64) {
	if len(x) < 2 {
		return math.NaN(), math.NaN()
	}
	n := float64(len(x))
	for _, v := range x {
		mean += v / n
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / (n - 1)
	}
	return mean, variance
}

// Component is a part of a variance that few units tell, such as seeds: its size, and the degrees of
// freedom with which it was estimated.
type Component struct{ Variance, Freedom float64 }

// Combined is a value with a 95 % interval. Its variance is the sum of components that few units tell,
// and of one over many examples, which counts as known: the interval is Student's with Satterthwaite's degrees of
// freedom, (Σ sizes)²/Σ(size²/freedom) (Satterthwaite 1946). Undefined where a component has no
// degree of freedom, or the sum isn't 0 or more.
func Combined(value, many float64, few ...Component) Estimate {
	total := many
	for _, c := range few {
		if !(c.Freedom > 0) {
			return Estimate{}
		}
		total += c.Variance
	}
	if !(total >= 0) {
		return Estimate{}
	}
	half := float64(studentOf(many, few...).Quantile(.975) * math.Sqrt(total))
	return estimate(value, value-half, value+half)
}

// studentOf is Student's distribution for such a value.
func studentOf(many float64, few ...Component) distuv.StudentsT {
	total, spread := many, 0.0
	for _, c := range few {
		total += c.Variance
	}
	for _, c := range few {
		share := c.Variance / total
		spread += float64(share * share / c.Freedom)
	}
	nu := 1e6 // the normal distribution
	if spread > 0 {
		nu = math.Min(nu, 1/spread)
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: nu}
}
