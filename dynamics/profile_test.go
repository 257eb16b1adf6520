package dynamics

import (
	"context"
	"maps"
	"math"
	"slices"
	"testing"

	"shoal/contingency"
	"shoal/internal/longtest"
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
	e := &evidence{log: l, curve: &Curve{}}
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
	e.ending = endingOf(e.curve)
	e.m = p.m
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

// coverage is how often intervals of one number cover what they should, and how wide they are.
type coverage struct {
	hits, defined       int
	width, sum, squares float64 // of the intervals; of the values
}

func (c *coverage) add(e Estimate, truth float64) {
	if !e.Defined {
		return
	}
	c.defined++
	if e.Lo <= truth && truth <= e.Hi {
		c.hits++
	}
	c.width, c.sum, c.squares = c.width+e.Hi-e.Lo, c.sum+e.Value, c.squares+float64(e.Value*e.Value)
}

// spread is the mean width of the intervals in standard deviations of the values: 3.92 of a normal one.
func (c *coverage) spread() float64 {
	n := float64(c.defined)
	return c.width / n / math.Sqrt((c.squares-float64(c.sum*c.sum/n))/(n-1))
}

// truths are what the intervals of a judgement should cover, by the names of numbersOf.
func (p profile) truths(truth *evidence, steps int) map[string]float64 {
	s := truth.shape
	peak := truth.smoothed[s.peak]
	gained := truth.lateMean - .1 // a tenth of the examples have the commonest label, nearly
	return map[string]float64{
		"peak of R±": peak.Ratio, "step of the peak": float64(peak.Step), "fall": peak.Ratio / truth.smoothed[len(truth.smoothed)-1].Ratio,
		"skewness, ln(step)": s.step.skewness, "skewness, accuracy": s.gained.skewness,
		"width, doublings": s.step.width / math.Ln2, "width, accuracy": s.gained.width / gained,
		"fall over rise, ln(step)": s.step.fall / s.step.rise, "fall over rise, accuracy": s.gained.fall / s.gained.rise,
		"last R±": p.right(steps) / p.wrong(steps), "R+ - R-": p.right(steps) - p.wrong(steps), "last R+": p.right(steps), "last R-": p.wrong(steps),
	}
}

// numbersOf are the numbers of a judgement that have an interval.
func numbersOf(j *Judgement) map[string]Estimate {
	c, g := j.Verdicts[1].Numbers.Peak, j.Verdicts[5].Numbers.Gap
	return map[string]Estimate{
		"peak of R±": c.Peak, "step of the peak": c.PeakStepInterval, "fall": c.Fall, "skewness, ln(step)": c.Skewness, "skewness, accuracy": c.SkewnessInAccuracy,
		"width, doublings": c.WidthDoublings, "width, accuracy": c.WidthInAccuracy, "fall over rise, ln(step)": c.FallOverRise,
		"fall over rise, accuracy": c.FallOverRiseAccuracy, "R+ - R-": g.Difference,
		"last R±": {j.Last.Value, j.Last.Lo, j.Last.Hi, j.Last.Defined},
		"last R+": {g.LastRPlus.Value, g.LastRPlus.Lo, g.LastRPlus.Hi, true}, "last R-": {g.LastRMinus.Value, g.LastRMinus.Lo, g.LastRMinus.Hi, true},
	}
}

// A chosen number is one of a step that the run itself chose, so that what it should cover depends on the run.
type chosen struct {
	Estimate
	truth float64
}

// chosenOf are the chosen numbers of a judgement.
func (p profile) chosenOf(j *Judgement) map[string]chosen {
	c, m := j.Verdicts[1].Numbers.Peak, j.Verdicts[4].Numbers.Moment
	a, b := p.right(c.PeakStep), p.wrong(c.PeakStep)
	d := float64(p.m*a) + float64((1-p.m)*b)
	return map[string]chosen{
		"nestedness at the peak":              {c.PeakNestedness, p.m * (a - d) / (math.Min(p.m, d) - float64(p.m*d))},
		"largest R+ where it crosses 20 %":    {m.RPlusAll, p.right(m.Step)},
		"class-adjusted R± at the first step": {j.Verdicts[0].Numbers.Start.ClassAdjustedRatio, p.right(0) / p.wrong(0)},
	}
}

const pointwise = "smoothed curve, pointwise"

// coverages draws a profile and measures the intervals of all its numbers.
func (p profile) coverages(t *testing.T, draws int) map[string]*coverage {
	const n, steps = 3000, 400
	truth := p.truth(n, steps)
	out, rest := map[string]*coverage{pointwise: {}}, p.truths(truth, steps)
	for name := range rest {
		out[name] = &coverage{}
	}
	for _, j := range p.drawAll(t, draws, n, steps) {
		for name, e := range numbersOf(j) {
			out[name].add(e, rest[name])
		}
		for name, c := range p.chosenOf(j) {
			if out[name] == nil {
				out[name] = &coverage{}
			}
			out[name].add(c.Estimate, c.truth)
		}
		for k, q := range j.Smooth {
			if k < len(truth.smoothed) && q.Step == truth.smoothed[k].Step && q.Step >= truth.curve.Points[truth.onset].Step {
				out[pointwise].add(Estimate{q.Ratio, float64(q.Lo), float64(q.Hi), true}, truth.smoothed[k].Ratio)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(out)) {
		c := out[name]
		t.Logf("| %s | %s | %.4g | %.3f of %d | %.2f |", p.name, name, rest[name], float64(c.hits)/float64(c.defined), c.defined, c.spread())
	}
	return out
}

// TestIntervalsCover holds every interval of a judgement against what it should cover: in .875 of the
// draws, the least that a thousand draws have, over three profiles together, and without being so wide
// that it covers everything. With SHOAL_DRAWS=1000 it prints the table of records/.
func TestIntervalsCover(t *testing.T) {
	few := 4
	if longtest.On() {
		few = 12
	}
	draws := simdraws.Of(t, few)
	of := profiles()[:3]
	hits, defined := map[string]int{}, map[string]int{}
	for _, p := range of {
		for name, c := range p.coverages(t, draws) {
			hits[name], defined[name] = hits[name]+c.hits, defined[name]+c.defined
			wide := name == pointwise || name == "step of the peak" // which reaches to the evaluations beside it
			if !wide && draws >= 12 && !(c.spread() < widest) {
				t.Errorf("%s: the interval of %s is %.1f standard deviations wide, want less than %v", p.name, name, c.spread(), widest)
			}
		}
	}
	for name, h := range hits {
		if name == pointwise { // the points of a curve are no draws: they go together
			if rate := float64(h) / float64(defined[name]); !(rate > .8) {
				t.Errorf("%s: covered in %.3f of the points, want more than .8", name, rate)
			}
			continue
		}
		if err := (simdraws.Bound{Least: .875, Most: 1}).Check(h, len(of)*draws); err != nil {
			t.Errorf("%s: covered (undefined is not): %v", name, err)
		}
	}
}

// widest is how wide intervals may be, in standard deviations of what they are about; of twelve draws these
// are known to a fifth or so, and 3.92 comes out as 3 to 6.
const widest = 8
