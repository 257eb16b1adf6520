package dynamics

import (
	"fmt"
	"math"

	"shoal/contingency"
)

// Limits of the rules below.
const (
	leastCell        = 30   // examples that the reference must get right, and wrong
	leastEvaluations = 20   // below that a curve has no shape
	leastBefore      = 3    // evaluations before the peak, step 0 apart
	widestFirst      = 4.0  // Hi/Lo of the first ratio beyond which "1.0" says nothing
	sharpShare       = 0.2  // width at half height over the run's steps
	slowFall         = 2.0  // fall over rise, in steps
	plateauShare     = 0.02 // gain over the remaining error
	plateauGain      = 1e-3 // gain that always counts as none
)

// claims are the claims 1 to 5, each with its rule.
var claims = [5]struct {
	title string
	judge func(*evidence) (numbers Numbers, verdict Outcome, reason string)
}{
	{"R± starts at 1.0", claim1},
	{"one sharp, right-skewed peak", claim2},
	{"settles slowly on a value that is not 1.0", claim3},
	{"shallow_only stays above zero at convergence", claim4},
	{"R+ about 60 % while accuracy is about 20 % and R- about 15 % (claimed only of the SVM on CIFAR's 100 classes)", claim5},
}

// fewExamples says why no ratio can be judged, or is empty.
func (e *evidence) fewExamples() string {
	right := e.last.ShallowRight()
	wrong := e.last.N() - right
	if right < leastCell || wrong < leastCell {
		return fmt.Sprintf("the reference gets %d examples right and %d wrong; a ratio needs %d of each", right, wrong, leastCell)
	}
	return ""
}

// unconverged says why nothing can be said about convergence, or is empty: the network must be at
// least as good as the reference and have stopped improving.
func (e *evidence) unconverged() string {
	if e.lateMean < e.m {
		return fmt.Sprintf("training is too short: the network's accuracy %.4f is still below the reference's %.4f", e.lateMean, e.m)
	}
	if math.IsNaN(e.gain) {
		return "the end of the run has too few evaluations to tell whether accuracy has stopped rising"
	}
	if !e.plateau() {
		return fmt.Sprintf("training is too short: over the last tenth of it accuracy still rose by %.4f to %.4f", e.gain, e.lateMean)
	}
	return ""
}

// plateau reports whether accuracy has stopped rising: its mean over the last tenth of the steps
// exceeds that over the tenth before by no more than a fiftieth of the remaining error, or a tenth
// of a point.
func (e *evidence) plateau() bool {
	return e.gain <= math.Max(plateauGain, plateauShare*(1-e.lateMean))
}

// claim1: R± starts at 1.0. It needs an evaluation of the untrained network. Holds when Katz's
// interval of its R± contains 1; fails when it does not; cannot be judged when the interval is
// wider than a factor of widestFirst. An untrained network tends to predict one class for nearly
// everything, and R± is then how much likelier that class is among what the reference gets right:
// the class-adjusted ratio (see ClassAdjusted) shows what is left without that.
func claim1(e *evidence) (Numbers, Outcome, string) {
	first := e.curve.Points[0]
	r := first.Ratio()
	commonest, share := e.commonest(0)
	adjusted := ClassAdjusted(e.log.Labels, e.shallow.get, e.deep[0].get)
	numbers := Numbers{Start: &StartNumbers{Step: first.Step, Ratio: r, Accuracy: first.DeepAccuracy().Value,
		ClassAdjustedRatio: adjusted, CommonestClass: commonest, CommonestClassShare: share}}
	switch few := e.fewExamples(); {
	case first.Step != 0:
		return numbers, CannotJudge, fmt.Sprintf("the first evaluation is at step %d; the untrained network was not scored", first.Step)
	case few != "":
		return numbers, CannotJudge, few
	case !r.Defined || r.OneSided:
		return numbers, CannotJudge, "the untrained network's ratio is " + r.String()
	case r.Contains(1) && r.Hi > widestFirst*r.Lo:
		return numbers, CannotJudge, fmt.Sprintf("the interval of the first ratio, %v, is too wide", r)
	case r.Contains(1):
		return numbers, Holds, fmt.Sprintf("the untrained network has R± %v, and 1 lies within", r)
	}
	return numbers, Fails, fmt.Sprintf("the untrained network has R± %v; it answers class %d for %.0f %% of the examples, and adjusted for class the ratio is %v",
		r, commonest, 100*share, adjusted)
}

// commonest is the class that the network predicts most often at evaluation t, and for which share
// of the examples.
func (e *evidence) commonest(t int) (class int, share float64) {
	p := e.log.Predictions[t]
	counts := histogram(p)
	for c, k := range counts {
		if k > counts[class] {
			class = c
		}
	}
	return class, float64(counts[class]) / float64(len(p))
}

