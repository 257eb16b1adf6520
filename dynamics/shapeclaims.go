package dynamics

import (
	"fmt"
	"math"
	"slices"

	"shoal/contingency"
	"shoal/internal/textfmt"
)

// Limits of the rules on the shape of the curve.
const (
	leastEvaluations = 20     // below that a curve has no shape
	leastBefore      = 3      // evaluations before the peak, step 0 apart
	leastSkewness    = .1     // a smoothed curve that is symmetric without noise has up to .03
	slowFall         = 1.25   // fall over rise; of such a curve it is up to 1.1
	sharpDoublings   = 3.0    // widest peak at half height, in doublings of 1 + step,
	sharpAccuracy    = 1. / 3 // and as a share of all accuracy that was gained
	sameShare        = .25    // of the way to the most that the margins allow: what still counts as nothing
	earlyEpoch       = .2     // a fifth of the first epoch
)

// curveNumbers are the numbers behind claims 2 and 3.
func (e *evidence) curveNumbers() PeakNumbers {
	numbers := PeakNumbers{Smoothing: "local linear in ln(1+step), tricube, one doubling either side, inverse variance",
		Evaluations: len(e.curve.Points), Found: e.found()}
	if !e.found() {
		return numbers
	}
	s := e.shape
	numbers.CurveShape = &CurveShape{
		OnsetStep: e.curve.Points[e.onset].Step, Peak: e.peak.Ratio, PeakStep: e.peak.Step, PeakEpoch: e.peak.Epoch,
		PeakStepInterval: e.peak.StepAt, PeakRaw: e.peak.Raw, PeakRawStep: e.peak.RawStep,
		PeakAttainableMax: e.peak.Table.AttainableMax(), PeakNestedness: e.peak.Nestedness,
		ClassAdjustedModes: e.adjusted.modes, ClassAdjustedPeakStep: float64(e.smoothed[e.adjusted.peak].Step),
		Fall: e.fall, Modes: s.modes, Base: s.base, Skewness: e.byStep.skewness, SkewnessInAccuracy: e.gained.skewness,
		WidthDoublings: e.widthDoublings(), WidthInAccuracy: e.widthInAccuracy(),
		FallOverRise: e.byStep.slowness.exp(), FallOverRiseAccuracy: e.gained.slowness.exp(),
		SettledStep: s.settled, LastSmoothed: e.smoothed[len(e.smoothed)-1].Ratio,
	}
	return numbers
}

// widthDoublings is the peak's width at half height in doublings of 1 + step.
func (e *evidence) widthDoublings() Estimate { return e.byStep.width.times(1 / math.Ln2) }

// widthInAccuracy is the peak's width at half height as a share of all accuracy gained from the best
// constant answer on.
func (e *evidence) widthInAccuracy() Estimate {
	gain := e.lateMean - e.constant()
	if !(gain > 0) {
		return Estimate{}
	}
	return e.gained.width.times(1 / gain)
}

// noShape says why the curve's shape cannot be judged, or is empty.
func (e *evidence) noShape() string {
	if few := e.fewExamples(); few != "" {
		return few
	}
	if n := len(e.curve.Points); n < leastEvaluations {
		return fmt.Sprintf("%s %s too few to see a shape, want %d", textfmt.Count(n, "evaluation"), textfmt.Are(n), leastEvaluations)
	}
	if e.infinite {
		return "R± is infinite where its smoothed curve is highest"
	}
	if !e.found() {
		return "the network never leaves chance"
	}
	if !e.peak.Ratio.Defined || !e.fall.Defined {
		return "too many resampled curves have no peak to give it an interval"
	}
	return ""
}

// noPeak says that the curve has no peak and with which verdict; the reason is empty where it has
// one. What a longer run would change can't be judged: whether a curve rises, or falls that is still
// near its highest, as long as training is not over. Once the network is better than the reference the
// curve rises no more, but it falls on as long as accuracy rises: it comes to 1 with a perfect network.
func (e *evidence) noPeak() (Outcome, string) {
	over := e.lateMean >= e.m || e.plateau()
	switch s := e.shape; {
	case (!s.rises || e.peak.Ratio.Lo <= 1) && over:
		return Fails, "the curve does not rise above 1: its highest is " + e.at()
	case !s.falls || e.fall.Lo <= 1:
		if !over {
			return CannotJudge, "training is too short: the curve is still near its highest, " + e.at()
		}
		if !e.plateau() {
			return CannotJudge, fmt.Sprintf("the curve falls from its highest, %s, by a factor of %v, and may fall further: %s", e.at(), e.fall, e.unconverged())
		}
		return Fails, "the curve has no maximum from which it clearly falls: its highest is " + e.at()
	case !s.rises || e.peak.Ratio.Lo <= 1:
		return CannotJudge, "training is too short: the curve has not risen above 1"
	}
	return "", ""
}

