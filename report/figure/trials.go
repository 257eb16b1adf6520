package figure

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"shoal/internal/textfmt"
)

// Trial is one of several ways to train, over seeds: an order of training, a setting.
type Trial struct {
	Name     string
	Steps    []int     // evaluated steps, ascending
	Epochs   []float64 // the same in epochs
	Accuracy []Point   // at each of them: mean with its interval over seeds
	Seeds    []float64 // accuracy at the end, seed by seed
	Final    Point     // their mean
	// Difference is Final minus that of the baseline; the zero Point where there is nothing to
	// compare.
	Difference Point
	Apart      bool // the interval of the difference leaves 0 out
}

// Trials compares ways to train that differ in nothing else.
type Trials struct {
	Dataset, Network, Note string
	What                   string // they are: "orders of training"
	File                   string // what the figures' names begin with: "orders"
	SoFar                  bool   // some of their runs aren't finished
	List                   []Trial
	Baseline               string // name of the trial that the others are compared with; it may be missing
}

func (t Trials) title() string {
	return fmt.Sprintf("%s · %s · %s", t.Dataset, t.Network, t.What)
}

// baseline is nil when there is none.
func (t Trials) baseline() *Trial {
	k := slices.IndexFunc(t.List, func(x Trial) bool { return x.Name == t.Baseline })
	if k < 0 {
		return nil
	}
	return &t.List[k]
}

var (
	trialStroke    = stroke{col: blue, width: 1.6}
	baselineStroke = stroke{col: vermilion, width: 1.2, dash: dashed}
)

// Curves draws accuracy over training steps, a panel for each trial with the baseline behind it.
func (t Trials) Curves() *Figure {
	f := t.curves(660, 3, 178)
	f.slim = t.curves(slimWidth, 2, 124)
	return f
}

func (t Trials) curves(width float64, columns int, colWidth float64) *Figure {
	const rowHeight, leftMargin, gap, top, foot = 116.0, 46.0, 28.0, 58.0, 34.0
	base := t.baseline()
	var drawn []Trial
	for _, x := range t.List {
		if base == nil || x.Name != base.Name || len(t.List) == 1 {
			drawn = append(drawn, x)
		}
	}
	rows := (len(drawn) + columns - 1) / columns
	return &Figure{
		Name: t.File + "-accuracy", Title: t.title() + ": accuracy",
		Description: "Accuracy of the network over training steps on a log axis, a panel for each of the " + t.What + " with the band over seeds, and behind it " + t.Baseline + ".",
		Width:       vg.Length(width), Height: vg.Length(top + float64(rows)*(rowHeight+22) + foot),
		head: newHeading(t.finding(), of("accuracy in %", t.Dataset, t.Network), t.Note),
		draw: func(s *sheet) {
			entries := []entry{{"the one named", trialStroke}}
			if base != nil {
				room := s.w - 24 - 2*34 - s.textWidth(entries[0].name, lettering{size: smallSize})
				entries = append(entries, entry{s.fit(t.Baseline, room, lettering{size: smallSize}), baselineStroke})
			}
			s.legend(12, s.h-44, entries)
			y := t.accuracyScale()
			for k, x := range drawn {
				left, low := leftMargin+float64(k%columns)*(colWidth+gap), s.h-top-float64(k/columns+1)*(rowHeight+22)+10
				area := box{left, low, left + colWidth, low + rowHeight - 10}
				t.panel(s, x, base, area, y, k%columns == 0, k+columns >= len(drawn))
			}
		},
	}
}

