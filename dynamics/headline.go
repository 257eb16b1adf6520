package dynamics

import (
	"context"
	"fmt"
	"math"
	"slices"

	"shoal/contingency"
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

// headlines are the numbers of Headlines. Those of ratios are logarithms.
var headlines = []struct {
	name  string
	ratio bool
	of    func(e *evidence, curve []contingency.Table) float64
}{
	{HeadlineFirst, true, func(_ *evidence, c []contingency.Table) float64 { return logRatioOf(c[0]) }},
	{HeadlinePeak, true, (*evidence).logPeak},
	{"last R±", true, func(_ *evidence, c []contingency.Table) float64 { return logRatioOf(c[len(c)-1]) }},
	{"last R+ − R−", false, func(_ *evidence, c []contingency.Table) float64 {
		t := c[len(c)-1]
		return float64(t.Both)/float64(t.ShallowRight()) - float64(t.DeepOnly)/float64(t.DeepOnly+t.Neither)
	}},
	{HeadlineAccuracy, false, func(_ *evidence, c []contingency.Table) float64 { return accuracyOf(c[len(c)-1]) }},
	{HeadlineLeft, false, func(_ *evidence, c []contingency.Table) float64 { return float64(c[len(c)-1].ShallowOnly) }},
}

// logRatioOf is logRatio, NaN where R± is undefined and infinite where R± is: of such a table half examples
// would make a number.
func logRatioOf(t contingency.Table) float64 {
	switch r := t.Ratio(); {
	case r.Infinite:
		return math.Inf(1)
	case !r.Defined:
		return math.NaN()
	}
	y, _ := logRatio(t)
	return y
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
				own[k][r] = finite(h.of(e, curve))
			}
		})
		if err != nil {
			return nil, err
		}
		for k, h := range headlines {
			draws[k], values[k] = append(draws[k], own[k]), append(values[k], h.of(e, e.tables()))
		}
	}
	out := make([]Headline, len(headlines))
	for k, h := range headlines {
		out[k] = headline(h.name, h.ratio, h.name == HeadlinePeak, values[k], draws[k])
	}
	return out, nil
}

// headline sums up one number: its value and its replicates in every run. Of what isn't a maximum the mean of
// the replicates differs from the value by chance alone, so that a correction would only add noise.
func headline(name string, ratio, maximum bool, values []float64, draws [][]float64) Headline {
	out := Headline{Name: name}
	corrected := slices.Clone(values)
	for s, v := range values {
		v = finite(v)
		corrected[s] = v
		e := Percentile(v, draws[s])
		if maximum {
			e, corrected[s] = Unbiased(v, draws[s]), 2*v-meanOf(draws[s])
		}
		if ratio {
			e = e.exp()
		}
		out.Seeds = append(out.Seeds, e)
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
	out.Mean = seedsAndExamples(corrected, commonVariance(draws))
	if ratio {
		out.Mean = out.Mean.exp()
	}
	return out
}

// missing says why there is no mean of values, "" where there is one.
func missing(values []float64) string {
	infinite, undefined := 0, 0
	for _, v := range values {
		if math.IsInf(v, 0) {
			infinite++
		} else if math.IsNaN(v) {
			undefined++
		}
	}
	switch {
	case infinite > 0 && undefined > 0:
		return fmt.Sprintf("no mean: of %d seeds it is infinite in %d and undefined in %d", len(values), infinite, undefined)
	case infinite > 0:
		return fmt.Sprintf("no mean: it is infinite in %d of %d seeds", infinite, len(values))
	case undefined > 0:
		return fmt.Sprintf("no mean: it is undefined in %d of %d seeds", undefined, len(values))
	}
	return ""
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
