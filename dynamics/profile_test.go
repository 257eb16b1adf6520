package dynamics

import (
	"context"
	"maps"
	"math"
	"slices"
	"testing"

	"shoal/contingency"
	"shoal/internal/parallel"

	"shoal/internal/simdraws"
)

// A profile is a world whose courses are known: the network's accuracy on what a reference gets right
// and on what it gets wrong, by step. So what every interval should cover is known, too.
type profile struct {
	name         string
	m            float64 // accuracy of the reference
	right, wrong func(step int) float64
	want         map[int]Outcome // by claim: what it must say in nearly all draws
	never        map[int]Outcome // what it must say in nearly none
}

// bump is a profile with R± = 1 + 4·exp(-z²/2) of ln(1 + step) about step 40, z having one width left
// of it and another one right of it, over a course of R- that comes to rest at step 250.
func bump(name string, left, right, floor float64) profile {
	at := func(step int) float64 { return math.Min(math.Log1p(float64(step)), math.Log1p(250)) }
	wrong := func(step int) float64 { return .1 + .78/(1+math.Exp((5-at(step))/.25)) }
	ratio := func(step int) float64 {
		z, low := at(step)-math.Log1p(40), 1.
		if z > 0 {
			z, low = z/right, floor
		} else {
			z /= left
		}
		return low + (5-low)*math.Exp(-z*z/2)
	}
	return profile{name: name, m: .4, wrong: wrong, right: func(step int) float64 { return math.Min(.99, ratio(step)*wrong(step)) }}
}

func (p profile) saying(want map[int]Outcome) profile { p.want = want; return p }

func (p profile) notSaying(never map[int]Outcome) profile { p.never = never; return p }

func profiles() []profile {
	flat := rising(.9, 15, 2)
	return []profile{
		bump("right-skewed peak, settles at 1.1", .2, .55, 1.1).saying(map[int]Outcome{2: Holds, 6: Holds}),
		bump("peak symmetric in ln(step)", .5, .5, 1.1).notSaying(map[int]Outcome{2: Holds, 3: Holds}),
		bump("left-skewed peak", .7, .25, 1.1).notSaying(map[int]Outcome{2: Holds, 3: Holds}),
		bump("right-skewed peak, settles at 1", .2, .45, 1).notSaying(map[int]Outcome{3: Holds, 6: Holds}),
		bump("slow fall, settles at 1.1", .2, .9, 1.1).saying(map[int]Outcome{3: Holds, 6: Holds}),
		bump("wide peak", 1, 1.4, 1.05).notSaying(map[int]Outcome{2: Holds}),
		{name: "independent", m: .6, right: flat, wrong: flat, never: map[int]Outcome{2: Holds, 3: Holds, 6: Holds, 7: Holds}},
		{name: "rises without a maximum", m: .6, right: rising(.97, 20, 1.5), wrong: func(int) float64 { return .12 }, never: map[int]Outcome{2: Holds, 3: Holds, 7: Holds}},
		{name: "below 1", m: .6, right: rising(.85, 20, 2), wrong: rising(.95, 10, 2), never: map[int]Outcome{2: Holds, 3: Holds, 6: Holds}},
	}
}

// draw simulates the profile.
func (p profile) draw(seed uint64, n, steps int) (*Log, Reference) {
	w := newWorld(seed, n, steps)
	w.scored()
	ref := w.reference(p.m)
	return w.byReference(ref, .02, p.right, p.wrong), ref
}

// scored leaves every step up to 60 and every fifth one beyond.
func (w *world) scored() {
	keep := func(s int) bool { return s > 60 && s%5 != 0 }
	w.steps = slices.DeleteFunc(w.steps, keep)
	w.epochs = w.epochs[:0]
	for _, s := range w.steps {
		w.epochs = append(w.epochs, float64(s)/100)
	}
}

// truth is the shape of the curve without noise, through the same smoother, as the evidence of n
// examples.
func (p profile) truth(n, steps int) *evidence {
	l := &Log{Labels: newWorld(0, 1000, 0).labels}
	e := &evidence{log: l, m: p.m, curve: &Curve{}}
	var logs, accuracy []float64
	w := newWorld(0, 1, steps)
	w.scored()
	for _, s := range w.steps {
		a, b := p.right(s), p.wrong(s)
		part := func(x float64) int { return int(math.Round(x * float64(n))) }
		e.curve.Points = append(e.curve.Points, Point{Step: s, Epoch: NullFloat(s) / 100, Table: contingency.Table{
			Both: part(p.m * a), ShallowOnly: part(p.m * (1 - a)), DeepOnly: part((1 - p.m) * b), Neither: part((1 - p.m) * (1 - b))}})
		logs, accuracy = append(logs, math.Log(a/b)), append(accuracy, p.m*a+(1-p.m)*b)
	}
	e.last = e.curve.Last()
	e.smooth = newSmoother(e.curve.Points)
	for j, y := range e.smooth.apply(logs) {
		e.smoothed = append(e.smoothed, SmoothPoint{Step: e.curve.Points[e.smooth.at[j]].Step, Ratio: math.Exp(y)})
	}
	e.lateMean, e.gain = lateAccuracy(e.curve.Points)
	e.onset = onset(l, e.curve, e.m)
	for e.fromOnset < len(e.smooth.at) && e.smooth.at[e.fromOnset] < e.onset {
		e.fromOnset++
	}
	e.shape = e.shapeOf(e.smooth.apply(accuracy), ratios(e.smoothed))
	return e
}

