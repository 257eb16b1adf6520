package dynamics

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"shoal/contingency"
	"shoal/dynamics/regime"
)

// Verdict is what one run says about one claim of the paper.
type Verdict struct {
	Claim   int     `json:"claim"` // 1 to 5
	Title   string  `json:"title"`
	Verdict Outcome `json:"verdict"` // Holds, Fails or CannotJudge
	Reason  string  `json:"reason"`  // one sentence, lower case
	Numbers Numbers `json:"numbers"`
}

// JudgeOptions are the choices of Judge; the zero value is the default.
type JudgeOptions struct {
	Resampling
	// LastK is over how many of the last evaluations an example has to be missed to belong to the
	// persistent core; 0 means those of the last tenth of the run's steps, at least 10 (or all).
	LastK int
	// Trained says that the network trained on the examples: neither the claims nor a change of regime
	// can be judged then.
	Trained bool
}

// constant is the resampling of references at one constant association, which is cheaper than that of
// curves: its number of draws is its own.
func (o JudgeOptions) constant() Resampling {
	return Resampling{Seed: o.Seed, Workers: o.Workers}
}

// Judgement is what one log says against one reference. Its JSON reads back as the same value.
type Judgement struct {
	Reference string            `json:"reference"`
	First     contingency.Ratio `json:"first"` // R± of the first evaluation
	Last      contingency.Ratio `json:"last"`  // R± of the last evaluation
	Final     contingency.Table `json:"final"`
	Peak      Peak              `json:"peak"`
	Smooth    []SmoothPoint     `json:"smooth"`
	LastK     int               `json:"last_k"`
	// Persistent lists the examples that the reference gets right and the network misses at all of
	// the last LastK evaluations.
	Persistent  []int       `json:"persistent"`
	Verdicts    []Verdict   `json:"verdicts"` // claims 1 to 5 in order
	Association Association `json:"association"`
	Regime      Regime      `json:"regime"`
	// BeyondAccuracy says whether R± tells more than accuracy does.
	BeyondAccuracy BeyondAccuracy `json:"beyond_accuracy"`
}

// Peak is the highest point of R± from the step at which the network has left chance on.
type Peak struct {
	// Found is false when the network never leaves chance; all else is empty then.
	Found bool `json:"found"`
	// Ratio is the maximum of the smoothed curve with its basic bootstrap interval, which accounts
	// for its being a maximum.
	Ratio Estimate  `json:"ratio"`
	Step  int       `json:"step"`
	Epoch NullFloat `json:"epoch"`
	// StepAt is the percentile interval of the step at which the maximum lies.
	StepAt Estimate `json:"step_at"`
	// Table is that of the evaluation at Step, and Nestedness its nestedness.
	Table      contingency.Table `json:"table"`
	Nestedness Estimate          `json:"nestedness"`
	// Raw is the highest finite R± of a single evaluation. Its interval is Katz's, which does not
	// know that it was selected.
	Raw     contingency.Ratio `json:"raw"`
	RawStep int               `json:"raw_step"`
}

// Judge computes the evidence and the verdicts on claims (1) to (5):
//
//  1. R± starts at 1.0.
//  2. It has one sharp, right-skewed peak.
//  3. It settles slowly on a value that is not 1.0, even at convergence.
//  4. shallow_only stays above zero at convergence.
//  5. R+ reaches about 60 % while accuracy is about 20 % and R- about 15 % (the paper claims it of
//     one triplet only).
//
// The rules are written at the functions claim1 to claim5. Beside them it answers whether the
// reference stops predicting what the network learns next; see package regime.
func Judge(ctx context.Context, l *Log, ref Reference, o JudgeOptions) (*Judgement, error) {
	if err := checkPair(l, ref); err != nil {
		return nil, err
	}
	return judgeBy(ctx, l, regime.Learned(l.Labels, len(l.Steps), l.Correct), ref, o)
}

// judgeBy is Judge of a log whose order of learning is known.
func judgeBy(ctx context.Context, l *Log, learned *regime.Learning, ref Reference, o JudgeOptions) (*Judgement, error) {
	e := newEvidence(l, ref, o)
	if err := e.resample(ctx, o.Resampling); err != nil {
		return nil, err
	}
	points := e.curve.Points
	j := &Judgement{Reference: ref.Name, First: points[0].Ratio(), Last: e.last.Ratio(), Final: e.last.Table,
		Peak: e.peak, Smooth: e.smoothed, LastK: e.lastK, Persistent: e.core.indices()}
	j.Association, j.Regime = JudgeRegime(l, learned, ref)
	if o.Trained { // the slots remain, as a picture of what is memorised when
		j.Regime = Regime{Reason: "it can't be told: " + trainedReason, Seeds: 1, Slots: j.Regime.Slots}
		j.BeyondAccuracy.Reason = j.Regime.Reason
	} else {
		constant, err := ConstantAssociation(ctx, l, learned, ref, o.constant())
		if err != nil {
			return nil, err
		}
		j.BeyondAccuracy = constant.BeyondAccuracy
	}
	for k, claim := range claims {
		numbers, verdict, reason := claim.judge(e)
		if o.Trained {
			verdict, reason = CannotJudge, trainedReason
		}
		j.Verdicts = append(j.Verdicts, Verdict{Claim: k + 1, Title: claim.title, Verdict: verdict, Reason: reason, Numbers: numbers})
	}
	return j, nil
}

