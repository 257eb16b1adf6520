package dynamics

import (
	"context"
	"fmt"
	"math"
	"slices"

	"shoal/contingency"
	"shoal/internal/textfmt"
)

// LeastSeeds is the number of runs from which on an interval covers seeds. Of fewer, neither Student's
// interval nor resampling covers what it says.
const LeastSeeds = 3

// Headline is one number of several runs that differ by their seed.
type Headline struct {
	Name  string     `json:"name"`
	Seeds []Estimate `json:"seeds"` // of each run, with its interval over examples
	// Mean is the mean over the runs, of ratios the geometric one, with a 95 % interval for seeds and
	// examples together. Undefined for fewer than three runs, and where a run's number is undefined or
	// infinite: Note says so.
	Mean Estimate `json:"mean"`
	Note string   `json:"note,omitempty"`
}

// Names of headlines that readers pick out: those of the beginning of a training, the first evaluation and the
// smoothed curve's maximum; a share, and a count.
const (
	HeadlineFirst    = "first R±"
	HeadlinePeak     = "peak of R±, smoothed"
	HeadlineAccuracy = "last accuracy"
	HeadlineLeft     = "last shallow_only"
)

// headlineNumber is one of the numbers of Headlines: of one evaluation's table, or of the whole curve.
type headlineNumber struct {
	name        string
	ratio       bool // a logarithm
	least, most float64
	first       bool // of the first evaluation, not of the last
	at          func(contingency.Table) float64
	of          func(e *evidence, curve []contingency.Table) float64 // of the whole curve, if at is nil
}

var headlines = []headlineNumber{
	{name: HeadlineFirst, ratio: true, least: math.Inf(-1), most: math.Inf(1), first: true, at: logRatioOf},
	{name: HeadlinePeak, ratio: true, least: math.Inf(-1), most: math.Inf(1), of: (*evidence).logPeak},
	{name: "last R±", ratio: true, least: math.Inf(-1), most: math.Inf(1), at: logRatioOf},
	{name: "last R+ − R−", least: -1, most: 1, at: func(t contingency.Table) float64 {
		return float64(t.Both)/float64(t.ShallowRight()) - float64(t.DeepOnly)/float64(t.DeepOnly+t.Neither)
	}},
	{name: HeadlineAccuracy, most: 1, at: accuracyOf},
	{name: HeadlineLeft, most: math.Inf(1), at: func(t contingency.Table) float64 { return float64(t.ShallowOnly) }},
}

// value is the number of a curve.
func (h headlineNumber) value(e *evidence, curve []contingency.Table) float64 {
	if h.at == nil {
		return h.of(e, curve)
	}
	return h.at(h.table(curve))
}

func (h headlineNumber) table(curve []contingency.Table) contingency.Table {
	if h.first {
		return curve[0]
	}
	return curve[len(curve)-1]
}

// unseen is Unseen of a number of one evaluation. A curve's number varies with all its evaluations.
func (h headlineNumber) unseen(curve []contingency.Table) float64 {
	if h.at == nil {
		return 0
	}
	return Unseen(h.table(curve), h.at)
}

// logRatioOf is ln R±, infinite where R± is 0 or infinite and NaN where it is undefined.
func logRatioOf(t contingency.Table) float64 {
	switch r := t.Ratio(); {
	case r.Infinite:
		return math.Inf(1)
	case r.Defined:
		return math.Log(r.Value)
	}
	return math.NaN()
}

func accuracyOf(t contingency.Table) float64 { return float64(t.DeepRight()) / float64(t.N()) }

// logPeak is the logarithm of the smoothed curve's maximum; NaN where there is none (see found).
func (e *evidence) logPeak(curve []contingency.Table) float64 {
	if !e.found() {
		return math.NaN()
	}
	logs := make([]float64, len(curve))
	for t, table := range curve {
		logs[t], _ = logRatio(table)
	}
	return slices.Max(e.smooth.apply(logs)[e.fromOnset:])
}

// tables are the tables of the evaluations.
func (e *evidence) tables() []contingency.Table {
	out := make([]contingency.Table, len(e.curve.Points))
	for t, p := range e.curve.Points {
		out[t] = p.Table
	}
	return out
}

