package figure

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
)

// Heat is a square table of agreement between models, drawn as a heat map with its numbers.
type Heat struct {
	Name, Title, Subtitle string
	Models                []string
	Values                [][]Point // in [-1,1]; undefined cells stay empty
}

// Draw draws the heat map; the scale runs from white at 0 to purple at 1, and to orange below 0.
func (h Heat) Draw() *Figure {
	f := h.layout(62, 128, 330)
	if n := float64(len(h.Models)); n > 0 {
		f.slim = h.layout(math.Max(math.Min((slimWidth-112)/n, 62), 30), 100, slimWidth)
	}
	return f
}

func (h Heat) layout(cellW, labels, least float64) *Figure {
	const cellH = 30.0
	n := float64(len(h.Models))
	return &Figure{
		Name: h.Name, Title: h.Title, Description: h.Subtitle,
		Width: vg.Length(math.Max(labels+n*cellW+12, least)), Height: vg.Length(n*cellH + 78),
		head: newHeading(h.finding(), h.Subtitle, ""),
		draw: func(s *sheet) {
			l := lettering{size: tickSize, col: ink}
			top := s.h - 64
			// If a name is wider than its column, it and all others are numbered.
			numbered := slices.ContainsFunc(h.Models, func(name string) bool { return s.textWidth(name, l) > cellW-4 })
			for i, name := range h.Models {
				above := name
				if numbered {
					above = strconv.Itoa(i + 1)
					name = above + "  " + name
				}
				s.textMid(labels-6, top-(float64(i)+.5)*cellH, right, s.fit(name, labels-14, l), l)
				s.text(labels+(float64(i)+.5)*cellW, top+5, centre, above, l)
			}
			s.group("series", "agreement", func() {
				for i, row := range h.Values {
					for j, v := range row {
						h.cell(s, box{labels + float64(j)*cellW, top - float64(i+1)*cellH, labels + float64(j+1)*cellW, top - float64(i)*cellH}, v, i == j)
					}
				}
			})
		},
	}
}

func (h Heat) cell(s *sheet, b box, v Point, diagonal bool) {
	b = box{b.x0 + .5, b.y0 + .5, b.x1 - .5, b.y1 - .5}
	if !v.OK || diagonal {
		s.fillBox(b, mix(paper, rule, .4))
		return
	}
	back := mix(paper, purple, math.Min(v.Value, 1))
	if v.Value < 0 {
		back = mix(paper, vermilion, math.Min(-v.Value, 1))
	}
	l := lettering{size: textSize, col: fixedInk}
	if v.Value > .96 { // below that dark letters stand out more
		l.col = fixedPaper
	}
	s.fillBox(b, back)
	cx, cy := (b.x0+b.x1)/2, (b.y0+b.y1)/2
	if v.High <= v.Low {
		s.textMid(cx, cy, centre, plain(v.Value), l)
		return
	}
	s.textMid(cx, cy+4.5, centre, plain(v.Value), l)
	l.size = 6.5
	s.textMid(cx, cy-6, centre, plain(v.Low)+" to "+plain(v.High), l)
}

// plain prints two decimals, with a true minus sign and no negative zero.
func plain(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	if s == "-0.00" {
		s = "0.00"
	}
	return strings.Replace(s, "-", "−", 1)
}
