package figure

import (
	"fmt"
	"math"
	"shoal/internal/textfmt"

	"gonum.org/v1/plot/vg"
)

// ControlCurves compare the nestedness of a network with a reference and with a control: another
// network of the reference's accuracy.
type ControlCurves struct {
	Dataset, Network, Reference, Control   string
	Steps                                  []int
	Epochs                                 []float64
	WithReference, WithControl, Difference []Point // per step
}

// Draw draws both curves and their difference with its band: above 0, what the reference gets right
// is learned earlier than what any equally good network gets right.
func (c ControlCurves) Draw() *Figure {
	title := fmt.Sprintf("%s · %s · reference %s", c.Dataset, c.Network, c.Reference)
	lo := 0.0
	for i := range c.Steps {
		for _, p := range []Point{c.WithReference[i], c.WithControl[i], c.Difference[i]} {
			if p.OK {
				lo = math.Min(lo, math.Max(p.Low, -1))
			}
		}
	}
	return twice(func(width float64) *Figure { return c.layout(title, lo, width) })
}

// layout draws on an axis from lo to 1.
func (c ControlCurves) layout(title string, lo, width float64) *Figure {
	return &Figure{
		Name: "control-" + textfmt.Slug(c.Reference) + "-" + textfmt.Slug(c.Control), Title: title + ": control",
		Description: "Nestedness of the network with the reference and with the control network over training steps, and their difference with its 95 % band.",
		Width:       vg.Length(width), Height: singleHeight,
		draw: func(s *sheet) {
			heading(s, title, "nestedness with the reference and with the control "+c.Control, "")
			p := &panel{s: s, area: box{50, 44, s.w - 104, s.h - 42}, steps: c.Steps, epochs: c.Epochs,
				x: stepScale(c.Steps[0], c.Steps[len(c.Steps)-1]), y: linearScale(lo, 1, 5, rounded)}
			p.frame("nestedness", true)
			p.line("zero", "", constant(0, c.Steps), independentStroke)
			p.band("difference band", c.Difference, fade(blue, 46))
			p.line("difference", "difference", c.Difference, stroke{col: blue, width: 1.6, dash: dotted})
			p.line("control", "control", c.WithControl, stroke{col: purple, width: 1.5, dash: dashdot})
			p.line("reference", "reference", c.WithReference, nestedStroke)
			p.nameLines()
		},
	}
}
