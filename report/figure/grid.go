package figure

import (
	"shoal/internal/textfmt"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
)

// entry is one line of a legend.
type entry struct {
	name string
	st   stroke
}

// legend writes samples and names from left to right, their letters centred on y.
func (s *sheet) legend(x, y float64, entries []entry) {
	l := lettering{size: smallSize, col: ink}
	s.group("legend", "", func() {
		for _, e := range entries {
			s.segment(x, y, x+18, y, e.st)
			s.textMid(x+22, y, left, e.name, l)
			x += 22 + s.textWidth(e.name, l) + 12
		}
	})
}

// view is one kind of panel that a layout can hold.
type view struct {
	title   string
	yLabel  string
	entries []entry
	scale   func(Curves) scale
	draw    func(*panel, Curves)
}

// legend are the entries of what there is.
func (v view) legend(c Curves) []entry {
	return slices.DeleteFunc(slices.Clone(v.entries), func(e entry) bool { return e.name == OneAssociation && c.Constant == nil })
}

// Names of lines of R± that aren't read from tables.
const (
	OneAssociation = "one association" // R± at one constant association
	SmoothedRatio  = "smoothed ratio"
)

var (
	ratioView = view{"R±", "R±",
		[]entry{{"R±", ratioStroke}, {"independent", independentStroke}, {"attainable", attainableStroke}, {OneAssociation, constantStroke}},
		func(c Curves) scale { return ratioScale(c.Ratio, 5) }, drawRatio}
	ratesView = view{"R+, R− and accuracy", "accuracy in %",
		[]entry{{"R+", rPlusStroke}, {"R−", rMinusStroke}, {"overall", accuracyStroke}, {"reference", guideStroke}},
		func(Curves) scale { return linearScale(0, 1, 5, percentTick) }, drawRates}
	cellsView = view{"the four cells of T", "examples (log)",
		[]entry{{"both", cellStrokes[0]}, {"shallow_only", cellStrokes[1]}, {"deep_only", cellStrokes[2]}, {"neither", cellStrokes[3]}},
		func(c Curves) scale { return countScale(c.total()) }, drawCells}
	nestedView = view{"nestedness, kappa and tetrachoric correlation", "",
		[]entry{{"nestedness", nestedStroke}, {"kappa", kappaStroke}, {"tetrachoric", tetrachoricStroke}, {"independent", independentStroke}},
		agreementScale, drawNestedness}
)

// place draws one view of c into area.
func (s *sheet) place(v view, c Curves, area box, yLabel string, below, named bool) {
	p := &panel{s: s, area: area, steps: c.Steps, epochs: c.Epochs, small: true, unnamed: !named,
		x: stepScale(c.Steps[0], c.Steps[len(c.Steps)-1]), y: v.scale(c)}
	p.frame(yLabel, below)
	v.draw(p, c)
}

// Overview draws all four views of one run and one reference on one sheet.
func Overview(c Curves) *Figure {
	f := overview(c, 660, 2, 276)
	f.slim = overview(c, slimWidth, 1, slimWidth-62)
	return f
}

// overview has its panels in columns, each of them colWidth wide.
func overview(c Curves, width float64, columns int, colWidth float64) *Figure {
	const rowHeight, top = 214.0, 60.0
	views := []view{ratioView, ratesView, cellsView, nestedView}
	return &Figure{
		Name: "overview-" + textfmt.Slug(c.Reference), Title: c.title() + ": overview",
		Description: "Four panels over training steps: R plus-minus, R+ with R- and accuracy, the cells of T, and nestedness with kappa and the tetrachoric correlation.",
		Width:       vg.Length(width), Height: vg.Length(top + float64(len(views)/columns)*rowHeight),
		head: newHeading(c.ratioFinding(), of("with "+c.bands(), c.Dataset, c.Network), c.Note),
		draw: func(s *sheet) {
			for k, v := range views {
				x, y := 48+float64(k%columns)*(colWidth+42), s.h-230-float64(k/columns)*rowHeight
				area := box{x, y, x + colWidth, y + 144}
				l := lettering{size: textSize, bold: true, col: ink}
				s.text(x, y+166, left, v.title, l)
				s.legend(x, y+156, v.legend(c))
				s.place(v, c, area, "", true, true)
			}
		},
	}
}

// Column is one column of Figure1: a run, or the name of a dataset for which there is none.
type Column struct {
	Dataset string  // shown where Curves is nil
	Curves  *Curves // nil: the column says "no run"
}

// drawn reports whether there is a run to draw.
func (c Column) drawn() bool { return c.Curves != nil }

