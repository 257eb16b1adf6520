package easiness

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"shoal/contingency"
	"shoal/dynamics"
)

// With one class and two members the estimate is the plain tetrachoric correlation, but for the
// correction of thresholds that are estimates.
func TestCommonIsTheTetrachoric(t *testing.T) {
	w := latent()
	w.classes, w.refits, w.byClass = 1, 2, 0
	w.make(1)
	s := strataOf(w.labels)
	a, b := w.reference.Right[0], w.reference.Right[1]
	got := s.common(within(s.members(0, Family{Right: [][]bool{a, b}})), 2)
	table, err := contingency.CountRight(a, b)
	if err != nil {
		t.Fatal(err)
	}
	if want := table.Tetrachoric(); !(math.Abs(got.rho-want.Value) < 5e-4) || got.rho == want.Value {
		t.Errorf("correlation %v, the tetrachoric is %v", got.rho, want)
	}
}

// The influence of an example is what the estimate loses without it.
func TestInfluenceIsThatOfLeavingOneOut(t *testing.T) {
	w := latent()
	w.n, w.classes = 1500, 3
	w.make(2)
	full, influence := rhoOf(w.labels, w.reference.Right)
	for _, i := range []int{0, 5, 77, 400, 1499} {
		var right [][]bool
		for _, r := range w.reference.Right {
			right = append(right, slices.Delete(slices.Clone(r), i, i+1))
		}
		without, _ := rhoOf(slices.Delete(slices.Clone(w.labels), i, i+1), right)
		if got := full - without; !(math.Abs(got-influence[i]) < .1*math.Abs(influence[i])+2e-5) {
			t.Errorf("example %d: the estimate changes by %.6f without it, the influence is %.6f", i, got, influence[i])
		}
	}
}

// What the other members give without one is that of their own pairs, but for what one step of Newton's
// method leaves: a twentieth of the change.
func TestWithoutAMember(t *testing.T) {
	w := latent()
	w.refits, w.spread[0] = 5, .05
	w.make(3)
	s := strataOf(w.labels)
	c := s.common(within(s.members(0, w.reference)), 6)
	for id := range w.reference.Right {
		want, influence := rhoOf(w.labels, slices.Concat(w.reference.Right[:id], w.reference.Right[id+1:]))
		rho, own := c.without(id)
		if change := want - c.rho; !(math.Abs(rho-want) < .05*math.Abs(change)) {
			t.Errorf("without %d: %.5f, want %.5f; with it %.5f", id, rho, want, c.rho)
		}
		// They are taken at the correlation of all.
		if same := covariance(own, influence) / covariance(influence, influence); !(math.Abs(same-1) < .1) {
			t.Errorf("without %d: influences are %.3f of what they are at the root", id, same)
		}
	}
	if rho, _ := c.without(5); rho != c.rho {
		t.Errorf("without a model of no pair: %v, want %v", rho, c.rho)
	}
}

// By hand: rows 1, 2, 6 of one correlation and 0, 3, 3 of another differ from their means by -2, -1, 3
// and -2, 1, 1.
func TestScatterByHand(t *testing.T) {
	got := scatter([3][][]float64{{{1}, {2}, {6}}, {{0}, {3}, {3}}, {{5}, {5}, {5}}})
	for i, row := range (matrix{{28. / 3, 4, 0}, {4, 4, 0}, {0, 0, 0}}) {
		for j, want := range row {
			if !(math.Abs(got[i][j]-want) < 1e-12) {
				t.Errorf("scatter %v, want %v in row %d", got, row, i)
			}
		}
	}
}

func rhoOf(labels []uint16, right [][]bool) (float64, []float64) {
	s := strataOf(labels)
	c := s.common(within(s.members(0, Family{Right: right})), len(right))
	return c.rho, c.influence
}

// By hand: of a variance of .04 over examples .01 is chance in the answers of the seeds, which is among the .05
// over seeds.
func TestAroundByHand(t *testing.T) {
	x := &estimates{examples: matrix{{.04}}, few: []drawn{{whole: matrix{{.05}}, chance: matrix{{.01}}, freedom: 2}}}
	if got, want := x.around(7, [3]float64{1}), dynamics.Combined(7, .03, dynamics.Component{Variance: .05, Freedom: 2}); math.Abs(got.Hi-want.Hi) > 1e-12 || got.Value != 7 {
		t.Errorf("%v, want %v", got, want)
	}
	x.few[0].chance[0][0] = .06 // more than examples have: they have none for themselves
	if got, want := x.around(7, [3]float64{1}), dynamics.Combined(7, 0, dynamics.Component{Variance: .05, Freedom: 2}); math.Abs(got.Lo-want.Lo) > 1e-12 {
		t.Errorf("%v, want %v", got, want)
	}
}

