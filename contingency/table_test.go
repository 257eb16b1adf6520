package contingency

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// near fails the test unless |got-want| <= tol; NaN fails.
func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s: got %v, want %v (within %v)", what, got, want, tol)
	}
}

func TestGoldenVectors(t *testing.T) {
	for _, g := range []struct {
		table                     Table
		plus, minus, ratio        float64
		lo, hi, kappa, nestedness float64
	}{
		{Table{4000, 1000, 1500, 3500}, .8, .3, 2.66667, 2.55047, 2.78816, .5, .55556},
		{Table{4700, 300, 4500, 500}, .94, .9, 1.04444, 1.03241, 1.05662, .04, .25},
		{Table{1000, 4000, 200, 4800}, .2, .04, 5, 4.31788, 5.78988, .16, .66667},
	} {
		const tol = 0.5e-5 + 1e-12 // five printed decimals
		r := g.table.Ratio()
		near(t, "R+", g.table.RPlus().Value, g.plus, tol)
		near(t, "R-", g.table.RMinus().Value, g.minus, tol)
		near(t, "R±", r.Value, g.ratio, tol)
		near(t, "R± lo", r.Lo, g.lo, tol)
		near(t, "R± hi", r.Hi, g.hi, tol)
		near(t, "kappa", g.table.Kappa().Value, g.kappa, tol)
		near(t, "nestedness", g.table.Nestedness().Value, g.nestedness, tol)
	}
}

