package dynamics

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// near fails the test unless |got-want| <= tol; NaN fails.
func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s: got %v, want %v (within %v)", what, got, want, tol)
	}
}

func TestRanksAgainstSciPy(t *testing.T) {
	b, err := os.ReadFile("testdata/ranks.json")
	if err != nil {
		t.Fatal(err)
	}
	var fixture struct {
		Cases []struct {
			X, Y, High, Low        []float64
			Spearman, Kendall, AUC float64
			SD                     float64 `json:"auc_sd"`
		}
	}
	if err := json.Unmarshal(b, &fixture); err != nil {
		t.Fatal(err)
	}
	if len(fixture.Cases) == 0 {
		t.Fatal("no cases")
	}
	for _, c := range fixture.Cases {
		near(t, "spearman", Spearman(c.X, c.Y).Value, c.Spearman, 1e-12)
		near(t, "kendall", Kendall(c.X, c.Y).Value, c.Kendall, 1e-12)
		auc := AUC(c.High, c.Low)
		near(t, "auc", auc.Value, c.AUC, 1e-12)
		near(t, "auc lo", auc.Lo, math.Max(0, c.AUC-1.96*c.SD), 1e-12)
		near(t, "auc hi", auc.Hi, math.Min(1, c.AUC+1.96*c.SD), 1e-12)
	}
}

func TestRankIntervalsByHand(t *testing.T) {
	// Ranks 1..6 with the last two exchanged: d² sums to 2, rho = 1 - 12/210; one of 15 pairs is
	// discordant, tau = 13/15.
	x, y := []float64{1, 2, 3, 4, 5, 6}, []float64{1, 2, 3, 4, 6, 5}
	rho, tau := Spearman(x, y), Kendall(x, y)
	near(t, "rho", rho.Value, 1-12./210, 1e-12)
	near(t, "tau", tau.Value, 13./15, 1e-12)
	r := rho.Value
	near(t, "rho lo", math.Atanh(r)-math.Atanh(rho.Lo), 1.96*math.Sqrt((1+r*r/2)/3), 1e-12)
	near(t, "tau hi", math.Atanh(tau.Hi)-math.Atanh(tau.Value), 1.96*math.Sqrt(.437/2), 1e-12)
}

func TestRanksWithoutAnswer(t *testing.T) {
	flat, rise := []float64{1, 1, 1, 1, 1}, []float64{1, 2, 3, 4, 5}
	for _, e := range []Estimate{Spearman(flat, rise), Kendall(rise, flat), Kendall(flat, flat),
		Spearman(rise[:4], rise[:4]), Spearman(rise, rise[:4]), AUC(rise[:1], rise), AUC(rise, nil)} {
		if e != (Estimate{}) {
			t.Errorf("got %v, want undefined", e)
		}
	}
	if e := Spearman(rise, rise); e.Value != 1 || !e.Defined {
		t.Errorf("perfect correlation is %v", e)
	}
	if e := AUC(rise, []float64{0, 0}); e.Value != 1 || e.Hi != 1 {
		t.Errorf("perfect separation is %v", e)
	}
}
