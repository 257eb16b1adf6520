package figure

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Pool turns the curves of one study over several seeds into one: means (of ln R± for the ratio),
// with a band from the smallest seed to the largest, and no longer over examples. The band of R± at one
// constant association is the mean of the seeds' own. Evaluations that not all seeds have are left out;
// where one seed's value is undefined, so is the pooled one. Counts are rounded means.
func Pool(runs []Curves) (Curves, error) {
	if len(runs) < 2 {
		return Curves{}, fmt.Errorf("pool %d runs: a band over seeds needs at least 2", len(runs))
	}
	for i := range runs {
		if err := runs[i].Check(); err != nil {
			return Curves{}, err
		}
	}
	out := Curves{Dataset: runs[0].Dataset, Network: runs[0].Network, Reference: runs[0].Reference}
	out.Band = fmt.Sprintf("range over %d seeds", len(runs))
	accuracies := 0.0
	for _, r := range runs {
		out.SoFar = out.SoFar || r.SoFar
		accuracies += r.ReferenceAccuracy
	}
	out.ReferenceAccuracy = accuracies / float64(len(runs))
	constant := !slices.ContainsFunc(runs, func(r Curves) bool { return r.Constant == nil })
	for t, step := range runs[0].Steps {
		at := positions(runs, step)
		if at == nil {
			continue
		}
		out.Steps = append(out.Steps, step)
		out.Epochs = append(out.Epochs, runs[0].Epochs[t])
		out.poolAt(runs, at)
		if constant {
			out.Constant = append(out.Constant, meanBand(runs, at))
		}
	}
	if len(out.Steps) == 0 {
		return Curves{}, fmt.Errorf("pool %d runs: no evaluated step is common to all", len(runs))
	}
	return out, nil
}

// positions finds a step in every run; nil when one lacks it.
func positions(runs []Curves, step int) []int {
	at := make([]int, len(runs))
	for k, r := range runs {
		var found bool
		if at[k], found = slices.BinarySearch(r.Steps, step); !found {
			return nil
		}
	}
	return at
}

func (c *Curves) poolAt(runs []Curves, at []int) {
	same := func(v float64) float64 { return v }
	gather := func(pick func(r *Curves, i int) Point) []Point {
		v := make([]Point, len(runs))
		for k := range runs {
			v[k] = pick(&runs[k], at[k])
		}
		return v
	}
	c.Ratio = append(c.Ratio, pooled(gather(func(r *Curves, i int) Point { return r.Ratio[i] }), math.Log, math.Exp))
	c.RPlus = append(c.RPlus, pooled(gather(func(r *Curves, i int) Point { return r.RPlus[i] }), same, same))
	c.RMinus = append(c.RMinus, pooled(gather(func(r *Curves, i int) Point { return r.RMinus[i] }), same, same))
	c.Nestedness = append(c.Nestedness, pooled(gather(func(r *Curves, i int) Point { return r.Nestedness[i] }), same, same))
	c.Kappa = append(c.Kappa, pooled(gather(func(r *Curves, i int) Point { return r.Kappa[i] }), same, same))
	c.Tetrachoric = append(c.Tetrachoric, pooled(gather(func(r *Curves, i int) Point { return r.Tetrachoric[i] }), same, same))
	most := pooled(gather(func(r *Curves, i int) Point { return Exact(r.AttainableMax[i]) }), same, same)
	if !most.OK {
		most.Value = math.Inf(1)
	}
	c.AttainableMax = append(c.AttainableMax, most.Value)
	accuracy := pooled(gather(func(r *Curves, i int) Point { return Exact(r.Accuracy[i]) }), same, same)
	c.Accuracy, c.Spread = append(c.Accuracy, accuracy.Value), append(c.Spread, accuracy)
	for cell := range c.Cells {
		p := pooled(gather(func(r *Curves, i int) Point { return Exact(float64(r.Cells[cell][i])) }), same, same)
		c.Cells[cell] = append(c.Cells[cell], int(math.Round(p.Value)))
	}
}

// meanBand is R± at one constant association, and the ends of its band: each the geometric mean over
// seeds, as that of R± beside it.
func meanBand(runs []Curves, at []int) Point {
	var sum Point // of logarithms
	for k, r := range runs {
		p := r.Constant[at[k]]
		if !p.OK {
			return Point{}
		}
		sum.Value, sum.Low, sum.High = sum.Value+math.Log(p.Value), sum.Low+math.Log(p.Low), sum.High+math.Log(p.High)
	}
	n := float64(len(runs))
	return Between(math.Exp(sum.Value/n), math.Exp(sum.Low/n), math.Exp(sum.High/n))
}

// pooled is the mean over seeds on the scale of f, and its band, mapped back by inverse.
func pooled(seeds []Point, f, inverse func(float64) float64) Point {
	v := make([]float64, len(seeds))
	lo, hi := math.Inf(1), math.Inf(-1)
	for k, p := range seeds {
		if !p.OK || !finite(f(p.Value)) {
			return Point{}
		}
		v[k] = f(p.Value)
		lo, hi = math.Min(lo, v[k]), math.Max(hi, v[k])
	}
	return Between(inverse(stat.Mean(v, nil)), inverse(lo), inverse(hi))
}