// at says how high the peak is and where.
func (e *evidence) at() string {
	at := fmt.Sprintf("%v (smoothed) at step %s", e.peak.Ratio, textfmt.Thousands(e.peak.Step))
	if epoch := e.peak.Epoch.Known(); epoch != nil {
		at += fmt.Sprintf(" (epoch %.2f)", *epoch)
	}
	return at
}

// claim2: one sharp, right-skewed peak. On the smoothed curve from the onset on: the peak exceeds
// 1, and falls again, each by leastRise and with an interval that excludes 1; it is the only mode;
// its excess over its base (see shape) is skewed to the right, by leastSkewness; and it is sharp: at half height at
// most sharpDoublings doublings of the step wide, and at most sharpAccuracy of the accuracy that was
// gained. Skewness and width are judged over ln(1 + step) and over accuracy, since over steps any
// long run has a short rise and a long tail; each by the interval of the bootstrap, so that a curve
// which is symmetric in ln(1 + step) passes once in forty at most.
//
// It cannot be judged with too few evaluations, overall or before the peak. Nor can what a longer
// run would change: as long as training is not over the peak is measured from 1, the lowest that it
// may come to, and what is then against the claim may still change. Several modes fail in any case.
func claim2(e *evidence) (Numbers, Outcome, string) {
	curve := e.curveNumbers()
	numbers := Numbers{Peak: &curve}
	if why := e.noShape(); why != "" {
		return numbers, CannotJudge, why
	}
	if verdict, why := e.noPeak(); why != "" {
		return numbers, verdict, why
	}
	if e.peakAt() < e.trainedBefore(leastBefore) {
		return numbers, CannotJudge, "evaluations are too sparse before the peak, " + e.at()
	}
	verdict, reason := e.judgePeak()
	return numbers, verdict, reason
}

// trainedBefore is the index of the evaluation that has n trained ones before it.
func (e *evidence) trainedBefore(n int) int {
	if e.curve.Points[0].Step == 0 {
		return n + 1
	}
	return n
}

// A quality is something that claims 2 and 3 say of the peak over one axis: it holds when the
// interval of its number lies above limit, or below where it is at most.
type quality struct {
	number Estimate
	limit  float64
	atMost bool
	text   string // what the number is
}

// outcome compares the number with the limit.
func (q quality) outcome() Outcome {
	over, under := q.number.Lo > q.limit, q.number.Hi < q.limit
	if q.atMost {
		over, under = under, over
	}
	switch {
	case !q.number.Defined:
		return CannotJudge
	case over:
		return Holds
	case under:
		return Fails
	}
	return CannotJudge
}

// skewedRight, sharp and slow are what the claims say of the shape.
func (e *evidence) skewedRight() []quality {
	return []quality{
		{e.byStep.skewness, leastSkewness, false, "skewness over ln(step)"},
		{e.gained.skewness, leastSkewness, false, "skewness over accuracy"},
	}
}

func (e *evidence) sharp() []quality {
	return []quality{
		{e.widthDoublings(), sharpDoublings, true, "doublings of the step wide at half height, at most 3 being sharp,"},
		{e.widthInAccuracy(), sharpAccuracy, true, "share of the accuracy gained that it is wide, at most a third being sharp,"},
	}
}

func (e *evidence) slow() []quality {
	return []quality{
		{e.byStep.slowness.exp(), slowFall, false, "fall over rise in doublings of the step"},
		{e.gained.slowness.exp(), slowFall, false, "fall over rise in accuracy"},
	}
}

// judgePeak judges the shape of a peak that was found.
func (e *evidence) judgePeak() (Outcome, string) {
	switch s := e.shape; {
	case s.modes > 1 && e.adjusted.modes == 1:
		return Fails, fmt.Sprintf("the smoothed curve has %d modes, the highest %s; adjusted for class it has one", s.modes, e.at())
	case s.modes > 1:
		return Fails, fmt.Sprintf("the smoothed curve has %d modes, the highest %s", s.modes, e.at())
	}
	verdict, reason := e.judgeQualities("not skewed to the right, or not sharp: ", slices.Concat(e.skewedRight(), e.sharp()))
	return verdict, fmt.Sprintf("the peak, %s, is %s", e.at(), reason)
}