// panel draws one trial; below says whether it is the last of its column.
func (t Trials) panel(s *sheet, x Trial, base *Trial, area box, y scale, named, below bool) {
	l := lettering{size: tickSize, bold: true, col: ink}
	final := ""
	if x.Final.OK {
		final = textfmt.Share(x.Final.Value, 1)
	}
	end := lettering{size: tickSize, col: readable(blue)}
	s.text(area.x1, area.y1+5, right, final, end)
	s.text(area.x0, area.y1+5, left, s.fit(x.Name, area.width()-s.textWidth(final, end)-6, l), l)
	if len(x.Steps) == 0 {
		return
	}
	p := &panel{s: s, area: area, steps: x.Steps, epochs: x.Epochs, small: true, unnamed: !named,
		x: stepScale(x.Steps[0], x.Steps[len(x.Steps)-1]), y: y}
	p.frame("", below)
	if base != nil && base.Name != x.Name {
		behind := *p
		behind.steps, behind.epochs = base.Steps, base.Epochs
		behind.band(base.Name+" band", base.Accuracy, fade(vermilion, 36))
		behind.line(base.Name, "", base.Accuracy, baselineStroke)
	}
	p.band(x.Name+" band", x.Accuracy, fade(blue, 46))
	p.line(x.Name, "", x.Accuracy, trialStroke)
}

// accuracyScale holds all curves, from a round number up to 1.
func (t Trials) accuracyScale() scale {
	lo := 1.0
	for _, x := range t.List {
		for _, p := range x.Accuracy {
			if p.OK {
				lo = math.Min(lo, math.Max(p.Low, 0))
			}
		}
	}
	return linearScale(math.Min(math.Floor(10*lo)/10, .8), 1, 5, percentTick)
}

// Finals draws accuracy at the end, seed by seed and with its interval, and the difference to the
// baseline. The axis of differences is cut where a few large ones would hide the small ones; an
// arrow marks what lies outside. Where nothing can be compared there is accuracy alone.
func (t Trials) Finals() *Figure {
	compared := slices.ContainsFunc(t.List, func(x Trial) bool { return x.Difference.OK })
	f := t.finals(660, true, compared)
	f.slim = t.finals(slimWidth, !compared, compared)
	return f
}

// finals has the accuracies, the differences, or both.
func (t Trials) finals(width float64, accuracies, compared bool) *Figure {
	const rowHeight, top, foot = 24.0, 64.0, 30.0
	what := AtTheEnd(t.SoFar) + ": dots are seeds, bars 95 % intervals of the mean over seeds"
	switch {
	case !compared:
		what = AtTheEnd(t.SoFar) + ": small dots are seeds, large ones their mean"
	case !accuracies:
		what = AtTheEnd(t.SoFar) + ", 95 % intervals"
	}
	return &Figure{
		Name: t.File + "-final", Title: t.title() + ": " + AtTheEnd(t.SoFar),
		Description: "Accuracy " + AtTheEnd(t.SoFar) + " for each of the " + t.What + ", seed by seed and as a mean with its interval, and its difference to " + t.Baseline + ".",
		Width:       vg.Length(width), Height: vg.Length(top + float64(len(t.List))*rowHeight + foot),
		head: newHeading(t.finding(), what, t.Note),
		draw: func(s *sheet) {
			low, high := foot+4, s.h-top
			names := box{12, low, 118, high}
			differences := box{names.x1 + 8, low, s.w - 112, high}
			if accuracies {
				accuracy := box{names.x1 + 8, low, names.x1 + 198, high}
				differences.x0 = accuracy.x1 + 30
				t.column(s, accuracy, "accuracy in %", t.finalScale(), ink, func(x Trial) (Point, []float64) { return x.Final, x.Seeds })
			}
			t.names(s, names)
			if !compared {
				return
			}
			t.column(s, differences, "points above "+t.Baseline, t.differenceScale(), ink, func(x Trial) (Point, []float64) { return x.Difference, nil })
			t.words(s, differences)
		},
	}
}

// row is the height of the middle of row k.
func (t Trials) row(b box, k int) float64 {
	return b.y1 - (float64(k)+.5)*b.height()/float64(len(t.List))
}

func (t Trials) names(s *sheet, b box) {
	for k, x := range t.List {
		l := lettering{size: tickSize, col: ink, bold: x.Name == t.Baseline}
		s.textMid(b.x1, t.row(b, k), right, s.fit(x.Name, b.width(), l), l)
	}
}

