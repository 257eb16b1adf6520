package figure

import (
	"slices"

	"gonum.org/v1/plot/vg"
)

// column is the width in points within which evaluations count as being at the same place of the
// axis.
const column = 2.0

// gather condenses a curve for drawing: where several evaluations fall into one column of the
// panel, the line goes through their median and the ribbon spans their range. A late epoch on a log
// axis holds hundreds of evaluations in a few points; drawn one by one they would be a thick line
// without a visible dash pattern.
//
// Where no column holds two evaluations, line equals the curve and ribbon is nil.
func (p *panel) gather(pts []Point) (xs []float64, line, ribbon []Point) {
	crowded := false
	for i := 0; i < len(pts); {
		x0 := p.px(float64(p.steps[i]))
		j := i
		for j < len(pts) && p.px(float64(p.steps[j]))-x0 < column {
			j++
		}
		x := (x0 + p.px(float64(p.steps[j-1]))) / 2
		switch {
		case i == 0:
			x = x0
		case j == len(pts):
			x = p.px(float64(p.steps[j-1]))
		}
		mid, span := summary(pts[i:j])
		crowded = crowded || j > i+1
		xs, line, ribbon = append(xs, x), append(line, mid), append(ribbon, span)
		i = j
	}
	if !crowded {
		ribbon = nil
	}
	return xs, line, ribbon
}

// summary returns the point of medians of a column and the range of its values. It is undefined
// when half or more of the column is.
func summary(pts []Point) (mid, span Point) {
	var v, lo, hi []float64
	for _, q := range pts {
		if q.OK {
			v, lo, hi = append(v, q.Value), append(lo, q.Low), append(hi, q.High)
		}
	}
	if len(v) == 0 || 2*len(v) < len(pts) {
		return Point{}, Point{}
	}
	slices.Sort(v)
	slices.Sort(lo)
	slices.Sort(hi)
	k := len(v) / 2
	mid = Point{Value: v[k], Low: lo[k], High: hi[k], OK: true}
	return mid, Point{Value: v[k], Low: v[0], High: v[len(v)-1], OK: true}
}

// thin keeps, of the points that share a third of a point in x, the first, the lowest, the highest
// and the last.
func thin(pts []vg.Point) []vg.Point {
	const width = 1. / 3
	out := make([]vg.Point, 0, len(pts))
	for i := 0; i < len(pts); {
		j, lo, hi := i, i, i
		for ; j < len(pts) && pts[j].X-pts[i].X < width; j++ {
			if pts[j].Y < pts[lo].Y {
				lo = j
			}
			if pts[j].Y > pts[hi].Y {
				hi = j
			}
		}
		keep := []int{i, lo, hi, j - 1}
		slices.Sort(keep)
		for _, at := range slices.Compact(keep) {
			out = append(out, pts[at])
		}
		i = j
	}
	return out
}
