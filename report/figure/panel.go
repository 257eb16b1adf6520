package figure

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// panel is one set of axes on a sheet.
type panel struct {
	s       *sheet
	area    box
	x, y    scale
	steps   []int
	epochs  []float64
	small   bool // a cell of a larger layout: smaller letters, and the names of lines are not written
	unnamed bool // the rows of ticks carry no names: the panel to the left has them
	labels  []endLabel
}

// endLabel names a line at its right end.
type endLabel struct {
	y    float64 // where the line ends, in points
	text string
	col  color.NRGBA
}

func (p *panel) px(step float64) float64 { return p.area.x0 + p.x.pos(step)*p.area.width() }
func (p *panel) py(v float64) float64    { return p.area.y0 + p.y.pos(v)*p.area.height() }

// clamped is py, kept within the panel.
func (p *panel) clamped(v float64) float64 { return min(max(p.py(v), p.area.y0), p.area.y1) }

func (p *panel) tickLetters() lettering {
	size := tickSize
	if p.small {
		size = smallSize
	}
	return lettering{size: size, col: soft}
}

// frame draws the grid, both rows of ticks and the axes; below says whether the step axis gets its
// labels.
func (p *panel) frame(yLabel string, below bool) {
	p.s.group("axis", "", func() {
		l := p.tickLetters()
		for _, t := range p.y.ticks {
			y := p.py(t.at)
			if y < p.area.y0-.01 || y > p.area.y1+.01 {
				continue
			}
			p.s.segment(p.area.x0, y, p.area.x1, y, stroke{col: rule, width: .6})
			p.s.textMid(p.area.x0-5, y, right, t.label, l)
		}
		p.baseline()
		if below {
			p.stepRow()
			p.epochRow()
		}
		if yLabel != "" {
			l := p.tickLetters()
			l.col = ink
			p.s.vertical(p.area.x0-34, (p.area.y0+p.area.y1)/2, yLabel, l)
		}
	})
	if g, ok := p.s.c.(*svgCanvas); ok {
		h := float64(g.h) // a heading of several lines makes it higher than the sheet
		g.begin("area", "", fmt.Sprintf(` data-left="%s" data-right="%s" data-top="%s" data-bottom="%s" data-from="%.6g" data-to="%.6g"`,
			short(p.area.x0), short(p.area.x1), short(h-p.area.y1), short(h-p.area.y0), p.x.lo, p.x.hi))
		g.end()
	}
}

// baseline draws the step axis, broken between step 0 and step 1.
func (p *panel) baseline() {
	st := stroke{col: soft, width: .8}
	y := p.area.y0
	if p.steps[0] != 0 || p.px(1) > p.area.x1 {
		p.s.segment(p.area.x0, y, p.area.x1, y, st)
		return
	}
	mid := (p.px(0) + p.px(1)) / 2
	p.s.segment(p.area.x0, y, mid-1.5, y, st)
	p.s.segment(mid+1.5, y, p.area.x1, y, st)
	for _, x := range []float64{mid - 1.5, mid + 1.5} {
		p.s.segment(x-1.2, y-3, x+1.2, y+3, st)
	}
}

func (p *panel) stepRow() {
	l, st := p.tickLetters(), stroke{col: soft, width: .8}
	base := p.area.y0 - 5 - l.size
	lastX := math.Inf(-1)
	for _, t := range p.x.ticks {
		x := p.px(t.at)
		if t.label == "" {
			p.s.segment(x, p.area.y0, x, p.area.y0-2, st)
			continue
		}
		p.s.segment(x, p.area.y0, x, p.area.y0-4, st)
		if w := p.s.textWidth(t.label, l); x-w/2 > lastX+3 {
			p.s.text(x, base, centre, t.label, l)
			lastX = x + w/2
		}
	}
	p.rowName(base, "step")
}

func (p *panel) epochRow() {
	l := p.tickLetters()
	ticks := epochTicks(p.x, p.steps, p.epochs, 26/p.area.width())
	if len(ticks) == 0 {
		return
	}
	base := p.area.y0 - 12 - 2*l.size
	for _, t := range ticks {
		x := p.px(t.at)
		p.s.segment(x, base+l.size-.5, x, base+l.size+2, stroke{col: soft, width: .8})
		p.s.text(x, base, centre, t.label, l)
	}
	p.rowName(base, "epoch")
}

func (p *panel) rowName(base float64, name string) {
	if p.unnamed {
		return
	}
	l := p.tickLetters()
	l.col = ink
	x := p.area.x0 - 12
	if p.steps[0] != 0 {
		x = p.area.x0 - 8
	}
	p.s.text(x, base, right, name, l)
}

