package svm

import (
	"cmp"
	"math"
	"slices"
)

// The state of a pair's dual problem,
//
//	minimise ½ Σ αᵢαⱼyᵢyⱼKᵢⱼ - Σ αᵢ   with 0 <= αᵢ <= C and Σ yᵢαᵢ = 0,
//
// in terms of score g_v = y_v - Σ y_w α_w K_vw, LIBSVM's -yG. A variable is "up" when its yα may
// grow and "low" when it may shrink. The solution is optimal to within tolerance when the largest
// score among up exceeds the smallest among low by less than that.
type dual struct {
	c     float64
	alpha []float64
	f     []float64 // Σ y_w α_w K_vw
	y     []float64 // 1, -1, or 0 where there is only padding
}

func (d *dual) score(v int) float64 { return d.y[v] - d.f[v] }

func (d *dual) up(v int) bool {
	return d.y[v] > 0 && d.alpha[v] < d.c || d.y[v] < 0 && d.alpha[v] > 0
}

func (d *dual) low(v int) bool {
	return d.y[v] > 0 && d.alpha[v] > 0 || d.y[v] < 0 && d.alpha[v] < d.c
}

// extremes returns the largest score among up and the smallest among low.
func (d *dual) extremes() (high, low float64) {
	high, low = math.Inf(-1), math.Inf(1)
	for v := range d.alpha {
		if d.y[v] == 0 {
			continue
		}
		g := d.score(v)
		if g > high && d.up(v) {
			high = g
		}
		if g < low && d.low(v) {
			low = g
		}
	}
	return high, low
}

// candidate is a variable by the strength of its violation.
type candidate struct {
	v        int32
	strength float64
}

// stronger orders candidates: the strongest first, the first among equals.
func stronger(a, b candidate) int {
	return cmp.Or(cmp.Compare(b.strength, a.strength), cmp.Compare(a.v, b.v))
}

// chooser picks working sets.
type chooser struct {
	size, fresh int // variables in a set; of them, new ones at most
	set         []int32
	inSet       []bool
	ups, lows   []candidate
}

func newChooser(size int) *chooser { return &chooser{size: size, fresh: size / 2} }

func (c *chooser) begin(n int) {
	c.set, c.inSet = c.set[:0], make([]bool, n)
}

// next returns the next working set: the worst violators of both kinds, half and half, and the
// newest of the previous set. high and low are extremes(). It always holds the pair that violates
// most. kept is how many of the previous set, its last ones, are the first of this.
func (c *chooser) next(d *dual, high, low float64) (set []int32, kept int) {
	c.ups, c.lows = c.ups[:0], c.lows[:0]
	fresh := c.fresh
	if len(c.set) == 0 {
		fresh = c.size
	}
	kept = min(len(c.set), c.size-fresh)
	for _, v := range c.set[:len(c.set)-kept] {
		c.inSet[v] = false
	}
	c.set = append(c.set[:0], c.set[len(c.set)-kept:]...)
	for v := range d.alpha {
		if d.y[v] == 0 || c.inSet[v] {
			continue
		}
		g := d.score(v)
		if g > low && d.up(v) {
			c.ups = append(c.ups, candidate{int32(v), g})
		}
		if g < high && d.low(v) {
			c.lows = append(c.lows, candidate{int32(v), -g})
		}
	}
	c.take(strongest(c.ups, fresh/2), fresh/2)
	c.take(strongest(c.lows, fresh), fresh-fresh/2)
	return c.set, kept
}

// take appends up to n candidates that are not in the set yet.
func (c *chooser) take(from []candidate, n int) {
	for _, k := range from {
		if n == 0 {
			return
		}
		if !c.inSet[k.v] {
			c.inSet[k.v] = true
			c.set = append(c.set, k.v)
			n--
		}
	}
}

// strongest returns the k strongest candidates in order; it reorders them all. A heap of k, the
// weakest on top, keeps the cost near one pass.
func strongest(all []candidate, k int) []candidate {
	if len(all) > k {
		top := all[:k]
		for i := k/2 - 1; i >= 0; i-- {
			sink(top, i)
		}
		for _, x := range all[k:] {
			if k > 0 && stronger(x, top[0]) < 0 {
				top[0] = x
				sink(top, 0)
			}
		}
		all = top
	}
	slices.SortFunc(all, stronger)
	return all
}

// sink restores the heap below position i.
func sink(heap []candidate, i int) {
	for {
		weakest := i
		for _, child := range []int{2*i + 1, 2*i + 2} {
			if child < len(heap) && stronger(heap[weakest], heap[child]) < 0 {
				weakest = child
			}
		}
		if weakest == i {
			return
		}
		heap[i], heap[weakest] = heap[weakest], heap[i]
		i = weakest
	}
}
