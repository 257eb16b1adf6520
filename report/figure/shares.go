package figure

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
)

// ShareBar is what decides whether the models of a family get an example right, in parts that sum to 1.
type ShareBar struct {
	Name                   string // of the family
	Example, Family, Noise Point
}

// Shares sets families against each other, in the given order.
type Shares struct {
	Dataset, Network string
	Pairs            [][2]ShareBar // a reference, and the network where it is as accurate
}

const (
	barHeight = 15.0
	barPitch  = 30.0 // from bar to bar of a pair
	pairPitch = 78.0
)

// Draw draws a bar for each family with the parts of its variance.
func (v Shares) Draw() *Figure {
	return twice(func(width float64) *Figure {
		title := fmt.Sprintf("%s · %s", v.Dataset, v.Network)
		return &Figure{
			Name: "easiness", Title: title + ": what decides whether a model gets an example right",
			Description: "Shares of variance of example, family and noise, a bar for each reference and for the network where it is as accurate.",
			Width:       vg.Length(width), Height: vg.Length(96 + pairPitch*float64(len(v.Pairs))),
			head: newHeading(v.finding(), of("what decides whether a model gets an example right", v.Dataset, v.Network), ""),
			draw: func(s *sheet) {
				v.draw(s)
			},
		}
	})
}

func (v Shares) draw(s *sheet) {
	const names = 92.0
	area := box{names, 34, s.w - 18, s.h - 62}
	px := func(share float64) float64 { return area.x0 + area.width()*math.Min(1, math.Max(0, share)) }
	s.group("axis", "", func() {
		l := lettering{size: tickSize, col: soft}
		for k := range 6 {
			x := px(float64(k) / 5)
			s.segment(x, area.y0, x, area.y1, stroke{col: rule, width: .6})
			s.text(x, area.y0-5-l.size, centre, fmt.Sprintf("%d %%", 20*k), l)
		}
		legend := []struct {
			name string
			col  color.NRGBA
		}{{"the example, for both", blue}, {"the family", gold}, {"chance", faint}}
		x := area.x0
		for _, e := range legend {
			s.fillBox(box{x, area.y1 + 8, x + 9, area.y1 + 17}, e.col)
			s.text(x+12, area.y1+9, left, e.name, l)
			x += 24 + s.textWidth(e.name, l)
		}
	})
	for k, p := range v.Pairs {
		for j, b := range p {
			b.draw(s, area.y1-8-float64(k)*pairPitch-float64(j)*barPitch, names, px)
		}
	}
}

// draw draws the bar below y, with the interval of the example's part and the numbers under it.
func (b ShareBar) draw(s *sheet, y, names float64, px func(float64) float64) {
	l := lettering{size: tickSize, col: ink}
	s.textMid(names-7, y-barHeight/2, right, s.fit(b.Name, names-16, l), l)
	s.series(b.Name, func() {
		first, second := px(b.Example.Value), px(b.Example.Value+b.Family.Value)
		s.fillBox(box{px(0), y - barHeight, first, y}, blue)
		s.fillBox(box{first, y - barHeight, second, y}, gold)
		s.fillBox(box{second, y - barHeight, px(1), y}, faint)
		mid := y - barHeight/2
		s.segment(px(b.Example.Low), mid, px(b.Example.High), mid, stroke{col: ink, width: 1})
	})
	small := lettering{size: smallSize, col: soft}
	text := fmt.Sprintf("example %s · family %s · chance %s", sharesText(b.Example), sharesText(b.Family), sharesText(b.Noise))
	s.fillBox(box{px(0) + 1, y - barHeight - 11, px(1) - 1, y - barHeight - 1}, paper) // over the grid
	s.text(px(0), y-barHeight-8.5, left, s.fit(text, s.w-px(0)-4, small), small)
}

// sharesText is a share with its interval in per cent.
func sharesText(p Point) string {
	return fmt.Sprintf("%s %% [%s, %s]", percents(p.Value), percents(p.Low), percents(p.High))
}

func percents(v float64) string {
	text := fmt.Sprintf("%.0f", 100*math.Abs(v))
	if v < 0 && text != "0" {
		text = "−" + text
	}
	return text
}