// Headlines are the numbers that runs of several seeds, scored on the same examples, are summed up by.
//
// The variance of a mean over seeds is estimated in two parts: that over the seeds, s²/S, which has
// what differs between seeds and how that depends on the examples; and what examples do to all seeds
// alike, the mean covariance of two seeds' bootstrap replicates over the same examples. The interval
// is Student's with Satterthwaite's degrees of freedom. A maximum is corrected for the bias that its
// replicates show. An interval over examples alone covers 51 % of the truth for a mean of two runs.
func Headlines(ctx context.Context, runs []*Log, ref Reference, o Resampling) ([]Headline, error) {
	if len(runs) == 0 {
		return nil, fmt.Errorf("headlines: no runs")
	}
	if err := sameSplit(runs...); err != nil {
		return nil, err
	}
	draws := make([][][]float64, len(headlines)) // by number, run and replicate
	values := make([][]float64, len(headlines))
	unseen := make([][]float64, len(headlines))
	for _, l := range runs {
		if err := checkPair(l, ref); err != nil {
			return nil, err
		}
		e := newEvidence(l, ref, JudgeOptions{})
		own := make([][]float64, len(headlines))
		for k := range own {
			own[k] = make([]float64, o.replicates())
		}
		err := bootstrap(ctx, len(l.Labels), e.deep, e.shallow, o, func(r int, curve []contingency.Table) {
			for k, h := range headlines {
				own[k][r] = finite(h.value(e, curve))
			}
		})
		if err != nil {
			return nil, err
		}
		for k, h := range headlines {
			draws[k], values[k] = append(draws[k], own[k]), append(values[k], h.value(e, e.tables()))
			unseen[k] = append(unseen[k], h.unseen(e.tables()))
		}
	}
	out := make([]Headline, len(headlines))
	for k, h := range headlines {
		out[k] = h.summary(values[k], draws[k], unseen[k])
	}
	return out, nil
}

// summary sums up one number: its value, its replicates and Unseen's variance in every run. Of what isn't a
// maximum the mean of the replicates differs from the value by chance alone, so that a correction would
// only add noise.
func (h headlineNumber) summary(values []float64, draws [][]float64, unseen []float64) Headline {
	out := Headline{Name: h.name}
	inRange := func(e Estimate, further float64) Estimate {
		if e = e.withVariance(further, h.least, h.most); h.ratio {
			e = e.exp()
		}
		return e
	}
	corrected := slices.Clone(values)
	for s, v := range values {
		v = finite(v)
		corrected[s] = v
		e := Percentile(v, draws[s])
		if h.at == nil { // a maximum
			e, corrected[s] = Unbiased(v, draws[s]), 2*v-meanOf(draws[s])
		}
		out.Seeds = append(out.Seeds, inRange(e, unseen[s]))
	}
	switch len(values) {
	case 1:
		out.Note = "one seed"
		return out
	case 2:
		out.Note = "two seeds: too few for an interval"
		return out
	}
	out.Note = missing(values)
	out.Mean = inRange(Sample{corrected, draws, meanOf(unseen)}.Crossed(), 0)
	if out.Note == "" && !out.Mean.Defined {
		out.Note = "no mean: it is infinite or undefined in more than one in twenty resamples of the examples"
	}
	return out
}

// missing is NoMean of values; of a ratio they are logarithms.
func missing(values []float64) string {
	var infinite, zero, undefined int
	for _, v := range values {
		switch {
		case math.IsInf(v, 1):
			infinite++
		case math.IsInf(v, -1):
			zero++
		case math.IsNaN(v):
			undefined++
		}
	}
	return NoMean(len(values), infinite, zero, undefined)
}

// NoMean says why so many seeds have no mean, from how many have an infinite number, a ratio of 0, which
// has no logarithm, or none at all; "" where no seed has.
func NoMean(seeds, infinite, zero, undefined int) string {
	var why []string
	for _, x := range []struct {
		what  string
		seeds int
	}{{"infinite", infinite}, {"0", zero}, {"undefined", undefined}} {
		if x.seeds > 0 {
			why = append(why, fmt.Sprintf("%s in %d", x.what, x.seeds))
		}
	}
	if len(why) == 0 {
		return ""
	}
	return fmt.Sprintf("no mean: of %d seeds %s", seeds, textfmt.List(why))
}

// finite is x, NaN where it is infinite: replicates that are NaN are left out, and an interval that misses
// many is undefined.
func finite(x float64) float64 {
	if math.IsInf(x, 0) {
		return math.NaN()
	}
	return x
}

// seedsAndExamples is the mean of a number over seeds, the variance that examples give to all seeds
// alike being common.
func seedsAndExamples(values []float64, common float64) Estimate {
	mean, variance := moments(values)
	return Combined(mean, math.Max(0, common), Component{variance / float64(len(values)), float64(len(values) - 1)})
}

// commonVariance is the mean covariance of the replicates of two different runs.
func commonVariance(draws [][]float64) float64 {
	sum, pairs := 0.0, 0.0
	for a := range draws {
		for b := range a {
			sum, pairs = sum+covariance(draws[a], draws[b]), pairs+1
		}
	}
	return sum / pairs
}

func covariance(x, y []float64) float64 {
	mx, _ := moments(x)
	my, _ := moments(y)
	sum := 0.0
	for i := range x {
		sum += float64((x[i] - mx) * (y[i] - my))
	}
	return sum / float64(len(x)-1)
}
