package dynamics

import (
	"math/rand/v2"
	"testing"
)

func TestPredictLearningByHand(t *testing.T) {
	l := logOf([]int{1, 2, 3}, []float64{1, 2, 3}, "111", "011", "001", "000", "110", "010")
	ref := Reference{Name: "m", Predictions: []uint16{1, 1, 0, 0, 1, 0}}
	m, err := Measure(l)
	if err != nil {
		t.Fatal(err)
	}
	got, err := PredictLearning(l, ref, m)
	if err != nil {
		t.Fatal(err)
	}
	// First learned: right 1, 2, 1; wrong 3, 4 (never), 2. Of 9 pairs 8 have the wrong one later
	// and one is tied.
	near(t, "AUC", got.FirstLearned.Right.AUC.Value, 8.5/9, 1e-12)
	if got.FirstLearned.Unlearned != 1 || got.LearnedForGood.Unlearned != 3 {
		t.Errorf("unlearned %d and %d, want 1 and 3", got.FirstLearned.Unlearned, got.LearnedForGood.Unlearned)
	}
	// For good: right 1, 2, censored; wrong 3 and two censored: 6 later, 2 tied, 1 earlier.
	near(t, "AUC for good", got.LearnedForGood.Right.AUC.Value, 7./9, 1e-12)
	if got.FirstLearned.Margin != nil || got.FirstLearned.Right.Spearman.Value >= 0 {
		t.Errorf("got %+v", got.FirstLearned)
	}
	if _, err := PredictLearning(l, ref, &Measures{}); err == nil {
		t.Error("measures of another log were taken")
	}
	if _, err := PredictLearning(l, Reference{}, m); err == nil {
		t.Error("no predictions were taken")
	}
}

// Of a shallow-first learner, right/wrong separates early from late; of an independent one it does
// not, and neither does a margin that means nothing.
func TestPredictLearningOnSimulatedLearners(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	report := func(learner func(*world) (*Log, Reference)) *LearningReport {
		l, ref := learner(newWorld(3, 2000, 100))
		l = l.pick(func(t int) bool { return l.Steps[t] > 0 })
		ref.Margins = make([]float32, len(l.Labels))
		for i := range ref.Margins {
			ref.Margins[i] = r.Float32()
		}
		m, err := Measure(l)
		if err != nil {
			t.Fatal(err)
		}
		p, err := PredictLearning(l, ref, m)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	first, none := report(shallowFirst).FirstLearned, report(independent).FirstLearned
	if !(first.Right.AUC.Lo > .7 && first.Right.Spearman.Hi < -.3) {
		t.Errorf("shallow first: %+v", first.Right)
	}
	if !(first.Signed.AUC.Lo > .6) || !(first.Margin.AUC.Lo < .5 && first.Margin.AUC.Hi > .5) {
		t.Errorf("shallow first: signed margin %+v, margin %+v", first.Signed, first.Margin)
	}
	for _, e := range []Estimate{none.Right.AUC, none.Margin.AUC, none.Signed.AUC} {
		if !(e.Lo < .52 && e.Hi > .48) {
			t.Errorf("independent: AUC %v", e)
		}
	}
}
