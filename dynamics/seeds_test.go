package dynamics

import (
	"math"
	"testing"
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
