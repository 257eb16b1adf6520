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

// Per cent are of thirty examples or more, of the very first and the very last: where a slot has fewer, of the next one,
// too. Where the ends would meet, the sentence has numbers.
func TestRegimeSentenceIsOfEnoughExamples(t *testing.T) {
	never := dynamics.RegimeSlot{From: 1, To: 1, N: 500, Right: 100}
	for name, c := range map[string]struct {
		slots []dynamics.RegimeSlot
		want  string
	}{
		"a last slot of one": {[]dynamics.RegimeSlot{{From: 0, To: .25, N: 100, Right: 81}, {From: .25, To: .5, N: 30, Right: 12}, {From: .5, To: .75, N: 1, Right: 0}, never},
			"Of what the network learns first m gets 81% right, of what it learns last 39%; because."},
		"a first slot of two": {[]dynamics.RegimeSlot{{From: 0, To: .25, N: 2, Right: 0}, {From: .25, To: .5, N: 50, Right: 40}, {From: .5, To: .75, N: 40, Right: 10}, never},
			"Of what the network learns first m gets 77% right, of what it learns last 25%; because."},
		"slots of fewer": {[]dynamics.RegimeSlot{{From: 0, To: .2, N: 25, Right: 25}, {From: .2, To: .4, N: 25, Right: 15}, {From: .4, To: .6, N: 31, Right: 1},
			{From: .6, To: .8, N: 32, Right: 32}, {From: .8, To: 1, N: 20, Right: 0}, never}, "Of what the network learns first m gets 80% right, of what it learns last 62%; because."},
		"few": {[]dynamics.RegimeSlot{{From: 0, To: .25, N: 40, Right: 30}, {From: .25, To: .5, N: 29, Right: 3}, never},
			"Of what the network learns first m gets 75% right, of what it learns last 3 of 29; because."},
		"one slot":  {[]dynamics.RegimeSlot{{From: 0, To: .25, N: 40, Right: 30}, never}, "Because."},
		"never any": {[]dynamics.RegimeSlot{never}, "Because."},
	} {
		got := regimeSentence("m", dynamics.Regime{Slots: c.slots, Reason: "because"})
		if plain := strings.NewReplacer("\u00a0", "", "\u202f", "", " %", "%").Replace(got); plain != c.want {
			t.Errorf("%s: %q, want %q", name, plain, c.want)
		}
	}
}