// trainedReason is why nothing is judged on examples that the network trained on.
const trainedReason = "the network trained on these examples: wrong labels, which it memorises last, would look like a change"

// Rules numbers the rules of the verdicts. It changes when Judge would say something else about the
// same log, so that judgements which were kept are made again.
const Rules = 3

// JudgeAll judges a log against every reference, in their order; without references the result is
// empty and not nil. An error names the reference.
func JudgeAll(ctx context.Context, l *Log, references []Reference, o JudgeOptions) ([]*Judgement, error) {
	out := make([]*Judgement, 0, len(references))
	if len(references) == 0 {
		return out, nil
	}
	if err := l.Check(); err != nil {
		return nil, err
	}
	learned := regime.Learned(l.Labels, len(l.Steps), l.Correct)
	for _, ref := range references {
		err := ref.check(len(l.Labels))
		var j *Judgement
		if err == nil {
			j, err = judgeBy(ctx, l, learned, ref, o)
		}
		if err != nil {
			return nil, fmt.Errorf("judge the claims against %q: %w", ref.Name, err)
		}
		out = append(out, j)
	}
	return out, nil
}

// UnmarshalJSON reads a judgement. Where a number is null because R± has no bound, the tables of
// the judgement say so.
func (j *Judgement) UnmarshalJSON(b []byte) error {
	type plain Judgement // without this method
	var read plain
	if err := json.Unmarshal(b, &read); err != nil {
		return err
	}
	*j = Judgement(read)
	for _, v := range j.Verdicts {
		if c := v.Numbers.curve(); c != nil && c.CurveShape != nil {
			c.PeakAttainableMax.Infinite = j.Peak.Table.AttainableMax().Infinite
		}
		if s := v.Numbers.Settling; s != nil {
			s.LastAttainableMax.Infinite = j.Final.AttainableMax().Infinite
		}
	}
	return nil
}

// evidence is what the claims are judged on.
type evidence struct {
	log        *Log
	deep       []mask
	shallow    mask
	curve      *Curve
	last       Point
	m          float64 // accuracy of the reference
	smooth     *smoother
	smoothed   []SmoothPoint
	onset      int // evaluation at which the network has left chance; T when never
	fromOnset  int // the first smoothed point from there
	shape      shape
	adjusted   shape // of the class-adjusted ratio
	peak       Peak
	skew       Estimate
	fall       Estimate // peak over last smoothed value, as a factor
	lateMean   float64  // accuracy over the last tenth of the steps
	gain       float64  // ... minus that over the tenth before; NaN when unknown
	lastK      int
	core       mask
	leastAlone int // least shallow_only over the last lastK evaluations
}

func newEvidence(l *Log, ref Reference, o JudgeOptions) *evidence {
	e := &evidence{log: l, deep: rightMasks(l), shallow: ref.right(l.Labels)}
	e.curve = curveOf(l, ref.Name, e.deep, e.shallow)
	e.last = e.curve.Last()
	e.m = e.last.ShallowAccuracy().Value
	e.smooth = newSmoother(e.curve.Points)
	e.smoothed = Smooth(e.curve)
	e.onset = onset(l, e.curve, e.m)
	e.fromOnset, _ = slices.BinarySearch(e.smooth.at, e.onset)
	if e.found() {
		e.shape = shapeOf(e.fromChance(ratios(e.smoothed)))
		e.adjusted = shapeOf(e.fromChance(exps(e.smooth.apply(e.classAdjustedLogs()))))
		e.locatePeak()
	}
	e.lateMean, e.gain = lateAccuracy(e.curve.Points)
	e.lastK = lastEvaluations(l, o.LastK)
	e.core, e.leastAlone = persistent(e.deep, e.shallow, e.lastK), math.MaxInt
	for _, p := range e.curve.Points[len(e.curve.Points)-e.lastK:] {
		e.leastAlone = min(e.leastAlone, p.ShallowOnly)
	}
	return e
}

// found reports whether there is a curve beyond chance to look at.
func (e *evidence) found() bool { return e.fromOnset < len(e.smooth.at) }

// onset is the first evaluation at which the network has left chance: its accuracy has come a tenth
// of the way from that of the best constant answer to that of the reference, and does not fall
// below again while 1 + step doubles. Before that, R± measures which classes the network happens to
// predict, and which of them the reference is good at.
func onset(l *Log, c *Curve, m float64) int {
	constant := float64(slices.Max(histogram(l.Labels))) / float64(len(l.Labels))
	need := constant + float64(0.1*math.Max(0, m-constant))
	from := -1
	for t, p := range c.Points {
		d := float64(p.DeepRight()) / float64(p.N())
		switch {
		case !(d > need) || p.Step == 0:
			if from >= 0 && p.Step+1 < 2*(c.Points[from].Step+1) {
				from = -1
			}
		case from < 0:
			from = t
		}
	}
	if from < 0 {
		return len(c.Points)
	}
	return from
}

