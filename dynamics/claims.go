package dynamics

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"shoal/contingency"
	"shoal/internal/textfmt"
)

// Limits of the rules below.
const (
	leastCell    = 30   // examples that the reference must get right, and wrong
	plateauShare = 0.02 // gain over the remaining error
	plateauGain  = 1e-3 // gain that always counts as none
)

// Claims is how many claims of the paper are judged, 1 to Claims.
const Claims = 7

// claims are the claims, each with its rule.
var claims = [Claims]struct {
	title string
	judge func(*evidence) (numbers Numbers, verdict Outcome, reason string)
}{
	{"R± starts at 1.0", claim1},
	{"one sharp, right-skewed peak", claim2},
	{"settles slowly on a value that is not 1.0", claim3},
	{"shallow_only stays above zero at convergence", claim4},
	{"R+ about 60 % while accuracy is about 20 % and R- about 15 % (claimed only of the SVM on CIFAR's 100 classes)", claim5},
	{"what the reference gets right is right more often at convergence: R+ - R- > 0", claim6},
	{"the peak comes before a fifth of the first epoch", claim7},
}

// fewExamples says why no ratio can be judged, or is empty.
func (e *evidence) fewExamples() string {
	right := e.last.ShallowRight()
	wrong := e.last.N() - right
	if right < leastCell || wrong < leastCell {
		return fmt.Sprintf("the reference gets %s right and %d wrong; a ratio needs %d of each", textfmt.Count(right, "example"), wrong, leastCell)
	}
	return ""
}

// unconverged says why nothing can be said about convergence, or is empty: the network must be at
// least as good as the reference and have stopped improving.
func (e *ending) unconverged() string {
	if e.lateMean < e.m {
		return fmt.Sprintf("training is too short: the network's accuracy %.4f is still below the reference's %.4f", e.lateMean, e.m)
	}
	if math.IsNaN(e.gain) {
		return fmt.Sprintf("too few evaluations at the end to tell whether accuracy has stopped rising: each of the last two tenths of the steps needs %d", leastLate)
	}
	if !e.plateau() {
		return fmt.Sprintf("training is too short: over the last tenth of it accuracy still rose by %.4f to %.4f", e.gain, e.lateMean)
	}
	return ""
}

// plateau reports whether accuracy has stopped rising: its mean over the last tenth of the steps
// exceeds that over the tenth before by no more than a fiftieth of the remaining error, or a tenth
// of a point.
func (e *ending) plateau() bool {
	return e.gain <= math.Max(plateauGain, plateauShare*(1-e.lateMean))
}

// claim4: shallow_only stays above zero at convergence. The network must have converged. Fails when
// shallow_only is zero at some evaluation in the last tenth of the steps. That it is not zero is no
// evidence: of two equally good networks each misses something that the other has. So one run never
// says that it holds; runs of several seeds do, by JudgeLeft. (The paper excepts MNIST: there it
// expects this to fail.)
func claim4(e *evidence) (Numbers, Outcome, string) {
	core := e.core.count()
	T := len(e.curve.Points)
	numbers := Numbers{Left: &LeftNumbers{Last: e.last.ShallowOnly, Least: e.leastAlone, Persistent: core, LastK: e.lastK,
		LastKFromStep: e.curve.Points[T-e.lastK].Step, ShareOfReferenceRight: contingency.Wilson(core, e.last.ShallowRight()),
		Accuracy: e.lateMean, ReferenceAccuracy: e.m}}
	if why := e.unconverged(); why != "" {
		return numbers, CannotJudge, why
	}
	if e.leastAlone == 0 {
		return numbers, Fails, fmt.Sprintf("shallow_only is 0 at an evaluation in the last tenth of the steps, and %d at the end", e.last.ShallowOnly)
	}
	return numbers, CannotJudge, fmt.Sprintf("shallow_only is %d at the end and never below %d over the last tenth of the steps; how many a network as accurate as the reference would leave takes another seed",
		e.last.ShallowOnly, e.leastAlone)
}

// Claim 5's numbers: about 60 % while accuracy is about 20 %.
const (
	momentAccuracy = .2
	momentWithin   = .02 // how far the accuracy of an evaluation may be from it
	momentFrom     = .5  // R+ that counts as about 60 %
	momentTo       = .7
)