// judgeQualities is whether all qualities hold: it fails where one does and training is over, and
// can't be judged where one can't.
func (e *evidence) judgeQualities(not string, all []quality) (Outcome, string) {
	worst, short := Holds, e.unconverged()
	if e.options.Unfinished {
		short = notOverReason
	}
	var against, open, good string
	list := func(to *string, q quality) {
		if *to != "" {
			*to += "; "
		}
		*to += fmt.Sprintf("%s %v", q.text, q.number)
	}
	for _, q := range all {
		switch q.outcome() {
		case Holds:
			list(&good, q)
		case Fails:
			list(&against, q)
		default:
			list(&open, q)
		}
	}
	switch {
	case against != "" && short == "":
		return Fails, not + against
	case against != "":
		return CannotJudge, not + against + "; but " + short
	case open != "":
		worst = CannotJudge
		good = "not told apart from one that isn't so: " + open
		if short != "" {
			good += "; " + short
		}
		return worst, good
	}
	return worst, "as claimed: " + good
}

// claim3: settles slowly on a value that is not 1.0, even at convergence. The network must have
// converged. The value is above 1 when the interval of the last R± is: holds one-sided, since a
// value below 1 says the opposite of what is claimed. Fails when the interval lies below 1, or
// contains 1 and comes no further than sameShare of the way to the most that the margins allow, in
// the logarithm (leastRatio); where they allow next to nothing, nothing can be told. It is slow when the fall,
// from the peak to a tenth of its height, takes slowFall times as long as the rise
// from there, over ln(1 + step) and over accuracy.
func claim3(e *evidence) (Numbers, Outcome, string) {
	r, most := e.last.Ratio(), e.last.AttainableMax()
	numbers := Numbers{Settling: &SettlingNumbers{PeakNumbers: e.curveNumbers(), Last: r, LastStep: e.last.Step, LastEpoch: e.last.Epoch,
		LastAttainableMax: most, LastNestedness: e.last.Nestedness(), OneWithinInterval: r.Contains(1),
		Accuracy: e.lateMean, ReferenceAccuracy: e.m}}
	if why := e.noShape(); why != "" {
		return numbers, CannotJudge, why
	}
	if why := e.unconverged(); why != "" {
		return numbers, CannotJudge, why
	}
	switch {
	case !r.Defined:
		return numbers, CannotJudge, "the last ratio is " + r.String()
	case r.Hi < 1:
		return numbers, Fails, fmt.Sprintf("the last ratio, %v, is below 1: what the reference gets right the network gets right less often", r)
	case r.Contains(1) && math.Log(r.Hi) > leastRatio(most):
		return numbers, CannotJudge, fmt.Sprintf("the last ratio, %v, cannot be told from 1 nor from values on the way to the most it could be, %v", r, most)
	case r.Contains(1):
		return numbers, Fails, fmt.Sprintf("the last ratio, %v, has 1 within its interval", r)
	}
	if verdict, why := e.noPeak(); why != "" {
		return numbers, verdict, fmt.Sprintf("the last ratio is %v, but there was no peak to settle from: %s", r, why)
	}
	verdict, reason := e.judgeQualities("refuted: ", e.slow())
	return numbers, verdict, fmt.Sprintf("the last ratio is %v of at most %v; settling slowly is %s", r, most, reason)
}

// leastRatio is the logarithm of a ratio that would count as more than 1: sameShare of the way to the
// most that the margins allow, in the logarithm; where that has no bound (the network is right no more
// often than the reference), the ratio that no longer counts as 1 for an untrained network.
func leastRatio(most contingency.Number) float64 {
	if !most.Defined {
		return math.Log(sameTo)
	}
	return sameShare * math.Log(most.Value)
}

// claim7: the peak comes before a fifth of the first epoch. Holds when the interval of its epoch
// lies before, fails when it lies after, or when there is no peak.
func claim7(e *evidence) (Numbers, Outcome, string) {
	numbers := Numbers{Early: &EarlyNumbers{EarlyStep: e.peak.StepAt, EpochOfPeak: e.epochs}}
	if why := e.noShape(); why != "" {
		return numbers, CannotJudge, why
	}
	if verdict, why := e.noPeak(); why != "" {
		return numbers, verdict, why
	}
	if !e.epochs.Defined {
		return numbers, CannotJudge, "the log doesn't say at which epochs the network was scored"
	}
	found := fmt.Sprintf("the peak, smoothed, is at epoch %v", e.epochs)
	switch {
	case e.epochs.Hi < earlyEpoch:
		return numbers, Holds, found
	case e.epochs.Lo > earlyEpoch:
		return numbers, Fails, found
	}
	return numbers, CannotJudge, found + ": the interval has a fifth of an epoch within it"
}
