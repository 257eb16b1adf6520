package regime

import (
	"math"
	"slices"
)

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
	leastGain  = 1e-9 // of the log likelihood, below which a fit has ended
)

// probit fits P(right) = Φ(class effect + x·b) by damped Fisher scoring, from the share right of each
// class without a slope. x has q columns of one value a group. The class effects are eliminated from
// each step by the Schur complement.
func (g *groups) probit(x [][]float64) *line {
	n, r := make([]float64, g.classes), make([]float64, g.classes)
	for k, c := range g.class {
		n[c] += g.n[k]
		r[c] += g.r[k]
	}
	from := &line{alpha: make([]float64, g.classes), b: make([]float64, len(x))}
	for c := range from.alpha {
		from.alpha[c] = quantile((r[c] + .5) / (n[c] + 1))
	}
	return g.probitFrom(x, from)
}

// probitFrom is probit from a line that is near. It ends where the likelihood no longer rises, and not
// only where a step says so: of a class that is all right or all wrong the effect has no end, and its
// weight is kept from falling to 0 by clip, so that every step says that there is more.
func (g *groups) probitFrom(x [][]float64, from *line) *line {
	at, to := g.fitting(x), g.fitting(x)
	copy(at.alpha, from.alpha)
	copy(at.b, from.b)
	at.look()
	for range mostRounds {
		alpha, b, gain := at.step()
		to.walk(at, alpha, b, 1)
		if gain < leastGain { // the likelihood is a parabola here
			to.likelihood = at.likelihood + gain
			return to.line(at)
		}
		to.look()
		for size := .5; size > 1e-4 && !(to.likelihood >= at.likelihood-leastGain); size /= 2 {
			to.walk(at, alpha, b, size)
			to.look()
		}
		if !(to.likelihood-at.likelihood >= leastGain) {
			return to.line(at)
		}
		at, to = to, at
	}
	at.step()
	return at.line(at)
}

// line is that of the coefficients of f, with the covariance at a fitting from which a step was taken:
// before that, the effects of the classes are still within schur.
func (f *fitting) line(stepped *fitting) *line {
	return &line{alpha: f.alpha, b: f.b, covariance: inverse(stepped.schur), likelihood: f.likelihood}
}

// bias is by how much the coefficient of a line of one column is too far from 0 on average, to first order:
// of a probit regression the bias is what regressing ½·Q·η on the columns gives, with the weights of the
// fit, Q being the variance of the linear predictor η (Cordeiro and McCullagh, J. R. Stat. Soc. B 53:629,
// 1991). Every effect of a class adds to it, but of a class that is all right or all wrong, whose
// weights are nearly 0.
func (l *line) bias(g *groups, x []float64) float64 {
	f := g.fitting([][]float64{x})
	copy(f.alpha, l.alpha)
	copy(f.b, l.b)
	f.look()
	sum, table := 0.0, table()
	for k, c := range g.class {
		e := max(-clip, min(clip, l.alpha[c]+float64(l.b[0]*x[k])))
		_, ratio := logAndRatio(table, e)
		_, ratioWrong := logAndRatio(table, -e)
		away := x[k] - f.cross[0][c]/f.info[c]
		q := 1/f.info[c] + float64(away*away*l.covariance[0][0])
		sum += float64(g.n[k] * ratio * ratioWrong * away * q * e / 2)
	}
	return float64(l.covariance[0][0] * sum)
}

// fitting is a probit regression on the way: coefficients, and what the step from them needs.
type fitting struct {
	*groups
	x          [][]float64
	alpha, b   []float64 // effects of the classes, coefficients
	likelihood float64
	info       []float64   // information about each class
	score      []float64   // derivative of the log likelihood by the effect of each class
	cross      [][]float64 // information of coefficient and class
	schur      [][]float64 // information about b; after step, with the class effects eliminated
	pull       []float64   // derivative by b
}

func (g *groups) fitting(x [][]float64) *fitting {
	q := len(x)
	return &fitting{groups: g, x: x, alpha: make([]float64, g.classes), b: make([]float64, q),
		info: make([]float64, g.classes), score: make([]float64, g.classes),
		cross: matrix(q, g.classes), schur: matrix(q, q), pull: make([]float64, q)}
}

// look takes log likelihood, score and information at the coefficients, in one pass over the groups.
func (f *fitting) look() {
	clear(f.info)
	clear(f.score)
	clear(f.pull)
	for j := range f.x {
		clear(f.cross[j])
		clear(f.schur[j])
	}
	sum, table := 0.0, table()
	for g, c := range f.class {
		e := f.alpha[c]
		for j, b := range f.b {
			e += float64(f.x[j][g] * b)
		}
		if math.IsNaN(e) { // no step could be solved for
			sum = e
			break
		}
		r, wrong := f.r[g], f.n[g]-f.r[g]
		clipped := max(-clip, min(clip, e))
		log, ratio := logAndRatio(table, clipped)
		logWrong, ratioWrong := logAndRatio(table, -clipped)
		if e != clipped {
			log, logWrong = logCumulative(e), logCumulative(-e)
		}
		if r > 0 {
			sum += float64(r * log)
		}
		if wrong > 0 {
			sum += float64(wrong * logWrong)
		}
		weight, u := float64(f.n[g]*ratio*ratioWrong), float64(r*ratio)-float64(wrong*ratioWrong)
		f.info[c] += weight
		f.score[c] += u
		for j := range f.x {
			x := f.x[j][g]
			if x == 0 { // a broken line has two columns on either side, one of them 0 there
				continue
			}
			f.pull[j] += float64(u * x)
			x = float64(x * weight)
			f.cross[j][c] += x
			row := f.schur[j]
			for k := range j + 1 {
				row[k] += float64(x * f.x[k][g])
			}
		}
	}
	f.likelihood = sum
}

// step is a full step of Fisher scoring, and by how much the likelihood rises if it is a parabola.
func (f *fitting) step() (alpha, b []float64, gain float64) {
	for c := range f.info {
		f.info[c] += ridge
	}
	pull := slices.Clone(f.pull)
	for j := range pull {
		for k := range j + 1 {
			for c, w := range f.info {
				f.schur[j][k] -= float64(f.cross[j][c] * f.cross[k][c] / w)
			}
			f.schur[k][j] = f.schur[j][k]
		}
		f.schur[j][j] += ridge
		for c, w := range f.info {
			pull[j] -= float64(f.cross[j][c] * f.score[c] / w)
		}
	}
	b = solve(f.schur, pull)
	alpha = slices.Clone(f.score)
	for c := range alpha {
		for j := range b {
			alpha[c] -= float64(f.cross[j][c] * b[j])
		}
		alpha[c] /= f.info[c]
		gain += float64(alpha[c] * f.score[c] / 2)
	}
	for j := range b {
		gain += float64(b[j] * f.pull[j] / 2)
	}
	return alpha, b, gain
}

// walk sets the coefficients to those of from, and a part of a step.
func (f *fitting) walk(from *fitting, alpha, b []float64, size float64) {
	for c := range alpha {
		f.alpha[c] = from.alpha[c] + float64(size*alpha[c])
	}
	for j := range b {
		f.b[j] = from.b[j] + float64(size*b[j])
	}
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
