package sweep

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"shoal/contingency"
	"shoal/dynamics"
)

// numberOf is the ratio of runs with these tables.
func numberOf(tables ...contingency.Table) Number {
	g := &group{}
	x := &resampled{tables: map[cell]contingency.Table{}, values: map[cell][][]float64{}}
	for _, t := range tables {
		run := &outcome{}
		g.runs = append(g.runs, run)
		x.tables[cell{run, "m"}], x.values[cell{run, "m"}] = t, [][]float64{{0, 0}}
	}
	return x.number(g, "m", 0, statisticNamed("ratio"))
}

// The numbers have a ratio of 0, and say of an infinite one why there is no mean: it can't be written, as an
// undefined one.
func TestValuesWithoutLogarithms(t *testing.T) {
	usual := contingency.Table{Both: 40, ShallowOnly: 10, DeepOnly: 15, Neither: 35}
	infinite := contingency.Table{Both: 7, ShallowOnly: 34, Neither: 1}
	zero := contingency.Table{ShallowOnly: 20, DeepOnly: 5, Neither: 20}
	text, err := json.Marshal(numberOf(usual, zero, infinite))
	must(t, err)
	if want := `"values":[2.6666666666666665,0,null],"mean":null,`; !strings.Contains(string(text), want) || !strings.Contains(string(text), `"no_mean":"no mean: of 3 seeds infinite in 1 and 0 in 1"`) {
		t.Errorf("got %s", text)
	}
	if n := numberOf(infinite); n.NoMean != "" {
		t.Errorf("of one run: %q", n.NoMean)
	}
}

// A ratio without an interval says why, as on the run's own page.
func TestNumberText(t *testing.T) {
	usual := contingency.Table{Both: 40, ShallowOnly: 10, DeepOnly: 15, Neither: 35}
	infinite := contingency.Table{Both: 7, ShallowOnly: 34, Neither: 1}
	zero := contingency.Table{ShallowOnly: 20, DeepOnly: 5, Neither: 20}
	never := contingency.Table{Both: 30}
	for want, n := range map[string]Number{
		"2.67 [1.71, 4.16]":                 numberOf(usual),
		"∞ [at least 0.09]":                 numberOf(infinite),
		"0 [at most 1.90]":                  numberOf(zero),
		"undefined":                         numberOf(never),
		"2.67 and ∞":                        numberOf(usual, infinite),
		"0.00 and undefined":                numberOf(zero, never),
		"no mean: of 3 seeds infinite in 1": numberOf(usual, infinite, usual),
		"no mean: of 4 seeds infinite in 1, 0 in 1 and undefined in 2": numberOf(never, infinite, zero, never),
	} {
		if got := numberText(n); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	shares := Number{statistic: statisticNamed("accuracy"), Values: []dynamics.NullFloat{.5, .75}}
	if got := numberText(shares); got != "50.00 and 75.00\u00a0%" {
		t.Errorf("two seeds: %q", got)
	}
	a := &against{}
	a.curves.Steps = []int{5}
	a.curves.Cells = [4][]int{{7}, {34}, {0}, {1}}
	if got := a.cells(); got[0] != "undefined" || got[1] != "∞ [at least 0.09]" || got[2] != "34" {
		t.Errorf("the table of runs says %q", got)
	}
}

// What couldn't be compared has no p, on the page either.
func TestComparisonThatCannotBeTold(t *testing.T) {
	c := Comparison{Statistic: "log_odds_ratio", P: dynamics.NullFloat(math.NaN()), Corrected: dynamics.NullFloat(math.NaN())}
	if got := (&Family{}).comparedViewOf(c); got.Difference != "cannot be told" || got.P != "" {
		t.Errorf("%+v", got)
	}
}

// A difference that is rounded to nothing has no sign.
func TestDifferenceText(t *testing.T) {
	c := Comparison{Statistic: "accuracy", Difference: dynamics.Estimate{Value: -.00001, Lo: -.02, Hi: .00001, Defined: true}, Verdict: NotToldApart}
	if got := differenceText(c); got != "0.00 [−2.00, 0.00] ~" {
		t.Errorf("%q", got)
	}
}

func TestTitled(t *testing.T) {
	for want, title := range map[string]string{"MNIST, 1,000 examples": "MNIST", "1,000 examples": ""} {
		if got := titled(title, 1000); got != want {
			t.Errorf("%q: got %q, want %q", title, got, want)
		}
	}
}
