package report

import (
	"context"
	"fmt"
	"html/template"
	"math"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/report/figure"
)

// controlKind marks references that are other networks, stopped where they are as accurate as a
// shallow model.
const controlKind = "network"

// compareControls compares every shallow reference of the run with the network among its references whose
// accuracy is nearest.
func (a *analysis) compareControls(ctx context.Context, o Options) ([]*dynamics.Control, error) {
	var out []*dynamics.Control
	for k, ref := range a.in.References {
		at := a.controlFor(k)
		if ref.Kind == controlKind || at < 0 {
			continue
		}
		control := a.in.References[at]
		c, err := dynamics.CompareControl(ctx, &a.in.Log, ref.Reference, control.Reference, o.Judge.Resampling)
		if err != nil {
			return nil, fmt.Errorf("compare %q with the control %q: %w", ref.Name, control.Name, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// controlFor is the index of the network nearest in accuracy to reference k, -1 when the run has
// none.
func (a *analysis) controlFor(k int) int {
	best, gap := -1, math.Inf(1)
	for j, r := range a.in.References {
		if d := math.Abs(a.drawn[j].ReferenceAccuracy - a.drawn[k].ReferenceAccuracy); r.Kind == controlKind && d < gap {
			best, gap = j, d
		}
	}
	return best
}

type controlView struct {
	Verdict, Text string
	Figure        template.HTML
}

func controlViews(controls []*dynamics.Control, figures []*figure.Figure) []controlView {
	var out []controlView
	for k, c := range controls {
		text := fmt.Sprintf("The network’s nestedness with %s (accuracy %s) minus that with the control %s (accuracy %s), mean over the learning phase (steps %s to %s): %s. %s",
			c.Reference, textfmt.Share(c.Accuracy, 1), c.Control, textfmt.Share(c.ControlAccuracy, 1), textfmt.Thousands(c.FromStep), textfmt.Thousands(c.ToStep),
			valueText(c.Difference), textfmt.Sentence(c.Reason))
		v := controlView{Verdict: c.Verdict.Words(), Text: text}
		if figures[k] != nil {
			v.Figure = Inline(figures[k])
		}
		out = append(out, v)
	}
	return out
}

// controlFigures has one entry for each control, nil where there is nothing to compare.
func (a *analysis) controlFigures(controls []*dynamics.Control) []*figure.Figure {
	var out []*figure.Figure
	for _, c := range controls {
		out = append(out, ControlFigure(a.in.title(), a.in.Network, c))
	}
	return out
}

// ControlFigure draws nestedness with the reference and with the control over the steps, and their
// difference; nil when the comparison has no points.
func ControlFigure(dataset, network string, c *dynamics.Control) *figure.Figure {
	if len(c.Points) == 0 {
		return nil
	}
	d := figure.ControlCurves{Dataset: dataset, Network: network, Reference: c.Reference, Control: c.Control}
	for _, p := range c.Points {
		d.Steps, d.Epochs = append(d.Steps, p.Step), append(d.Epochs, float64(p.Epoch))
		d.WithReference = append(d.WithReference, numberPoint(p.Nestedness))
		d.WithControl = append(d.WithControl, numberPoint(p.ControlNestedness))
		d.Difference = append(d.Difference, estimatePoint(p.Difference))
	}
	return d.Draw()
}
