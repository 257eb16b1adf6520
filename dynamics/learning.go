package dynamics

import (
	"fmt"
	"math"

	"shoal/contingency"
	"shoal/dynamics/regime"
	"shoal/internal/textfmt"
)

// Association is the straight line of package regime: how the reference's right answers follow the
// order in which the network learns. It is read from the order, so that it doesn't move with the
// network's accuracy.
type Association struct {
	// Slope is that of the line, less its bias ([regime.Fit].Bias).
	Slope *float64 `json:"slope"`
	// Rho is the correlation that the slope β stands for, β/√(1+β²), with its 95 % interval. It is over
	// examples, which change each other's ranks, and doesn't take the line for the truth
	// ([regime.Fit].RobustSE); the training and the fit of the reference are given.
	Rho *float64 `json:"rho"`
	Lo  *float64 `json:"lo"`
	Hi  *float64 `json:"hi"`
}

// Regime says whether there is a share learned from which the reference no longer predicts the order
// in which the network learns; see package regime. Shares are shares of all examples that are
// learned before. Where nothing could be fitted, numbers are null.
type Regime struct {
	// Found is the answer by both orders: true for a change at Share, false for none up to UpTo, null
	// where it can't be told.
	Found *bool `json:"found"`
	// Share to Jump describe the change, so that they are null unless one was found: the best place to
	// break a line exists in every run, and says nothing where there is no change.
	Share *float64 `json:"share"`
	Lo    *float64 `json:"lo"` // a change at Share lies between Lo and Hi, by either order: From and To of [regime.Fit]
	Hi    *float64 `json:"hi"`
	// Accuracy is the network's at the first evaluation from the start of learning on where it reaches
	// Share; null where shares are within classes, which reach it at different times.
	Accuracy    *float64 `json:"accuracy"`
	SlopeBefore *float64 `json:"slope_before"`
	SlopeAfter  *float64 `json:"slope_after"`
	Jump        *float64 `json:"jump"`
	// UpTo is null unless the answer is that there is none. 0 says that the line is straight as a whole,
	// without being clear at any single place.
	UpTo *float64 `json:"up_to"`
	// LR says how much better the best broken line is than the straight one, also where that is no change.
	LR *float64 `json:"lr"`
	// BySwitchTime is the check, by the other order.
	BySwitchTime RegimeCheck `json:"by_switch_time"`
	// ShallowFirst needs a change that was found, the order of another seed and a starved control; it is
	// null with fewer than two seeds or no control.
	ShallowFirst *bool  `json:"shallow_first"`
	Seeds        int    `json:"seeds"`
	Reason       string `json:"reason"` // one sentence, lower case
	// Slots are the reference's right answers by when the network learns.
	Slots []RegimeSlot `json:"slots"`
}

// RegimeCheck is the answer by one order; Share is null unless that finds a change.
type RegimeCheck struct {
	Found *bool    `json:"found"`
	Share *float64 `json:"share"`
}

// RegimeSlot counts the examples that are learned between two shares, and those of them that the
// reference gets right. The slot of the never learned is that from 1 to 1.
type RegimeSlot struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	N     int     `json:"n"`
	Right int     `json:"right"`
}

// RegimeSlots is the number of slots of the learned.
const RegimeSlots = 12

// Learning is the order in which the network of a log learns.
func (l *Log) Learning() (*regime.Learning, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	return regime.Learned(l.Labels, len(l.Steps), l.Correct), nil
}