// What can't be told says why, and gives no number.
func TestReasons(t *testing.T) {
	for what, c := range map[string]struct {
		change func(*world)
		want   string
		missed string
	}{
		"one refit":           {func(w *world) { w.refits = 1 }, "it takes 2 refits and 2 seeds", "it takes 2 refits and 3 seeds"},
		"one seed":            {func(w *world) { w.seeds = 1 }, "one seed: it takes 2 refits and 2 seeds", "one seed: it takes 2 refits and 3 seeds"},
		"two seeds":           {func(w *world) { w.seeds = 2 }, "", "two seeds are too few for an interval: it takes 2 refits and 3 seeds"},
		"no seed":             {func(w *world) { w.seeds = 0 }, "there are 4 and 0", "there are 4 and 0"},
		"no better":           {func(w *world) { w.d = .8 }, "", "no better than m"},
		"nearly always right": {func(w *world) { w.m, w.d = .9995, .9998 }, "to share", ""},
	} {
		w := latent()
		c.change(&w)
		s := w.compare(t, 1)
		if !has(s.Reason, c.want) || s.Ratio.Defined != (s.Reason == "" && w.seeds > 2) {
			t.Errorf("%s: reason %q, want %q; ratio %v", what, s.Reason, c.want, s.Ratio)
		}
		m := w.miss(t, 1)
		if !has(m.Reason, c.missed) || (m.Reason != "") == m.Difference.Defined {
			t.Errorf("%s: reason %q, want %q; difference %v", what, m.Reason, c.missed, m.Difference)
		}
	}
	w := latent()
	w.make(1)
	for _, l := range w.logs { // no evaluation near the reference's accuracy
		*l = dynamics.Log{Labels: l.Labels, Steps: []int{0, 2}, Epochs: []float64{0, 2}, Predictions: [][]uint16{l.Predictions[0], l.Predictions[2]}, Right: [][]bool{l.Right[0], l.Right[2]}}
	}
	if s, err := Compare(w.labels, w.reference, "d", w.logs); err != nil || !strings.HasPrefix(s.Reason, "d of run 1 is ") || !strings.Contains(s.Reason, "score more often") || s.Ratio.Defined {
		t.Errorf("%+v, %v: want a reason", s, err)
	}
	w.logs[0].Labels = slices.Clone(w.labels)
	w.logs[0].Labels[5] = (w.labels[5] + 1) % 10
	if _, err := Compare(w.labels, w.reference, "d", w.logs); err == nil {
		t.Error("a run of other examples is accepted")
	}
	if _, err := Miss(w.labels, Family{Name: "m", Right: [][]bool{{true}}}, "d", nil); err == nil {
		t.Error("a refit of other examples is accepted")
	}
}

// Of two seeds both are shown, and no interval, share or verdict of them together; of two refits the
// intervals don't cover other ones, and the answer says so.
func TestTwoOfAFamily(t *testing.T) {
	w := latent()
	w.seeds = 2
	s, m := w.compare(t, 1), w.miss(t, 1)
	both := s.BySeed
	if len(both) != 2 || s.Ratio.Defined || s.Between.Defined || s.NetworkVariance.Example.Defined || !s.WithinReference.Defined || !strings.Contains(s.Note, "two seeds: too few") {
		t.Fatalf("two seeds: %+v", s)
	}
	for _, one := range both {
		if !(one.Ratio.Lo < .714 && .714 < one.Ratio.Hi) || !one.ReferenceVariance.Family.Defined || !one.Between.Defined {
			t.Errorf("a seed: %+v", one)
		}
	}
	text := s.Sentence()
	for _, want := range []string{two(both[0].Ratio), two(both[1].Ratio), "two seeds are too few"} {
		if !strings.Contains(text, want) || strings.Contains(text, "easiness is") {
			t.Errorf("%q lacks %q, or has a verdict", text, want)
		}
	}
	if len(m.BySeed) != 2 || m.Difference.Defined || !strings.Contains(m.Sentence(), fmt.Sprintf("%.1f and %.1f: two seeds are too few", m.BySeed[0].ByNetwork, m.BySeed[1].ByNetwork)) {
		t.Errorf("%+v: %s", m, m.Sentence())
	}
	w = latent()
	w.refits = 2
	if s := w.compare(t, 1); !s.Ratio.Defined || !strings.Contains(s.Note, "two refits") || strings.Contains(s.Note, "seeds") {
		t.Errorf("two refits: %q, ratio %v", s.Note, s.Ratio)
	}
	if w = latent(); w.compare(t, 1).Note != "" {
		t.Error("four refits and three seeds have a note")
	}
}

// Three seeds of which the middle one alone varies where each of the others does have no agreement without it.
func TestNothingLeftWithoutASeed(t *testing.T) {
	w := latent()
	w.classes = 2
	w.make(1)
	deep := Family{Name: "d"}
	for k, l := range w.logs {
		right := slices.Clone(l.Correct(1))
		for i, y := range w.labels {
			right[i] = right[i] || k == 0 && y == 0 || k == 2 && y == 1
		}
		deep.Right = append(deep.Right, right)
	}
	var s Shared
	s.estimate(w.labels, w.reference, deep)
	if !strings.Contains(s.Reason, "too few examples") || s.Ratio.Defined || s.BySeed != nil {
		t.Errorf("%+v", s)
	}
}

// has reports whether text has a part, or is empty where none is wanted.
func has(text, part string) bool {
	if part == "" {
		return text == ""
	}
	return strings.Contains(text, part)
}

// A sentence says no more than its interval: one that has both answers within gives neither.
func TestSentences(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{
		{.9, 1.1, "nothing of it is told apart as the family's"},
		{-.1, .2, "nothing of it is told apart as the example's"},
		{.2, .8, "part of easiness is the example's, part the family's"},
		{1.1, 1.3, "doesn't explain"},
		{-.1, 1.1, "can't be told"},
	} {
		s := Shared{Seeds: 3, Compared: Compared{Ratio: dynamics.Estimate{Value: (c.lo + c.hi) / 2, Lo: c.lo, Hi: c.hi, Defined: true}}}
		if got := s.Sentence(); !strings.Contains(got, c.want) {
			t.Errorf("a ratio from %v to %v: %q, want %q", c.lo, c.hi, got, c.want)
		}
	}
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{{1, 5, "more than churn"}, {-5, -1, "fewer than churn"}, {-5, 90, "not told apart from churn"}} {
		m := Missed{Difference: dynamics.Estimate{Value: (c.lo + c.hi) / 2, Lo: c.lo, Hi: c.hi, Defined: true}}
		if got := m.Sentence(); !strings.Contains(got, c.want) {
			t.Errorf("a difference from %v to %v: %q, want %q", c.lo, c.hi, got, c.want)
		}
	}
}