// Figure1 lays out the paper's Figure 1: R±; R+ with R- and overall accuracy; and the table T, one
// column a dataset. The name of the file is "figure1-" and the slug of reference. On a phone the
// columns are below each other, without those that have no run.
func Figure1(reference string, columns []Column) *Figure {
	const margin = 52.0
	f := figure1(reference, columns, margin, 176, true)
	drawn := slices.DeleteFunc(slices.Clone(columns), func(c Column) bool { return !c.drawn() })
	if len(drawn) == 0 {
		drawn = columns
	}
	f.slim = figure1(reference, drawn, margin, slimWidth-margin-14, false)
	return f
}

// views of Figure1, and the height of one of them.
var figure1Views = []view{ratioView, ratesView, cellsView}

const figure1Row = 118.0

// figure1 draws columns of the width colWidth side by side or below each other.
func figure1(reference string, columns []Column, leftMargin, colWidth float64, beside bool) *Figure {
	const gap, title, foot = 38.0, 36.0, 32.0
	block := float64(len(figure1Views))*(figure1Row+26) + foot
	width, height := leftMargin+colWidth+14, 26+float64(len(columns))*(title+block)
	if beside {
		width, height = leftMargin+float64(len(columns))*(colWidth+gap)-gap+14, 26+title+block
	}
	var names []string
	note := ""
	for _, c := range columns {
		names = append(names, c.Dataset)
		if c.drawn() && c.Curves.Spread != nil && c.Curves.Constant != nil {
			note = " Where curves are of several seeds, the band of one association is the mean of the seeds’ own."
		}
	}
	return &Figure{
		Name: "figure1-" + textfmt.Slug(reference), Title: "Shallow learnable examples first? Reference: " + reference,
		Description: "Three rows (R plus-minus; R+, R- and accuracy; the cells of T) by one column for each of " + strings.Join(names, ", ") + ", over training steps on a log axis." + note,
		Width:       vg.Length(width), Height: vg.Length(height),
		draw: func(s *sheet) {
			bold := lettering{size: titleSize, bold: true, col: ink}
			s.text(leftMargin-40, s.h-17, left, "Reference M = "+reference, bold)
			named := max(slices.IndexFunc(columns, Column.drawn), 0) // the first column that is drawn names the axes
			for k, c := range columns {
				if beside {
					s.column(c, leftMargin+float64(k)*(colWidth+gap), s.h-26, colWidth, k == named, k == 0)
				} else {
					s.column(c, leftMargin, s.h-26-float64(k)*(title+block), colWidth, true, c.drawn())
				}
			}
		},
	}
}

// column draws a column of Figure1 from the height top downwards; named says whether its axes have
// names.
func (s *sheet) column(c Column, x, top, width float64, named, legend bool) {
	s.columnTitle(x, top-12, width, c)
	for row, v := range figure1Views {
		y := top - 36 - float64(row+1)*(figure1Row+26) + 26 - 8
		area := box{x, y, x + width, y + figure1Row}
		if legend {
			s.legend(x, area.y1+9, v.entries)
		}
		s.cell(v, c, area, named, row == len(figure1Views)-1)
	}
}

func (s *sheet) columnTitle(x, y, width float64, c Column) {
	title := c.Dataset
	if c.Curves != nil {
		title = c.Curves.Dataset + " · " + c.Curves.Network
	}
	l := lettering{size: textSize, bold: true, col: ink}
	s.text(x+width/2, y, centre, s.fit(title, width, l), l)
	if c.Curves != nil {
		l = lettering{size: smallSize, col: soft}
		s.text(x+width/2, y-11, centre, s.fit(c.Curves.extent(), width, l), l)
	}
}

// extent is what the bands of a column are, and of a training that isn't over how far it is.
func (c *Curves) extent() string {
	if !c.SoFar {
		return c.band()
	}
	text := "so far"
	if epoch := c.Epochs[len(c.Epochs)-1]; finite(epoch) {
		text += ", epoch " + textfmt.Epochs(epoch)
	}
	return text + " · " + c.band()
}

// cell draws one view of Figure1, or says that there is nothing to draw.
func (s *sheet) cell(v view, c Column, area box, first, last bool) {
	yLabel := ""
	if first {
		yLabel = v.yLabel
	}
	if c.Curves != nil {
		s.place(v, *c.Curves, area, yLabel, last, first)
		return
	}
	st := stroke{col: rule, width: .8, dash: dashed}
	s.segment(area.x0, area.y0, area.x1, area.y0, st)
	s.segment(area.x0, area.y1, area.x1, area.y1, st)
	s.segment(area.x0, area.y0, area.x0, area.y1, st)
	s.segment(area.x1, area.y0, area.x1, area.y1, st)
	s.textMid((area.x0+area.x1)/2, (area.y0+area.y1)/2, centre, "no run", lettering{size: textSize, col: soft})
}