// curveNumbers are the numbers behind claims 2 and 3.
func (e *evidence) curveNumbers() PeakNumbers {
	numbers := PeakNumbers{Smoothing: "local linear in ln(1+step), tricube, one doubling either side, inverse variance",
		Evaluations: len(e.curve.Points), Found: e.found()}
	if !e.found() {
		return numbers
	}
	s, end := e.shape, float64(e.last.Step)
	steps, _ := e.fromChance(ratios(e.smoothed))
	numbers.CurveShape = &CurveShape{
		OnsetStep: e.curve.Points[e.onset].Step, Peak: e.peak.Ratio, PeakStep: e.peak.Step, PeakEpoch: e.peak.Epoch,
		PeakStepInterval: e.peak.StepAt, PeakRaw: e.peak.Raw, PeakRawStep: e.peak.RawStep,
		PeakAttainableMax: e.peak.Table.AttainableMax(), PeakNestedness: e.peak.Nestedness,
		PeakBeforeFifthOfFirstEpoch: e.peak.Epoch.below(.2),
		ClassAdjustedModes:          e.adjusted.modes, ClassAdjustedPeakStep: steps[e.adjusted.peak],
		Fall: e.fall, Modes: s.modes, Skewness: e.skew,
		RiseHalfSteps: s.leftHalf, FallHalfSteps: s.rightHalf,
		WidthShare: s.width() / end, SettledStep: s.settled, LastSmoothed: e.smoothed[len(e.smoothed)-1].Ratio,
	}
	return numbers
}

// noShape says why the curve's shape cannot be judged, or is empty.
func (e *evidence) noShape() string {
	if few := e.fewExamples(); few != "" {
		return few
	}
	if n := len(e.curve.Points); n < leastEvaluations {
		return fmt.Sprintf("%d evaluations are too few to see a shape, want %d", n, leastEvaluations)
	}
	if !e.found() {
		return "the network never leaves chance"
	}
	if !e.peak.Ratio.Defined || !e.fall.Defined {
		return "too many resampled curves have no peak to give it an interval"
	}
	return ""
}

// claim2: one sharp, right-skewed peak. On the smoothed curve from the onset on: the peak exceeds
// 1, and falls again, each by leastRise and with an interval that excludes 1; it is the only mode;
// the excess over its feet is skewed to the right over steps, by its third moment and by its half
// widths; and it is sharp, its width at half height at most sharpShare of the run.
//
// It cannot be judged with too few evaluations, overall or before the peak. Nor can what a longer
// run would change: whether a curve falls that is still near its highest, and whether a peak is
// skewed and sharp whose foot the run has not reached, as long as training is not over. Several
// modes fail in any case.
func claim2(e *evidence) (Numbers, Outcome, string) {
	curve := e.curveNumbers()
	numbers := Numbers{Peak: &curve}
	if why := e.noShape(); why != "" {
		return numbers, CannotJudge, why
	}
	s := e.shape
	over := e.lateMean >= e.m || e.plateau()
	at := fmt.Sprintf("%v at step %d", e.peak.Ratio, e.peak.Step)
	if epoch := e.peak.Epoch.Known(); epoch != nil {
		at += fmt.Sprintf(" (epoch %.2f)", *epoch)
	}
	switch {
	case (!s.rises || e.peak.Ratio.Lo <= 1) && over:
		return numbers, Fails, "the curve does not rise above 1: its highest is " + at
	case !s.falls || e.fall.Lo <= 1:
		if !over {
			return numbers, CannotJudge, "training is too short: the curve is still near its highest, " + at
		}
		return numbers, Fails, "the curve has no maximum before its end: its highest is " + at
	case !s.rises || e.peak.Ratio.Lo <= 1:
		return numbers, CannotJudge, "training is too short: the curve has not risen above 1"
	case e.peakAt() < e.trainedBefore(leastBefore):
		return numbers, CannotJudge, fmt.Sprintf("evaluations are too sparse before the peak, %s", at)
	}
	verdict, reason := e.judgePeak(at)
	return numbers, verdict, reason
}

// trainedBefore is the index of the evaluation that has n trained ones before it.
func (e *evidence) trainedBefore(n int) int {
	if e.curve.Points[0].Step == 0 {
		return n + 1
	}
	return n
}

// judgePeak judges the shape of a peak that was found.
func (e *evidence) judgePeak(at string) (Outcome, string) {
	s := e.shape
	width := s.width() / float64(e.last.Step)
	short := e.unconverged()
	switch {
	case s.modes > 1 && e.adjusted.modes == 1:
		return Fails, fmt.Sprintf("the smoothed curve has %d modes, the highest %s; adjusted for class it has one", s.modes, at)
	case s.modes > 1:
		return Fails, fmt.Sprintf("the smoothed curve has %d modes, the highest %s", s.modes, at)
	case !(s.skewness > 0) || !(s.rightHalf > s.leftHalf):
		return orTooShort(short, Fails), fmt.Sprintf("the peak, %s, is not skewed to the right: skewness %v, %.0f steps up and %.0f down at half height%s",
			at, e.skew, s.leftHalf, s.rightHalf, but(short))
	case width > sharpShare:
		return orTooShort(short, Fails), fmt.Sprintf("the peak, %s, is not sharp in this run: at half height it takes %.0f %% of it%s", at, 100*width, but(short))
	}
	return Holds, fmt.Sprintf("one peak, %s, skewness %v, nestedness there %v", at, e.skew, e.peak.Nestedness)
}