// line draws a curve, interrupted where it is undefined and cut at the panel's edge, and names it
// at its end.
func (p *panel) line(name, label string, pts []Point, st stroke) {
	xs, mid, span := p.gather(pts)
	p.s.series(name, func() {
		if !st.plain {
			p.fillBetween(xs, span, fade(st.col, 70))
		}
		for _, run := range p.runs(xs, mid) {
			if st.plain && len(run) == 2 && run[1].X-run[0].X < 2 {
				run[0].X -= 4 // defined at the end only: a dash, not a speck
			}
			p.s.polyline(run, st)
		}
	})
	if label == "" {
		return
	}
	for _, q := range slices.Backward(mid) {
		if q.OK {
			p.labels = append(p.labels, endLabel{p.clamped(q.Value), label, st.col})
			return
		}
	}
}

// runs splits a curve into drawable pieces: gaps at undefined points, cuts at the panel's upper and
// lower edge.
func (p *panel) runs(xs []float64, pts []Point) [][]vg.Point {
	var out [][]vg.Point
	var run []vg.Point
	flush := func() {
		if len(run) == 1 { // a lone point between two gaps would be invisible
			run = append(run, run[0].Add(vg.Point{X: .8}))
		}
		if len(run) > 0 {
			out = append(out, thin(run))
		}
		run = nil
	}
	var prev vg.Point
	for i, q := range pts {
		if !q.OK {
			flush()
			continue
		}
		cur := at(xs[i], p.py(q.Value))
		inside := p.inside(cur)
		if i > 0 && pts[i-1].OK && inside != p.inside(prev) {
			run = append(run, p.cross(prev, cur))
		}
		if inside {
			run = append(run, cur)
		} else {
			flush()
		}
		prev = cur
	}
	flush()
	return out
}

func (p *panel) inside(q vg.Point) bool {
	return float64(q.Y) <= p.area.y1+.01 && float64(q.Y) >= p.area.y0-.01
}

// cross is where the segment from a to b meets the edge of the panel; one of the two is inside.
func (p *panel) cross(a, b vg.Point) vg.Point {
	edge := p.area.y1
	if math.Min(float64(a.Y), float64(b.Y)) < p.area.y0-.01 {
		edge = p.area.y0
	}
	t := (vg.Length(edge) - a.Y) / (b.Y - a.Y)
	return vg.Point{X: a.X + t*(b.X-a.X), Y: vg.Length(edge)}
}

// band fills between the ends of the intervals, clamped to the panel.
func (p *panel) band(name string, pts []Point, col color.NRGBA) {
	xs, mid, _ := p.gather(pts)
	p.s.series(name, func() { p.fillBetween(xs, mid, col) })
}

// fillBetween fills from Low to High over each stretch of defined points; a lone point gets a
// sliver.
func (p *panel) fillBetween(xs []float64, pts []Point, col color.NRGBA) {
	for i := 0; i < len(pts); {
		if !pts[i].OK {
			i++
			continue
		}
		var up, down []vg.Point
		for ; i < len(pts) && pts[i].OK; i++ {
			up = append(up, at(xs[i], p.clamped(pts[i].High)))
			down = append(down, at(xs[i], p.clamped(pts[i].Low)))
		}
		if len(up) == 1 {
			up, down = append(up, up[0].Add(vg.Point{X: .8})), append(down, down[0].Add(vg.Point{X: .8}))
		}
		slices.Reverse(down)
		p.s.polygon(append(up, down...), col)
	}
}

// nameLines writes the names that line collected, pushed apart where they would overlap, with a
// hair line to the curve where a name had to move.
func (p *panel) nameLines() {
	l := lettering{size: textSize}
	gap := l.size * 1.25
	ys := spread(p.labels, gap, p.area.y0+.3*l.size, p.area.y1+.3*l.size)
	p.s.group("names", "", func() {
		for i, e := range p.labels {
			l.col = readable(e.col)
			if math.Abs(ys[i]-e.y) > 2 {
				p.s.polyline([]vg.Point{at(p.area.x1+1, e.y), at(p.area.x1+8, ys[i])}, stroke{col: fade(e.col, 150), width: .5})
			}
			p.s.textMid(p.area.x1+10, ys[i], left, p.s.fit(e.text, p.s.w-p.area.x1-11, l), l)
		}
	})
}

// spread moves labels as little as needed so that neighbours are gap apart and all lie in [lo,hi]
// if they fit.
func spread(labels []endLabel, gap, lo, hi float64) []float64 {
	order, ys := make([]int, len(labels)), make([]float64, len(labels))
	for i, l := range labels {
		order[i], ys[i] = i, l.y
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(labels[a].y, labels[b].y) })
	for range 200 {
		moved := false
		for k := 1; k < len(order); k++ {
			a, b := order[k-1], order[k]
			if d := gap - (ys[b] - ys[a]); d > 1e-3 {
				ys[a] -= d / 2
				ys[b] += d / 2
				moved = true
			}
		}
		for i := range ys {
			if c := math.Min(math.Max(ys[i], lo), hi); c != ys[i] {
				ys[i], moved = c, true
			}
		}
		if !moved {
			break
		}
	}
	return ys
}
