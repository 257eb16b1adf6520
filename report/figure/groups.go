package figure

import (
	"fmt"

	"gonum.org/v1/plot/vg"

	"shoal/internal/textfmt"
)

// Groups is the accuracy of a network over the steps in groups of examples.
type Groups struct {
	Dataset, Network, Attribute string
	Steps                       []int       // training steps, ascending
	Epochs                      []float64   // the same in epochs
	Accuracy                    []float64   // on all examples
	Lines                       []GroupLine // at most MostGroups
	Note                        string      // what isn't drawn; may be empty
	SoFar                       bool        // the run isn't finished
}

// GroupLine is one group.
type GroupLine struct {
	Name     string
	Accuracy []Point // at each step
}

// groupStrokes tell groups apart, by colour and by dashes.
var groupStrokes = []stroke{
	{col: vermilion, width: 1.6}, {col: blue, width: 1.6, dash: dashed}, {col: green, width: 1.5, dash: dashdot},
	{col: purple, width: 1.5, dash: dotted}, {col: gold, width: 1.4, dash: long}, {col: sky, width: 1.4, dash: []vg.Length{2.5, 2.5}},
}

// MostGroups is how many groups a figure of Groups can tell apart.
var MostGroups = len(groupStrokes)

// Draw draws the figure.
func (g Groups) Draw() *Figure {
	return twice(func(width float64) *Figure {
		title := fmt.Sprintf("%s · %s · %s", g.Dataset, g.Network, g.Attribute)
		return &Figure{
			Name: "groups-" + textfmt.Slug(g.Attribute), Title: title + ": accuracy of the network by group",
			Description: "Accuracy of the network over training steps on a log axis, with its 95 % band, in each group of examples, and on all.",
			Width:       vg.Length(width), Height: singleHeight,
			head: newHeading(g.finding(), of("accuracy by group, with 95 % band over examples", g.Dataset, g.Network), g.Note),
			draw: func(s *sheet) {
				p := &panel{s: s, area: box{50, 44, s.w - 104, s.h - 42}, steps: g.Steps, epochs: g.Epochs,
					x: stepScale(g.Steps[0], g.Steps[len(g.Steps)-1]), y: linearScale(0, 1, 5, percentTick)}
				p.frame("accuracy in %", true)
				for k, l := range g.Lines {
					p.band(l.Name+" band", l.Accuracy, fade(groupStrokes[k].col, 34))
				}
				p.line("all", "all", exacts(g.Accuracy), accuracyStroke)
				for k, l := range g.Lines {
					p.line(l.Name, l.Name, l.Accuracy, groupStrokes[k])
				}
				p.nameLines()
			},
		}
	})
}
