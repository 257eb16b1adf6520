package boosting

import (
	"context"
	"math"
	"slices"
	"testing"

	"shoal/shallow/model"
	"shoal/shallow/shallowtest"
)

// direct finds the best split of some examples from the definition: every threshold of every feature,
// all sums from scratch.
func direct(e model.Examples, list []uint32, pairs []pair, u units, p Params) (gain float64, left []uint32) {
	sums := func(list []uint32) (g, h float64, n int) {
		var sum pair
		for _, i := range list {
			sum.gradient += pairs[i].gradient
			sum.rest += pairs[i].rest
		}
		return u.split(sum)
	}
	quality := func(list []uint32) float64 {
		g, h, _ := sums(list)
		return g * g / (h + p.L2)
	}
	for f := range e.Features {
		for v := range 255 {
			var a, b []uint32
			for _, i := range list {
				if int(e.Row(int(i))[f]) <= v {
					a = append(a, i)
				} else {
					b = append(b, i)
				}
			}
			_, ha, na := sums(a)
			_, hb, nb := sums(b)
			if na < p.MinLeaf || nb < p.MinLeaf || ha < leastHessian || hb < leastHessian {
				continue
			}
			if q := quality(a) + quality(b) - quality(list); q > gain+1e-9 {
				gain, left = q, a
			}
		}
	}
	return gain, left
}

// Every split of a tree is the best of its node's.
func TestSplitsAreTheBest(t *testing.T) {
	e := shallowtest.Confuse(shallowtest.Blobs(1, 90, 11, 3, 120), 1, .2)
	p := Defaults()
	p.MinLeaf, p.Leaves, p.L2 = 4, 7, .5
	f := newFitting(p, e, e.Labels, 3, model.Options{Workers: 2})
	f.normalise()
	g := f.growers[0]
	f.gradients(1, g)
	grown := g.grow(t.Context(), f.examples, func([]uint32, float32) {})
	lists := map[int][]uint32{0: f.examples}
	inner := 0
	for at, n := range grown.nodes {
		if n.feature == isLeaf {
			continue
		}
		inner++
		_, left := direct(e, lists[at], g.pairs, g.units, p)
		var a, b []uint32
		for _, i := range lists[at] {
			if e.Row(int(i))[n.feature] <= n.threshold {
				a = append(a, i)
			} else {
				b = append(b, i)
			}
		}
		if !slices.Equal(a, left) {
			t.Errorf("node %d: %d examples go left, want %d", at, len(a), len(left))
		}
		lists[int(n.left)], lists[int(n.left)+1] = a, b
	}
	if inner != 6 {
		t.Errorf("%d splits, want 6", inner)
	}
}

// Pairs hold what they are made of, also in the sum of as many as there can be.
func TestPairs(t *testing.T) {
	if u := newUnits(1 << 20); u.hessian < 1<<24 {
		t.Errorf("a million Hessians are in units of 1/%v, want 2^-24 at most", u.hessian)
	}
	for _, n := range []int{1, 2, 1000, 1 << 20, maxExamples} {
		u := newUnits(n)
		p := u.of(.5, true)
		sum := pair{p.gradient * int64(n), p.rest * uint64(n)}
		g, h, count := u.split(sum)
		if count != n || !(math.Abs(g+.5*float64(n)) <= 1e-6*float64(n)) || !(math.Abs(h-.25*float64(n)) <= max(1e-6*float64(n), float64(n)/u.hessian)) {
			t.Errorf("%d times: got %v, %v, %d", n, g, h, count)
		}
	}
}

// Early stopping ends the fit, also where nothing is to be learnt, and keeps all that it grew.
func TestEarlyStopping(t *testing.T) {
	e := shallowtest.Confuse(shallowtest.Blobs(1, 400, 12, 3, 120), 1, .3)
	p := Defaults()
	p.Patience, p.Iterations, p.Leaves = 3, 200, 8
	for _, noise := range []bool{false, true} {
		if noise {
			e = shallowtest.Confuse(shallowtest.Blobs(1, 400, 12, 3, 0), 1, .67)
			for i := range e.Pixels {
				e.Pixels[i] = byte(i * i >> 3)
			}
		}
		m, err := New(p)
		if err == nil {
			err = m.Fit(context.Background(), e, model.Options{Seed: 1})
		}
		if err != nil {
			t.Fatal(err)
		}
		if !m.Early || m.Held != 40 || len(m.trees) != 3*m.Iterations || m.Iterations < 3 || m.Iterations > 60 {
			t.Errorf("noise %v: early %v, %d iterations, %d held out, %d trees", noise, m.Early, m.Iterations, m.Held, len(m.trees))
		}
		again, _ := New(p)
		if err := again.Fit(context.Background(), e, model.Options{Seed: 2}); err != nil {
			t.Fatal(err)
		}
		if again.Best == m.Best {
			t.Error("the seed has no effect on the examples that are held out")
		}
	}
	few, _ := New(Defaults()) // Auto: not for so few
	if err := few.Fit(context.Background(), e, model.Options{}); err != nil || few.Held != 0 || few.Patience != 0 {
		t.Errorf("%v, %d of 400 held out, want none", err, few.Held)
	}
}

// The rule is scikit-learn's: the last losses are compared with the one before them, not with the least
// of all.
func TestStopped(t *testing.T) {
	for _, c := range []struct {
		losses []float64 // with the one that is judged
		want   bool
	}{
		{[]float64{5, 5, 5}, false}, // fewer than three after the first
		{[]float64{5, 5, 5, 5}, true},
		{[]float64{5, 5, 5, 5 - 1e-8}, true},
		{[]float64{5, 5, 4.9, 5}, false},
		{[]float64{1, 5, 6, 6, 4}, false}, // a least loss of long ago
		{[]float64{9, 8, 7, 8, 9, 9}, true},
		{[]float64{9, 8, 7, math.NaN(), 9, 9}, true},
	} {
		if got := fallsNoMore(c.losses, 3); got != c.want {
			t.Errorf("%v: stopped %v, want %v", c.losses, got, c.want)
		}
	}
}

func BenchmarkFit(b *testing.B) {
	e := shallowtest.Confuse(shallowtest.Blobs(1, 20000, 64, 2, 120), 1, .2)
	p := Defaults()
	p.Iterations, p.Patience = 20, 0
	for b.Loop() {
		m, err := New(p)
		if err == nil {
			err = m.Fit(context.Background(), e, model.Options{Workers: 1})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
