package groups

import (
	"math"

	"shoal/contingency"
)

// mostWork bounds the exact distribution's additions; beyond, counts are large enough for the normal
// one.
const mostWork = 2_000_000

// pValue is the two-sided p-value of the number of errors in a group, summed over strata: Both is in
// the group and wrong. Given each stratum's margins it is a sum of hypergeometric numbers. It is 1
// where nothing can be compared.
func pValue(strata []contingency.Table) float64 {
	x, expected := observed(strata)
	variance, work, support := 0.0, 0, 1
	for _, t := range strata {
		variance += varianceOf(t)
		lo, hi := rangeOf(t)
		work += support * (hi - lo + 1)
		support += hi - lo
	}
	if variance == 0 {
		return 1
	}
	if work > mostWork {
		z := max(math.Abs(x-expected)-.5, 0) / math.Sqrt(variance)
		return math.Erfc(z / math.Sqrt2)
	}
	at, sum := 0, []float64{1}
	for _, t := range strata {
		lo, _ := rangeOf(t)
		at += t.Both - lo
		sum = convolve(sum, hypergeometric(t))
	}
	below, above := 0.0, 0.0
	for k, p := range sum {
		if k <= at {
			below += p
		}
		if k >= at {
			above += p
		}
	}
	return min(1, 2*min(below, above))
}

// observed is the number of errors in the group, and what it would be without a difference.
func observed(strata []contingency.Table) (errors, expected float64) {
	for _, t := range strata {
		if t.N() > 0 {
			errors += float64(t.Both)
			expected += float64(t.ShallowRight()) * float64(t.DeepRight()) / float64(t.N())
		}
	}
	return errors, expected
}

// rangeOf is the least and the greatest number of errors that the group can have, given the margins.
func rangeOf(t contingency.Table) (lo, hi int) {
	group, wrong := t.ShallowRight(), t.DeepRight()
	return max(0, wrong-(t.N()-group)), min(group, wrong)
}

func varianceOf(t contingency.Table) float64 {
	n, group, wrong := float64(t.N()), float64(t.ShallowRight()), float64(t.DeepRight())
	if n < 2 {
		return 0
	}
	return group * wrong / n * (n - group) / n * (n - wrong) / (n - 1)
}

// hypergeometric is the distribution of the errors in the group, from the least possible number on.
func hypergeometric(t contingency.Table) []float64 {
	n, group, wrong := t.N(), t.ShallowRight(), t.DeepRight()
	lo, hi := rangeOf(t)
	out := make([]float64, hi-lo+1)
	all := logChoose(n, wrong)
	for k := range out {
		out[k] = math.Exp(logChoose(group, lo+k) + logChoose(n-group, wrong-lo-k) - all)
	}
	return out
}

func logChoose(n, k int) float64 {
	lg := func(x int) float64 { v, _ := math.Lgamma(float64(x + 1)); return v }
	return lg(n) - lg(k) - lg(n-k)
}

func convolve(a, b []float64) []float64 {
	out := make([]float64, len(a)+len(b)-1)
	for i, x := range a {
		for j, y := range b {
			out[i+j] += float64(x * y)
		}
	}
	return out
}
