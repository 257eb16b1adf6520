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

// What the paper does not have: how well a reference predicts the learning step, and the control by another network.

type predictionRow struct{ Reference, Ease, GoodRho, GoodAUC, FirstRho, FirstAUC string }

// predictions makes a row for each thing known of each reference.
func (a *analysis) predictions() ([]predictionRow, error) {
	var rows []predictionRow
	for _, r := range a.in.References {
		p, err := dynamics.PredictLearning(&a.in.Log, r.Reference, a.measures)
		if err != nil {
			return nil, fmt.Errorf("predict learning from %q: %w", r.Name, err)
		}
		good, first := p.LearnedForGood, p.FirstLearned
		for _, q := range []struct {
			ease        string
			good, first *dynamics.Prediction
		}{{"right or wrong", &good.Right, &first.Right}, {"margin", good.Margin, first.Margin},
			{"margin, negative where wrong", good.Signed, first.Signed}} {
			if q.good == nil || q.first == nil {
				continue
			}
			rows = append(rows, predictionRow{r.Name, q.ease, valueText(q.good.Spearman), valueText(q.good.AUC),
				valueText(q.first.Spearman), valueText(q.first.AUC)})
		}
	}
	return rows, nil
}

// controlKind marks references that are other networks, stopped where they are as accurate as a shallow model.
const controlKind = "network"

// controls compares every shallow reference of the run with the network among its references whose accuracy is nearest.
func (a *analysis) controls(ctx context.Context, o Options) ([]*dynamics.Control, error) {
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

// controlFor is the index of the network nearest in accuracy to reference k, -1 when the run has none.
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

// controlFigures has nil where there is nothing to compare, so that figures and controls stay in step.
func (a *analysis) controlFigures(controls []*dynamics.Control) []*figure.Figure {
	var out []*figure.Figure
	for _, c := range controls {
		out = append(out, ControlFigure(a.in.title(), a.in.Network, c))
	}
	return out
}
