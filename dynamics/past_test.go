package dynamics

import (
	"strings"
	"testing"

	"shoal/contingency"
)

// A log is past its peak once its margins don't allow as much any more, and has as many evaluations and
// examples as a peak needs.
func TestPastPeakByHand(t *testing.T) {
	of := func(change func(j *Judgement, n *PeakNumbers)) bool {
		// m = .4 and d = .8: R± can be 1.5 at most.
		j := &Judgement{Final: contingency.Table{Both: 380, ShallowOnly: 20, DeepOnly: 420, Neither: 180}, Peak: Peak{Found: true, Ratio: Estimate{2, 1.6, 2.4, true}}}
		n := &PeakNumbers{Evaluations: leastEvaluations}
		change(j, n)
		j.Verdicts = []Verdict{{Claim: 1}, {Claim: 2, Numbers: Numbers{Peak: n}}}
		return j.PastPeak()
	}
	for what, c := range map[string]struct {
		change func(j *Judgement, n *PeakNumbers)
		want   bool
	}{
		"as it is":              {func(*Judgement, *PeakNumbers) {}, true},
		"a peak not so high":    {func(j *Judgement, _ *PeakNumbers) { j.Peak.Ratio.Lo = 1.49 }, false},
		"no peak":               {func(j *Judgement, _ *PeakNumbers) { j.Peak.Found = false }, false},
		"a peak of no interval": {func(j *Judgement, _ *PeakNumbers) { j.Peak.Ratio = Estimate{} }, false},
		"few evaluations":       {func(_ *Judgement, n *PeakNumbers) { n.Evaluations-- }, false},
		"few right": {func(j *Judgement, _ *PeakNumbers) {
			j.Final = contingency.Table{Both: 29, DeepOnly: 471, Neither: 500}
			j.Peak.Ratio.Lo = 100
		}, false},
		"no better than the reference": {func(j *Judgement, _ *PeakNumbers) {
			j.Final = contingency.Table{Both: 200, ShallowOnly: 200, Neither: 600}
			j.Peak.Ratio.Lo = 100
		}, false},
	} {
		if got := of(c.change); got != c.want {
			t.Errorf("%s: past the peak %v, want %v", what, got, c.want)
		}
	}
	if (&Judgement{}).PastPeak() {
		t.Error("a judgement of nothing is past a peak")
	}
}

// What is past its peak when it is cut has the peak of the whole log.
func TestPastPeakKeepsItsPeak(t *testing.T) {
	w := newWorld(3, 3000, 200)
	ref := w.reference(.4)
	whole := w.byReference(ref, .02, rising(.98, 8, 3), rising(.9, 50, 2))
	at := judge(t, whole, ref, JudgeOptions{}).Peak
	cut := func(steps int) *Judgement {
		return judge(t, whole.pick(func(k int) bool { return whole.Steps[k] <= steps }), ref, JudgeOptions{})
	}
	first := 0
	for steps := 20; steps <= 100 && first == 0; steps += 10 {
		if j := cut(steps); j.PastPeak() {
			first = steps
			if j.Peak.Step != at.Step || !(j.Peak.Ratio.Lo < at.Ratio.Value && at.Ratio.Value < j.Peak.Ratio.Hi) {
				t.Errorf("cut at %d: the peak is %v at step %d, of the whole %v at step %d", steps, j.Peak.Ratio, j.Peak.Step, at.Ratio, at.Step)
			}
		}
	}
	if first <= at.Step {
		t.Errorf("past the peak at step %d; the peak is at %d", first, at.Step)
	}
}

// What a verdict says of the end of a training is taken back while that isn't over, and nothing else is.
func TestNotOver(t *testing.T) {
	for _, past := range []bool{true, false} {
		j := &Judgement{Final: contingency.Table{Both: 380, ShallowOnly: 20, DeepOnly: 420, Neither: 180}, Peak: Peak{Found: true, Ratio: Estimate{2, 1.6, 2.4, true}}}
		if !past {
			j.Peak.Ratio.Lo = 1.4
		}
		for k := 1; k <= Claims; k++ {
			j.Verdicts = append(j.Verdicts, Verdict{Claim: k, Verdict: Holds, Reason: "a reason", Numbers: Numbers{Peak: &PeakNumbers{Evaluations: leastEvaluations}}})
		}
		j.notOver()
		want := map[int]outcome{1: {Holds, "a reason"}, 2: {CannotJudge, "so far a reason; its training isn't over"}, 3: {CannotJudge, "its training isn't over"},
			4: {CannotJudge, "its training isn't over"}, 5: {Holds, "a reason"}, 6: {CannotJudge, "its training isn't over"}, 7: {Holds, "a reason"}}
		if !past {
			want[7] = outcome{CannotJudge, "a higher peak may come"}
		}
		expect(t, j, want)
	}
}

// A log that looks as if it had settled isn't taken for one that has while it may grow; the shape of its peak
// is said, and said to be so far.
func TestUnfinishedLogs(t *testing.T) {
	w := newWorld(1, 1000, 300)
	l, ref := shallowFirst(w)
	over, growing := judge(t, l, ref, JudgeOptions{}), judge(t, l, ref, JudgeOptions{Unfinished: true})
	if over.Verdicts[5].Verdict != Holds || growing.Verdicts[5].Verdict != CannotJudge {
		t.Errorf("claim 6 is %s, and %s of a log that grows", over.Verdicts[5].Verdict, growing.Verdicts[5].Verdict)
	}
	if r := growing.Verdicts[1].Reason; !strings.HasPrefix(r, "so far the peak, ") || !strings.HasSuffix(r, "its training isn't over") || strings.Count(r, "isn't over") != 1 {
		t.Errorf("of the peak it is said: %s", r)
	}
	if over.Peak.Ratio != growing.Peak.Ratio || over.Verdicts[6].Verdict != growing.Verdicts[6].Verdict {
		t.Errorf("past the peak: %+v and %+v", over.Verdicts[6], growing.Verdicts[6])
	}
	few := judge(t, l.pick(func(k int) bool { return k < 10 }), ref, JudgeOptions{Unfinished: true})
	expect(t, few, map[int]outcome{2: {CannotJudge, "so far 10 evaluations are too few to see a shape, want 20; its training isn't over"}, 7: {CannotJudge, "a higher peak may come"}})
}
