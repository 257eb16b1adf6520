package groups

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"shoal/contingency"
	"shoal/dynamics"
	"shoal/internal/simdraws"
)

// world is a training of which a planted group, one example in twenty of any class, is learned later by
// a factor, and a reference that has nothing to do with the group.
func world(seed uint64, n int, later float64) (*dynamics.Log, []dynamics.Reference, Attribute) {
	rng := rand.New(rand.NewPCG(seed, 5))
	l := &dynamics.Log{}
	planted := Attribute{Name: "planted", Groups: []string{"most", "rare"}, Of: make([]int, n)}
	at, reference := make([]float64, n), make([]uint16, n)
	for i := range n {
		label := uint16(rng.IntN(4))
		hard := rng.NormFloat64() + .5*float64(label) // classes differ
		at[i] = math.Exp(1.2 * hard)
		if rng.IntN(20) == 0 {
			planted.Of[i] = 1
			at[i] *= later
		}
		l.Labels = append(l.Labels, label)
		if reference[i] = label; hard+rng.NormFloat64() > 1.5 {
			reference[i] = (label + 1) % 4
		}
	}
	for step := 0; step <= 64; step = max(1, 2*step) {
		row := make([]uint16, n)
		for i := range row {
			if row[i] = (l.Labels[i] + 1) % 4; float64(step)*math.Exp(.3*rng.NormFloat64()) > at[i] {
				row[i] = l.Labels[i]
			}
		}
		l.Append(step, math.NaN(), row, nil)
	}
	return l, []dynamics.Reference{{Name: "m", Predictions: reference}}, planted
}

// random is an attribute of groups that mean nothing, of different sizes.
func random(rng *rand.Rand, n, groups int) Attribute {
	a := Attribute{Name: "random", Of: make([]int, n)}
	for g := range groups {
		a.Groups = append(a.Groups, fmt.Sprint(g))
	}
	for i := range a.Of {
		a.Of[i] = int(float64(groups) * rng.Float64() * rng.Float64())
	}
	return a
}