// claim5: R+ about 60 % while accuracy is about 20 % and R- about 15 %. Given the accuracies this is
// one number, since R-·(1-m) = d - R+·m: R+. Judged at all evaluations at which accuracy crosses
// 20 %, the interval of the largest R+ allowing for the choice (Bonferroni): holds when it lies within
// 50 to 70 %, fails when it lies outside. It cannot be judged when the margins keep R+ below 50 %
// whatever the network learns: R+ is at most d/m.
func claim5(e *evidence) (Numbers, Outcome, string) {
	at := e.crossings(momentAccuracy)
	best := nearest(e.accuracies(), momentAccuracy)
	for k, t := range at {
		if k == 0 || e.curve.Points[t].RPlus().Value > e.curve.Points[best].RPlus().Value {
			best = t
		}
	}
	p := e.curve.Points[best]
	plus, minus, d := p.RPlus(), p.RMinus(), p.DeepAccuracy().Value
	all := wilsonOf(plus, max(1, len(at)))
	most := p.MostNested().RPlus().Value
	numbers := Numbers{Moment: &MomentNumbers{Step: p.Step, Epoch: p.Epoch, Crossings: len(at), Accuracy: d, RPlus: plus, RPlusAll: all, RMinus: minus,
		RPlusAttainableMax: most, Ratio: p.Ratio(), Nestedness: p.Nestedness()}}
	if few := e.fewExamples(); few != "" {
		return numbers, CannotJudge, few
	}
	if len(at) == 0 {
		return numbers, CannotJudge, fmt.Sprintf("no evaluation has an accuracy near 20 %%; the nearest is %.1f %% at step %s", 100*d, textfmt.Thousands(p.Step))
	}
	if most < momentFrom {
		return numbers, CannotJudge, fmt.Sprintf("at this accuracy R+ can be at most %.1f %%, whatever the network learns: the reference is right too often", 100*most)
	}
	found := fmt.Sprintf("at step %s, accuracy %.1f %%: R+ %v, R- %v", textfmt.Thousands(p.Step), 100*d, plus, minus)
	if len(at) > 1 {
		found += fmt.Sprintf("; the largest R+ of %d evaluations at which accuracy crosses 20 %%", len(at))
	}
	switch {
	case all.Lo >= momentFrom && all.Hi <= momentTo:
		return numbers, Holds, found
	case all.Hi < momentFrom || all.Lo > momentTo:
		return numbers, Fails, found
	}
	return numbers, CannotJudge, found + ": too few examples to tell it from 50 or 70 %"
}

// crossings are the evaluations at which accuracy passes a value, up or down: of the two on either
// side of it the nearer one, where it is within momentWithin.
func (e *evidence) crossings(want float64) []int {
	var out []int
	accuracy := e.accuracies()
	add := func(t int) {
		if math.Abs(accuracy[t]-want) <= momentWithin && (len(out) == 0 || out[len(out)-1] != t) {
			out = append(out, t)
		}
	}
	for t, d := range accuracy {
		switch {
		case d == want:
			add(t)
		case t > 0 && (d < want) != (accuracy[t-1] < want):
			if math.Abs(d-want) < math.Abs(accuracy[t-1]-want) {
				add(t)
			} else {
				add(t - 1)
			}
		}
	}
	return out
}

// wilsonOf is a proportion with Wilson's interval at 1 - 5 %/looks.
func wilsonOf(p contingency.Proportion, looks int) Estimate {
	if !p.Defined {
		return Estimate{}
	}
	z := distuv.UnitNormal.Quantile(1 - .025/float64(looks))
	n := float64(p.Of)
	centre, half := p.Value+z*z/(2*n), float64(z*math.Sqrt(p.Value*(1-p.Value)/n+z*z/(4*n*n)))
	return estimate(p.Value, (centre-half)/(1+z*z/n), (centre+half)/(1+z*z/n))
}

// claim6: what the reference gets right is right more often at convergence, R+ - R- > 0. The network
// must have converged. Holds when the interval of the difference lies above 0, fails when it lies
// below 0, or contains 0 and comes no further than sameShare of the way to R+ = 1.
func claim6(e *evidence) (Numbers, Outcome, string) {
	plus, minus := e.last.RPlus(), e.last.RMinus()
	gap := difference(plus, minus)
	numbers := Numbers{Gap: &GapNumbers{LastRPlus: plus, LastRMinus: minus, Difference: gap}}
	if few := e.fewExamples(); few != "" {
		return numbers, CannotJudge, few
	}
	if why := e.unconverged(); why != "" {
		return numbers, CannotJudge, why
	}
	found := fmt.Sprintf("at the end R+ is %v and R- %v, a difference of %v", plus, minus, gap)
	switch {
	case gap.Lo > 0:
		return numbers, Holds, found
	case gap.Hi < 0, gap.Hi <= sameShare*(1-minus.Value):
		return numbers, Fails, found
	}
	return numbers, CannotJudge, found + ": it has either sign within its interval"
}

// difference is that of two independent proportions with Newcombe's (1998) hybrid score interval,
// made of Wilson's two.
func difference(a, b contingency.Proportion) Estimate {
	if !a.Defined || !b.Defined {
		return Estimate{}
	}
	d := a.Value - b.Value
	return estimate(d, d-math.Hypot(a.Value-a.Lo, b.Hi-b.Value), d+math.Hypot(a.Hi-a.Value, b.Value-b.Lo))
}
