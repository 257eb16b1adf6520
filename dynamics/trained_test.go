package dynamics

import (
	"testing"

	"shoal/dynamics/internal/worlds"
)

// On examples that the network trained on, wrong labels look like a change of regime: every verdict
// refuses, where the same log of other examples has a change.
func TestNothingIsJudgedOnATrainingSplit(t *testing.T) {
	l, ref := logOfWorld(worlds.WrongLabels(1))
	learned, err := l.Learning()
	if err != nil {
		t.Fatal(err)
	}
	if _, r := JudgeRegime(l, learned, ref); r.Found == nil || !*r.Found {
		t.Errorf("no change where labels are wrong: %s", r.Reason)
	}
	j := judge(t, l, ref, JudgeOptions{Trained: true, Resampling: Resampling{Replicates: 30}})
	for _, v := range j.Verdicts {
		if v.Verdict != CannotJudge || v.Reason != trainedReason {
			t.Errorf("claim %d: %s (%s)", v.Claim, v.Verdict, v.Reason)
		}
	}
	if j.Regime.Found != nil || j.Regime.Share != nil || j.Regime.ShallowFirst != nil || j.BeyondAccuracy.Says != nil {
		t.Errorf("regime %+v, beyond accuracy %+v", j.Regime, j.BeyondAccuracy)
	}
}
