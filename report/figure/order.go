package figure

import (
	"fmt"

	"gonum.org/v1/plot/vg"

	"shoal/internal/textfmt"
)

// Order says when the network got each example right.
type Order struct {
	Dataset, Network, Reference, Note string
	Steps                             []int     // evaluated steps, ascending
	Epochs                            []float64 // the same in epochs
	ReferenceRight                    []bool    // per example
	First                             []int     // per example: step of the first right evaluation; < 0 when never
	ForGood                           []int     // per example: step from which on every evaluation is right; < 0 when the last one is wrong
}

// Learning draws the learning order, split by whether the reference is right: the share that has
// been right at least once (above), and the share that stays right from that step on (below). Early
// in training the network predicts a few classes for everything, and not always the same, so that
// nearly every example is right once by chance: the lower panel shows what is learned when.
func Learning(o Order) *Figure {
	title := fmt.Sprintf("%s · %s · reference %s", o.Dataset, o.Network, o.Reference)
	return twice(func(width float64) *Figure { return o.layout(title, width) })
}

func (o Order) layout(title string, width float64) *Figure {
	return &Figure{
		Name: "learning-order-" + textfmt.Slug(o.Reference), Title: title + ": learning order",
		Description: "Share of examples that the network has got right at least once (above) and that it gets right from that step on to the end (below), where the reference is right and where it is wrong.",
		Width:       vg.Length(width), Height: 400,
		head: newHeading(o.finding(), of("learning order, by whether the reference is right", o.Dataset, o.Network), o.Note),
		draw: func(s *sheet) {
			x := stepScale(o.Steps[0], o.Steps[len(o.Steps)-1])
			y := linearScale(0, 1, 5, percentTick)
			top := &panel{s: s, area: box{50, 222, s.w - 104, s.h - 42}, steps: o.Steps, epochs: o.Epochs, x: x, y: y}
			top.frame("right at least once, in %", false)
			low := &panel{s: s, area: box{50, 44, s.w - 104, 206}, steps: o.Steps, epochs: o.Epochs, x: x, y: y}
			low.frame("right for good, in %", true)
			o.split(top, "first right", o.First, "never")
			o.split(low, "right for good", o.ForGood, "not kept")
			top.nameLines()
			low.nameLines()
		},
	}
}

// split draws one curve for each side of the reference; failed names the examples that never get
// there.
func (o Order) split(p *panel, what string, at []int, failed string) {
	for _, side := range []struct {
		right bool
		name  string
		st    stroke
	}{{false, "wrong", stroke{col: vermilion, width: 1.5, dash: dashed}}, {true, "right", stroke{col: blue, width: 1.6}}} {
		share, missing, of := o.cumulative(side.right, at)
		if of == 0 {
			continue
		}
		p.line(what+", reference "+side.name, fmt.Sprintf("%s: %s %s", side.name, textfmt.Thousands(missing), failed), share, side.st)
	}
}

// cumulative is the share of the examples of one kind whose step is not later than each evaluation.
func (o Order) cumulative(right bool, at []int) (share []Point, missing, of int) {
	per := make(map[int]int)
	for i, step := range at {
		if o.ReferenceRight[i] != right {
			continue
		}
		of++
		if step < 0 {
			missing++
		} else {
			per[step]++
		}
	}
	sum := 0
	for _, s := range o.Steps {
		sum += per[s]
		share = append(share, Exact(float64(sum)/float64(max(of, 1))))
	}
	return share, missing, of
}
