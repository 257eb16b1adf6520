package dynamics

import (
	"math"
	"math/rand/v2"
	"testing"

	"shoal/internal/simdraws"
)

// Expected values: scipy 1.17.1, t.interval and ttest_ind(equal_var=False) with
// confidence_interval(.95).
func TestSeedsAgainstSciPy(t *testing.T) {
	a, b := []float64{.981, .983, .9805}, []float64{.975, .979, .9712, .9783}
	for _, c := range []struct {
		what      string
		got, want Estimate
	}{
		{"mean", OverSeeds(a), Estimate{.9815, .9782137946961359, .9847862053038642, true}},
		{"difference", SeedDifference(a, b), Estimate{.005625, .00023103878861498867, .011018961211385216, true}},
	} {
		near(t, c.what, c.got.Value, c.want.Value, 1e-12)
		near(t, c.what+" lo", c.got.Lo, c.want.Lo, 1e-9)
		near(t, c.what+" hi", c.got.Hi, c.want.Hi, 1e-9)
	}
}

func TestSeedsWithoutAnswer(t *testing.T) {
	two := []float64{1, 2}
	for _, e := range []Estimate{OverSeeds(nil), OverSeeds(two), SeedDifference(two, []float64{1, 2, 3}), SeedDifference(nil, two),
		OverSeeds([]float64{1, math.NaN()})} {
		if e != (Estimate{}) {
			t.Errorf("got %v, want undefined", e)
		}
	}
	if e := SeedDifference([]float64{3, 3, 3}, []float64{1, 1, 1}); e != (Estimate{2, 2, 2, true}) {
		t.Errorf("runs without variation differ by %v", e)
	}
}

// The interval of a difference covers it, where one order of training varies three times as much from seed to
// seed as the other.
func TestSeedDifferenceCovers(t *testing.T) {
	draws := simdraws.Of(t, 400)
	r := rand.New(rand.NewPCG(simdraws.Seed(t, 0), 6))
	for _, seeds := range [][2]int{{3, 3}, {3, 5}, {5, 3}, {10, 10}} {
		hits := 0
		for range draws {
			a, b := make([]float64, seeds[0]), make([]float64, seeds[1])
			for k := range a {
				a[k] = 3 * r.NormFloat64()
			}
			for k := range b {
				b[k] = r.NormFloat64()
			}
			if e := SeedDifference(a, b); e.Lo <= 0 && 0 <= e.Hi {
				hits++
			}
		}
		t.Logf("| difference of %d and %d seeds | %.3f |", seeds[0], seeds[1], float64(hits)/float64(draws))
		if err := (simdraws.Bound{Least: .92, Most: .97}).Check(hits, draws); err != nil {
			t.Errorf("%d and %d seeds: %v", seeds[0], seeds[1], err)
		}
	}
}

// Components add up, and the degrees of freedom are Satterthwaite's: of 2 with 2 and 1 with 4 beside 1 that is
// known 16/(4/2 + 1/4) = 7.11, at which Student's quantile is 2.3571.
func TestCombinedByHand(t *testing.T) {
	e := Combined(5, 1, Component{2, 2}, Component{1, 4})
	near(t, "half width", e.Hi-5, 2.3571*2, 2e-4)
	near(t, "other half", 5-e.Lo, e.Hi-5, 1e-12)
	near(t, "of what is known", Combined(5, 4).Hi-5, 1.959964*2, 1e-4)
	if (Combined(1, 1, Component{1, 0}) != Estimate{}) || (Combined(1, -2, Component{1, 1}) != Estimate{}) || !Combined(1, 0, Component{0, 2}).Defined {
		t.Error("a component without freedom, or a variance below 0, has an interval")
	}
}
