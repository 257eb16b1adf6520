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
