package dynamics

import (
	"math"
	"math/rand/v2"
	"testing"

	"shoal/contingency"
	"shoal/internal/simdraws"
)

func TestUnseenByHand(t *testing.T) {
	x := contingency.Table{Both: 60, ShallowOnly: 20, DeepOnly: 5, Neither: 15}
	near(t, "R+", Unseen(x, func(t contingency.Table) float64 { return t.RPlus().Value }), 2./(80*80), 1e-12)
	near(t, "R-", Unseen(x, func(t contingency.Table) float64 { return t.RMinus().Value }), 2./(20*20), 1e-12)
	near(t, "accuracy", Unseen(x, accuracyOf), 4./(100*100), 1e-12)
	ratio := 2*math.Pow(math.Log(59./60), 2) + 2*math.Pow(math.Log(4./5), 2)
	near(t, "ln R±", Unseen(x, logRatioOf), ratio, 1e-12)
	// One example fewer would make R± infinite: one more is taken.
	x.DeepOnly, x.Neither = 1, 19
	ratio = 2*math.Pow(math.Log(59./60), 2) + 2*math.Pow(math.Log(2), 2)
	near(t, "ln R± of one", Unseen(x, logRatioOf), ratio, 1e-12)
	perfect := contingency.Table{Both: 80, DeepOnly: 20}
	near(t, "perfect", Unseen(perfect, func(t contingency.Table) float64 { return t.RPlus().Value }), 2./(80*80), 1e-12)
	if v := Unseen(contingency.Table{Both: 5, ShallowOnly: 5}, logRatioOf); v != 0 {
		t.Errorf("no row of M wrong: %v, want 0", v)
	}
	if e := (Estimate{Value: 2, Lo: 2.5, Hi: 3, Defined: true}).withVariance(0, 0, 9); e.Lo != 2.5 || e.Hi != 3 {
		t.Errorf("nothing further: %v", e) // an interval without bias may lie beside its value
	}
}

// Two runs that answer nearly alike: the interval of their difference covers it, also where no example
// tells them apart, and one that isn't there is found in 5 % at most.
func TestRareDifferencesCover(t *testing.T) {
	draws := simdraws.Of(t, 200)
	const n = 400
	for _, c := range []struct{ better, worse float64 }{{.001, .001}, {.003, 0}, {.008, 0}, {.01, .002}} {
		r := rand.New(rand.NewPCG(simdraws.Seed(t, 0), 7))
		hits, found, flat := 0, 0, 0
		for d := range draws {
			a, b := make([]bool, n), make([]bool, n)
			x := contingency.Table{}
			for i := range n {
				a[i] = r.Float64() < .9
				if b[i] = a[i]; r.Float64() < c.better {
					a[i], b[i] = false, true
				} else if r.Float64() < c.worse {
					a[i], b[i] = true, false
				}
				x.Add(false, b[i])
			}
			s := sampleOf(t, uint64(d), [][]bool{b}, [][]bool{a})
			s[0].Unseen = Unseen(x, accuracyOf)
			e, p := s[0].Minus(s[1], true)
			if truth := c.better - c.worse; e.Lo <= truth && truth <= e.Hi {
				hits++
			}
			if p <= .05 {
				found++
			}
			if !(e.Lo < e.Hi) {
				flat++
			}
		}
		t.Logf("| difference of two runs of 400 examples, %g and %g | %.3f |", c.better, c.worse, float64(hits)/float64(draws))
		if err := (simdraws.Bound{Least: .93, Most: 1}).Check(hits, draws); err != nil || flat > 0 {
			t.Errorf("%+v: covered: %v; without width: %d", c, err, flat)
		}
		if c.better == c.worse && found > draws/20 {
			t.Errorf("%+v: a difference is found in %d of %d draws", c, found, draws)
		}
	}
}

// Networks that get all right: every number has a width, and none leaves its range.
func TestHeadlinesOfPerfectNetworks(t *testing.T) {
	w := newWorld(1, 600, 20)
	ref := w.reference(.6)
	var runs []*Log
	for range 3 {
		l := w.byReference(ref, .02, rising(.98, 8, 3), rising(.8, 20, 2))
		copy(l.Predictions[len(l.Predictions)-1], w.labels)
		runs = append(runs, l)
	}
	all, err := Headlines(t.Context(), runs, ref, Resampling{Replicates: 60})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range all {
		for _, e := range append(h.Seeds, h.Mean) {
			if !(e.Lo < e.Hi) || h.Name == HeadlineAccuracy && e.Hi > 1 || h.Name == HeadlineLeft && e.Lo < 0 {
				t.Errorf("%s: %v", h.Name, e)
			}
		}
	}
}

// A seed's R± is that of the run's own page, to the last digit.
func TestHeadlinesAreTheRunsOwn(t *testing.T) {
	w := newWorld(1, 60, 20)
	ref := w.reference(.6)
	l := w.byReference(ref, .02, rising(.98, 8, 3), rising(.8, 20, 2))
	all, err := Headlines(t.Context(), []*Log{l}, ref, Resampling{Replicates: 60})
	if err != nil {
		t.Fatal(err)
	}
	e := newEvidence(l, ref, JudgeOptions{})
	near(t, "last R±", all[2].Seeds[0].Value, e.last.Ratio().Value, 1e-12)
}