// drawAll judges draws of a profile, at the same time, without the regime.
func (p profile) drawAll(t *testing.T, draws, n, steps int) []*Judgement {
	t.Helper()
	out := make([]*Judgement, draws)
	errs := make([]error, draws)
	parallel.For(parallel.Workers(0), draws, func(_, d int) {
		seed := simdraws.Seed(t, d)
		l, ref := p.draw(seed, n, steps)
		e := newEvidence(l, ref, JudgeOptions{})
		errs[d] = e.resample(context.Background(), Resampling{Replicates: 200, Workers: 1, Seed: seed - 1})
		out[d] = &Judgement{Last: e.last.Ratio(), Smooth: e.smoothed}
		for k, claim := range claims {
			numbers, verdict, reason := claim.judge(e)
			out[d].Verdicts = append(out[d].Verdicts, Verdict{Claim: k + 1, Verdict: verdict, Reason: reason, Numbers: numbers})
		}
	})
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestIntervalsCover holds every interval of a judgement against what it should cover. With
// SHOAL_DRAWS=1000 it prints the table of records/.
func TestIntervalsCover(t *testing.T) {
	draws := simdraws.Of(t, 1)
	const n, steps = 3000, 400
	for _, p := range profiles()[:3] {
		truth := p.truth(n, steps)
		s := truth.shape
		peak := truth.smoothed[s.peak]
		gained := truth.lateMean - .1 // a tenth of the examples have the commonest label, nearly
		rest := map[string]float64{
			"peak of R±": peak.Ratio, "step of the peak": float64(peak.Step), "fall": peak.Ratio / truth.smoothed[len(truth.smoothed)-1].Ratio,
			"skewness, ln(step)": s.step.skewness, "skewness, accuracy": s.gained.skewness,
			"width, doublings": s.step.width / math.Ln2, "width, accuracy": s.gained.width / gained,
			"fall over rise, ln(step)": s.step.fall / s.step.rise, "fall over rise, accuracy": s.gained.fall / s.gained.rise,
			"last R±": p.right(steps) / p.wrong(steps), "R+ - R-": p.right(steps) - p.wrong(steps), "last R+": p.right(steps), "last R-": p.wrong(steps),
		}
		hits, defined := map[string]int{}, map[string]int{}
		cover := func(name string, e Estimate) {
			if e.Defined {
				defined[name]++
				if e.Lo <= rest[name] && rest[name] <= e.Hi {
					hits[name]++
				}
			}
		}
		for _, j := range p.drawAll(t, draws, n, steps) {
			c, g := j.Verdicts[1].Numbers.Peak, j.Verdicts[5].Numbers.Gap
			for name, e := range map[string]Estimate{
				"peak of R±": c.Peak, "step of the peak": c.PeakStepInterval, "fall": c.Fall, "skewness, ln(step)": c.Skewness, "skewness, accuracy": c.SkewnessInAccuracy,
				"width, doublings": c.WidthDoublings, "width, accuracy": c.WidthInAccuracy, "fall over rise, ln(step)": c.FallOverRise,
				"fall over rise, accuracy": c.FallOverRiseAccuracy, "R+ - R-": g.Difference,
				"last R±": {j.Last.Value, j.Last.Lo, j.Last.Hi, j.Last.Defined},
				"last R+": {g.LastRPlus.Value, g.LastRPlus.Lo, g.LastRPlus.Hi, true}, "last R-": {g.LastRMinus.Value, g.LastRMinus.Lo, g.LastRMinus.Hi, true},
			} {
				cover(name, e)
			}
			for k, q := range j.Smooth {
				if k < len(truth.smoothed) && q.Step == truth.smoothed[k].Step && q.Step >= truth.curve.Points[truth.onset].Step {
					defined["smoothed curve, pointwise"]++
					if float64(q.Lo) <= truth.smoothed[k].Ratio && truth.smoothed[k].Ratio <= float64(q.Hi) {
						hits["smoothed curve, pointwise"]++
					}
				}
			}
		}
		for _, name := range slices.Sorted(maps.Keys(defined)) {
			t.Logf("| %s | %s | %.4g | %.3f of %d |", p.name, name, rest[name], float64(hits[name])/float64(defined[name]), defined[name])
		}
	}
}