// fromChance is a smoothed curve from the onset on, led by the untrained network's expected value.
func (e *evidence) fromChance(ratio []float64) (steps, from []float64) {
	steps, from = []float64{0}, []float64{1}
	for j := e.fromOnset; j < len(ratio); j++ {
		steps = append(steps, float64(e.smoothed[j].Step))
		from = append(from, ratio[j])
	}
	return steps, from
}

// exps replaces logarithms by their exponentials.
func exps(logs []float64) []float64 {
	for j, y := range logs {
		logs[j] = math.Exp(y)
	}
	return logs
}

func ratios(points []SmoothPoint) []float64 {
	out := make([]float64, len(points))
	for j, p := range points {
		out[j] = p.Ratio
	}
	return out
}

// peakAt is the evaluation index at which the smoothed curve is highest.
func (e *evidence) peakAt() int { return e.smooth.at[e.fromOnset+e.shape.peak-1] }

func (e *evidence) locatePeak() {
	p := e.curve.Points[e.peakAt()]
	e.peak = Peak{Found: true, Step: p.Step, Epoch: p.Epoch, Table: p.Table}
	for _, p := range e.curve.Points[e.onset:] {
		if r := p.Ratio(); r.Defined && r.Value > e.peak.Raw.Value {
			e.peak.Raw, e.peak.RawStep = r, p.Step
		}
	}
}

// resample adds the intervals.
func (e *evidence) resample(ctx context.Context, o Resampling) error {
	reps, points := o.replicates(), len(e.smooth.at)
	bands := make([][]float64, points)
	for j := range bands {
		bands[j] = make([]float64, reps)
	}
	top, at, fall, skew, nest := make([]float64, reps), make([]float64, reps), make([]float64, reps), make([]float64, reps), make([]float64, reps)
	err := bootstrap(ctx, len(e.log.Labels), e.deep, []mask{e.shallow}, o, func(r int, curves [][]contingency.Table) {
		logs := make([]float64, len(curves[0]))
		for t, table := range curves[0] {
			logs[t], _ = logRatio(table)
		}
		ratio := exps(e.smooth.apply(logs))
		for j, y := range ratio {
			bands[j][r] = y
		}
		if !e.found() {
			return
		}
		steps, from := e.fromChance(ratio)
		s := shapeOf(steps, from)
		top[r], at[r], skew[r] = math.Log(from[s.peak]), steps[s.peak], s.skewness
		fall[r] = math.Log(from[s.peak] / from[len(from)-1])
		nest[r] = orNaN(curves[0][e.peakAt()].Nestedness())
	})
	if err != nil {
		return err
	}
	for j := range e.smoothed {
		band := Percentile(e.smoothed[j].Ratio, bands[j])
		e.smoothed[j].Lo, e.smoothed[j].Hi = band.Lo, band.Hi
	}
	if e.found() {
		_, from := e.fromChance(ratios(e.smoothed))
		peak, last := from[e.shape.peak], from[len(from)-1]
		e.peak.Ratio = Basic(math.Log(peak), top).exp()
		e.peak.StepAt = Percentile(float64(e.peak.Step), at)
		e.fall = Basic(math.Log(peak/last), fall).exp()
		e.skew = Percentile(e.shape.skewness, skew)
		e.peak.Nestedness = Percentile(orNaN(e.curve.Points[e.peakAt()].Nestedness()), nest)
	}
	return nil
}

func orNaN(x contingency.Number) float64 {
	if !x.Defined {
		return math.NaN()
	}
	return x.Value
}

// lateAccuracy is the mean accuracy over the last tenth of the steps, and how much that is above
// the tenth before; NaN when a tenth holds no evaluation.
func lateAccuracy(points []Point) (mean, gain float64) {
	end := float64(points[len(points)-1].Step)
	var sum, count [2]float64
	for _, p := range points {
		d := float64(p.DeepRight()) / float64(p.N())
		switch s := float64(p.Step); {
		case s > .9*end || s == end:
			sum[0], count[0] = sum[0]+d, count[0]+1
		case s > .8*end:
			sum[1], count[1] = sum[1]+d, count[1]+1
		}
	}
	return sum[0] / count[0], sum[0]/count[0] - sum[1]/count[1]
}

// lastEvaluations is k, or for 0 the number of evaluations in the last tenth of the steps, at least
// 10; never more than there are.
func lastEvaluations(l *Log, k int) int {
	T := len(l.Steps)
	if k <= 0 {
		for _, s := range l.Steps {
			if float64(s) > .9*float64(l.Steps[T-1]) {
				k++
			}
		}
		k = max(k, 10)
	}
	return min(k, T)
}

// persistent marks the examples that the reference gets right and the network misses at all of the
// last k evaluations.
func persistent(deep []mask, shallow mask, k int) mask {
	core := slices.Clone(shallow)
	for _, d := range deep[len(deep)-k:] {
		for w := range core {
			core[w] &^= d[w]
		}
	}
	return core
}
