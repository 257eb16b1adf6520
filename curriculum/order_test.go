package curriculum

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestPlans(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	labels, predicted := make([]uint16, 500), make([]uint16, 500)
	for i := range labels {
		labels[i], predicted[i] = uint16(r.IntN(10)), uint16(r.IntN(3))
	}
	p, err := Cut(labels, predicted)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]int, p.Examples)
	for i := range all {
		all[i] = i
	}
	for _, c := range []struct {
		order       Order
		passes      int
		first, then []int
	}{
		{EasyFirst, 2, p.Easy, all}, {HardFirst, 1, p.Hard, all},
		{EasyOnly, 0, nil, p.Easy}, {HardOnly, 0, nil, p.Hard}, {Random, 0, nil, all},
	} {
		got, err := p.Plan(c.order, c.passes, 3)
		if err != nil || !slices.Equal(got.First, c.first) || !slices.Equal(got.Then, c.then) || got.Passes != c.passes {
			t.Errorf("%s: %d and %d examples in %d passes, %v", c.order, len(got.First), len(got.Then), got.Passes, err)
		}
		if _, err := p.Plan(c.order, 1-min(c.passes, 1), 3); err == nil {
			t.Errorf("%s: took a number of passes that means nothing", c.order)
		}
	}
	for order, size := range map[Order]int{RandomAsEasy: len(p.Easy), RandomAsHard: len(p.Hard)} {
		got, err := p.Plan(order, 0, 3)
		if err != nil || len(got.Then) != size || !slices.IsSorted(got.Then) || len(slices.Compact(slices.Clone(got.Then))) != size {
			t.Fatalf("%s: %d examples, %v, want %d different ones", order, len(got.Then), err, size)
		}
		again, _ := p.Plan(order, 0, 3)
		other, _ := p.Plan(order, 0, 4)
		if !slices.Equal(got.Then, again.Then) || slices.Equal(got.Then, other.Then) {
			t.Errorf("%s: the seed does not decide the draw", order)
		}
	}
	if _, err := p.Plan("sideways", 0, 1); err == nil {
		t.Error("an unknown order was followed")
	}
	allEasy, _ := Cut([]uint16{1}, []uint16{1})
	for _, o := range []Order{HardOnly, HardFirst, RandomAsHard} {
		passes := 0
		if o.HasFirst() {
			passes = 1
		}
		if _, err := allEasy.Plan(o, passes, 1); err == nil {
			t.Errorf("%s: nothing to train on, and no error", o)
		}
	}
}

// Every example is as likely to be drawn.
func TestDrawIsUniform(t *testing.T) {
	const n, size, rounds = 8, 3, 4000
	var count [n]int
	for seed := range uint64(rounds) {
		for _, i := range draw([]int{0, 1, 2, 3, 4, 5, 6, 7}, size, seed) {
			count[i]++
		}
	}
	chi := 0.0
	for _, c := range count {
		d := float64(c) - rounds*size/n
		chi += d * d / (rounds * size / n)
	}
	if !(chi < 24.3) { // the 99.9 % quantile for 7 degrees of freedom
		t.Errorf("how often each example was drawn: %v, chi-squared %.1f", count, chi)
	}
}

// A control is random, its own control, and visits as many examples.
func TestControls(t *testing.T) {
	p := sample(t)
	if len(p.Easy) == len(p.Hard) {
		t.Fatal("parts of equal size can't tell controls apart")
	}
	for _, o := range Orders() {
		c := o.Control()
		if c.Control() != c || !strings.HasPrefix(string(c), "random") {
			t.Errorf("%s: control %s", o, c)
		}
		passes := 0
		if o.HasFirst() {
			passes = 1
		}
		plan, err := p.Plan(o, passes, 1)
		control, errControl := p.Plan(c, 0, 1)
		if err != nil || errControl != nil || len(plan.Then) != len(control.Then) {
			t.Errorf("%s visits %d examples (%v), its control %s %d (%v): want as many", o, len(plan.Then), err, c, len(control.Then), errControl)
		}
	}
}

func TestOrderChecks(t *testing.T) {
	for _, c := range []struct {
		order  Order
		passes int
		want   string
	}{
		{"best", 0, `unknown order "best": want one of easy-first, `},
		{"", 0, `unknown order ""`},
		{EasyFirst, 0, `order "easy-first" with 0 passes: want 1 or more`},
		{HardFirst, -1, `order "hard-first" with -1 passes: want 1 or more`},
		{Random, 1, `1 passes mean nothing to order "random": they are for easy-first and hard-first`},
		{EasyOnly, -1, "-1 passes mean nothing"},
	} {
		if err := c.order.Check(c.passes); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("order %q with %d passes: got error %v, want %s", c.order, c.passes, err, c.want)
		}
	}
}
