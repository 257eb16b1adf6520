package dynamics

import (
	"math"
	"testing"

	"shoal/contingency"
)

// ordered is a learner that has learned d = (step+1)/12 of the examples at each of 11 steps: a
// share lambda of the example's rank follows the reference (what it gets right comes first), the
// rest is at random. At lambda 1 it learns in the strict order of the reference, at 0 in an order
// of its own.
func ordered(w *world, ref Reference, lambda float64) *Log {
	n := len(w.labels)
	m := 0.0
	for i, p := range ref.Predictions {
		if p == w.labels[i] {
			m += 1 / float64(n)
		}
	}
	follows, own, within := make([]bool, n), make([]float64, n), make([]float64, n)
	for i := range n {
		follows[i], own[i] = w.r.Float64() < lambda, w.r.Float64()
		// Ranks in [0, m) for what the reference gets right, in [m, 1) for the rest.
		if ref.Predictions[i] == w.labels[i] {
			within[i] = m * own[i]
		} else {
			within[i] = m + (1-m)*own[i]
		}
	}
	l := &Log{Labels: w.labels}
	for s := range 11 {
		d := float64(s+1) / 12
		l.Steps, l.Epochs = append(l.Steps, s), append(l.Epochs, float64(s)/10)
		l.Predictions = append(l.Predictions, w.answers(func(i int) bool {
			if follows[i] {
				return within[i] < d
			}
			return own[i] < d
		}))
	}
	return l
}

// Nestedness is the share of a learner's order that is the reference's: it must come out as the
// lambda that was put in, at every accuracy, and R± must follow from it and the margins: R+ = d +
// lambda·(min(m, d) - m·d)/m.
func TestNestednessOfAKnownOrder(t *testing.T) {
	const n, m = 40000, .6
	for _, lambda := range []float64{0, .25, .5, 1} {
		w := newWorld(3, n, 1)
		ref := w.reference(m)
		c, err := Curves(ordered(w, ref, lambda), ref)
		if err != nil || len(c.Points) != 11 {
			t.Fatalf("%+v, %v, want 11 points", c, err)
		}
		for _, p := range c.Points {
			near(t, "nestedness", p.Nestedness().Value, lambda, .03)
			d, shallow := p.DeepAccuracy().Value, p.ShallowAccuracy().Value
			both := shallow*d + lambda*(math.Min(shallow, d)-shallow*d)
			near(t, "R+", p.RPlus().Value, both/shallow, .015)
			near(t, "R-", p.RMinus().Value, (d-both)/(1-shallow), .015)
		}
	}
}

// leastNested is the table with the margins of x in which Both is as small as it can be.
func leastNested(x contingency.Table) contingency.Table {
	s, d := x.ShallowRight(), x.DeepRight()
	both := max(0, s+d-x.N())
	return contingency.Table{Both: both, ShallowOnly: s - both, DeepOnly: d - both, Neither: x.N() - s - d + both}
}

// The strict order is the most nested table that there is, the reverse the least; R± is then the
// largest and the smallest that the margins allow.
func TestStrictOrdersAreTheBounds(t *testing.T) {
	w := newWorld(5, 3000, 1)
	ref := w.reference(.6)
	forward := ordered(w, ref, 1)
	inverse := Reference{Name: "inverse", Predictions: w.answers(func(i int) bool { return ref.Predictions[i] != w.labels[i] })}
	for name, of := range map[string]struct {
		l    *Log
		want func(contingency.Table) contingency.Table
	}{
		"forward": {forward, contingency.Table.MostNested}, "reverse": {ordered(w, inverse, 1), leastNested},
	} {
		c, err := Curves(of.l, ref)
		if err != nil || len(c.Points) != 11 {
			t.Fatalf("%+v, %v, want 11 points", c, err)
		}
		for _, p := range c.Points {
			if p.Table != of.want(p.Table) {
				t.Errorf("%s, step %d: %+v, want %+v", name, p.Step, p.Table, of.want(p.Table))
			}
			most := p.AttainableMax()
			if r := p.Ratio(); name == "forward" && (r.Infinite != most.Infinite || r.Defined && math.Abs(r.Value-most.Value) > 1e-12) {
				t.Errorf("forward, step %d: R± %v, want the attainable %v", p.Step, r, most)
			}
		}
	}
}