func compare(t *testing.T, l *dynamics.Log, refs []dynamics.Reference, attributes ...Attribute) *Comparison {
	t.Helper()
	c, err := Compare(l, refs, attributes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A group that the network leaves behind is found, among twenty others, with an interval that has the
// true ratio; the reference, which knows nothing of it, isn't blamed. The rates are those of many
// trainings.
func TestPlantedGroupIsFound(t *testing.T) {
	n := simdraws.Of(t, 20)
	large, refs, planted := world(0, 100_000, 4)
	truth := compare(t, large, refs, planted).Groups[1].Early.Ratio.Value
	found, covered, blamed := 0, 0, 0
	for d := range n {
		seed := simdraws.Seed(t, d)
		l, refs, planted := world(seed, 2000, 4)
		c := compare(t, l, refs, planted, random(rand.New(rand.NewPCG(seed-1, 9)), 2000, 20))
		g := c.Groups[1]
		if g.Name != "rare" || g.N < 50 {
			t.Fatalf("the planted group is %+v", g)
		}
		if g.Early.Verdict == More && g.Early.Ratio.Lo > 1 {
			found++
		}
		if g.Early.Ratio.Lo <= truth && truth <= g.Early.Ratio.Hi {
			covered++
		}
		if g.References[0].Verdict != Same {
			blamed++
		}
		if !(g.Later.Lo > .5) || g.MedianStep != nil && *g.MedianStep <= *c.Groups[0].MedianStep {
			t.Errorf("seed %d: learned later %v, median steps %v and %v", seed, g.Later, g.MedianStep, c.Groups[0].MedianStep)
		}
	}
	t.Logf("of %d trainings: found in %d, true ratio %.2f in the interval in %d, the reference blamed in %d", n, found, truth, covered, blamed)
	if found < n*95/100 || covered < n*95/100 || blamed > n/20+1 {
		t.Error("want found and covered in 95 % or more, the reference blamed in hardly any")
	}
}

// In a table of twenty groups that mean nothing, something stands out in at most one in twenty, although
// classes differ; without the correction something would nearly always. So it is for groups within
// classes, and for groups that are sets of classes where classes don't differ.
func TestRandomGroupsAreNotFound(t *testing.T) {
	n := simdraws.Of(t, 120)
	falsely, uncorrected := 0, 0
	for d := range n {
		seed := simdraws.Seed(t, d)
		l, refs, _ := world(seed+999, 500, 1)
		c := compare(t, l, refs, random(rand.New(rand.NewPCG(seed-1, 9)), 500, 20))
		any, anyAlone := false, false
		for _, e := range c.tests() {
			any, anyAlone = any || e.Verdict != Same, anyAlone || e.P < .05
		}
		if any {
			falsely++
		}
		if anyAlone {
			uncorrected++
		}
	}
	t.Logf("of %d trainings: something stands out in %d, without the correction in %d", n, falsely, uncorrected)
	// 5 % and three standard errors
	if most := .05*float64(n) + 3*math.Sqrt(.05*.95*float64(n)); float64(falsely) > most {
		t.Errorf("something stands out in %d of %d, want at most %.0f", falsely, n, most)
	}
	if uncorrected < n/4 {
		t.Errorf("without the correction something stands out in %d of %d only: the simulation shows nothing", uncorrected, n)
	}
}

// The p-value is Fisher's, doubled, in one class; in several it is that of a sum, which is counted here
// by drawing the groups.
func TestPValues(t *testing.T) {
	one := contingency.Table{Both: 8, ShallowOnly: 2, DeepOnly: 1, Neither: 5} // P(8 or more) is (45·6 + 10) / 11440
	if p := pValue([]contingency.Table{one}); !(math.Abs(p-2*280/11440.) < 1e-12) {
		t.Errorf("p is %v", p)
	}
	two := []contingency.Table{{Both: 6, ShallowOnly: 4, DeepOnly: 5, Neither: 15}, {Both: 3, ShallowOnly: 9, DeepOnly: 2, Neither: 16}}
	rng := rand.New(rand.NewPCG(1, 1))
	below, above := 0, 0
	const times = 40_000
	for range times {
		sum := 0
		for _, s := range two {
			wrong := make([]bool, s.N())
			for k := range s.DeepRight() {
				wrong[k] = true
			}
			rng.Shuffle(len(wrong), func(a, b int) { wrong[a], wrong[b] = wrong[b], wrong[a] })
			for _, w := range wrong[:s.ShallowRight()] {
				if w {
					sum++
				}
			}
		}
		if sum <= 9 {
			below++
		}
		if sum >= 9 {
			above++
		}
	}
	want := 2 * float64(min(below, above)) / times
	if p := pValue(two); math.Abs(p-want) > .01 {
		t.Errorf("p is %v, drawing gives %v", p, want)
	}
	large := []contingency.Table{{Both: 2100, ShallowOnly: 3900, DeepOnly: 10_000, Neither: 20_000}}
	exact := func() float64 { // what the bound leaves to the normal distribution
		sum, at := hypergeometric(large[0]), 0.0
		lo, _ := rangeOf(large[0])
		for k := large[0].Both - lo; k < len(sum); k++ {
			at += sum[k]
		}
		return 2 * at
	}()
	many := slices.Repeat([]contingency.Table{{}}, 1) // no examples: nothing
	if p := pValue(append(many, large...)); math.Abs(p/exact-1) > .03 {
		t.Errorf("p of large counts is %v, exactly %v", p, exact)
	}
	if p := pValue([]contingency.Table{{Both: 3, ShallowOnly: 2}}); p != 1 {
		t.Errorf("p of a class that is all in the group is %v", p)
	}
}

// Groups that are whole classes are compared with all others, and say so; examples without a value
// count nowhere; a group without errors, and an empty one, make no numbers that aren't.
func TestOddGroups(t *testing.T) {
	l, refs, _ := world(3, 400, 1)
	byClass := Attribute{Name: "class", Groups: []string{"a", "b"}, Of: make([]int, 400)}
	some := Attribute{Name: "some", Groups: []string{"x", "y", "empty"}, Of: make([]int, 400)}
	easy := Attribute{Name: "easy", Groups: []string{"right", "other"}, Of: make([]int, 400)}
	for i, label := range l.Labels {
		byClass.Of[i] = int(label) / 2
		some.Of[i] = i%3 - 1
		if !l.Correct(len(l.Steps) - 1)[i] {
			easy.Of[i] = 1
		}
	}
	c := compare(t, l, refs, byClass, some, easy)
	if c.Groups[0].Early.Within || !c.Groups[2].Early.Within {
		t.Error("what is compared within classes is not what can be")
	}
	if n := c.Groups[2].N + c.Groups[3].N; n != 400*2/3 && n != 400*2/3+1 || c.Groups[4].N != 0 || c.Groups[4].Early.Verdict != Same {
		t.Errorf("groups of %d, %d and %d examples", c.Groups[2].N, c.Groups[3].N, c.Groups[4].N)
	}
	if e := c.Groups[5].End; e.Wrong != 0 || e.Ratio.Defined || e.Verdict != Fewer {
		t.Errorf("a group without errors: %+v", e)
	}
	tables := Tables(l, refs[0], some)
	if last := tables[len(tables)-1]; last[0] != c.Groups[2].Tables[0] || last[2].N() != 0 {
		t.Errorf("tables %v, want %v", last, c.Groups[2].Tables)
	}
	for what, a := range map[string]Attribute{
		"no name": {Groups: some.Groups, Of: some.Of}, "one group": {Name: "a", Groups: []string{"x"}, Of: make([]int, 400)},
		"too few": {Name: "a", Groups: some.Groups, Of: some.Of[1:]}, "no such group": {Name: "a", Groups: some.Groups, Of: slices.Repeat([]int{3}, 400)},
	} {
		if _, err := Compare(l, refs, []Attribute{a}); err == nil {
			t.Errorf("an attribute with %s is compared", what)
		}
	}
}
