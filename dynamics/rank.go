package dynamics

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"shoal/contingency"
)

// midranks are the ranks 1..n of x, ties sharing the mean of theirs.
func midranks(x []float64) []float64 { return midranksOf(x, falling(x)) }

// midranksOf is midranks of what was sorted before.
func midranksOf(x []float64, order []int) []float64 {
	n := len(x)
	ranks := make([]float64, n)
	for lo := 0; lo < n; {
		hi := lo + 1
		for hi < n && x[order[hi]] == x[order[lo]] {
			hi++
		}
		for _, i := range order[lo:hi] {
			ranks[i] = float64(2*n-lo-hi+1) / 2
		}
		lo = hi
	}
	return ranks
}

// falling are the indices from the largest value to the smallest.
func falling(x []float64) []int {
	return sorted(len(x), func(a, b int) int { return cmp.Compare(x[b], x[a]) })
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
// Fisher's z with the variance of the influence of each pair, which knows of ties. Undefined for fewer
// than 5 pairs or when x or y is constant.
func Spearman(x, y []float64) Estimate {
	if len(x) != len(y) || len(x) < 5 {
		return Estimate{}
	}
	byX, byY := falling(x), falling(y)
	u, v := centred(midranksOf(x, byX)), centred(midranksOf(y, byY))
	rho := pearson(u, v)
	n := float64(len(x))
	xx, yy := dot(u, u)/n, dot(v, v)/n
	// What one more pair does to the three sums: its own product, and that it shifts the ranks above it.
	withX, withY := shifts(x, byX, v), shifts(y, byY, u)
	ownX, ownY := shifts(x, byX, u), shifts(y, byY, v)
	influence := make([]float64, len(x))
	for i := range influence {
		influence[i] = (float64(u[i]*v[i])+withX[i]+withY[i])/math.Sqrt(xx*yy) -
			float64(rho/2*((float64(u[i]*u[i])+2*ownX[i])/xx+(float64(v[i]*v[i])+2*ownY[i])/yy))
	}
	_, variance := moments(influence)
	return fisher(rho, variance/n)
}

// centred subtracts the mean and divides by the number of values: ranks become shares about 0.
func centred(ranks []float64) []float64 {
	n := float64(len(ranks))
	out := make([]float64, len(ranks))
	for i, r := range ranks {
		out[i] = (r - float64((n+1)/2)) / n
	}
	return out
}

func dot(x, y []float64) float64 {
	sum := 0.0
	for i := range x {
		sum += float64(x[i] * y[i])
	}
	return sum
}

// shifts is, for every i, the mean of weights over the j with x[j] > x[i], those with x[j] = x[i]
// counting half: what i adds to a mean of weights times the rank of x. order is falling(x).
func shifts(x []float64, order []int, weights []float64) []float64 {
	n := len(x)
	out := make([]float64, n)
	above := 0.0
	for lo := 0; lo < n; {
		hi, tied := lo, 0.0
		for hi < n && x[order[hi]] == x[order[lo]] {
			tied += weights[order[hi]]
			hi++
		}
		for _, i := range order[lo:hi] {
			out[i] = (above + float64(tied/2)) / float64(n)
		}
		above += tied
		lo = hi
	}
	return out
}

// Kendall is Kendall's tau-b, (C - D)/sqrt((pairs - ties in x)(pairs - ties in y)), in O(n log n).
// The interval is Fisher's z with the variance of the influence of each pair, as a ratio of
// U-statistics; it knows of ties, as Fieller's variance .437/(n-4) doesn't, which misses the truth in
// 10 % where one ranking has two values. Undefined for fewer than 5 pairs or when x or y is constant.
func Kendall(x, y []float64) Estimate {
	if len(x) != len(y) || len(x) < 5 {
		return Estimate{}
	}
	tau, n := tauB(x, y), float64(len(x))
	agree, differX, differY := concordance(x, y), untied(x), untied(y)
	a, b := meanOf(differX), meanOf(differY)
	influence := make([]float64, len(x))
	for i := range influence {
		influence[i] = 2 * (agree[i]/math.Sqrt(a*b) - float64(tau/2*(differX[i]/a+differY[i]/b)))
	}
	_, variance := moments(influence)
	return fisher(tau, variance/n)
}

// untied is, for every i, the share of the others whose value differs.
func untied(x []float64) []float64 {
	count := map[float64]float64{}
	for _, v := range x {
		count[v]++
	}
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = (float64(len(x)) - count[v]) / float64(len(x)-1)
	}
	return out
}

