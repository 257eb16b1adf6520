package figure

import (
	"fmt"
	"math"
)

// Order says when the network first got each example right.
type Order struct {
	Dataset, Network, Reference, Note string
	Steps                             []int     // evaluated steps, ascending
	Epochs                            []float64 // the same in epochs
	ReferenceRight                    []bool    // per example
	First                             []int     // per example: step of the first right evaluation; < 0 when never
}

// Learning draws the learning order, split by whether the reference is right: the share learned so far
// (above) and how many examples are first learned in each stretch of the axis (below).
func Learning(o Order) *Figure {
	title := fmt.Sprintf("%s · %s · reference %s", o.Dataset, o.Network, o.Reference)
	return &Figure{
		Name: "learning-order-" + Slug(o.Reference), Title: title + ": learning order",
		Description: "Above: share of examples that the network has got right at least once, where the reference is right and where it is wrong. Below: share first learned in each bin of steps.",
		Width:       singleWidth, Height: 340,
		draw: func(s *sheet) {
			heading(s, title, "first time right, where the reference is right and where it is wrong", o.Note)
			x := stepScale(o.Steps[0], o.Steps[len(o.Steps)-1])
			top := &panel{s: s, area: box{50, 152, s.w - 104, s.h - 42}, steps: o.Steps, epochs: o.Epochs, x: x,
				y: linearScale(0, 1, 5, percentTick)}
			top.frame("learned so far in %", false)
			bins, most := o.histogram(x, 26)
			low := &panel{s: s, area: box{50, 44, s.w - 104, 138}, steps: o.Steps, epochs: o.Epochs, x: x,
				y: linearScale(0, most*1.08, 3, percentTick)}
			low.frame("first learned in %", true)
			for k, st := range []stroke{{col: vermilion, width: 1.5, dash: dashed}, {col: blue, width: 1.6}} {
				right := k == 1
				label, never, of := o.cumulative(right)
				if of == 0 {
					continue
				}
				top.line(map[bool]string{true: "reference right", false: "reference wrong"}[right], fmt.Sprintf("%s: %s never",
					map[bool]string{true: "right", false: "wrong"}[right], thousands(never)), label, st)
				low.staircase(map[bool]string{true: "bins, reference right", false: "bins, reference wrong"}[right], bins[k], st)
			}
			top.nameLines()
		},
	}
}

// cumulative is the share of the examples of one kind that were right by each evaluation.
func (o Order) cumulative(right bool) (share []Point, never, of int) {
	at := make(map[int]int)
	for i, f := range o.First {
		if o.ReferenceRight[i] != right {
			continue
		}
		of++
		if f < 0 {
			never++
		} else {
			at[f]++
		}
	}
	sum := 0
	for _, s := range o.Steps {
		sum += at[s]
		share = append(share, Exact(float64(sum)/float64(max(of, 1))))
	}
	return share, never, of
}

// histogram counts first-learned steps in n bins of equal width on the axis, as shares of the examples of
// one kind: bins[0] where the reference is wrong, bins[1] where it is right.
func (o Order) histogram(x scale, n int) (bins [2][]float64, most float64) {
	var of [2]float64
	for k := range bins {
		bins[k] = make([]float64, n)
	}
	for i, f := range o.First {
		k := 0
		if o.ReferenceRight[i] {
			k = 1
		}
		of[k]++
		if f >= 0 {
			bins[k][min(int(x.pos(float64(f))*float64(n)), n-1)]++
		}
	}
	for k := range bins {
		for b := range bins[k] {
			bins[k][b] /= math.Max(of[k], 1)
			most = math.Max(most, bins[k][b])
		}
	}
	return bins, math.Max(most, .01)
}

// staircase draws a histogram's outline over the whole width of the panel.
func (p *panel) staircase(name string, bins []float64, st stroke) {
	w := p.area.width() / float64(len(bins))
	var line, fill []point
	fill = append(fill, at(p.area.x0, p.area.y0))
	for b, v := range bins {
		x := p.area.x0 + float64(b)*w
		line = append(line, at(x, p.py(v)), at(x+w, p.py(v)))
	}
	fill = append(append(fill, line...), at(p.area.x1, p.area.y0))
	p.s.series(name, func() {
		p.s.polygon(fill, fade(st.col, 30))
		p.s.polyline(line, st)
	})
}
