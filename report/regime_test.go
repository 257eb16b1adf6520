package report

import (
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/dynamics/regime"
)

func TestSharesLearned(t *testing.T) {
	got := sharesLearned(&regime.Learning{Evaluations: 3, Switch: []int{0, 2, 2, 3}})
	for k, want := range []float64{.25, .25, .75} {
		if got[k] != want {
			t.Errorf("evaluation %d: %v learned, want %v", k, got[k], want)
		}
	}
}

// Where a change was found, its sentence has the network's accuracy when that share is learned.
func TestAnswerHasTheAccuracy(t *testing.T) {
	a, err := analyse(t.Context(), smallInput())
	if err != nil {
		t.Fatal(err)
	}
	yes, share, lo, hi := true, .5, .4, .6
	changed := a.regime(0, &dynamics.Judgement{Regime: dynamics.Regime{Found: &yes, Share: &share, Lo: &lo, Hi: &hi, Reason: "it stops"}})
	at, ok := changed.Reached(share)
	if !ok || !strings.Contains(changed.Sentence, "the network’s accuracy is ") || !changed.Change.OK {
		t.Fatalf("reached at evaluation %d: %q", at, changed.Sentence)
	}
	no, none := false, 0.0
	straight := a.regime(0, &dynamics.Judgement{Regime: dynamics.Regime{Found: &no, UpTo: &none, Reason: "as a straight line does"}})
	if strings.Contains(straight.Sentence, "accuracy") || straight.Found == nil {
		t.Errorf("without a change: %q", straight.Sentence)
	}
}
