package easiness

import (
	"math"

	"shoal/contingency"
)

// fewest is the number of examples that a class needs for thresholds of its own. Smaller classes are
// one stratum together.
const fewest = 20

// strata are the classes of the examples: of maps an example to its stratum, n has their sizes.
type strata struct {
	of []int
	n  []float64
}

func strataOf(labels []uint16) strata {
	count := map[uint16]int{}
	for _, c := range labels {
		count[c]++
	}
	place := map[uint16]int{}
	s := strata{of: make([]int, len(labels))}
	small := -1
	for i, c := range labels {
		k, known := place[c]
		switch {
		case known:
		case count[c] >= fewest:
			k = len(s.n)
			s.n = append(s.n, 0)
		default:
			if small < 0 {
				small = len(s.n)
				s.n = append(s.n, 0)
			}
			k = small
		}
		place[c], s.of[i] = k, k
		s.n[k]++
	}
	return s
}

// member is one model: what it gets right, the share in each stratum, and the threshold for it. id is its
// place among all that are compared.
type member struct {
	id    int
	right []bool
	share []float64
	limit []float64 // Φ⁻¹(share)
}

// members are those of a family, the first of which has the given id.
func (s strata) members(id int, family Family) []member {
	var out []member
	for _, r := range family.Right {
		m := s.member(r)
		m.id = id + len(out)
		out = append(out, m)
	}
	return out
}

func (s strata) member(right []bool) member {
	m := member{right: right, share: make([]float64, len(s.n)), limit: make([]float64, len(s.n))}
	for i, r := range right {
		if r {
			m.share[s.of[i]] += 1 / s.n[s.of[i]]
		}
	}
	for c, p := range m.share {
		m.share[c] = math.Min(1, p) // a sum of shares may round above
		m.limit[c] = contingency.NormalQuantile(m.share[c])
	}
	return m
}

// varied reports whether the member is right on some of a stratum and wrong on some.
func (m member) varied(c int, n float64) bool { return m.share[c] > .5/n && m.share[c] < 1-.5/n }

// pair is two models whose answers are compared.
type pair struct{ a, b member }

// within lists all pairs of a family's members, across all pairs of one of each.
func within(family []member) []pair {
	var out []pair
	for i, a := range family {
		for _, b := range family[i+1:] {
			out = append(out, pair{a, b})
		}
	}
	return out
}

func across(one, other []member) []pair {
	var out []pair
	for _, a := range one {
		for _, b := range other {
			out = append(out, pair{a, b})
		}
	}
	return out
}

// correlation is an estimate with the influence of each example on it: what the estimate would change
// by, per example of its kind more, times their number.
type correlation struct {
	rho       float64 // NaN where there is none
	influence []float64
	all       *sums
	of        []*sums // of the pairs of each member, by its id; nil for one that is in no pair
}

// sums are those over some pairs, at one correlation: how many more examples are right for both than
// expected, the slope of what is expected, and what each example adds to the influence, times the slope.
type sums struct {
	excess, slope float64
	influence     []float64
}

func (a *sums) add(b *sums) {
	a.excess, a.slope = a.excess+b.excess, a.slope+b.slope
	for i, x := range b.influence {
		a.influence[i] += x
	}
}

// without is the estimate and the influences that all pairs but those of a member would give, in one step
// of Newton's method; those of all pairs where the member is in none.
func (c correlation) without(id int) (rho float64, influence []float64) {
	own := c.of[id]
	if own == nil {
		return c.rho, c.influence
	}
	slope := c.all.slope - own.slope
	influence = make([]float64, len(c.influence))
	for i := range influence {
		influence[i] = (c.all.influence[i] - own.influence[i]) / slope
	}
	return c.rho + (c.all.excess-own.excess)/slope, influence
}

// most bounds correlations: beyond, the cells that speak against them are as good as empty.
const most = .9995

