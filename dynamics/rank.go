package dynamics

import (
	"cmp"
	"math"
	"slices"

	"shoal/contingency"
)

// midranks are the ranks 1..n of x, ties sharing the mean of theirs.
func midranks(x []float64) []float64 {
	order := sorted(len(x), func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	ranks := make([]float64, len(x))
	for lo := 0; lo < len(order); {
		hi := lo + 1
		for hi < len(order) && x[order[hi]] == x[order[lo]] {
			hi++
		}
		for _, i := range order[lo:hi] {
			ranks[i] = float64(lo+hi+1) / 2
		}
		lo = hi
	}
	return ranks
}

// sorted are the indices 0..n-1 in the order that compare gives them.
func sorted(n int, compare func(a, b int) int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, compare)
	return order
}

// Spearman is Spearman's rank correlation of x and y with midranks for ties. The interval is
// Fisher's z with Bonett and Wright's variance (1 + rho²/2)/(n-3), an approximation that is good
// for |rho| up to about .9. Undefined for fewer than 5 pairs or when x or y is constant.
func Spearman(x, y []float64) Estimate {
	if len(x) != len(y) || len(x) < 5 {
		return Estimate{}
	}
	rho := pearson(midranks(x), midranks(y))
	return fisher(rho, (1+float64(rho*rho/2))/float64(len(x)-3))
}

// Kendall is Kendall's tau-b, (C - D)/sqrt((pairs - ties in x)(pairs - ties in y)), in O(n log n).
// The interval is Fisher's z with Fieller's variance .437/(n-4). Undefined for fewer than 5 pairs
// or when x or y is constant.
func Kendall(x, y []float64) Estimate {
	if len(x) != len(y) || len(x) < 5 {
		return Estimate{}
	}
	return fisher(tauB(x, y), .437/float64(len(x)-4))
}

// fisher is the interval of a correlation whose atanh has the given variance.
func fisher(r, variance float64) Estimate {
	if math.Abs(r) == 1 {
		return estimate(r, r, r)
	}
	z, half := math.Atanh(r), float64(contingency.Z95*math.Sqrt(variance))
	return estimate(r, math.Tanh(z-half), math.Tanh(z+half))
}

func pearson(x, y []float64) float64 {
	var mx, my float64
	for i := range x {
		mx, my = mx+x[i], my+y[i]
	}
	mx, my = mx/float64(len(x)), my/float64(len(y))
	var xx, yy, xy float64
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		xx, yy, xy = xx+float64(dx*dx), yy+float64(dy*dy), xy+float64(dx*dy)
	}
	// Rounding may carry a perfect correlation past 1.
	return math.Max(-1, math.Min(1, xy/math.Sqrt(xx*yy)))
}

// tauB counts discordant pairs as the swaps of a merge sort (Knight 1966).
func tauB(x, y []float64) float64 {
	order := sorted(len(x), func(a, b int) int { return cmp.Or(cmp.Compare(x[a], x[b]), cmp.Compare(y[a], y[b])) })
	byX, byY := make([]float64, len(x)), make([]float64, len(x))
	for k, i := range order {
		byX[k], byY[k] = x[i], y[i]
	}
	tiesX := tiedPairs(len(x), func(k int) bool { return byX[k] == byX[k-1] })
	tiesXY := tiedPairs(len(x), func(k int) bool { return byX[k] == byX[k-1] && byY[k] == byY[k-1] })
	swaps := mergeSwaps(byY, make([]float64, len(byY)))
	tiesY := tiedPairs(len(x), func(k int) bool { return byY[k] == byY[k-1] })
	pairs := float64(float64(len(x)) * float64(len(x)-1) / 2)
	return (pairs - tiesX - tiesY + tiesXY - float64(2*swaps)) / math.Sqrt((pairs-tiesX)*(pairs-tiesY))
}

// tiedPairs counts the pairs within runs of n sorted items; same(k) tells whether item k equals
// item k-1.
func tiedPairs(n int, same func(k int) bool) float64 {
	pairs, run := 0.0, 0.0
	for k := 1; k < n; k++ {
		if !same(k) {
			run = 0
			continue
		}
		run++
		pairs += run
	}
	return pairs
}

// mergeSwaps sorts a and returns the number of pairs that were out of order.
func mergeSwaps(a, scratch []float64) float64 {
	if len(a) < 2 {
		return 0
	}
	mid := len(a) / 2
	swaps := mergeSwaps(a[:mid], scratch) + mergeSwaps(a[mid:], scratch)
	copy(scratch, a)
	for i, j, k := 0, mid, 0; k < len(a); k++ {
		if j == len(a) || i < mid && scratch[i] <= scratch[j] {
			a[k] = scratch[i]
			i++
		} else {
			swaps += float64(mid - i)
			a[k] = scratch[j]
			j++
		}
	}
	return swaps
}

// AUC is the probability that a value of high exceeds one of low, ties counting half (the area
// under the ROC curve), with DeLong's interval cut to [0, 1]. Undefined when either group has fewer
// than 2 values.
func AUC(high, low []float64) Estimate {
	m, n := float64(len(high)), float64(len(low))
	if m < 2 || n < 2 {
		return Estimate{}
	}
	// The share of low that a value of high exceeds is its rank among all minus its rank within
	// high, over n (Sun and Xu 2014); likewise for low.
	all := midranks(append(slices.Clone(high), low...))
	placements := func(ranks, own []float64, others float64) (mean, variance float64) {
		k := float64(len(own))
		inner := midranks(own)
		for i := range own {
			mean += (ranks[i] - inner[i]) / others / k
		}
		for i := range own {
			d := (ranks[i]-inner[i])/others - mean
			variance += d * d / (k - 1)
		}
		return mean, variance / k
	}
	area, v1 := placements(all[:len(high)], high, n)
	_, v0 := placements(all[len(high):], low, m)
	half := float64(contingency.Z95 * math.Sqrt(v1+v0))
	return estimate(area, math.Max(0, area-half), math.Min(1, area+half))
}
