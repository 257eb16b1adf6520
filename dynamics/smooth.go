package dynamics

import (
	"math"

	"shoal/contingency"
)

const (
	bandwidth = math.Ln2     // half-width of the kernel in ln(1 + step): one doubling
	spacing   = math.Ln2 / 8 // least distance of two points of a smoothed curve
)

// SmoothPoint is one point of a smoothed curve of R±.
type SmoothPoint struct {
	Step  int       `json:"step"`
	Epoch NullFloat `json:"epoch"`
	Ratio float64   `json:"ratio"`
	// Lo and Hi are the pointwise 95 % percentile interval of the bootstrap; NaN when there was none.
	Lo NullFloat `json:"lo"`
	Hi NullFloat `json:"hi"`
}

// Smooth is the smoothed curve of R±; the package comment says how. Its points lie at steps of the
// curve, an eighth of a doubling apart or more, the last one included.
func Smooth(c *Curve) []SmoothPoint {
	s := newSmoother(c.Points)
	logs := make([]float64, len(c.Points))
	for t, p := range c.Points {
		logs[t], _ = logRatio(p.Table)
	}
	out := make([]SmoothPoint, len(s.at))
	for j, y := range s.apply(logs) {
		p := c.Points[s.at[j]]
		out[j] = SmoothPoint{Step: p.Step, Epoch: p.Epoch, Ratio: math.Exp(y), Lo: NullFloat(math.NaN()), Hi: NullFloat(math.NaN())}
	}
	return out
}

// logRatio is ln R± with half an example added to each cell, and its variance (Walter 1975,
// Pettigrew et al. 1986). Both are finite for every table.
func logRatio(t contingency.Table) (value, variance float64) {
	a, n1 := float64(t.Both)+.5, float64(t.ShallowRight())+1
	c, n0 := float64(t.DeepOnly)+.5, float64(t.DeepOnly+t.Neither)+1
	return math.Log(a/n1) - math.Log(c/n0), 1/a - 1/n1 + 1/c - 1/n0
}

// smoother is a fixed linear map from the T values of a curve to its smoothed points; weights come
// from the curve it was made for, so that it can be applied to replicates at little cost.
type smoother struct {
	at   []int // evaluation index of each smoothed point
	rows []smootherRow
}

type smootherRow struct {
	from    int // first evaluation with a weight
	weights []float64
}

func newSmoother(points []Point) *smoother {
	x := make([]float64, len(points))
	for t, p := range points {
		x[t] = math.Log1p(float64(p.Step))
	}
	weights := importance(points, x)
	s := &smoother{at: thin(x)}
	for _, t := range s.at {
		s.rows = append(s.rows, localLinear(x, weights, x[t]))
	}
	return s
}

// importance is the weight of each evaluation: the stretch of x that it stands for over its
// variance.
func importance(points []Point, x []float64) []float64 {
	out := make([]float64, len(points))
	for t, p := range points {
		_, variance := logRatio(p.Table)
		out[t] = stretch(x, t) / variance
	}
	return out
}

// thin picks indices whose x are at least spacing apart, and the last one.
func thin(x []float64) []int {
	at := []int{0}
	for t := range x {
		if x[t]-x[at[len(at)-1]] >= spacing {
			at = append(at, t)
		}
	}
	if last := len(x) - 1; at[len(at)-1] != last {
		at = append(at, last)
	}
	return at
}

// stretch is the part of the axis that is nearer to x[t] than to the others.
func stretch(x []float64, t int) float64 {
	if len(x) == 1 {
		return 1
	}
	lo, hi := max(t-1, 0), min(t+1, len(x)-1)
	return (x[hi] - x[lo]) / 2
}

// localLinear returns the weights of the values in the weighted least squares line around x0,
// evaluated at x0. With no spread in x it is the weighted mean.
func localLinear(x, importance []float64, x0 float64) smootherRow {
	from, to := 0, len(x)
	for from < to && x[from] <= x0-bandwidth {
		from++
	}
	for to > from && x[to-1] >= x0+bandwidth {
		to--
	}
	w := make([]float64, to-from)
	var s0, s1, s2 float64
	for i := range w {
		dx := x[from+i] - x0
		u := math.Abs(dx) / bandwidth
		k := 1 - float64(u*u*u)
		w[i] = float64(k * k * k * importance[from+i])
		s0, s1, s2 = s0+w[i], s1+float64(w[i]*dx), s2+float64(w[i]*dx*dx)
	}
	det := float64(s0*s2) - float64(s1*s1)
	for i := range w {
		if det > 1e-9*s0*s0*bandwidth*bandwidth {
			w[i] *= (s2 - float64(s1*(x[from+i]-x0))) / det
		} else {
			w[i] /= s0
		}
	}
	return smootherRow{from: from, weights: w}
}

// apply smooths the values of all evaluations.
func (s *smoother) apply(values []float64) []float64 {
	out := make([]float64, len(s.rows))
	for j, row := range s.rows {
		sum := 0.0
		for i, w := range row.weights {
			sum += float64(w * values[row.from+i])
		}
		out[j] = sum
	}
	return out
}
