package dynamics

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"shoal/dynamics/internal/worlds"
	"shoal/dynamics/regime"
)

// One seed, or no control, says no more than that there is a change; each condition alone can refuse.
func TestShallowFirstNeedsAll(t *testing.T) {
	w := worlds.Setting{Two: true, Noise: [2]float64{.5, .3}, Shape: "normal", Classes: 10, M: .41, Evaluations: 86}.Make(1)
	l, ref := logOfWorld(w)
	own, err := l.Learning()
	if err != nil {
		t.Fatal(err)
	}
	judge := func(name string, r Reference) *Judgement {
		r.Name = name
		c, err := Curves(l, r)
		if err != nil {
			t.Fatal(err)
		}
		j := &Judgement{Reference: name, Final: c.Last().Table}
		j.Association, j.Regime = JudgeRegime(l, own, r)
		return j
	}
	answers := func(right []bool) Reference {
		_, r := logOfWorld(worlds.World{Labels: w.Labels, Right: right})
		return r
	}
	m, starved := judge("m", ref), judge("starved-m", answers(w.Starved(1, .41)))
	deep := w.Again(1)
	same := regime.Learned(w.Labels, len(deep), func(t int) []bool { return deep[t] })
	chance := *same // the order after the change, turned round among its examples
	chance.BySpeed = slices.Clone(same.BySpeed)
	var after []int
	for i, a := range own.BySpeed {
		if a > *m.Regime.Share {
			after = append(after, i)
		}
	}
	for k, i := range after {
		chance.BySpeed[i] = same.BySpeed[after[(k+len(after)/2)%len(after)]]
	}
	before := *m // what is said in one company after the other is what is said in the last one alone
	for _, c := range []struct {
		others  []*regime.Learning
		control *Judgement
		want    string // of shallow_first
		reason  string
	}{
		{nil, starved, "null", "m stops predicting the order of learning at 47 % of the examples [41 %, 50 %]"},
		{[]*regime.Learning{same}, nil, "null", "m stops predicting the order of learning at 47 % of the examples [41 %, 50 %]"},
		{[]*regime.Learning{same}, starved, "true", "shallow first: m stops"},
		{[]*regime.Learning{&chance}, starved, "false", "after that the order of learning is chance"},
		{[]*regime.Learning{same}, judge("starved-m", ref), "false", "but so does an equally accurate network"},
		{[]*regime.Learning{same}, judge("starved-m", answers(w.Starved(1, .5))), "null", "accuracy of 49.99 % isn't m's 40.99 %"},
		{[]*regime.Learning{same}, judge("starved-m", answers(w.Deep[0])), "null", "can't be told"},
	} {
		one := *m
		judged := []*Judgement{&one}
		if c.control != nil {
			judged = append(judged, c.control)
		}
		InCompany(own, c.others, judged)
		text, _ := json.Marshal(one.Regime.ShallowFirst)
		if r := one.Regime; string(text) != c.want || !strings.Contains(r.Reason, c.reason) || r.Seeds != 1+len(c.others) ||
			strings.HasPrefix(c.reason, "m stops") && r.Reason != c.reason {
			t.Errorf("want %s and %q, got %s and %q", c.want, c.reason, text, r.Reason)
		}
		judged[0] = &before
		InCompany(own, c.others, judged)
		if again, _ := json.Marshal(before.Regime.ShallowFirst); string(again) != c.want || before.Regime.Reason != one.Regime.Reason {
			t.Errorf("after other company: %s and %q, want %s and %q", again, before.Regime.Reason, c.want, one.Regime.Reason)
		}
	}
}

// An order that leaves a class out says nothing of it: its never learned alone would make an agreement of
// their own.
func TestAgreeOnOrderWithoutAClass(t *testing.T) {
	const n, T = 200, 40
	labels := make([]uint16, n)
	for i := range 90 {
		labels[i] = 1
	}
	learn := func(at func(i int) int) *regime.Learning {
		return regime.Learned(labels, T, func(k int) []bool {
			right := make([]bool, n)
			for i := range right {
				right[i] = at(i) <= k || at(i) < T && (i+k)%2 == 0 || (i+k)%3 == 0 // a guess
			}
			return right
		})
	}
	order := func(i int) int { return 8 + i*29%31 }
	own, same := learn(order), learn(order)
	other := learn(func(i int) int {
		switch {
		case labels[i] == 1:
			return order(i)
		case order(i) < 25: // at one time
			return 4
		}
		return 100
	})
	if !other.WithinClasses || !other.LeftOut(n-1) || other.LeftOut(0) || own.LeftOut(n-1) {
		t.Fatal("the other order doesn't leave out the one class alone")
	}
	if whole, part := AgreeOnOrder(own, same), AgreeOnOrder(own, other); whole.Value < .999 || part.Value < .98 {
		t.Errorf("they agree by %v and %v, want about 1: what they say of the other class is nearly the same", whole, part)
	}
}
