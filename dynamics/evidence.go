package dynamics

import (
	"context"
	"math"
	"slices"
	"sort"

	"shoal/contingency"
)

// evidence is what the claims are judged on.
type evidence struct {
	log     *Log
	deep    []mask
	shallow mask
	curve   *Curve
	last    Point
	ending
	smooth    *smoother
	smoothed  []SmoothPoint
	onset     int  // evaluation at which the network has left chance; T when never
	fromOnset int  // the first smoothed point from there
	infinite  bool // R± is finite at no evaluation that the smoothed curve has its highest point from
	shape     shape
	adjusted  shape // of the class-adjusted ratio
	peak      Peak
	byStep    flankEstimates
	gained    flankEstimates
	fall      Estimate // peak over last smoothed value, as a factor
	epochs    Estimate // StepAt of the peak, in epochs
	lastK     int
	core      mask
	options   JudgeOptions
}

// ending is how a network ends, beside a reference.
type ending struct {
	m          float64 // accuracy of the reference
	lateMean   float64 // the network's, over the last tenth of the steps
	gain       float64 // ... minus that over the tenth before; NaN when unknown
	leastAlone int     // least shallow_only over the last tenth of the steps
}

// flankEstimates are the numbers of flanks, with intervals.
type flankEstimates struct{ skewness, width, slowness Estimate }

func newEvidence(l *Log, ref Reference, o JudgeOptions) *evidence {
	e := &evidence{log: l, deep: rightMasks(l), shallow: ref.right(l.Labels), options: o}
	e.curve = curveOf(l, ref.Name, e.deep, e.shallow)
	e.last = e.curve.Last()
	e.ending = endingOf(e.curve)
	e.smooth = newSmoother(e.curve.Points)
	e.smoothed = Smooth(e.curve)
	e.onset = onset(l, e.curve, e.m)
	e.fromOnset, _ = slices.BinarySearch(e.smooth.at, e.onset)
	if e.found() {
		accuracy := e.smooth.apply(e.accuracies())
		e.shape = e.shapeOf(accuracy, ratios(e.smoothed))
		e.adjusted = e.shapeOf(accuracy, exps(e.smooth.apply(e.classAdjustedLogs())))
		if e.infinite = !e.finiteAround(e.shape.peak); e.found() {
			e.locatePeak()
		}
	}
	e.lastK = lastEvaluations(l, o.LastK)
	e.core = persistent(e.deep, e.shallow, e.lastK)
	return e
}

// accuracies are those of the log.
func (e *evidence) accuracies() []float64 {
	out := make([]float64, len(e.curve.Points))
	for t, p := range e.curve.Points {
		out[t] = accuracyOf(p.Table)
	}
	return out
}

// leastSmoothed is how many examples the reference has to get right, and how many wrong, for a smoothed
// curve of R±: the half examples that smoothing adds are then a tenth of them or less.
const leastSmoothed = 5

// found reports whether there is a curve beyond chance to look at. Against a reference that gets nearly
// everything right, or nothing, there is none: what smoothing adds would make a curve by itself, whose
// peak is higher than R± at the same step. Nor is there one whose highest point stands where R± is infinite.
func (e *evidence) found() bool {
	right := e.last.ShallowRight()
	return !e.infinite && e.fromOnset < len(e.smooth.at) && min(right, e.last.N()-right) >= leastSmoothed
}

// finiteAround reports whether R± is finite at an evaluation that a smoothed point is made of. Otherwise its height is
// that of the half examples which smoothing adds.
func (e *evidence) finiteAround(point int) bool {
	row := e.smooth.rows[point]
	for i, w := range row.weights {
		if w != 0 && e.curve.Points[row.from+i].Ratio().Defined {
			return true
		}
	}
	return false
}