func TestCountPutsEachExampleInItsCell(t *testing.T) {
	labels := []uint16{0, 1, 2, 3, 300, 5}
	shallow := []uint16{0, 1, 2, 0, 300, 0}
	deep := []uint16{0, 1, 0, 3, 301, 0}
	got, err := Count(labels, shallow, deep)
	if want := (Table{Both: 2, ShallowOnly: 2, DeepOnly: 1, Neither: 1}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestCountRefusesLengths(t *testing.T) {
	three, two := make([]uint16, 3), make([]uint16, 2)
	for _, c := range []struct {
		labels, shallow, deep []uint16
		want                  string
	}{
		{nil, nil, nil, "no examples"},
		{three, two, three, "reference has 2 predictions, want 3"},
		{three, three, two, "network has 2 predictions, want 3"},
		{two, three, two, "reference has 3 predictions, want 2"},
	} {
		_, err := Count(c.labels, c.shallow, c.deep)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v, want one with %q", err, c.want)
		}
	}
}

func TestCheck(t *testing.T) {
	if err := (Table{1, 0, 0, 0}).Check(); err != nil {
		t.Error(err)
	}
	for _, bad := range []Table{{}, {5, -1, 3, 3}, {-1, 1, 0, 0}} {
		if bad.Check() == nil {
			t.Errorf("%+v passed", bad)
		}
	}
}

// smallTables calls f for every table of at most most examples, the empty one excepted.
func smallTables(most int, f func(Table)) {
	for a := range most + 1 {
		for b := range most + 1 - a {
			for c := range most + 1 - a - b {
				for d := range most + 1 - a - b - c {
					if a+b+c+d > 0 {
						f(Table{a, b, c, d})
					}
				}
			}
		}
	}
}

func randomTables(count int, f func(Table)) {
	r := rand.New(rand.NewPCG(1, 2))
	for range count {
		most := 1 << r.IntN(20)
		f(Table{r.IntN(most), r.IntN(most), r.IntN(most), 1 + r.IntN(most)})
	}
}

func TestAccuracyIsTheMixtureOfRPlusAndRMinus(t *testing.T) {
	check := func(x Table) {
		m, d := x.ShallowAccuracy().Value, x.DeepAccuracy().Value
		near(t, "R+·m + R-·(1-m)", x.RPlus().Value*m+x.RMinus().Value*(1-m), d, 1e-12)
	}
	smallTables(9, check)
	randomTables(2000, check)
}

func TestSwappingRoles(t *testing.T) {
	check := func(x Table) {
		y := Table{Both: x.Both, ShallowOnly: x.DeepOnly, DeepOnly: x.ShallowOnly, Neither: x.Neither}
		if y.N() != x.N() || y.ShallowRight() != x.DeepRight() {
			t.Fatalf("%+v swapped is %+v", x, y)
		}
		if x.Kappa() != y.Kappa() || x.Nestedness() != y.Nestedness() || x.Agreement() != y.Agreement() {
			t.Errorf("%+v: kappa, nestedness or agreement changed when the roles did", x)
		}
		// The sign of the association does not depend on who comes first.
		a, b := x.Ratio(), y.Ratio()
		if a.Defined && b.Defined && ((a.Value > 1) != (b.Value > 1) || (a.Value < 1) != (b.Value < 1)) {
			t.Errorf("%+v: ratios %v and %v on different sides of 1", x, a, b)
		}
	}
	smallTables(8, check)
	randomTables(2000, check)
}

// The bounds are found here by trying every table with the same margins.
func TestBoundsByBruteForce(t *testing.T) {
	smallTables(9, func(x Table) {
		most := -1
		for both := range x.N() + 1 {
			y := x.withBoth(both)
			if min(y.ShallowOnly, y.DeepOnly, y.Neither) < 0 {
				continue
			}
			most = max(most, both)
			r, hi := y.Ratio(), x.AttainableMax()
			if r.Defined && hi.Defined && r.Value > hi.Value*(1+1e-12) || r.Infinite && !hi.Infinite {
				t.Errorf("%+v: ratio %v above the maximum %v", y, r, hi)
			}
			if nest := y.Nestedness(); nest.Defined && nest.Value > 1 {
				t.Errorf("%+v: nestedness %v", y, nest)
			}
			if k := y.Kappa(); k.Defined && math.Abs(k.Value) > 1 {
				t.Errorf("%+v: kappa %v", y, k)
			}
		}
		if x.MostNested().Both != most {
			t.Errorf("%+v: both is %d at most, got %d", x, most, x.MostNested().Both)
		}
		if nest := x.MostNested().Nestedness(); nest.Defined && nest.Value != 1 {
			t.Errorf("%+v: most nested has nestedness %v", x, nest)
		}
	})
}

func TestAttainableMaxIsTheFormulaAboveM(t *testing.T) {
	randomTables(2000, func(x Table) {
		m, d := x.ShallowAccuracy().Value, x.DeepAccuracy().Value
		got := x.AttainableMax()
		switch {
		case x.ShallowRight() == 0 || x.DeepRight() == 0:
			if got.Defined || got.Infinite {
				t.Errorf("%+v: maximum %v, want undefined", x, got)
			}
		case x.DeepRight() <= x.ShallowRight():
			if !got.Infinite || got.Defined {
				t.Errorf("%+v: maximum %v, want infinite", x, got)
			}
		default:
			near(t, "maximum", got.Value/((1-m)/(d-m)), 1, 1e-6)
		}
	})
	// The example of the design: with m = .97 and d = .99 at most 1.5.
	near(t, "maximum", Table{9700, 0, 200, 100}.AttainableMax().Value, 1.5, 1e-12)
}

func TestIndependentTable(t *testing.T) {
	x := Table{Both: 12, ShallowOnly: 28, DeepOnly: 18, Neither: 42} // m = .4, d = .3, both = m·d·100
	near(t, "R±", x.Ratio().Value, 1, 0)
	near(t, "nestedness", x.Nestedness().Value, 0, 0)
	near(t, "kappa", x.Kappa().Value, 0, 0)
	near(t, "independence", x.Independence().Value, 1, 0)
	near(t, "agreement", x.Agreement().Value, .54, 0)
	for _, none := range []Table{{0, 0, 3, 4}, {3, 4, 0, 0}, {0, 3, 0, 4}, {}} {
		if none.Independence().Defined || none.AttainableMax().Defined || none.AttainableMax().Infinite {
			t.Errorf("%+v: a line where R± has no meaning", none)
		}
	}
}

// The slide's formula, with T11 = Both, T01 = ShallowOnly, T10 = DeepOnly, T00 = Neither, is the
// product of R+ and R- and not their ratio.
func TestTheSlidePrintsTheProduct(t *testing.T) {
	slide := func(x Table) float64 {
		t11, t01, t10, t00 := float64(x.Both), float64(x.ShallowOnly), float64(x.DeepOnly), float64(x.Neither)
		return t11 * t10 / (t11*t10 + t11*t00 + t01*t10 + t01*t00)
	}
	for _, x := range []Table{{4000, 1000, 1500, 3500}, {4700, 300, 4500, 500}, {1000, 4000, 200, 4800}} {
		near(t, "slide", slide(x), x.RPlus().Value*x.RMinus().Value, 1e-12)
	}
	independent := Table{1, 9, 9, 81} // an untrained network on ten classes
	near(t, "slide at independence", slide(independent), .01, 1e-12)
	near(t, "ratio at independence", independent.Ratio().Value, 1, 1e-12)
}
