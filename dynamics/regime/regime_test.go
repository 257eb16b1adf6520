package regime

import (
	"math"
	"testing"
)

// exact is a log whose order is exact: example i is learned at evaluation i/10 of 100, the last 100
// never; two classes in turn; the reference from a formula.
func exact() (labels []uint16, deep [][]bool, right []bool) {
	const n, T = 1000, 100
	right = make([]bool, n)
	for i := range n {
		labels = append(labels, uint16(i%2))
		at := .25
		if i < 450 {
			at = .9 - .5*float64(i)/450
		}
		right[i] = float64(i*7919%1000)/1000 < at
	}
	for t := range T {
		now := make([]bool, n)
		for i := range now {
			now[i] = t >= i/10 && i < 900
		}
		deep = append(deep, now)
	}
	return labels, deep, right
}

// The golden numbers are of a prototype in numpy, which the definitions were fixed with.
func TestGolden(t *testing.T) {
	labels, deep, right := exact()
	learned := Learned(labels, len(deep), func(t int) []bool { return deep[t] })
	if learned.From != 54 {
		t.Errorf("learning starts at evaluation %d, want 54", learned.From)
	}
	// The golden fit is of the whole log, from its first evaluation on.
	whole := &Learning{}
	n := len(labels)
	early, never := make([]int, n), func(i int) bool { return i >= 900 }
	for i := range early {
		if early[i] = -(i / 10); never(i) {
			early[i] = -100
		}
	}
	order := whole.shares(labels, early, never)
	for i, want := range map[int]float64{0: .005, 10: .015, 899: .895} {
		if math.Abs(order[i]-want) > 1e-12 {
			t.Errorf("example %d is learned at share %v, want %v", i, order[i], want)
		}
	}
	if !math.IsNaN(order[900]) {
		t.Errorf("an example that is never learned has share %v", order[900])
	}
	f := order.Against(labels, right)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"slope", f.Slope, .727448}, {"its error", f.SlopeSE, .058639}, {"tie", f.Tie, .01}, {"tried", float64(f.Tried), 32},
		{"LR", f.LR, 19.282235}, {"share", f.Share, .4716}, {"lo", f.Lo, .39505}, {"hi", f.Hi, .48715},
		{"before", f.Before, .832323}, {"its error", f.BeforeSE, .123483}, {"after", f.After, -.01175}, {"its error", f.AfterSE, .17646},
		{"jump", f.Jump, -.453641}, {"drop", f.Drop, .391984}, {"its error", f.DropSE, .030359}, {"up to", f.UpTo, .2947},
	} {
		if math.Abs(c.got-c.want) > 1e-6 {
			t.Errorf("%s is %.6f, want %.6f", c.name, c.got, c.want)
		}
	}
	if f.Answer() != Found {
		t.Errorf("the answer is %v, want found", f.Answer())
	}
}

// A reference of which nothing varies within a class, and an order of one level, have no slope, and not
// one of about 0.
func TestNothingToFit(t *testing.T) {
	labels, deep, some := exact()
	n := len(labels)
	all, none, byClass := make([]bool, n), make([]bool, n), make([]bool, n)
	for i := range all {
		all[i], byClass[i] = true, labels[i] == 0
	}
	for name, c := range map[string]struct {
		evaluations int
		right       []bool
	}{"all right": {100, all}, "all wrong": {100, none}, "one class right": {100, byClass}, "one evaluation": {1, some}} {
		deep := deep[len(deep)-c.evaluations:]
		f := Learned(labels, len(deep), func(t int) []bool { return deep[t] }).BySpeed.Against(labels, c.right)
		if !math.IsNaN(f.Slope) || !math.IsNaN(f.SlopeSE) || f.Answer() != CannotTell {
			t.Errorf("%s: slope %v ± %v, answer %v", name, f.Slope, f.SlopeSE, f.Answer())
		}
	}
}

// A side of the break that is of one level has no slope.
func TestSideOfOneLevel(t *testing.T) {
	var o Order
	var labels []uint16
	var right []bool
	for i := range 1000 {
		level, r := .1, i%10 != 0 // the first fifth is learned at one time
		if i >= 200 {
			level, r = .2+.8*float64(i-200)/800, i%3 == 0
		}
		o, labels, right = append(o, level), append(labels, 0), append(right, r)
	}
	f := o.Against(labels, right)
	if !(f.LR > 100 && f.Share < .25) {
		t.Fatalf("the break is at %v (LR %v)", f.Share, f.LR)
	}
	if !math.IsNaN(f.Before) || !math.IsNaN(f.Jump) || math.IsNaN(f.After) || f.Answer() != Found {
		t.Errorf("slopes %v ± %v and %v ± %v, jump %v, answer %v", f.Before, f.BeforeSE, f.After, f.AfterSE, f.Jump, f.Answer())
	}
}