// concordance is, for every i, the share of the others that are concordant with it minus the share
// that is discordant, counted with a binary indexed tree over the ranks of y.
func concordance(x, y []float64) []float64 {
	n := len(x)
	ranks := make([]int, n) // of y, from 1, dense
	byY := sorted(n, func(a, b int) int { return cmp.Compare(y[a], y[b]) })
	for k, i := range byY {
		ranks[i] = 1
		if k > 0 {
			ranks[i] = ranks[byY[k-1]]
			if y[i] != y[byY[k-1]] {
				ranks[i]++
			}
		}
	}
	out := make([]float64, n)
	count := func(direction int) { // of those with a smaller x, then of those with a larger one
		tree, total := make([]int, n+1), 0
		below := func(rank int) (sum int) {
			for ; rank > 0; rank &= rank - 1 {
				sum += tree[rank]
			}
			return sum
		}
		order := sorted(n, func(a, b int) int { return direction * cmp.Compare(x[a], x[b]) })
		for lo := 0; lo < n; {
			hi := lo
			for hi < n && x[order[hi]] == x[order[lo]] {
				hi++
			}
			for _, i := range order[lo:hi] {
				less, more := below(ranks[i]-1), total-below(ranks[i])
				out[i] += float64(direction*(less-more)) / float64(n-1)
			}
			for _, i := range order[lo:hi] {
				for r := ranks[i]; r <= n; r += r & -r {
					tree[r]++
				}
				total++
			}
			lo = hi
		}
	}
	count(1)
	count(-1)
	return out
}

// fisher is the interval of a correlation of the given variance, on the scale of its atanh.
func fisher(r, variance float64) Estimate {
	if math.Abs(r) == 1 {
		return estimate(r, r, r)
	}
	z, half := math.Atanh(r), float64(contingency.Z95*math.Sqrt(variance)/(1-float64(r*r)))
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
// under the ROC curve), with DeLong's variance. The interval is Student's with Satterthwaite's degrees
// of freedom, cut to [0, 1]: the normal one misses the truth in 13 % of groups of five. The values of a
// group that all lie alike among the others have no variance; the interval is wider by what NoneOf allows
// for others that weren't drawn. Where either group has fewer than 5 values it is all of [0, 1], since none
// that is narrower keeps what it says. Undefined when either group has fewer than 2, and when all values are
// equal: there is no order then.
func AUC(high, low []float64) Estimate {
	m, n := float64(len(high)), float64(len(low))
	if m < 2 || n < 2 {
		return Estimate{}
	}
	if min(slices.Min(high), slices.Min(low)) == max(slices.Max(high), slices.Max(low)) {
		return Estimate{}
	}
	// The share of low that a value of high exceeds is its rank among all minus its rank within
	// high, over n (Sun and Xu 2014); likewise for low.
	all := midranks(append(slices.Clone(high), low...))
	unseen := 0.0
	placements := func(ranks, own []float64, others float64) (mean, variance float64) {
		inner := midranks(own)
		share := make([]float64, len(own))
		for i := range own {
			share[i] = (ranks[i] - inner[i]) / others
		}
		if slices.Min(share) == slices.Max(share) {
			unseen = math.Max(unseen, contingency.NoneOf(len(own)))
			return share[0], 0
		}
		mean, variance = moments(share)
		return mean, variance / float64(len(own))
	}
	area, v1 := placements(all[:len(high)], high, n)
	_, v0 := placements(all[len(high):], low, m)
	half := unseen
	switch {
	case min(m, n) < 5:
		half = 1
	case v1+v0 > 0:
		freedom := (v1 + v0) * (v1 + v0) / (v1*v1/(m-1) + v0*v0/(n-1))
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}.Quantile(.975)
		half += float64(t * math.Sqrt(v1+v0))
	}
	return estimate(area, math.Max(0, area-half), math.Min(1, area+half))
}
