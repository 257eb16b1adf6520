package logistic

import "math"

// walk is an L-BFGS minimisation (Nocedal & Wright, Numerical Optimization, algorithm 7.5) with a
// line search for the weak Wolfe conditions by doubling and bisection.
type walk struct {
	// value returns f(x) and writes its gradient.
	value func(x, gradient []float64) float64
	// stop is asked after every evaluation; true ends the walk.
	stop func() bool
	// step is called after every step.
	step func(iteration int, f, largest float64)

	tolerance float64 // on the largest element of the gradient
	limit     int     // steps
	// noise is how much of f is rounding: a rise by less counts as none, or the walk would end
	// while the slopes still point downhill.
	noise float64

	pairs []pair // the last steps and changes of gradient, oldest first
}

// pair is what one step shows about the curvature.
type pair struct {
	s, y []float64
	rho  float64 // 1/(s·y)
}

// outcome says how a walk ended.
type outcome struct {
	iterations, evaluations int
	f, largest              float64
	converged               bool
}

const (
	memory      = 10 // pairs kept
	searchSteps = 40 // evaluations on one line
)

// from walks from x, in place.
func (w *walk) from(x []float64) outcome {
	n := len(x)
	g, next, nextG, d := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	o := outcome{evaluations: 1}
	o.f = w.value(x, g)
	for o.largest = largest(g); o.largest > w.tolerance && o.iterations < w.limit && !w.stop(); o.largest = largest(g) {
		w.direction(d, g)
		f, evaluations := w.search(x, g, d, o.f, next, nextG)
		o.evaluations += evaluations
		if math.IsNaN(f) {
			if len(w.pairs) == 0 || w.stop() {
				break // not even the steepest descent descends: f is flat to its precision
			}
			w.pairs = w.pairs[:0]
			continue
		}
		w.remember(x, next, g, nextG)
		copy(x, next)
		copy(g, nextG)
		o.f = f
		o.iterations++
		w.step(o.iterations, o.f, largest(g))
	}
	o.converged = o.largest <= w.tolerance
	return o
}

// direction sets d to minus the inverse Hessian, as the pairs know it, times g.
func (w *walk) direction(d, g []float64) {
	for i, v := range g {
		d[i] = -v
	}
	if len(w.pairs) == 0 {
		scale(d, 1/math.Max(1e-300, math.Sqrt(dot(g, g))))
		return
	}
	alpha := make([]float64, len(w.pairs))
	for k := len(w.pairs) - 1; k >= 0; k-- {
		p := w.pairs[k]
		alpha[k] = p.rho * dot(p.s, d)
		add(d, p.y, -alpha[k])
	}
	last := w.pairs[len(w.pairs)-1]
	scale(d, 1/(last.rho*dot(last.y, last.y)))
	for k, p := range w.pairs {
		add(d, p.s, alpha[k]-float64(p.rho*dot(p.y, d)))
	}
}

// search looks along d for a point where f has fallen in proportion to its slope and the slope has
// flattened (the weak Wolfe conditions). It leaves the point in next and nextG and returns f there,
// or NaN where there is none.
func (w *walk) search(x, g, d []float64, f0 float64, next, nextG []float64) (f float64, evaluations int) {
	const enough, flatter = 1e-4, .9
	noise := float64(w.noise * math.Abs(f0))
	slope := dot(g, d)
	if !(slope < 0) {
		return math.NaN(), 0
	}
	low, high, t := 0.0, math.Inf(1), 1.0
	for evaluations < searchSteps && !w.stop() {
		for i := range x {
			next[i] = x[i] + float64(t*d[i])
		}
		f = w.value(next, nextG)
		evaluations++
		switch {
		case !(f <= f0+float64(enough*t*slope)+noise):
			high = t
		case dot(nextG, d) < flatter*slope:
			low = t
		default:
			return f, evaluations
		}
		t = 2 * low
		if !math.IsInf(high, 1) {
			t = (low + high) / 2
		}
	}
	return math.NaN(), evaluations
}

// remember keeps the pair of a step, unless the curvature along it is lost in rounding.
func (w *walk) remember(x, next, g, nextG []float64) {
	var p pair
	if len(w.pairs) == memory {
		p = w.pairs[0]
		copy(w.pairs, w.pairs[1:])
		w.pairs = w.pairs[:memory-1]
	} else {
		p = pair{s: make([]float64, len(x)), y: make([]float64, len(x))}
	}
	for i := range x {
		p.s[i], p.y[i] = next[i]-x[i], nextG[i]-g[i]
	}
	curvature := dot(p.s, p.y)
	if curvature > 1e-12*dot(p.y, p.y) {
		p.rho = 1 / curvature
		w.pairs = append(w.pairs, p)
	}
}

func largest(v []float64) float64 {
	m := 0.0
	for _, x := range v {
		m = math.Max(m, math.Abs(x)) // NaN stays NaN, and ends the walk
	}
	return m
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += float64(x * b[i])
	}
	return sum
}

func add(to, v []float64, by float64) {
	for i, x := range v {
		to[i] += float64(by * x)
	}
}

func scale(v []float64, by float64) {
	for i := range v {
		v[i] *= by
	}
}
