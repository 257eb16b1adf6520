package dynamics

import (
	"context"
	"fmt"
	"math"
	"slices"

	"shoal/contingency"
	"shoal/internal/parallel"
	"shoal/internal/pcg"
)

// Sample is one number of each of S runs that differ in their seed: its value, and its values in R
// bootstrap replicates of the examples, replicate r being of the same examples in all runs, and in all
// samples that are compared.
type Sample struct {
	Values     []float64   // S; NaN where it is undefined
	Replicates [][]float64 // S × R
	// Unseen is the variance that the function Unseen has for the number, the mean of those of the runs;
	// 0 leaves it out.
	Unseen float64
}

// Crossed is the mean over the runs with a 95 % interval for other seeds and other examples at once, as
// that of [Headlines]. It is undefined for fewer than LeastSeeds runs, and where a value, or more than a
// twentieth of the replicates, is.
func (s Sample) Crossed() Estimate {
	whole := s.defined(s)
	if len(s.Values) < LeastSeeds || whole == nil {
		return Estimate{}
	}
	return seedsAndExamples(s.Values, math.Max(0, commonVariance(s.picked(whole)))+s.Unseen)
}

// defined lists the replicates in which both samples are defined; nil where too many are not.
func (s Sample) defined(o Sample) []int {
	var whole []int
	if len(s.Replicates) == 0 || len(o.Replicates) == 0 {
		return nil
	}
	n := len(s.Replicates[0])
	for r := range n {
		isNaN := func(x []float64) bool { return math.IsNaN(x[r]) }
		if !slices.ContainsFunc(s.Replicates, isNaN) && !slices.ContainsFunc(o.Replicates, isNaN) {
			whole = append(whole, r)
		}
	}
	if len(whole) < 20 || 20*(n-len(whole)) > n {
		return nil
	}
	return whole
}

// picked are the replicates at some places.
func (s Sample) picked(at []int) [][]float64 {
	out := make([][]float64, len(s.Replicates))
	for k, run := range s.Replicates {
		out[k] = make([]float64, len(at))
		for i, r := range at {
			out[k][i] = run[r]
		}
	}
	return out
}

// Minus is the mean of s minus that of o, with an interval as Crossed has, and the probability of a
// difference so large if there is none. paired says that the runs of both have the same seeds, in the
// same order. Of single runs the interval is over examples only. It is undefined for two or more runs
// of which one side has fewer than LeastSeeds.
func (s Sample) Minus(o Sample, paired bool) (Estimate, float64) {
	a, b := len(s.Values), len(o.Values)
	whole := s.defined(o)
	switch {
	case a == 0 || b == 0 || whole == nil:
		return Estimate{}, math.NaN()
	case a == 1 && b == 1:
		d := s.pairs(o)
		_, variance := moments(d.picked(whole)[0])
		return judged(d.Values[0], variance+d.Unseen, Component{0, 1})
	case a < LeastSeeds || b < LeastSeeds:
		return Estimate{}, math.NaN()
	case paired && a == b:
		d := s.pairs(o)
		mean, variance := moments(d.Values)
		return judged(mean, math.Max(0, commonVariance(d.picked(whole)))+d.Unseen, Component{variance / float64(a), float64(a - 1)})
	}
	return s.minusGroup(o, whole)
}

// minusGroup is Minus for runs of different seeds.
func (s Sample) minusGroup(o Sample, whole []int) (Estimate, float64) {
	x, y := s.picked(whole), o.picked(whole)
	shared := 0.0 // covariance of a run of s and a run of o
	for _, run := range x {
		for _, other := range y {
			shared += covariance(run, other) / float64(len(x)*len(y))
		}
	}
	ms, vs := moments(s.Values)
	mo, vo := moments(o.Values)
	ns, no := float64(len(s.Values)), float64(len(o.Values))
	vs, vo = vs/ns, vo/no
	freedom := ns + no - 2
	if vs+vo > 0 { // Welch's
		freedom = (vs + vo) * (vs + vo) / (vs*vs/(ns-1) + vo*vo/(no-1))
	}
	common := commonVariance(x) + commonVariance(y) - float64(2*shared)
	return judged(ms-mo, math.Max(0, common)+math.Max(s.Unseen, o.Unseen), Component{vs + vo, freedom})
}

