package dynamics

import "strings"

// PastPeak reports whether a log that may still grow has its peak of R± behind it: the highest that the
// margins of the last evaluation allow is below the interval of the smoothed peak. As long as accuracy
// doesn't fall below what it is now, no later evaluation can be as high, so where the peak lies, and how
// high it is, need not wait for the end of the training. That it has no second, lower one does, and how
// it falls.
func (j *Judgement) PastPeak() bool {
	most, right := j.Final.AttainableMax(), j.Final.ShallowRight()
	if !most.Defined || min(right, j.Final.N()-right) < leastCell || !j.Peak.Found || !j.Peak.Ratio.Defined {
		return false
	}
	return j.evaluations() >= leastEvaluations && most.Value < j.Peak.Ratio.Lo
}

// evaluations is how many the curve was judged on, 0 for a judgement that doesn't say.
func (j *Judgement) evaluations() int {
	for _, v := range j.Verdicts {
		if c := v.Numbers.curve(); c != nil {
			return c.Evaluations
		}
	}
	return 0
}

const (
	notOverReason   = "its training isn't over"
	notPastItReason = "its training isn't over, and a higher peak may come"
)

// notOver takes back what the verdicts of a log that may still grow say of its end: all of claims 3, 4 and
// 6, which are about convergence; that the peak is the only one, of claim 2, which keeps what it looks like
// so far; and where it is, of claim 7, as long as the log isn't past it. A curve may look as if it had
// settled before its learning rate falls.
func (j *Judgement) notOver() {
	past := j.PastPeak()
	for k := range j.Verdicts {
		switch v := &j.Verdicts[k]; v.Claim {
		case 2:
			v.Verdict, v.Reason = CannotJudge, "so far "+strings.TrimPrefix(v.Reason, "training is too short: ")
			if !strings.HasSuffix(v.Reason, notOverReason) {
				v.Reason += "; " + notOverReason
			}
		case 3, 4, 6:
			v.Verdict, v.Reason = CannotJudge, notOverReason
		case 7:
			if !past {
				v.Verdict, v.Reason = CannotJudge, notPastItReason
			}
		}
	}
}
