package regime

import "math"

// groups are trials of a probit regression: group g has n[g] trials, r[g] of them right, of class
// class[g].
type groups struct {
	class   []int
	n, r    []float64
	classes int
}

// line is a fitted probit regression: effects of the classes, coefficients, their covariance, log
// likelihood.
type line struct {
	alpha      []float64
	b          []float64
	covariance [][]float64
	likelihood float64
}

func (l *line) se(j int) float64 { return math.Sqrt(l.covariance[j][j]) }

const (
	mostRounds = 60
	ridge      = 1e-9 // keeps what has no information from dividing by 0
	clip       = 5    // a linear predictor beyond it weighs as one there
)

// probit fits P(right) = Φ(class effect + x·b) by damped Fisher scoring. x has q columns of one value
// a group. The class effects are eliminated from each step by the Schur complement.
func (g *groups) probit(x [][]float64) *line {
	f := &fitting{groups: g, x: x, alpha: make([]float64, g.classes), b: make([]float64, len(x)), eta: make([]float64, len(g.n))}
	f.start()
	for range mostRounds {
		moved, gained := f.round()
		if moved < 1e-8 || gained < 1e-9 {
			break
		}
	}
	return &line{alpha: f.alpha, b: f.b, covariance: inverse(f.schur), likelihood: f.likelihood}
}

// fitting is a probit regression on the way.
type fitting struct {
	*groups
	x          [][]float64
	alpha, b   []float64 // effects of the classes, coefficients
	eta        []float64 // linear predictor of each group
	likelihood float64
	schur      [][]float64 // information about b, the class effects eliminated
}

// start begins with the share right of each class, and no slope.
func (f *fitting) start() {
	n, r := make([]float64, f.classes), make([]float64, f.classes)
	for g, c := range f.class {
		n[c] += f.n[g]
		r[c] += f.r[g]
	}
	for c := range f.alpha {
		f.alpha[c] = quantile((r[c] + .5) / (n[c] + 1))
	}
	f.predict(f.alpha, f.b)
	f.likelihood = f.logLikelihood()
}

func (f *fitting) predict(alpha, b []float64) {
	for g, c := range f.class {
		e := alpha[c]
		for j := range b {
			e += float64(f.x[j][g] * b[j])
		}
		f.eta[g] = e
	}
}

func (f *fitting) logLikelihood() float64 {
	sum := 0.0
	for g, e := range f.eta {
		if f.r[g] > 0 {
			sum += float64(f.r[g] * logCumulative(e))
		}
		if wrong := f.n[g] - f.r[g]; wrong > 0 {
			sum += float64(wrong * logCumulative(-e))
		}
	}
	return sum
}

// round takes one step of Fisher scoring, halved until the likelihood doesn't fall, and returns by
// how much the coefficients moved and the likelihood rose.
func (f *fitting) round() (moved, gained float64) {
	alpha, b := f.target()
	step := 1.0
	toAlpha, toB := make([]float64, len(alpha)), make([]float64, len(b))
	at := func(step float64) float64 {
		for c := range alpha {
			toAlpha[c] = f.alpha[c] + float64(step*(alpha[c]-f.alpha[c]))
		}
		for j := range b {
			toB[j] = f.b[j] + float64(step*(b[j]-f.b[j]))
		}
		f.predict(toAlpha, toB)
		return f.logLikelihood() // most of the time of a fit: taken once a step
	}
	reached := at(step)
	for step > 1e-4 && !(reached >= f.likelihood-1e-9) {
		step /= 2
		reached = at(step)
	}
	for j := range b {
		moved = math.Max(moved, step*math.Abs(b[j]-f.b[j]))
	}
	copy(f.alpha, toAlpha)
	copy(f.b, toB)
	before := f.likelihood
	f.likelihood = reached
	return moved, f.likelihood - before
}

// target is where a full step of Fisher scoring goes: the weighted least squares of the working
// response on classes and columns.
func (f *fitting) target() (alpha, b []float64) {
	q := len(f.x)
	w, wz := make([]float64, f.classes), make([]float64, f.classes)
	wx := matrix(q, f.classes)
	xx, xz := matrix(q, q), make([]float64, q)
	for g, c := range f.class {
		e := math.Max(-clip, math.Min(clip, f.eta[g]))
		mu, d := cumulative(e), density(e)
		weight := float64(f.n[g] * d * d / (mu * (1 - mu)))
		z := f.eta[g] + float64((f.r[g]/f.n[g]-mu)/d)
		w[c] += weight
		wz[c] += float64(weight * z)
		for j := range q {
			x := float64(weight * f.x[j][g])
			wx[j][c] += x
			xz[j] += float64(x * z)
			for k := range j + 1 {
				xx[j][k] += float64(x * f.x[k][g])
			}
		}
	}
	for c := range w {
		w[c] += ridge
	}
	for j := range q {
		for k := range j + 1 {
			for c := range w {
				xx[j][k] -= float64(wx[j][c] * wx[k][c] / w[c])
			}
			xx[k][j] = xx[j][k]
		}
		xx[j][j] += ridge
		for c := range w {
			xz[j] -= float64(wx[j][c] * wz[c] / w[c])
		}
	}
	f.schur, b = xx, solve(xx, xz)
	alpha = wz
	for c := range alpha {
		for j := range q {
			alpha[c] -= float64(wx[j][c] * b[j])
		}
		alpha[c] /= w[c]
	}
	return alpha, b
}

func matrix(rows, columns int) [][]float64 {
	out := make([][]float64, rows)
	for i := range out {
		out[i] = make([]float64, columns)
	}
	return out
}

// solve returns m⁻¹·v of a symmetric positive definite m, by Gaussian elimination.
func solve(m [][]float64, v []float64) []float64 {
	n := len(v)
	a := matrix(n, n+1)
	for i := range a {
		copy(a[i], m[i])
		a[i][n] = v[i]
	}
	for i := range a {
		for r := i + 1; r < n; r++ {
			factor := a[r][i] / a[i][i]
			for c := i; c <= n; c++ {
				a[r][c] -= float64(factor * a[i][c])
			}
		}
	}
	out := make([]float64, n)
	for i := n - 1; i >= 0; i-- {
		sum := a[i][n]
		for c := i + 1; c < n; c++ {
			sum -= float64(a[i][c] * out[c])
		}
		out[i] = sum / a[i][i]
	}
	return out
}

func inverse(m [][]float64) [][]float64 {
	out := matrix(len(m), len(m))
	for j := range m {
		unit := make([]float64, len(m))
		unit[j] = 1
		for i, x := range solve(m, unit) {
			out[i][j] = x
		}
	}
	return out
}
