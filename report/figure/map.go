package figure

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
)

// DataMap is every example by how sure the network was of its label: the mean of the label's
// probability over the evaluations, its standard deviation, and how often the network was right
// (dataset cartography: Swayamdipta et al. 2020). Examples without values are NaN.
type DataMap struct {
	Dataset, Network, Note  string
	Confidence, Variability []float64 // in [0, 1] and [0, 1/2]
	Right                   []float64 // share of the evaluations, in [0, 1]
}

// mapCells is the number of cells along an axis: a dot stands for the examples of a cell, as ten
// thousand points would hide each other.
const mapCells = 40

// rightness are the classes of DataMap.Right, in colours that differ in both themes of the page.
var rightness = []struct {
	below float64
	name  string
	col   color.NRGBA
}{
	{.2, "below 20 %", vermilion}, {.4, "20 to 40 %", gold}, {.6, "40 to 60 %", soft}, {.8, "60 to 80 %", green}, {math.Inf(1), "from 80 %", blue},
}

// mapCell is the examples of a cell.
type mapCell struct {
	count int
	right float64 // sum
}

// Draw draws the map: confidence upwards, variability to the right, the area of a dot for the number
// of examples, its colour for the share of evaluations at which the network was right.
func (m DataMap) Draw() *Figure {
	return twice(func(width float64) *Figure { return m.layout(width) })
}

func (m DataMap) layout(width float64) *Figure {
	title := m.Dataset + " · " + m.Network
	return &Figure{
		Name: "data-map", Title: title + ": data map",
		Description: "Mean probability of the label over the evaluations, upwards, against its standard deviation; colours show at which share of the evaluations the network is right.",
		Width:       vg.Length(width), Height: 330,
		head: newHeading(m.finding(), of("data map of the examples", m.Dataset, m.Network), m.Note),
		draw: func(s *sheet) {
			area := box{50, 44, s.w - 104, s.h - 42}
			m.axes(s, area)
			m.dots(s, area)
			m.legend(s, area)
		},
	}
}

// axes draws the grid and the ticks.
func (m DataMap) axes(s *sheet, area box) {
	l := lettering{size: tickSize, col: soft}
	s.group("axis", "", func() {
		for k := 0; k <= 5; k++ {
			y := area.y0 + float64(k)/5*area.height()
			s.segment(area.x0, y, area.x1, y, stroke{col: rule, width: .6})
			s.textMid(area.x0-5, y, right, rounded(float64(k)/5), l)
			x := area.x0 + float64(k)/5*area.width()
			s.segment(x, area.y0, x, area.y0-4, stroke{col: soft, width: .8})
			s.text(x, area.y0-5-l.size, centre, rounded(float64(k)/10), l)
		}
		s.segment(area.x0, area.y0, area.x1, area.y0, stroke{col: soft, width: .8})
		l.col = ink
		s.vertical(area.x0-34, (area.y0+area.y1)/2, "mean probability of the label", l)
		s.text((area.x0+area.x1)/2, area.y0-17-2*l.size+3, centre, "its standard deviation", l)
	})
}

// cells counts the examples of each cell.
func (m DataMap) cells() (cells [mapCells][mapCells]mapCell, most int) {
	place := func(v float64) int { return min(max(int(v*mapCells), 0), mapCells-1) }
	for i, c := range m.Confidence {
		if v := m.Variability[i]; c-c == 0 && v-v == 0 {
			at := &cells[place(2*v)][place(c)]
			at.count++
			at.right += m.Right[i]
			most = max(most, at.count)
		}
	}
	return cells, most
}

// dots draws a dot for each cell that has examples. Its area grows with the square root of their
// number, so that single ones can be seen beside thousands.
func (m DataMap) dots(s *sheet, area box) {
	cells, most := m.cells()
	w, h := area.width()/mapCells, area.height()/mapCells
	for k, class := range rightness {
		least := 0.0
		if k > 0 {
			least = rightness[k-1].below
		}
		s.group("series", "right at "+class.name+" of the evaluations", func() {
			for x := range cells {
				for y, c := range cells[x] {
					share := c.right / float64(max(c.count, 1))
					if c.count == 0 || share < least || share >= class.below {
						continue
					}
					r := math.Max(math.Min(w, h)*.62*math.Pow(float64(c.count)/float64(most), .25), .6)
					s.dot(area.x0+(float64(x)+.5)*w, area.y0+(float64(y)+.5)*h, r, class.col)
				}
			}
		})
	}
}

// legend names the colours, from the top as the map has them.
func (m DataMap) legend(s *sheet, area box) {
	l := lettering{size: tickSize, col: ink}
	s.group("names", "", func() {
		y := area.y1 - 4
		s.textMid(area.x1+8, y, left, "right at", l)
		for k := len(rightness) - 1; k >= 0; k-- {
			y -= 1.6 * l.size
			s.dot(area.x1+12, y, 3.4, rightness[k].col)
			s.textMid(area.x1+20, y, left, rightness[k].name, l)
		}
		l.col = soft
		for _, line := range []string{"of the", "evaluations"} {
			y -= 1.5 * l.size
			s.textMid(area.x1+8, y, left, line, l)
		}
	})
}
