package contingency

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The golden numbers were computed twice, independently of this code.
func TestAssociationGolden(t *testing.T) {
	for _, c := range []struct {
		table                Table
		value, se, correlate float64
	}{
		{Table{4000, 1000, 1500, 3500}, 2.23303, .04692, .71273},
		{Table{4700, 300, 4500, 500}, .55364, .07590, .16941},
		{Table{1000, 4000, 200, 4800}, 1.78974, .08028, .51355},
	} {
		x, r := c.table.LogOddsRatio(), c.table.Tetrachoric()
		if math.Abs(x.Value-c.value) > 1e-5 || math.Abs(x.SE-c.se) > 1e-5 || math.Abs(r.Value-c.correlate) > 1e-5 {
			t.Errorf("%+v: ln OR %.6f ± %.6f, tetrachoric %.6f, want %v, %v, %v", c.table, x.Value, x.SE, r.Value, c.value, c.se, c.correlate)
		}
		if !(x.Lo < x.Value && x.Value < x.Hi) {
			t.Errorf("%+v: interval [%v, %v]", c.table, x.Lo, x.Hi)
		}
	}
}

func TestAssociationAtTheEdges(t *testing.T) {
	for _, none := range []Table{{}, {Both: 5, ShallowOnly: 5}, {Both: 5, DeepOnly: 5}, {DeepOnly: 5, Neither: 5}, {ShallowOnly: 5, Neither: 5}, {Both: 10}} {
		if none.LogOddsRatio().Defined || none.Tetrachoric().Defined {
			t.Errorf("%+v has an association", none)
		}
	}
	for table, want := range map[Table]float64{
		{Both: 5, DeepOnly: 2, Neither: 5}: 1, {Both: 5, ShallowOnly: 2, Neither: 5}: 1, {ShallowOnly: 5, DeepOnly: 5, Neither: 2}: -1, {Both: 2, ShallowOnly: 5, DeepOnly: 5}: -1,
		{Both: 1, ShallowOnly: 1, DeepOnly: 1, Neither: 1}: 0, {Both: 10, ShallowOnly: 30, DeepOnly: 20, Neither: 60}: 0,
	} {
		if r := table.Tetrachoric(); !r.Defined || math.Abs(r.Value-want) > 1e-12 {
			t.Errorf("%+v: tetrachoric %+v, want %v", table, r, want)
		}
		if x := table.LogOddsRatio(); !x.Defined || math.IsNaN(x.Value) || math.IsInf(x.Value, 0) {
			t.Errorf("%+v: ln OR %+v", table, x)
		}
	}
	for p, q := range map[float64]float64{.99: .0001, .5: .5} { // far out, and where both thresholds are 0
		h, k := NormalQuantile(p), NormalQuantile(q)
		if got := Normal(h)*Normal(k) + excess(h, k, math.Pi/2-1e-9); math.Abs(got-math.Min(p, q)) > 1e-5 {
			t.Errorf("P(both) at correlation 1 is %v, want %v", got, math.Min(p, q))
		}
	}
}

// One stratum gives the table's own odds ratio; where all strata have one odds ratio the common one
// is that, whatever the accuracies of the strata.
func TestCommonOddsRatio(t *testing.T) {
	one := CommonOddsRatio([]Table{{}, {4000, 1000, 1500, 3500}})
	if want := math.Log(4000. * 3500 / (1000 * 1500)); math.Abs(one.Value-want) > 1e-12 || math.Abs(one.SE-math.Sqrt(1./4000+1./1000+1./1500+1./3500)) > 1e-12 {
		t.Errorf("one stratum: %+v, want %v and Woolf's error", one, want)
	}
	// Several strata of unlike odds ratios, computed apart from this code in exact fractions.
	unlike := []Table{{4000, 1000, 1500, 3500}, {4700, 300, 4500, 500}, {1000, 4000, 200, 4800}, {7, 3, 2, 8}}
	for _, c := range []struct {
		strata    []Table
		value, se float64
	}{{unlike, 1.7574141592, .0353482634}, {unlike[:3], 1.7569127379, .0353679570}, {unlike[1:], 1.2041585743, .0533893972}} {
		if x := CommonOddsRatio(c.strata); !(math.Abs(x.Value-c.value) < 1e-9) || !(math.Abs(x.SE-c.se) < 1e-9) {
			t.Errorf("%v: %.10f ± %.10f, want %.10f ± %.10f", c.strata, x.Value, x.SE, c.value, c.se)
		}
	}
	if CommonOddsRatio(nil).Defined || CommonOddsRatio([]Table{{Both: 3, DeepOnly: 2}}).Defined {
		t.Error("nothing has an odds ratio")
	}
	// The interval covers the truth: 400 draws of ten classes of different accuracies, odds ratio 3.
	rng := rand.New(rand.NewPCG(7, 8))
	covered, draws := 0, 400
	for range draws {
		var strata []Table
		for c := range 10 {
			m, base := .2+.06*float64(c), .1+.05*float64(c)
			var s Table
			for range 100 {
				shallow := rng.Float64() < m
				odds := base / (1 - base)
				if shallow {
					odds *= 3
				}
				deep := rng.Float64() < odds/(1+odds)
				s.Add(shallow, deep)
			}
			strata = append(strata, s)
		}
		if x := CommonOddsRatio(strata); x.Lo <= math.Log(3) && math.Log(3) <= x.Hi {
			covered++
		}
	}
	if share := float64(covered) / float64(draws); share < .92 || share > .98 {
		t.Errorf("the interval covers the truth in %.3f of the draws, want about .95", share)
	}
}