// judged is Combined of one component, with the probability of a value so far from 0 if the truth is 0.
func judged(value, many float64, few Component) (Estimate, float64) {
	e := Combined(value, many, few)
	width := math.Sqrt(few.Variance + many)
	switch {
	case !e.Defined:
		return e, math.NaN()
	case width > 0:
		return e, 2 * studentOf(many, few).CDF(-math.Abs(value)/width)
	case value != 0:
		return e, 0
	}
	return e, 1
}

// pairs are the differences run by run.
func (s Sample) pairs(o Sample) Sample {
	out := Sample{Unseen: math.Max(s.Unseen, o.Unseen)}
	for k, v := range s.Values {
		out.Values = append(out.Values, v-o.Values[k])
		r := make([]float64, len(s.Replicates[k]))
		for i, x := range s.Replicates[k] {
			r[i] = x - o.Replicates[k][i]
		}
		out.Replicates = append(out.Replicates, r)
	}
	return out
}

// Holm corrects probabilities of many comparisons for their number (Holm 1979): an outcome counts at 5 %
// when its corrected probability is at most .05, and then no more than one family in twenty without any
// difference shows one. Probabilities that are NaN stay so and don't count.
func Holm(p []float64) []float64 {
	order := make([]int, 0, len(p))
	out := slices.Clone(p)
	for i, x := range p {
		if !math.IsNaN(x) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	least := 0.0
	for k, i := range order {
		least = math.Max(least, math.Min(1, float64(len(order)-k)*p[i]))
		out[i] = least
	}
	return out
}

// Answers are what a network and a reference get right of the same examples.
type Answers struct{ Deep, Shallow []bool }

// ResampleTables resamples the examples with replacement and calls each(r, tables) for every replicate
// r, with tables[k] that of pairs[k]: the same examples in all. All pairs are of as many examples. Calls
// may run at the same time, each on tables of its own that are reused afterwards; each may write only
// what belongs to its replicate.
func ResampleTables(ctx context.Context, pairs []Answers, o Resampling, each func(r int, tables []contingency.Table)) error {
	if len(pairs) == 0 {
		return nil
	}
	n := len(pairs[0].Deep)
	deep, shallow, both := make([]mask, len(pairs)), make([]mask, len(pairs)), make([]mask, len(pairs))
	for k, p := range pairs {
		if len(p.Deep) != n || len(p.Shallow) != n || n == 0 {
			return fmt.Errorf("resample tables: %d and %d answers, want %d of each, and one at least", len(p.Deep), len(p.Shallow), n)
		}
		deep[k], shallow[k] = maskOf(p.Deep), maskOf(p.Shallow)
		both[k] = slices.Clone(deep[k])
		for w := range both[k] {
			both[k][w] &= shallow[k][w]
		}
	}
	spaces := make([]*resample, parallel.Workers(o.Workers))
	tables := make([][]contingency.Table, len(spaces))
	parallel.For(len(spaces), o.replicates(), func(worker, r int) {
		if ctx.Err() != nil {
			return
		}
		if spaces[worker] == nil {
			spaces[worker], tables[worker] = newResample(n, nil), make([]contingency.Table, len(pairs))
		}
		s := spaces[worker]
		s.draw(pcg.New(o.Seed, uint64(r)))
		for k := range pairs {
			d, m, b := weigh(deep[k], s.planes), weigh(shallow[k], s.planes), weigh(both[k], s.planes)
			tables[worker][k] = contingency.Table{Both: b, ShallowOnly: m - b, DeepOnly: d - b, Neither: n - d - m + b}
		}
		each(r, tables[worker])
	})
	return ctx.Err()
}
