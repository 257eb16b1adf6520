package figure

import (
	"fmt"

	"gonum.org/v1/plot/vg"

	"shoal/internal/textfmt"
)

// Size of a single figure in points: a column and a half of a journal, all of a phone's width.
const (
	singleWidth  = 440
	singleHeight = 280
	slimWidth    = 340 // a phone's: an SVG point is about a pixel there
)

// single lays out a figure with one panel, with some room above it; finding is its title, subtitle what is drawn; draw draws
// the curves.
func single(c Curves, room float64, name, finding, subtitle, desc string, y scale, yLabel string, draw func(*panel, Curves)) *Figure {
	return twice(func(width float64) *Figure {
		return &Figure{
			Name: name + "-" + textfmt.Slug(c.Reference), Title: c.title() + ": " + subtitle, Description: desc,
			Width: vg.Length(width), Height: singleHeight,
			head: newHeading(finding, of(subtitle, c.Dataset, c.Network), c.Note),
			draw: func(s *sheet) {
				p := &panel{s: s, area: box{50, 44, s.w - 104, s.h - 42 - room}, steps: c.Steps, epochs: c.Epochs,
					x: stepScale(c.Steps[0], c.Steps[len(c.Steps)-1]), y: y}
				p.frame(yLabel, true)
				draw(p, c)
				p.nameLines()
			},
		}
	})
}

// Accuracy draws the accuracy of a network, whose name the title has, without a reference.
func Accuracy(title string, steps []int, epochs, accuracy []float64) *Figure {
	return twice(func(width float64) *Figure {
		return &Figure{
			Name: "accuracy", Title: title + ": accuracy", Description: "Accuracy of the network over training steps on a log axis.",
			Width: vg.Length(width), Height: singleHeight,
			head: newHeading(title, "accuracy of the network", ""),
			draw: func(s *sheet) {
				p := &panel{s: s, area: box{50, 44, s.w - 104, s.h - 42}, steps: steps, epochs: epochs,
					x: stepScale(steps[0], steps[len(steps)-1]), y: linearScale(0, 1, 5, percentTick)}
				p.frame("accuracy in %", true)
				p.line("accuracy", textfmt.Share(accuracy[len(accuracy)-1], 1), exacts(accuracy), aloneStroke)
				p.nameLines()
			},
		}
	})
}

// twice lays a figure of one column out for the page and for a phone.
func twice(layout func(width float64) *Figure) *Figure {
	f := layout(singleWidth)
	f.slim = layout(slimWidth)
	return f
}

// Ratio draws R± with its band, the line of independence and the attainable maximum.
func Ratio(c Curves) *Figure {
	desc := "R plus-minus over training steps on a log axis, with its " + c.band() + ", the line of independence at 1 and the attainable maximum."
	if c.Constant != nil {
		desc += " Beside it is the 95 % band of R plus-minus at one constant association with the order of learning"
		if c.Spread != nil {
			desc += ", the mean of the seeds’ own"
		}
		desc += "."
	}
	if m := c.Mark; m != nil {
		desc += fmt.Sprintf(" Smoothed, it peaks at %.2f, step %s.", m.Value, textfmt.Thousands(m.Step))
	} else if k := c.Peak(); k >= 0 {
		desc += fmt.Sprintf(" Its %s single value is %.2f, step %s.", c.highest(), c.Ratio[k].Value, textfmt.Thousands(c.Steps[k]))
	}
	return single(c, peakRoom, "ratio", c.ratioFinding(), "R± = R+ / R−, with "+c.bands(), desc, ratioScale(c.Ratio, 6), "R±", drawRatio)
}

func drawRatio(p *panel, c Curves) {
	p.band("ratio band", c.Ratio, fade(purple, 46))
	if c.Constant != nil {
		p.band(OneAssociation+" band", c.Constant, fade(green, 70))
		p.line(OneAssociation, withLast("one assoc.", c.Constant), c.Constant, constantStroke)
	}
	p.line("independence", "independent: 1", constant(1, c.Steps), independentStroke)
	most := "attainable max."
	if k := len(c.Steps) - 1; finite(c.AttainableMax[k]) {
		most = fmt.Sprintf("attainable %.2f", c.AttainableMax[k])
	}
	p.line("attainable maximum", most, exacts(c.AttainableMax), attainableStroke)
	p.line("ratio", withLast("R±", c.Ratio), c.Ratio, ratioStroke)
	if c.Smoothed != nil && !p.small {
		p.line(SmoothedRatio, "smoothed", c.Smoothed, smoothedStroke)
	}
	if k := c.Peak(); !p.small && k >= 0 {
		name, mark := c.highest(), PeakMark{c.Ratio[k], c.Steps[k], c.Epochs[k]}
		if c.Mark != nil {
			name, mark = "smoothed peak", *c.Mark
		}
		p.markPeak(name, mark)
	}
}

// withLast is the name of a line with its last value, where that is defined.
func withLast(name string, pts []Point) string {
	if q := pts[len(pts)-1]; q.OK {
		name += " " + plain(q.Value)
	}
	return name
}

// peakRoom is what markPeak takes above a panel, in points.
const peakRoom = 11

