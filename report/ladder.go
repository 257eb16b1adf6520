package report

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/report/figure"
	"shoal/runlog"
)

// Rung is a reference that is there for the order of learning alone: of a ladder, or a starved
// control.
type Rung struct {
	runlog.Reference
	Judgement *dynamics.Judgement
}

// Ladder lists rungs at one accuracy, then starved controls.
type Ladder []Rung

// RungRow is a rung for people.
type RungRow struct{ Name, Kind, Examples, Accuracy, Slope, Reason string }

// withoutLadder takes the ladder out of a run's references. Without judgements there are only the others.
func withoutLadder(h *runlog.History) (references []runlog.Reference, judged []*dynamics.Judgement, ladder Ladder) {
	references = h.Compared()
	if h.Judgements == nil {
		return references, nil, nil
	}
	for k, ref := range h.References {
		if !ref.Control() {
			judged = append(judged, h.Judgements[k])
		}
	}
	return references, judged, LadderOf(h)
}

// LadderOf is the ladder of a run that has been judged.
func LadderOf(h *runlog.History) Ladder {
	var rungs, starved Ladder
	for k, ref := range h.References {
		switch r := (Rung{ref, h.Judgements[k]}); {
		case strings.HasPrefix(ref.Name, dynamics.RungPrefix):
			rungs = append(rungs, r)
		case ref.Control():
			starved = append(starved, r)
		}
	}
	return append(rungs, starved...)
}

// title is the name of a rung for people.
func (r Rung) title() string { return strings.TrimPrefix(r.Name, dynamics.RungPrefix) }

// slope is the slope of the straight line, with its interval.
func (r Rung) slope() figure.Point {
	a := r.Judgement.Association
	if a.Slope == nil || a.Lo == nil || a.Hi == nil {
		return figure.Point{}
	}
	of := func(rho float64) float64 { return rho / math.Sqrt(1-float64(rho*rho)) }
	return figure.Between(*a.Slope, of(*a.Lo), of(*a.Hi))
}

// examples is the number of training examples, "" where it isn't known.
func (r Rung) examples() string {
	var said struct {
		Examples int `json:"train_examples"`
	}
	if json.Unmarshal([]byte(r.ParamsJSON), &said) != nil || said.Examples == 0 {
		return "–"
	}
	return textfmt.Thousands(said.Examples)
}

// Rows are the rungs as the tables of pages have them.
func (l Ladder) Rows() []RungRow {
	var out []RungRow
	for _, r := range l {
		out = append(out, RungRow{r.title(), r.Kind, r.examples(), textfmt.Percent(r.Accuracy), slopeText(r.slope()), textfmt.Sentence(r.says())})
	}
	return out
}

// says is what the rung says of the order of learning, in few words: its row has the name.
func (r Rung) says() string {
	switch x := r.Judgement.Regime; {
	case x.Found == nil:
		return x.Reason
	case *x.Found && x.Share != nil:
		return fmt.Sprintf("stops predicting it at %.0f %%", 100**x.Share)
	case *x.Found:
		return "stops predicting it"
	case x.UpTo != nil && *x.UpTo > 0:
		return fmt.Sprintf("no change up to %.0f %%", 100**x.UpTo)
	}
	return "no change, as one straight line"
}

func slopeText(p figure.Point) string {
	if !p.OK {
		return "undefined"
	}
	return valueText(dynamics.Estimate{Value: p.Value, Lo: p.Low, Hi: p.High, Defined: true})
}

// Figure draws the slopes of the rungs at one accuracy; nil without any.
func (l Ladder) Figure(dataset, network string) *figure.Figure {
	out := figure.Ladder{Dataset: dataset, Network: network}
	for _, r := range l {
		if strings.HasPrefix(r.Name, dynamics.RungPrefix) {
			found := r.Judgement.Regime.Found
			out.Rungs = append(out.Rungs, figure.Rung{Name: r.title(), Accuracy: r.Accuracy, Slope: r.slope(), Network: r.Kind == controlKind, Change: found != nil && *found})
		}
	}
	if len(out.Rungs) == 0 {
		return nil
	}
	return out.Draw()
}
