package figure

import (
	"fmt"
	"slices"

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
	// Found says whether the reference stops predicting the order of learning; nil where it can't be told.
	Found *bool
	// Change is the share learned from which the reference predicts the order of learning no longer,
	// with its interval; not OK where none was found.
	Change Point
	// UpTo is the share learned up to which it predicts it; 0 where that isn't known.
	UpTo float64
	// Steps are those of the evaluations, Learned the share of the examples that is learned by each, and
	// Accuracy the network's there, which is not that share: some of the learned are forgotten, and some
	// others are right by chance.
	Steps             []int
	Learned, Accuracy []float64
	// WithinClasses: shares are of the examples of a class. Classes reach one at different times, so Steps,
	// Learned and Accuracy are empty.
	WithinClasses bool
}

const regimeHeight = 261

// Draw draws the share that the reference gets right in slots by the order of learning, with bands,
// the never learned on their own at the right.
func (r Regime) Draw() *Figure {
	title := fmt.Sprintf("%s · %s · reference %s", r.Dataset, r.Network, r.Reference)
	room := 0.0
	if r.Change.OK {
		room = peakRoom // for what is said above the change
	}
	return twice(func(width float64) *Figure {
		return &Figure{
			Name: "regime-" + textfmt.Slug(r.Reference), Title: title + ": what the reference gets right, by when the network learns it",
			Description: "Share of examples that the reference gets right, in slots by the order in which the network learns them, with 95 % bands; at the right those that it never learns. " + r.Sentence,
			Width:       vg.Length(width), Height: vg.Length(regimeHeight + room),
			head: newHeading(r.finding(), of("what it gets right, by when the network learns it", r.Dataset, r.Network), ""),
			draw: func(s *sheet) {
				r.draw(s, box{58, 67, s.w - 16, s.h - 42 - room})
			},
		}
	})
}

// reachHeight is that of the strip which says how far the reference predicts the order.
const reachHeight = 4

// clear is the lowest place from at on, below top, where what is as large as at meets no band; at's own where
// there is none.
func (r Regime) clear(at box, top float64, px, py func(float64) float64) float64 {
	const gap = 2
	height := at.y1 - at.y0
	for y := at.y0; y+height <= top; y++ {
		meets := func(slot RegimeSlot) bool {
			p := contingency.Wilson(slot.Right, slot.N)
			return slot.From < 1 && px(slot.From) < at.x1 && px(slot.To) > at.x0 && py(p.Lo) < y+height+gap && py(p.Hi) > y-gap
		}
		if !slices.ContainsFunc(r.Slots, meets) {
			return y
		}
	}
	return at.y0
}

// never is the place of the never learned on the axis of shares.
var never = [2]float64{1.04, 1.14}

func (r Regime) draw(s *sheet, area box) {
	px := func(share float64) float64 { return area.x0 + area.width()*share/never[1] }
	py := func(v float64) float64 { return area.y0 + area.height()*v }
	r.axes(s, area, px, py)
	if r.UpTo > 0 {
		s.series("predicts the order", func() {
			s.fillBox(box{px(0), area.y0, px(r.UpTo), area.y0 + reachHeight}, fade(green, 120))
			text, l := "predicts the order of learning", lettering{size: smallSize, col: readable(green)}
			at := box{x0: px(0) + 3, y0: area.y0 + 2*reachHeight}
			at.x1, at.y1 = at.x0+s.textWidth(text, l), at.y0+l.size
			s.text(at.x0, r.clear(at, area.y1, px, py), left, text, l)
		})
	}
	if r.Change.OK {
		s.series("change", func() {
			s.fillBox(box{px(r.Change.Low), area.y0, px(r.Change.High), area.y1}, fade(soft, 60))
			s.segment(px(r.Change.Value), area.y0, px(r.Change.Value), area.y1, stroke{col: ink, width: 1.4, dash: dashed})
			s.above(px(r.Change.Value), area.y1+4, r.atChange(), lettering{size: tickSize, col: ink})
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

// atChange says where the change is, and how accurate the network is then.
func (r Regime) atChange() string {
	text := textfmt.Share(r.Change.Value, 0) + " learned"
	if t, ok := r.Reached(r.Change.Value); ok {
		text += fmt.Sprintf(" (step %s): accuracy %s", textfmt.Thousands(r.Steps[t]), textfmt.Share(r.Accuracy[t], 0))
	}
	return text
}

// axes draws the grid and the axis of shares: with the step by which the network has learned so many, and
// its accuracy then.
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
		row := func(k float64) float64 { return area.y0 - 5*k - k*l.size }
		for k := range 6 {
			share := float64(k) / 5
			s.segment(px(share), area.y0, px(share), area.y0-4, line)
			s.text(px(share), row(1), centre, fmt.Sprintf("%d", 20*k), l)
			if t, ok := r.Reached(share); ok && k > 0 {
				s.text(px(share), row(2), centre, textfmt.Thousands(r.Steps[t]), l)
				s.text(px(share), row(3), centre, fmt.Sprintf("%.*f", textfmt.ShareDecimals(r.Accuracy[t], 0), 100*r.Accuracy[t]), l)
			}
		}
		s.text((px(never[0])+px(never[1]))/2, row(1), centre, "never", l)
		l.col = ink
		what, names := "% of its class learned before it", []string{"%"}
		if !r.WithinClasses {
			what, names = "% of the examples learned before it, by which step, and accuracy then, in %", []string{"%", "step", "accuracy"}
		}
		for k, name := range names {
			s.text(area.x0-8, row(float64(k+1)), right, name, l)
		}
		s.text(px(.5), row(4)+1, centre, what, l)
		s.vertical(area.x0-34, (area.y0+area.y1)/2, "reference right, in %", l)
	})
}

// Reached is the first evaluation by which a share of the examples is learned.
func (r Regime) Reached(share float64) (t int, ok bool) {
	t = slices.IndexFunc(r.Learned, func(v float64) bool { return v >= share })
	return t, t >= 0
}
