package dynamics

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// OverSeeds is the mean of one number a run with Student's 95 % interval: the variation over seeds
// that no interval over examples has. Undefined for fewer than 3 runs: of two the interval is so wide,
// 12.7 standard errors, that it says nothing.
func OverSeeds(values []float64) Estimate {
	if len(values) < leastSeeds {
		return Estimate{}
	}
	mean, variance := moments(values)
	return student(mean, variance/float64(len(values)), float64(len(values)-1))
}

// SeedDifference is the mean of a minus the mean of b, the runs being different ones, with Welch's
// 95 % interval (degrees of freedom after Satterthwaite). Undefined when either has fewer than 3
// runs. For runs that share their seeds pairwise, OverSeeds of the differences is sharper.
func SeedDifference(a, b []float64) Estimate {
	if len(a) < leastSeeds || len(b) < leastSeeds {
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
	return student(ma-mb, va+vb, freedom)
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

func student(value, variance, freedom float64) Estimate {
	if !(freedom > 0) || !(variance >= 0) {
		return Estimate{}
	}
	half := float64(distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}.Quantile(.975) * math.Sqrt(variance))
	return estimate(value, value-half, value+half)
}
