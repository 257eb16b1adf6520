package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"

	"shoal/internal/textfmt"
)

// Rung is a reference of a ladder.
type Rung struct {
	Name     string
	Accuracy float64
	Slope    Point // by which it predicts the order of learning
	Network  bool  // no shallow model
	Change   bool  // it stops predicting the order somewhere
}

// Ladder is references of many kinds at one accuracy, and how each predicts the order in which a
// network learns.
type Ladder struct {
	Dataset, Network string
	Rungs            []Rung
}

const rungHeight = 20

// Draw draws a row a rung: its slope with the 95 % interval, on one axis.
func (l Ladder) Draw() *Figure {
	title := fmt.Sprintf("%s · %s", l.Dataset, l.Network)
	return twice(func(width float64) *Figure {
		height := 96 + rungHeight*float64(len(l.Rungs))
		return &Figure{
			Name: "ladder", Title: title + ": how references of one accuracy predict the order of learning",
			Description: "For references of many kinds that are about as accurate: the slope of the probability that the reference is right on the normal score of the order in which the network learns, with 95 % intervals.",
			Width:       vg.Length(width), Height: vg.Length(height),
			head: newHeading(l.finding(), of("how references of one accuracy predict the order of learning", l.Dataset, l.Network), ""),
			draw: func(s *sheet) {
				l.draw(s, box{74, 44, s.w - 62, s.h - 44})
			},
		}
	})
}

func (l Ladder) draw(s *sheet, area box) {
	lo, hi := 0.0, .1
	for _, r := range l.Rungs {
		if r.Slope.OK {
			lo, hi = math.Min(lo, r.Slope.Low), math.Max(hi, r.Slope.High)
		}
	}
	sc := linearScale(lo, hi, 5, rounded)
	px := func(v float64) float64 { return area.x0 + area.width()*sc.pos(v) }
	s.group("axis", "", func() {
		tick := lettering{size: tickSize, col: soft}
		for _, t := range sc.ticks {
			s.segment(px(t.at), area.y0, px(t.at), area.y1, stroke{col: rule, width: .6})
			s.text(px(t.at), area.y0-5-tick.size, centre, t.label, tick)
		}
		s.segment(px(0), area.y0, px(0), area.y1, independentStroke)
		tick.col = ink
		s.text((area.x0+area.x1)/2, area.y0-10-2*tick.size, centre, "slope: 0 = says nothing about the order", tick)
	})
	s.series("slopes", func() {
		for k, r := range l.Rungs {
			l.rung(s, r, area, area.y1-rungHeight*(float64(k)+.5), px)
		}
	})
}

// rung draws one row at height y.
func (l Ladder) rung(s *sheet, r Rung, area box, y float64, px func(float64) float64) {
	col := blue
	if r.Network {
		col = gold
	}
	s.textMid(area.x0-8, y, right, s.fit(r.Name, area.x0-12, lettering{size: textSize}), lettering{size: textSize, col: ink})
	s.textMid(area.x1+6, y, left, textfmt.Share(r.Accuracy, 1), lettering{size: tickSize, col: soft})
	if !r.Slope.OK {
		return
	}
	s.segment(px(r.Slope.Low), y, px(r.Slope.High), y, stroke{col: col, width: 1.6})
	s.dot(px(r.Slope.Value), y, 3, col)
	if r.Change {
		s.text(px(r.Slope.Value), y+4, centre, "change", lettering{size: smallSize, col: ink})
	}
}
