package report

import (
	"context"
	"fmt"
	"math"

	"shoal/contingency"
	"shoal/dynamics"
	"shoal/dynamics/regime"
	"shoal/report/figure"
)

// Curves turns the tables of a run against one reference into what the figures draw.
func Curves(dataset, network string, c *dynamics.Curve) figure.Curves {
	out := figure.Curves{Dataset: dataset, Network: network, Reference: c.Reference}
	for _, p := range c.Points {
		out.Steps = append(out.Steps, p.Step)
		out.Epochs = append(out.Epochs, float64(p.Epoch))
		out.Accuracy = append(out.Accuracy, p.DeepAccuracy().Value)
		out.ReferenceAccuracy = p.ShallowAccuracy().Value
		out.Ratio = append(out.Ratio, ratioPoint(p.Ratio()))
		out.RPlus = append(out.RPlus, proportionPoint(p.RPlus()))
		out.RMinus = append(out.RMinus, proportionPoint(p.RMinus()))
		out.Nestedness = append(out.Nestedness, numberPoint(p.Nestedness()))
		out.Kappa = append(out.Kappa, numberPoint(p.Kappa()))
		out.Tetrachoric = append(out.Tetrachoric, numberPoint(p.Tetrachoric()))
		most := math.Inf(1)
		if a := p.AttainableMax(); a.Defined {
			most = a.Value
		}
		out.AttainableMax = append(out.AttainableMax, most)
		for k, v := range [4]int{p.Both, p.ShallowOnly, p.DeepOnly, p.Neither} {
			out.Cells[k] = append(out.Cells[k], v)
		}
	}
	return out
}

// AtOneAssociation adds to the curves of a run against a reference R± at one constant association; see
// dynamics.ConstantAssociation.
func AtOneAssociation(ctx context.Context, c *figure.Curves, l *dynamics.Log, learned *regime.Learning, ref dynamics.Reference) error {
	constant, err := dynamics.ConstantAssociation(ctx, l, learned, ref, dynamics.Resampling{})
	if err != nil {
		return err
	}
	c.Constant = nil
	for _, e := range constant.Ratio {
		c.Constant = append(c.Constant, estimatePoint(e))
	}
	return nil
}

// ratioPoint leaves out ratios of 0 and infinite ones: the curves of R+ and R- show what happens
// there.
func ratioPoint(r contingency.Ratio) figure.Point {
	if !r.Defined || r.OneSided {
		return figure.Point{}
	}
	return figure.Between(r.Value, r.Lo, r.Hi)
}

func proportionPoint(p contingency.Proportion) figure.Point {
	if !p.Defined {
		return figure.Point{}
	}
	return figure.Between(p.Value, p.Lo, p.Hi)
}

func estimatePoint(e dynamics.Estimate) figure.Point {
	if !e.Defined {
		return figure.Point{}
	}
	return figure.Between(e.Value, e.Lo, e.Hi)
}

func numberPoint(n contingency.Number) figure.Point {
	if !n.Defined {
		return figure.Point{}
	}
	return figure.Exact(n.Value)
}

// LearningFigure draws when the network of a log gets the examples right, by whether a reference is
// right.
func LearningFigure(dataset, network string, l *dynamics.Log, ref dynamics.Reference) (*figure.Figure, error) {
	if len(ref.Predictions) != len(l.Labels) {
		return nil, fmt.Errorf("draw learning order: reference %q has %d predictions for %d examples", ref.Name, len(ref.Predictions), len(l.Labels))
	}
	m, err := dynamics.Measure(l)
	if err != nil {
		return nil, err
	}
	first, good := learningSteps(l, m)
	return figure.Learning(figure.Order{Dataset: dataset, Network: network, Reference: ref.Name, Steps: l.Steps, Epochs: l.Epochs,
		ReferenceRight: ref.Correct(l.Labels), First: first, ForGood: good}), nil
}

// learningSteps are the training steps at which each example was first right and from which on it
// stays right, -1 where there is none.
func learningSteps(l *dynamics.Log, m *dynamics.Measures) (first, good []int) {
	stepOf := func(t int) int {
		if step, _, ok := l.When(t); ok {
			return step
		}
		return -1
	}
	for i := range l.Labels {
		first, good = append(first, stepOf(m.FirstLearned[i])), append(good, stepOf(m.LearnedForGood[i]))
	}
	return first, good
}
