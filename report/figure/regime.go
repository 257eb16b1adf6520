package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"

	"shoal/contingency"
	"shoal/internal/textfmt"
)

// RegimeSlot is the examples that a network learns between two shares, 0 to 1, of all examples; From
// is 1 for those it never learns.
type RegimeSlot struct {
	From, To float64
	N, Right int // examples, and those of them that the reference gets right
}

// Regime is what a reference gets right by when the network learns it.
type Regime struct {
	Dataset, Network, Reference, Sentence string
	Slots                                 []RegimeSlot
	// Change is the share learned from which the reference predicts the order of learning no longer,
	// with its interval; not OK where none was found.
	Change Point
	// UpTo is the share learned up to which it predicts it; 0 where that isn't known.
	UpTo float64
	// Straight: it predicts the order as one straight line does, without a share that is clear by itself.
	Straight bool
	// WithinClasses: shares are of the examples of a class.
	WithinClasses bool
	// Steps and Accuracy say when the network reaches a share, from the start of learning on; none where
	// shares are within classes, which reach it at different times.
	Steps    []int
	Accuracy []float64
}

const regimeHeight = 250

// Draw draws the share that the reference gets right in slots by the order of learning, with bands,
// the never learned on their own at the right.
func (r Regime) Draw() *Figure {
	title := fmt.Sprintf("%s · %s · reference %s", r.Dataset, r.Network, r.Reference)
	return twice(func(width float64) *Figure {
		return &Figure{
			Name: "regime-" + textfmt.Slug(r.Reference), Title: title + ": what the reference gets right, by when the network learns it",
			Description: "Share of examples that the reference gets right, in slots by the order in which the network learns them, with 95 % bands; at the right those that it never learns. " + r.Sentence,
			Width:       vg.Length(width), Height: regimeHeight,
			head: newHeading(r.finding(), of("what it gets right, by when the network learns it", r.Dataset, r.Network), ""),
			draw: func(s *sheet) {
				r.draw(s, box{50, 56, s.w - 16, s.h - 42})
			},
		}
	})
}

// never is the place of the never learned on the axis of shares.
var never = [2]float64{1.04, 1.14}

func (r Regime) draw(s *sheet, area box) {
	px := func(share float64) float64 { return area.x0 + area.width()*share/never[1] }
	py := func(v float64) float64 { return area.y0 + area.height()*v }
	r.axes(s, area, px, py)
	if r.UpTo > 0 {
		s.series("predicts the order", func() {
			s.fillBox(box{px(0), area.y0, px(r.UpTo), area.y0 + 4}, fade(green, 120))
			s.text(px(0)+3, area.y0+8, left, "predicts the order of learning", lettering{size: smallSize, col: readable(green)})
		})
	}
	if r.Change.OK {
		s.series("change", func() {
			s.fillBox(box{px(r.Change.Low), area.y0, px(r.Change.High), area.y1}, fade(soft, 60))
			s.segment(px(r.Change.Value), area.y0, px(r.Change.Value), area.y1, stroke{col: ink, width: 1.4, dash: dashed})
		})
	}
	s.series("share right", func() {
		for _, slot := range r.Slots {
			from, to, col := px(slot.From), px(slot.To), blue
			if slot.From >= 1 {
				from, to, col = px(never[0]), px(never[1]), soft
			}
			p := contingency.Wilson(slot.Right, slot.N)
			s.fillBox(box{from + .6, py(p.Lo), to - .6, py(p.Hi)}, fade(col, 60))
			s.segment(from+.6, py(p.Value), to-.6, py(p.Value), stroke{col: col, width: 1.8})
		}
	})
}

// axes draws the grid, the axis of shares and the steps at which the network reaches them.
func (r Regime) axes(s *sheet, area box, px, py func(float64) float64) {
	s.group("axis", "", func() {
		l := lettering{size: tickSize, col: soft}
		for k := range 6 {
			v := float64(k) / 5
			s.segment(area.x0, py(v), px(never[1]), py(v), stroke{col: rule, width: .6})
			s.textMid(area.x0-5, py(v), right, fmt.Sprintf("%d", 20*k), l)
		}
		line := stroke{col: soft, width: .8}
		s.segment(px(0), area.y0, px(1), area.y0, line)
		s.segment(px(never[0]), area.y0, px(never[1]), area.y0, line)
		first, second := area.y0-5-l.size, area.y0-10-2*l.size
		for k := range 6 {
			share := float64(k) / 5
			s.segment(px(share), area.y0, px(share), area.y0-4, line)
			s.text(px(share), first, centre, fmt.Sprintf("%d", 20*k), l)
			if step, ok := r.reaches(share); ok && k > 0 {
				s.text(px(share), second, centre, textfmt.Thousands(step), l)
			}
		}
		s.text((px(never[0])+px(never[1]))/2, first, centre, "never", l)
		l.col = ink
		s.text(area.x0-8, first, right, "%", l)
		what := "learned before it, in % of its class"
		if !r.WithinClasses {
			s.text(area.x0-8, second, right, "step", l)
			what = "learned before it, in % of the examples, and when"
		}
		s.text(px(.5), second-l.size-4, centre, what, l)
		s.vertical(area.x0-34, (area.y0+area.y1)/2, "reference right, in %", l)
	})
}

// reaches is the first step at which the network's accuracy is at least a share.
func (r Regime) reaches(share float64) (step int, ok bool) {
	for t, a := range r.Accuracy {
		if a >= share && !math.IsNaN(a) {
			return r.Steps[t], true
		}
	}
	return 0, false
}