// markPeak puts a dot on the peak and says above the panel, where it hides no curve, how large and when.
func (p *panel) markPeak(name string, q PeakMark) {
	x, y := p.px(float64(q.Step)), p.clamped(q.Value)
	p.s.group("peak", "", func() {
		p.s.segment(x, y, x, p.area.y1+2, stroke{col: soft, width: .6})
		p.s.dot(x, y, 2.4, purple)
		text := fmt.Sprintf("%s %.2f [%.2f, %.2f], %s", name, q.Value, q.Low, q.High, textfmt.Moment(q.Step, q.Epoch))
		p.s.above(x, p.area.y1+4, text, lettering{size: tickSize, col: ink})
	})
}

// above writes text over the place x of a panel, moved to the side where the sheet ends.
func (s *sheet) above(x, y float64, text string, l lettering) {
	half := s.textWidth(text, l) / 2
	s.text(max(min(x, s.w-12-half), 12+half), y, centre, text, l)
}

// Rates draws R+, R- and the network's accuracy, with the reference's accuracy as a guide.
func Rates(c Curves) *Figure {
	desc := fmt.Sprintf("Accuracy of the network over training steps: on the examples that %s gets right (R+), on those it gets wrong (R-), and on all.", c.Reference)
	return single(c, 0, "rates", c.ratesFinding(), "accuracy where the reference is right (R+) and wrong (R−)", desc,
		linearScale(0, 1, 5, percentTick), "accuracy in %", drawRates)
}

func drawRates(p *panel, c Curves) {
	label := func(name string, q Point) string {
		if q.OK {
			name += " " + textfmt.Share(q.Value, 1)
		}
		return name
	}
	k := len(c.Steps) - 1
	guide := constant(c.ReferenceAccuracy, c.Steps)
	p.band("R+ band", c.RPlus, fade(blue, 40))
	p.band("R- band", c.RMinus, fade(vermilion, 40))
	p.line("reference accuracy", label(p.s.fit(c.Reference, 44, lettering{size: textSize}), guide[k]), guide, guideStroke)
	p.line("accuracy", label("all", Exact(c.Accuracy[k])), exacts(c.Accuracy), accuracyStroke)
	p.line("R-", label("R−", c.RMinus[k]), c.RMinus, rMinusStroke)
	p.line("R+", label("R+", c.RPlus[k]), c.RPlus, rPlusStroke)
}

// cellStrokes belong to CellNames.
var cellStrokes = [4]stroke{
	{col: blue, width: 1.7}, {col: blue, width: 1.5, dash: dashed},
	{col: vermilion, width: 1.5, dash: dashdot}, {col: vermilion, width: 1.4, dash: dotted},
}

// Cells draws the four counts of T as lines on a logarithmic axis of counts, so that twenty
// examples out of ten thousand can still be read.
func Cells(c Curves) *Figure {
	desc := "The four cells of the table T over training steps, as counts of examples on a log axis: both right, only the reference, only the network, neither."
	return single(c, 0, "cells", c.cellsFinding(), "the four cells of T (log scale)", desc, countScale(c.total()), "examples", drawCells)
}

func (c *Curves) total() int {
	n := 0
	for _, cell := range c.Cells {
		n += cell[len(cell)-1]
	}
	return n
}

func drawCells(p *panel, c Curves) {
	for _, k := range []int{Neither, DeepOnly, ShallowOnly, Both} {
		label := CellNames[k] + " " + textfmt.Thousands(c.Cells[k][len(c.Steps)-1])
		p.line(CellNames[k], label, exacts(c.Cells[k]), cellStrokes[k])
	}
}

// Nestedness draws nestedness, kappa and the tetrachoric correlation: 0 is independence for all, 1 as
// nested as the margins allow.
func Nestedness(c Curves) *Figure {
	desc := "Nestedness, kappa (error consistency) and tetrachoric correlation of network and reference over training steps; 0 means independent. All move with the accuracies, the last because early right answers are guesses: none tells between two steps what is learned first."
	return single(c, 0, "nestedness", c.nestednessFinding(), "0 is independent, 1 as nested as can be; all move with the accuracies", desc,
		agreementScale(c), "", drawNestedness)
}

func agreementScale(c Curves) scale {
	lo := 0.0
	for i := range c.Steps {
		for _, q := range []Point{c.Nestedness[i], c.Kappa[i], c.Tetrachoric[i]} {
			if q.OK && q.Low < lo && q.Low > -1 { // -1 is that of a table with an empty cell, not of a scale
				lo = q.Low
			}
		}
	}
	if lo < 0 {
		lo = max(lo-.05, -1)
	}
	return linearScale(lo, 1, 5, rounded)
}

func drawNestedness(p *panel, c Curves) {
	p.line("independence", "", constant(0, c.Steps), independentStroke)
	p.band("nestedness band", c.Nestedness, fade(purple, 45))
	p.line("kappa", withLast("kappa", c.Kappa), c.Kappa, kappaStroke)
	p.line("tetrachoric", withLast("tetrachoric", c.Tetrachoric), c.Tetrachoric, tetrachoricStroke)
	p.line("nestedness", withLast("nestedness", c.Nestedness), c.Nestedness, nestedStroke)
}