// onset is the first evaluation at which the network has left chance: its accuracy has come a tenth
// of the way from that of the best constant answer to that of the reference, and does not fall
// below again while 1 + step doubles. Before that, R± measures which classes the network happens to
// predict, and which of them the reference is good at.
func onset(l *Log, c *Curve, m float64) int {
	constant := constantAccuracy(l.Labels)
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

// constantAccuracy is the accuracy of the best constant answer.
func constantAccuracy(labels []uint16) float64 {
	return float64(slices.Max(histogram(labels))) / float64(len(labels))
}

// constant is the accuracy of the best constant answer.
func (e *evidence) constant() float64 { return constantAccuracy(e.log.Labels) }

// shapeOf is the shape of a smoothed curve whose peak lies at the onset or later.
func (e *evidence) shapeOf(accuracy, ratio []float64) shape {
	steps := make([]float64, len(e.smoothed))
	for j, p := range e.smoothed {
		steps[j] = float64(p.Step)
	}
	return shapeOf(steps, accuracy, ratio, e.fromOnset, e.unconverged() == "")
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
func (e *evidence) peakAt() int { return e.smooth.at[e.shape.peak] }

func (e *evidence) locatePeak() {
	p := e.curve.Points[e.peakAt()]
	e.peak = Peak{Found: true, Step: p.Step, Epoch: p.Epoch, Table: p.Table}
	for _, p := range e.curve.Points[e.onset:] {
		if r := p.Ratio(); r.Defined && r.Value > e.peak.Raw.Value {
			e.peak.Raw, e.peak.RawStep = r, p.Step
		}
	}
}

// replicates are what a bootstrap draws of the peak: one number a replicate.
type replicates struct {
	top, at, fall, nest   []float64
	skewness, width, slow [2][]float64 // over ln(1 + step), and over the accuracy
}

// resample adds the intervals.
func (e *evidence) resample(ctx context.Context, o Resampling) error {
	reps, points := o.replicates(), len(e.smooth.at)
	bands := make([][]float64, points)
	for j := range bands {
		bands[j] = make([]float64, reps)
	}
	d := replicates{top: make([]float64, reps), at: make([]float64, reps), fall: make([]float64, reps), nest: make([]float64, reps)}
	for a := range 2 {
		d.skewness[a], d.width[a], d.slow[a] = make([]float64, reps), make([]float64, reps), make([]float64, reps)
	}
	err := bootstrap(ctx, len(e.log.Labels), e.deep, e.shallow, o, func(r int, curve []contingency.Table) {
		logs, accuracy := make([]float64, len(curve)), make([]float64, len(curve))
		for t, table := range curve {
			logs[t], _ = logRatio(table)
			accuracy[t] = accuracyOf(table)
		}
		ratio := exps(e.smooth.apply(logs))
		for j, y := range ratio {
			bands[j][r] = y
		}
		if e.found() {
			e.replicate(r, &d, e.smooth.apply(accuracy), ratio)
			d.nest[r] = orNaN(curve[e.peakAt()].Nestedness())
		}
	})
	if err != nil {
		return err
	}
	for j := range e.smoothed {
		if band := Percentile(e.smoothed[j].Ratio, bands[j]); band.Defined {
			e.smoothed[j].Lo, e.smoothed[j].Hi = NullFloat(band.Lo), NullFloat(band.Hi)
		}
	}
	if e.found() {
		e.estimate(&d)
	}
	return nil
}

// replicate measures one resampled curve.
func (e *evidence) replicate(r int, d *replicates, accuracy, ratio []float64) {
	s := e.shapeOf(accuracy, ratio)
	d.top[r], d.at[r] = math.Log(ratio[s.peak]), float64(e.smoothed[s.peak].Step)
	d.fall[r] = math.Log(ratio[s.peak] / ratio[len(ratio)-1])
	for a, f := range [2]flanks{s.step, s.gained} {
		d.skewness[a][r], d.width[a][r], d.slow[a][r] = f.skewness, f.width, f.slowness()
	}
}

// estimate turns replicates into intervals.
func (e *evidence) estimate(d *replicates) {
	peak, last := e.smoothed[e.shape.peak].Ratio, e.smoothed[len(e.smoothed)-1].Ratio
	e.peak.Ratio = Unbiased(math.Log(peak), d.top).exp()
	e.peak.StepAt = e.widened(Percentile(float64(e.peak.Step), d.at))
	e.epochs = e.inEpochs(e.peak.StepAt)
	e.fall = Unbiased(math.Log(peak/last), d.fall).exp()
	e.peak.Nestedness = Percentile(orNaN(e.curve.Points[e.peakAt()].Nestedness()), d.nest)
	for a, f := range [2]flanks{e.shape.step, e.shape.gained} {
		*[2]*flankEstimates{&e.byStep, &e.gained}[a] = flankEstimates{Percentile(f.skewness, d.skewness[a]),
			Percentile(f.width, d.width[a]), Percentile(f.slowness(), d.slow[a])}
	}
}

// widened is an interval of steps with either end moved to the next point of the smoothed curve: a
// maximum may lie anywhere between the neighbours of the point at which it was seen.
func (e *evidence) widened(at Estimate) Estimate {
	if !at.Defined {
		return at
	}
	lo, hi := at.Lo, at.Hi
	for _, p := range e.smoothed { // ascending
		if s := float64(p.Step); s < at.Lo {
			lo = s
		} else if s > at.Hi {
			hi = s
			break
		}
	}
	return estimate(at.Value, lo, hi)
}

// inEpochs converts an interval of steps, by straight lines between the evaluations.
func (e *evidence) inEpochs(at Estimate) Estimate {
	if !at.Defined {
		return at
	}
	return estimate(e.epochOf(at.Value), e.epochOf(at.Lo), e.epochOf(at.Hi))
}

// epochOf is the epoch of a step, NaN where it is not known.
func (e *evidence) epochOf(step float64) float64 {
	points := e.curve.Points
	k := min(max(1, sort.Search(len(points), func(t int) bool { return float64(points[t].Step) >= step })), len(points)-1)
	if len(points) == 1 || float64(points[k].Step) == step {
		return float64(points[k].Epoch)
	}
	a, b := points[k-1], points[k]
	share := (step - float64(a.Step)) / float64(b.Step-a.Step)
	return float64(a.Epoch) + float64(share*float64(b.Epoch-a.Epoch))
}

func orNaN(x contingency.Number) float64 {
	if !x.Defined {
		return math.NaN()
	}
	return x.Value
}

// leastLate is how many evaluations each of the last two tenths of a run needs before anything can be
// said about convergence.
const leastLate = 5

// endingOf reads the ending from the last fifth of the steps of a curve.
func endingOf(c *Curve) ending {
	last := c.Last()
	out := ending{m: last.ShallowAccuracy().Value, gain: math.NaN(), leastAlone: math.MaxInt}
	end := float64(last.Step)
	var sum, count [2]float64
	for _, p := range c.Points {
		switch s := float64(p.Step); {
		case s > .9*end || s == end:
			sum[0], count[0] = sum[0]+accuracyOf(p.Table), count[0]+1
			out.leastAlone = min(out.leastAlone, p.ShallowOnly)
		case s > .8*end:
			sum[1], count[1] = sum[1]+accuracyOf(p.Table), count[1]+1
		}
	}
	out.lateMean = sum[0] / count[0]
	if count[0] >= leastLate && count[1] >= leastLate {
		out.gain = out.lateMean - sum[1]/count[1]
	}
	return out
}

// endOf is the last fifth of the steps of a log, of which its ending is read.
func endOf(l *Log) *Log {
	end := float64(l.Steps[len(l.Steps)-1])
	return l.pick(func(t int) bool { return float64(l.Steps[t]) > .8*end || t == len(l.Steps)-1 })
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