// column draws an axis with a mean, its interval and the values behind it in every row.
func (t Trials) column(s *sheet, b box, name string, a scale, col color.NRGBA, pick func(Trial) (Point, []float64)) {
	px := func(v float64) float64 { return b.x0 + a.pos(v)*b.width() }
	l := lettering{size: tickSize, col: soft}
	s.group("axis", "", func() {
		for _, tick := range a.ticks {
			s.segment(px(tick.at), b.y0, px(tick.at), b.y1, stroke{col: rule, width: .6})
			s.text(px(tick.at), b.y0-12, centre, tick.label, l)
		}
		head := lettering{size: tickSize, col: ink}
		s.textMid(b.x0, b.y1+9, left, s.fit(name, s.w-b.x0-4, head), head)
		if a.pos(0) > 0 && a.pos(0) < 1 {
			s.segment(px(0), b.y0, px(0), b.y1, independentStroke)
		}
	})
	s.series(name, func() {
		for k, x := range t.List {
			p, values := pick(x)
			y := t.row(b, k)
			for _, v := range values {
				s.dot(px(v), y, 1.6, fade(col, 110))
			}
			if p.OK {
				t.interval(s, b, p, a, y, col)
			}
		}
	})
}

// interval draws one mean with its interval, or an arrow where both lie outside the axis.
func (t Trials) interval(s *sheet, b box, p Point, a scale, y float64, col color.NRGBA) {
	clamp := func(v float64) float64 { return b.x0 + math.Min(math.Max(a.pos(v), 0), 1)*b.width() }
	st := stroke{col: col, width: 1.4}
	lo, hi, mid := clamp(p.Low), clamp(p.High), clamp(p.Value)
	s.segment(lo, y, hi, y, st)
	for _, end := range []struct{ v, x float64 }{{p.Low, lo}, {p.High, hi}} {
		if q := a.pos(end.v); q >= 0 && q <= 1 {
			s.segment(end.x, y-3, end.x, y+3, st)
		}
	}
	switch q := a.pos(p.Value); {
	case q < 0:
		s.polygon([]vg.Point{at(b.x0-5, y), at(b.x0+3, y+4), at(b.x0+3, y-4)}, col)
	case q > 1:
		s.polygon([]vg.Point{at(b.x1+5, y), at(b.x1-3, y+4), at(b.x1-3, y-4)}, col)
	default:
		s.dot(mid, y, 2.8, col)
	}
}

// words prints the differences beside their axis; ~ where they cannot be told from 0.
func (t Trials) words(s *sheet, b box) {
	for k, x := range t.List {
		if !x.Difference.OK {
			continue
		}
		d := x.Difference
		text := fmt.Sprintf("%s [%s, %s]", signed(100*d.Value), signed(100*d.Low), signed(100*d.High))
		if !x.Apart {
			text += " ~"
		}
		l := lettering{size: smallSize, col: ink}
		s.textMid(b.x1+10, t.row(b, k), left, s.fit(text, s.w-b.x1-12, l), l)
	}
}

func (t Trials) finalScale() scale {
	lo, hi := 1.0, 0.0
	for _, x := range t.List {
		for _, v := range append([]float64{x.Final.Low, x.Final.High}, x.Seeds...) {
			lo, hi = math.Min(lo, math.Max(v, 0)), math.Max(hi, math.Min(v, 1))
		}
	}
	margin := math.Max(.05*(hi-lo), .002)
	return linearScale(math.Max(lo-margin, 0), math.Min(hi+margin, 1), 5, percentTick)
}

// differenceScale spans what most orders need: all of them, or three times the median's reach.
func (t Trials) differenceScale() scale {
	var reach []float64
	for _, x := range t.List {
		if x.Difference.OK {
			reach = append(reach, math.Max(math.Abs(x.Difference.Low), math.Abs(x.Difference.High)))
		}
	}
	if len(reach) == 0 {
		return linearScale(-.01, .01, 4, percentTick)
	}
	slices.Sort(reach)
	most := math.Min(1.1*reach[len(reach)-1], 3*reach[len(reach)/2])
	most = math.Max(most, .001)
	return linearScale(-most, most, 6, percentTick)
}

// signed prints two decimals with their sign.
func signed(v float64) string {
	s := plain(v)
	if v > 0 && s != "0.00" {
		return "+" + s
	}
	return s
}