// JudgeRegime reads association and regime of a reference from the order in which a network learns,
// which is that of l.
func JudgeRegime(l *Log, learned *regime.Learning, ref Reference) (Association, Regime) {
	right := ref.Correct(l.Labels)
	main, check := learned.BySpeed.Against(l.Labels, right), learned.BySwitch.Against(l.Labels, right)
	r := Regime{Found: answer(main, check), LR: number(main.LR), BySwitchTime: RegimeCheck{Found: found(check.Answer())}, Seeds: 1}
	if check.Answer() == regime.Found {
		r.BySwitchTime.Share = number(check.Share)
	}
	switch {
	case r.Found == nil:
	case *r.Found:
		r.Share, r.Lo, r.Hi = number(main.Share), number(math.Min(main.From, check.From)), number(math.Max(main.To, check.To))
		r.SlopeBefore, r.SlopeAfter, r.Jump = number(main.Before), number(main.After), number(main.Jump)
		r.Accuracy = accuracyAt(l, learned, main.Share)
	default:
		r.UpTo = number(math.Min(main.UpTo, check.UpTo))
	}
	r.Slots = []RegimeSlot{}
	for _, s := range learned.ShallowShare(right, RegimeSlots) {
		r.Slots = append(r.Slots, RegimeSlot(s))
	}
	r.Reason = r.explain(ref.Name, main, check)
	if r.Found == nil && learned.MostLeftOut() {
		r.Reason = "it can't be told: most examples are of classes of which a fifth or more is learned at one time; more evaluations are needed before it"
	}
	return associationOf(main), r
}

// accuracyAt is the network's accuracy at the first evaluation where it has learned a share of the
// examples. Before the start of learning a network answers one class, of which there may be more; and
// where shares are within classes, no accuracy of all examples belongs to one.
func accuracyAt(l *Log, learned *regime.Learning, share float64) *float64 {
	if learned.WithinClasses {
		return nil
	}
	for _, a := range l.Accuracies()[learned.From:] {
		if a >= share {
			return &a
		}
	}
	return nil
}

// number is x, nil for NaN.
func number(x float64) *float64 { return NullFloat(x).Known() }

func associationOf(f regime.Fit) Association {
	rho := func(slope float64) *float64 { return number(slope / math.Sqrt(1+float64(slope*slope))) }
	slope, half := f.Slope-f.Bias, float64(contingency.Z95*f.RobustSE)
	return Association{Slope: number(slope), Rho: rho(slope), Lo: rho(slope - half), Hi: rho(slope + half)}
}

// answer is that of two fits where they agree.
func answer(main, check regime.Fit) *bool {
	if main.Answer() != check.Answer() {
		return nil
	}
	return found(main.Answer())
}

func found(a regime.Answer) *bool {
	if a == regime.CannotTell {
		return nil
	}
	yes := a == regime.Found
	return &yes
}

func percent(x *float64) string { return textfmt.PlainShare(*x, 0) }

// change says where a change was found.
func (r *Regime) change(reference string) string {
	return fmt.Sprintf("%s stops predicting the order of learning at %s of the examples [%s, %s]", reference, percent(r.Share), percent(r.Lo), percent(r.Hi))
}

// explain says what was found, or why nothing could be told.
func (r *Regime) explain(reference string, main, check regime.Fit) string {
	switch {
	case r.Found != nil && *r.Found:
		return r.change(reference)
	case r.Found != nil && *r.UpTo > 0:
		return fmt.Sprintf("up to %s of the examples %s predicts the order of learning: no regime change", percent(r.UpTo), reference)
	case r.Found != nil:
		return fmt.Sprintf("%s predicts the order of learning as a straight line does: no regime change", reference)
	case main.Tried == 0 || check.Tried == 0:
		return "it can't be told: too few examples that the network learns and the reference gets right, or wrong"
	case max(main.Tie, check.Tie) > regime.MostTied:
		return fmt.Sprintf("it can't be told: %s of the examples are learned at one time; more evaluations are needed before it", textfmt.PlainShare(max(main.Tie, check.Tie), 0))
	case main.Answer() != check.Answer():
		return "it can't be told: the two readings of the order disagree"
	case main.Broken():
		return fmt.Sprintf("it can't be told: a line with a break fits better than a straight one, but after it %s doesn't clearly stop predicting the order", reference)
	}
	return fmt.Sprintf("it can't be told: %s predicts the order of learning too weakly", reference)
}