// orTooShort is the verdict, unless there is a reason why training is too short for it.
func orTooShort(short string, verdict Outcome) Outcome {
	if short != "" {
		return CannotJudge
	}
	return verdict
}

func but(short string) string {
	if short == "" {
		return ""
	}
	return "; but " + short
}

// claim3: settles slowly on a value that is not 1.0, even at convergence. The network must have
// converged. Fails when the last R±'s interval contains 1; but when it also contains the most that
// the margins allow, the run cannot tell 1 from the most nested table. Fails when there was no fall
// to settle from, or when the fall (peak to settled: a tenth of the fall left) took less than
// slowFall times the rise (start to peak).
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
	fall, rise := e.shape.settled-float64(e.peak.Step), float64(e.peak.Step)
	switch {
	case !r.Defined:
		return numbers, CannotJudge, "the last ratio is " + r.String()
	case r.Contains(1) && most.Defined && r.Contains(most.Value):
		return numbers, CannotJudge, fmt.Sprintf("the last ratio, %v, cannot be told from 1 nor from the most it could be, %v", r, most)
	case r.Contains(1):
		return numbers, Fails, fmt.Sprintf("the last ratio, %v, has 1 within its interval", r)
	case !e.shape.falls || e.fall.Lo <= 1:
		return numbers, Fails, fmt.Sprintf("the last ratio is %v, but there was no peak to settle from", r)
	case fall < slowFall*rise:
		return numbers, Fails, fmt.Sprintf("the last ratio is %v, but it settled in %.0f steps after rising for %.0f", r, fall, rise)
	}
	return numbers, Holds, fmt.Sprintf("the last ratio is %v of at most %v; it settled in %.0f steps after rising for %.0f", r, most, fall, rise)
}

// claim4: shallow_only stays above zero at convergence. The network must have converged. Holds when
// shallow_only is above zero at every one of the last K evaluations. How much of it is one
// persistent set, and how much churn, is in the numbers; see Churn for the control that it needs.
// (The paper excepts MNIST: there it expects this to fail.)
func claim4(e *evidence) (Numbers, Outcome, string) {
	core := e.core.count()
	T := len(e.curve.Points)
	numbers := Numbers{Left: &LeftNumbers{Last: e.last.ShallowOnly, LeastOfLastK: e.leastAlone, Persistent: core, LastK: e.lastK,
		LastKFromStep: e.curve.Points[T-e.lastK].Step, ShareOfReferenceRight: contingency.Wilson(core, e.last.ShallowRight()),
		Accuracy: e.lateMean, ReferenceAccuracy: e.m}}
	if why := e.unconverged(); why != "" {
		return numbers, CannotJudge, why
	}
	if e.leastAlone == 0 {
		return numbers, Fails, fmt.Sprintf("shallow_only is 0 at one of the last %d evaluations, and %d at the end", e.lastK, e.last.ShallowOnly)
	}
	return numbers, Holds, fmt.Sprintf("shallow_only is %d at the end and never below %d over the last %d evaluations; %d examples are missed at all of those",
		e.last.ShallowOnly, e.leastAlone, e.lastK, core)
}

// claim5: R+ about 60 % while accuracy is about 20 % and R- about 15 %. Judged at the evaluation
// with the accuracy nearest to 20 %, which must lie within 2 points. Holds when the intervals of R+
// and R- reach into 50-70 % and 10-20 %. It cannot be judged when the margins keep R+ below 50 %
// whatever the network learns: R+ is at most d/m.
func claim5(e *evidence) (Numbers, Outcome, string) {
	near := e.log.NearestAccuracy(.2)
	p := e.curve.Points[near]
	plus, minus, d := p.RPlus(), p.RMinus(), p.DeepAccuracy().Value
	most := p.MostNested().RPlus().Value
	numbers := Numbers{Moment: &MomentNumbers{Step: p.Step, Epoch: p.Epoch, Accuracy: d, RPlus: plus, RMinus: minus,
		RPlusAttainableMax: most, Ratio: p.Ratio(), Nestedness: p.Nestedness()}}
	if few := e.fewExamples(); few != "" {
		return numbers, CannotJudge, few
	}
	if !(math.Abs(d-.2) <= .02) {
		return numbers, CannotJudge, fmt.Sprintf("no evaluation has an accuracy near 20 %%; the nearest is %.1f %% at step %d", 100*d, p.Step)
	}
	if most < .5 {
		return numbers, CannotJudge, fmt.Sprintf("at this accuracy R+ can be at most %.1f %%, whatever the network learns: the reference is right too often", 100*most)
	}
	found := fmt.Sprintf("at step %d, accuracy %.1f %%: R+ %v, R- %v", p.Step, 100*d, plus, minus)
	if plus.Hi >= .5 && plus.Lo <= .7 && minus.Hi >= .1 && minus.Lo <= .2 {
		return numbers, Holds, found
	}
	return numbers, Fails, found
}
