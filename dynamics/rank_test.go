package dynamics

import (
	"cmp"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"shoal/internal/longtest"
	"shoal/internal/simdraws"
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
			X, Y, High, Low []float64
			Spearman, AUC   float64
			SD              float64 `json:"auc_sd"`
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
		auc := AUC(c.High, c.Low)
		near(t, "auc", auc.Value, c.AUC, 1e-12)
		half := 1.
		if min(len(c.High), len(c.Low)) >= 5 {
			v1, v0 := placementVariance(c.High, c.Low), placementVariance(c.Low, c.High)
			near(t, "auc sd", math.Sqrt(v1+v0), c.SD, 1e-12)
			freedom := (v1 + v0) * (v1 + v0) / (v1*v1/float64(len(c.High)-1) + v0*v0/float64(len(c.Low)-1))
			half = c.SD * distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile(.975)
		}
		near(t, "auc lo", auc.Lo, math.Max(0, c.AUC-half), 1e-9)
		near(t, "auc hi", auc.Hi, math.Min(1, c.AUC+half), 1e-9)
	}
}

// placementVariance is the variance of the mean of the shares of other that the values of own exceed.
func placementVariance(own, other []float64) float64 {
	var shares []float64
	for _, x := range own {
		share := 0.
		for _, y := range other {
			if x > y {
				share += 1 / float64(len(other))
			} else if x == y {
				share += .5 / float64(len(other))
			}
		}
		shares = append(shares, share)
	}
	_, variance := moments(shares)
	return variance / float64(len(own))
}

// Few values, or values that all lie alike, are no certainty.
func TestAUCOfFewValues(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	low := []float64{1, 2, 3, 4, 5, 6, 7, 8}
	if e := AUC([]float64{9, 9}, low); e.Value != 1 || e.Lo != 0 || e.Hi != 1 {
		t.Errorf("two values above all others: %v", e)
	}
	if e := AUC([]float64{9, 9, 10, 11, 12, 13}, low); e.Value != 1 || math.Abs(e.Lo-math.Pow(.025, 1./6)) > 1e-12 {
		t.Errorf("six values above all others: %v", e)
	}
	if e := AUC([]float64{3, 3, 3, 3, 3}, []float64{3, 3, 3, 3, 3, 3}); e.Defined {
		t.Errorf("all values tied: %v, want none: there is no order", e)
	}
	for _, size := range []int{2, 5, 10} {
		const draws = 1000
		missed := 0
		high, low := make([]float64, size), make([]float64, 100)
		for range draws {
			for _, values := range [][]float64{high, low} {
				for i := range values {
					values[i] = float64(r.IntN(50))
				}
			}
			if e := AUC(high, low); e.Lo > .5 || e.Hi < .5 {
				missed++
			}
		}
		if missed > draws*9/100 {
			t.Errorf("the interval of a group of %d misses %d of %d", size, missed, draws)
		}
	}
}

func TestRankIntervalsByHand(t *testing.T) {
	// Ranks 1..6 with the last two exchanged: d² sums to 2, rho = 1 - 12/210.
	x, y := []float64{1, 2, 3, 4, 5, 6}, []float64{1, 2, 3, 4, 6, 5}
	rho := Spearman(x, y)
	near(t, "rho", rho.Value, 1-12./210, 1e-12)
	if !(rho.Lo < rho.Value && rho.Value < rho.Hi && rho.Hi <= 1) {
		t.Errorf("rho %v", rho)
	}
}

// What one value adds to a mean of weights times ranks, counted pair by pair.
func TestShiftsByHand(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	x, y := make([]float64, 40), make([]float64, 40)
	for i := range x {
		x[i], y[i] = float64(r.IntN(6)), float64(r.IntN(9))
	}
	shift := shifts(x, falling(x), y)
	for i := range x {
		weight := 0.0
		for j := range x {
			weight += y[j] * float64(1+cmp.Compare(x[j], x[i])) / 2
		}
		near(t, "shift", shift[i], weight/40, 1e-12)
	}
}

// The intervals of rank correlations cover the truth in 92 to 97 % of the draws, also where one
// ranking has two values, or many ties.
func TestRankIntervalsCover(t *testing.T) {
	longtest.Only(t, "how often intervals of ranks cover")
	draws := simdraws.Of(t, 120)
	r := rand.New(rand.NewPCG(simdraws.Seed(t, 0), 5))
	for _, w := range []struct {
		name string
		x    func(z float64) float64
	}{
		{"no ties", func(z float64) float64 { return z }},
		{"two values", func(z float64) float64 { return math.Copysign(1, z) }},
		{"two values, 9 to 1", func(z float64) float64 { return math.Copysign(1, z-1.28) }},
		{"five values", func(z float64) float64 { return math.Max(-2, math.Min(2, math.Round(z))) }},
	} {
		draw := func(n int) (x, y []float64) {
			for range n {
				z := r.NormFloat64()
				x, y = append(x, w.x(z)), append(y, .6*z+.8*r.NormFloat64())
			}
			return x, y
		}
		x, y := draw(100_000)
		truth, hits := Spearman(x, y).Value, 0
		for range draws {
			x, y := draw(200)
			if e := Spearman(x, y); e.Lo <= truth && truth <= e.Hi {
				hits++
			}
		}
		got, se := float64(hits)/float64(draws), 3*math.Sqrt(.95*.05/float64(draws))
		t.Logf("| Spearman, %s | %.3f |", w.name, got)
		if !(got > .92-se && got < .97+se) {
			t.Errorf("Spearman, %s: covers %.3f", w.name, got)
		}
	}
}

func TestRanksWithoutAnswer(t *testing.T) {
	flat, rise := []float64{1, 1, 1, 1, 1}, []float64{1, 2, 3, 4, 5}
	for _, e := range []Estimate{Spearman(flat, rise), Spearman(flat, flat),
		Spearman(rise[:4], rise[:4]), Spearman(rise, rise[:4]), AUC(rise[:1], rise), AUC(rise, nil)} {
		if e != (Estimate{}) {
			t.Errorf("got %v, want undefined", e)
		}
	}
	if e := Spearman(rise, rise); e.Value != 1 || !e.Defined {
		t.Errorf("perfect correlation is %v", e)
	}
	// DeLong's variance is 0 where all of one group exceed all of the other, however few there are; of fewer
	// than 5 nothing is known.
	for k, lo := range map[int]float64{2: 0, 10: .6915, 100: .9638} {
		high, low := make([]float64, k), make([]float64, k+1)
		for i := range high {
			high[i] = float64(1 + i)
		}
		if e := AUC(high, low); e.Value != 1 || e.Hi != 1 || !(math.Abs(e.Lo-lo) < 1e-4) {
			t.Errorf("%d above %d: %v, want at least %v", k, k+1, e, lo)
		}
		if e := AUC(low, high); e.Value != 0 || e.Lo != 0 || !(math.Abs(e.Hi-(1-lo)) < 1e-4) {
			t.Errorf("%d below %d: %v, want at most %v", k+1, k, e, 1-lo)
		}
	}
	if e := AUC([]float64{3, 3}, []float64{3, 3, 3}); e.Defined {
		t.Errorf("of equal values: %v, want undefined", e)
	}
	if e := AUC(rise, []float64{0, 0}); e.Value != 1 || e.Hi != 1 {
		t.Errorf("perfect separation is %v", e)
	}
}