// common is the one correlation of all pairs in all strata at which as many examples are expected
// right for both as are seen. It is NaN where that is at none within ±most, or nothing varies. Ids of
// members are below size.
func (s strata) common(pairs []pair, size int) correlation {
	both := make([][]float64, len(pairs))
	for k, p := range pairs {
		both[k] = make([]float64, len(s.n))
		for i, right := range p.a.right {
			if right && p.b.right[i] {
				both[k][s.of[i]]++
			}
		}
	}
	// excess of what is seen over what is expected, which falls as the correlation rises
	rho, slope := root(func(rho float64) (sum, slope float64) {
		for k, p := range pairs {
			x, y := s.excess(p, both[k], rho)
			sum, slope = sum+x, slope+y
		}
		return sum, slope
	})
	if math.IsNaN(rho) || !(slope > 0) {
		return correlation{rho: math.NaN()}
	}
	empty := func() *sums { return &sums{influence: make([]float64, len(s.of))} }
	c := correlation{rho: rho, all: empty(), of: make([]*sums, size)}
	for k, p := range pairs {
		one := &sums{influence: s.influence(p, rho)}
		one.excess, one.slope = s.excess(p, both[k], rho)
		c.all.add(one)
		for _, id := range [2]int{p.a.id, p.b.id} {
			if c.of[id] == nil {
				c.of[id] = empty()
			}
			c.of[id].add(one)
		}
	}
	for _, x := range c.all.influence {
		c.influence = append(c.influence, x/c.all.slope)
	}
	return c
}

// excess is how many more examples than expected are right for both of a pair, and the slope of what is
// expected. both has those that are seen in each stratum.
func (s strata) excess(p pair, both []float64, rho float64) (sum, slope float64) {
	for c, n := range s.n {
		if p.a.varied(c, n) && p.b.varied(c, n) {
			expected, density := p.expected(c, n, rho)
			sum += both[c] - expected
			slope += float64(n * density)
		}
	}
	return sum, slope
}

// expected is how many of the n examples of stratum c are right for both, and the joint density at the
// thresholds. Those are estimates, for which P(both) is bent: what that adds on average, half its second
// derivatives by the shares times their variances, is taken out. With a hundred examples a class it is
// a hundredth of the correlation.
func (p pair) expected(c int, n, rho float64) (count, density float64) {
	h, k, a, b := p.a.limit[c], p.b.limit[c], p.a.share[c], p.b.share[c]
	both := contingency.NormalBoth(h, k, rho)
	density = contingency.NormalDensity(h, k, rho)
	slopeA, slopeB := normalDensity(h), normalDensity(k)
	bent := float64(2*(both-float64(a*b))/(slopeA*slopeB)) - float64(rho*a*(1-a)/(slopeA*slopeA)) - float64(rho*b*(1-b)/(slopeB*slopeB))
	return float64(n*both) - float64(density*bent/2), density
}

// normalDensity is the standard normal density.
func normalDensity(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }

// root finds where a falling function with a known slope is 0, by Newton's method within a bracket;
// NaN where it is nowhere.
func root(f func(x float64) (value, slope float64)) (x, slope float64) {
	lo, hi := -most, most
	x = .5
	for range 200 {
		value, slope := f(x)
		if slope == 0 {
			return math.NaN(), 0
		}
		if value > 0 {
			lo = x
		} else {
			hi = x
		}
		next := x + value/slope
		if !(lo < next && next < hi) {
			next = (lo + hi) / 2
		}
		if math.Abs(next-x) < 1e-10 {
			if most-math.Abs(next) < 1e-6 {
				return math.NaN(), 0
			}
			return next, slope
		}
		x = next
	}
	return math.NaN(), 0
}

// influence of each example on the root of common by one pair, times the slope: its own excess, with what
// it adds to the thresholds taken out. A share p of right answers moves P(both) by P(the other is right |
// this one is at its threshold).
func (s strata) influence(p pair, rho float64) []float64 {
	out, table := make([]float64, len(s.of)), make([][4]float64, len(s.n)) // by what a and b get right
	scale := math.Sqrt(1 - float64(rho*rho))
	for c, n := range s.n {
		if !p.a.varied(c, n) || !p.b.varied(c, n) {
			continue
		}
		h, k := p.a.limit[c], p.b.limit[c]
		expected := contingency.NormalBoth(h, k, rho)
		byA, byB := contingency.Normal((k-float64(rho*h))/scale), contingency.Normal((h-float64(rho*k))/scale)
		for cell := range 4 {
			x, y := float64(cell&1), float64(cell>>1)
			table[c][cell] = float64(x*y) - expected - float64(byA*(x-p.a.share[c])) - float64(byB*(y-p.b.share[c]))
		}
	}
	for i, c := range s.of {
		cell := 0
		if p.a.right[i] {
			cell = 1
		}
		if p.b.right[i] {
			cell += 2
		}
		out[i] = table[c][cell]
	}
	return out
}

// covariance of two estimates, from their influences.
func covariance(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i] * b[i])
	}
	return sum
}
