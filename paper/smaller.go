package paper

import (
	"cmp"
	"fmt"

	"shoal/internal/textfmt"
	"shoal/report"
)

// smallerView is a smaller network on the page: a section of its own, for what needs several seeds.
type smallerView struct {
	DatasetSummary
	Numbers numbers
	Answers []answer
	Reached string  // its accuracy
	Agree   string  // on the order of learning
	Curves  []panel // overviews: over seeds, or of the only one
	More    []panel
	Rungs   []report.RungRow
	// Easiness is nil where it wasn't asked.
	Easiness *easinessView
}

// smallerViews are the smaller networks that have a run.
func smallerViews(s *Summary, d *drawings) []smallerView {
	var out []smallerView
	for _, data := range s.Smaller {
		if len(data.Runs) == 0 {
			continue
		}
		figures := d.Smaller[data.Part]
		v := smallerView{DatasetSummary: data, Numbers: numbersOf(data), Answers: data.answers(), Curves: figures.Curves, More: figures.More, Rungs: d.Rungs[data.Part], Easiness: data.easinessView()}
		if data.Accuracy != nil {
			v.Reached = reached(data)
		}
		if o := data.Orders; o != nil {
			v.Agree = textfmt.Sentence(o.Sentence(data.Network))
		}
		out = append(out, v)
	}
	return out
}

// reached says what accuracy a network reaches.
func reached(d DatasetSummary) string {
	text := fmt.Sprintf("%s reaches %s %s", d.Network, mean(d.Accuracy), cmp.Or(d.soFar(), "at the end"))
	if r := rangeText(d.Accuracy); r != "" {
		text += " (" + r + ")"
	}
	return textfmt.Signs(text + ", " + mean(d.Best) + " at best.")
}

// smallerFigures are those of one smaller network.
type smallerFigures struct{ Curves, More []panel }
