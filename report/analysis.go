package report

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"shoal/contingency"
	"shoal/dynamics"
	"shoal/dynamics/regime"
	"shoal/internal/textfmt"
	"shoal/report/figure"
)

// analysis is what page and figures share: computed once from an Input.
type analysis struct {
	in       *Input
	curves   []*dynamics.Curve // per reference
	drawn    []figure.Curves   // the same, for drawing
	measures *dynamics.Measures
	learned  *regime.Learning // the order in which the network learns
	suspects []dynamics.Suspect
	shown    []int // evaluations (indices) that the page's slider stops at
	rank     []float64
}

func analyse(ctx context.Context, in *Input) (*analysis, error) {
	if err := in.Check(); err != nil {
		return nil, err
	}
	a := &analysis{in: in}
	learned, err := in.Log.Learning()
	if err != nil {
		return nil, err
	}
	for _, r := range in.References {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c, err := dynamics.Curves(&in.Log, r.Reference)
		if err != nil {
			return nil, err
		}
		a.curves = append(a.curves, c)
		drawn := Curves(in.title(), in.Network, c)
		drawn.SoFar = in.SoFar
		if !in.trained() {
			if err := AtOneAssociation(ctx, &drawn, &in.Log, learned, r.Reference); err != nil {
				return nil, err
			}
		}
		a.drawn = append(a.drawn, drawn)
	}
	a.learned, a.suspects = learned, dynamics.Suspects(&in.Log, learned, in.references(), in.LabelP)
	if a.measures, err = dynamics.Measure(&in.Log); err != nil {
		return nil, err
	}
	a.pace()
	return a, ctx.Err()
}

// pace chooses the shown evaluations, and orders the examples by them.
func (a *analysis) pace() {
	a.shown = a.choose(heldLimit(len(a.in.Log.Labels)))
	a.rank = a.wrongShare()
}

// heldLimit is how many evaluations a report holds: all of most runs, fewer for very large splits.
func heldLimit(examples int) int { return min(1000, max(40, 10_000_000/max(examples, 1))) }

// shownLimit is how many evaluations the page of a run that grows holds: 300, fewer for very large splits.
func shownLimit(examples int) int { return min(300, max(40, 4_000_000/max(examples, 1))) }

// choose picks at most limit evaluations: first, last, the peak of R± for every reference, and the
// others evenly along the logarithmic axis, which keeps all of the early ones.
func (a *analysis) choose(limit int) []int {
	steps := a.in.Log.Steps
	keep := map[int]bool{0: true, len(steps) - 1: true}
	for k := range a.drawn {
		if p := a.peakAt(k); p >= 0 {
			keep[p] = true
		}
	}
	if len(steps) <= limit {
		for t := range steps {
			keep[t] = true
		}
	}
	return evenly(steps, keep, limit)
}

// evenly picks about limit of the evaluations at steps, evenly along the logarithmic axis, beside those
// in keep.
func evenly(steps []int, keep map[int]bool, limit int) []int {
	// Halve the distance between kept evaluations until the next round would not fit.
	for bins := limit; len(keep) < limit && bins < 1<<24; bins = bins*5/4 + 1 {
		next := map[int]bool{}
		last := -1
		for t, s := range steps {
			b := int(figure.StepFraction(s, steps[0], steps[len(steps)-1]) * float64(bins))
			if b != last || keep[t] {
				next[t] = true
			}
			last = b
		}
		if len(next) > limit {
			break
		}
		maps.Copy(next, keep)
		if keep = next; len(keep) == len(steps) {
			break
		}
	}
	return slices.Sorted(maps.Keys(keep))
}

// wrongShare is, per example, the share of the shown evaluations at which the network is wrong:
// since those lie evenly on the log axis, it orders examples by when they are learned and breaks
// ties by how firmly.
func (a *analysis) wrongShare() []float64 {
	labels := a.in.Log.Labels
	out := make([]float64, len(labels))
	for _, t := range a.shown {
		for i, right := range a.in.Log.Correct(t) {
			if !right {
				out[i]++
			}
		}
	}
	for i := range out {
		out[i] /= float64(len(a.shown))
	}
	return out
}

// agreement is kappa between all references, the network where it is as accurate as the first
// reference, and the network at the end.
func (a *analysis) agreement() (models []string, early string, kappa [][]figure.Point, err error) {
	log := &a.in.Log
	all := a.in.references()
	if first := a.drawn[0]; len(log.Steps) > 1 {
		reached := slices.ContainsFunc(first.Accuracy, func(d float64) bool { return d >= first.ReferenceAccuracy })
		if t := log.NearestAccuracy(first.ReferenceAccuracy); reached && t != len(log.Steps)-1 {
			all = append(all, log.At("network, early", t))
			early = fmt.Sprintf("early: as accurate as %s, step %s", first.Reference, textfmt.Thousands(log.Steps[t]))
		}
	}
	all = append(all, log.Final("network, last"))
	for _, r := range all {
		models = append(models, r.Name)
	}
	kappa, err = KappaPoints(log.Labels, all)
	return models, early, kappa, err
}

// KappaPoints is the kappa between models as a heat map draws it.
func KappaPoints(labels []uint16, models []dynamics.Reference) ([][]figure.Point, error) {
	matrix, err := dynamics.KappaMatrix(labels, models)
	if err != nil {
		return nil, err
	}
	out := make([][]figure.Point, len(matrix))
	for k, row := range matrix {
		for _, kappa := range row {
			out[k] = append(out[k], numberPoint(kappa))
		}
	}
	return out, nil
}

// classRow is one line of the per-class table.
type classRow struct {
	Name                    string
	N                       int
	Network, MedianGood     string
	References              []string
	ShallowOnly, NeverRight int
}

// byClass breaks the last evaluation down by class; shallow_only is against the first reference.
func (a *analysis) byClass() ([]classRow, error) {
	log := &a.in.Log
	last := log.Final("network")
	var tables [][]contingency.Table // by reference and class
	for _, r := range a.in.References {
		t, err := dynamics.ByClass(log.Labels, r.Reference, last)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	_, good := learningSteps(log, a.measures)
	never, steps := make([]int, len(tables[0])), make([][]int, len(tables[0]))
	for i, class := range log.Labels {
		if a.measures.NeverRight[i] {
			never[class]++
		}
		if good[i] < 0 {
			good[i] = math.MaxInt // behind all others
		}
		steps[class] = append(steps[class], good[i])
	}
	var rows []classRow
	for k, t := range tables[0] {
		if t.N() == 0 {
			continue
		}
		row := classRow{Name: a.in.class(k), N: t.N(), Network: textfmt.Share(t.DeepAccuracy().Value, 1), ShallowOnly: t.ShallowOnly,
			NeverRight: never[k], MedianGood: "not kept"}
		for _, of := range tables {
			row.References = append(row.References, textfmt.Share(of[k].ShallowAccuracy().Value, 1))
		}
		slices.Sort(steps[k])
		if median := steps[k][(len(steps[k])-1)/2]; median < math.MaxInt {
			row.MedianGood = textfmt.Thousands(median)
		}
		rows = append(rows, row)
	}
	return rows, nil
}
