package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"shoal/internal/textfmt"
)

// Beside draws several runs, or settings over their seeds, over each other: a line each.
type Beside struct {
	Reference string
	File      string   // what the figure's name begins with
	Names     []string // of the lines
	Curves    []Curves // against the reference, one for each name; those of several seeds from Pool
}

// MostBeside is how many lines of one panel can be told apart.
const MostBeside = 6

var besideStrokes = [MostBeside]stroke{
	{col: blue, width: 1.6}, {col: vermilion, width: 1.6, dash: dashed}, {col: green, width: 1.6, dash: dashdot},
	{col: purple, width: 1.8, dash: long}, {col: gold, width: 2, dash: dotted}, {col: ink, width: 1.2, dash: []vg.Length{2.5, 2.5}},
}

// besideView is one panel: what it draws of the curves.
type besideView struct {
	title, yLabel string
	of            func(Curves) []Point
	scale         func([]Point) scale
}

var besideViews = []besideView{
	{"accuracy of the network", "%", func(c Curves) []Point {
		if c.Spread != nil {
			return c.Spread
		}
		return exacts(c.Accuracy)
	}, func([]Point) scale { return linearScale(0, 1, 5, percentTick) }},
	{"R±", "R±", func(c Curves) []Point { return c.Ratio }, func(all []Point) scale { return ratioScale(all, 5) }},
	{"R+: accuracy where the reference is right", "%", func(c Curves) []Point { return c.RPlus }, func([]Point) scale { return linearScale(0, 1, 5, percentTick) }},
	{"R−: accuracy where it is wrong", "%", func(c Curves) []Point { return c.RMinus }, func([]Point) scale { return linearScale(0, 1, 5, percentTick) }},
}

// Draw draws accuracy, R±, R+ and R−, a panel each. There are at most MostBeside curves, one at least.
func (b Beside) Draw() *Figure {
	f := b.layout(660, 2, 276)
	f.slim = b.layout(slimWidth, 1, slimWidth-62)
	return f
}

func (b Beside) layout(width float64, columns int, colWidth float64) *Figure {
	const rowHeight, top = 196.0, 44.0
	rows := b.legend(width)
	head := top + 14*float64(len(rows))
	return &Figure{
		Name: b.File + "-" + textfmt.Slug(b.Reference), Title: strings.Join(b.Names, ", ") + ": side by side against " + b.Reference,
		Description: "Four panels over training steps on a log axis: accuracy, R plus-minus, R+ and R-, with a line for each of " + strings.Join(b.Names, ", ") + ". " + b.finding() + ".",
		Width:       vg.Length(width), Height: vg.Length(head + float64(len(besideViews)/columns)*rowHeight),
		head: newHeading(b.finding(), "over training steps (log scale); bands reach from the lowest seed to the highest", ""),
		draw: func(s *sheet) {
			for k, row := range rows {
				s.legend(12, s.h-44-14*float64(k), row)
			}
			for k, v := range besideViews {
				x, y := 48+float64(k%columns)*(colWidth+42), s.h-head-float64(k/columns+1)*rowHeight+44
				s.text(x, y+138, left, v.title, lettering{size: textSize, bold: true, col: ink})
				b.panel(s, v, box{x, y, x + colWidth, y + 130})
			}
		},
	}
}

// legend are the names of the lines, in rows that are as wide as the figure.
func (b Beside) legend(width float64) [][]entry {
	const ends = 24.0
	s := newSheet(nil, 0, 0) // for the widths of letters
	l := lettering{size: smallSize, col: ink}
	rows, x := [][]entry{nil}, 0.0
	for k, name := range b.Names {
		name = s.fit(name, width-ends-34, l)
		wide := 34 + s.textWidth(name, l)
		if x > 0 && x+wide > width-ends {
			rows, x = append(rows, nil), 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], entry{name, besideStrokes[k]})
		x += wide
	}
	return rows
}

// panel draws one view of all curves.
func (b Beside) panel(s *sheet, v besideView, area box) {
	var all []Point
	first, last, epoch := b.Curves[0].Steps[0], 0, math.NaN()
	for k, c := range b.Curves {
		all = append(all, v.of(c)...)
		end := len(c.Steps) - 1
		first = min(first, c.Steps[0])
		perStep := c.Epochs[end] / float64(c.Steps[end])
		switch known := epoch / float64(last); {
		case k > 0 && !(math.Abs(perStep-known) <= 1e-6*known):
			epoch = math.NaN() // an epoch is not the same number of steps for all: the axis has none
		case c.Steps[end] > last:
			epoch = c.Epochs[end]
		}
		last = max(last, c.Steps[end])
	}
	p := &panel{s: s, area: area, steps: []int{first, last}, epochs: []float64{0, epoch}, small: true, x: stepScale(first, last), y: v.scale(all)}
	p.frame(v.yLabel, true)
	for k, c := range b.Curves {
		own := *p
		own.steps, own.epochs = c.Steps, c.Epochs
		if c.Band != "" {
			own.band(b.Names[k]+" band", v.of(c), fade(besideStrokes[k].col, 46))
		}
		own.line(b.Names[k], "", v.of(c), besideStrokes[k])
	}
}

// finding says where the curves end; R± only where all of them have one there.
func (b Beside) finding() string {
	var ratios, accuracies []float64
	soFar, digits := false, 1
	for _, c := range b.Curves {
		end := len(c.Steps) - 1
		accuracies, soFar = append(accuracies, 100*c.Accuracy[end]), soFar || c.SoFar
		digits = max(digits, textfmt.ShareDecimals(c.Accuracy[end], 1))
		if q := c.Ratio[end]; q.OK {
			ratios = append(ratios, q.Value)
		}
	}
	text := fmt.Sprintf("%s accuracy is %s %%", AtTheEndCapital(soFar), span(fmt.Sprintf("%%.%df", digits), accuracies))
	if len(ratios) == len(b.Curves) {
		text += fmt.Sprintf(", R± against %s %s", b.Reference, span("%.2f", ratios))
	}
	return text
}

// span is "least to most" of values, one at least; one of them where both are written alike.
func span(format string, values []float64) string {
	least, most := fmt.Sprintf(format, slices.Min(values)), fmt.Sprintf(format, slices.Max(values))
	if least == most {
		return least
	}
	return least + " to " + most
}
