package lda

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/mat"

	"shoal/internal/elementary"
	"shoal/shallow/model"
)

const (
	// flat is the standard deviation up to which a direction does not count, the features having 1.
	flat = 1e-4
	// safe is the least variance that Cholesky's decomposition must guarantee.
	safe = 1e-6
)

// spread says where the classes are and which features vary within them.
type spread struct {
	count      []int     // K
	overall    []float64 // d: the mean of all examples
	centred    []float64 // K×d: the classes' means less that
	varying    []int     // features, ascending
	deviation  []float64 // of those, within the classes
	separating int       // features that vary between classes only
	// correlation returns the pooled covariance of the varying features, each divided by its deviation.
	correlation func() (*mat.SymDense, error)
}

// spreadOf measures bytes, exactly.
func spreadOf(ctx context.Context, train model.Examples, class []uint16, k int, opt model.Options) *spread {
	n, d := train.Len(), train.Features
	m := newMoments(train, class, k, opt.Workers)
	s := &spread{count: m.count}
	s.overall, s.centred = m.means(n, d)
	s.varying, s.deviation = m.deviations(n, d)
	s.separating = m.separating(s.varying, d)
	s.correlation = func() (*mat.SymDense, error) {
		sums, err := scatter(ctx, train, opt)
		if err != nil {
			return nil, err
		}
		return m.correlation(sums, s.varying, s.deviation, n, d), nil
	}
	return s
}

// discriminants computes weights, [K][d], and intercepts for bytes or numbers.
func discriminants(ctx context.Context, train model.Examples, class []uint16, k int, opt model.Options) (weights, intercepts []float64, f facts, err error) {
	n, d := train.Len(), train.Features
	measure := spreadOf
	if train.Floats() {
		measure = floatSpread
	}
	s := measure(ctx, train, class, k, opt)
	if err := ctx.Err(); err != nil {
		return nil, nil, f, err
	}
	varying, deviation, centred := s.varying, s.deviation, s.centred
	weights, intercepts = make([]float64, k*d), make([]float64, k)
	f = facts{Varying: len(varying), Solver: "none", Warnings: train.Warnings()}
	if s.separating > 0 && len(varying) == 0 {
		return nil, nil, f, fmt.Errorf("no feature varies within a class, so there is no covariance to compare distances by: %w", model.ErrTooFew)
	} else if s.separating > 0 {
		f.Warnings = append(f.Warnings, fmt.Sprintf("%d of %d features differ between classes and never within one: they are left out", s.separating, d))
	}
	if len(varying) > 0 && k > 1 {
		correlation, err := s.correlation()
		if err != nil {
			return nil, nil, f, err
		}
		right := mat.NewDense(len(varying), k, nil)
		for a, i := range varying {
			for c := range k {
				right.Set(a, c, centred[c*d+i]/deviation[a])
			}
		}
		var solved *mat.Dense
		if solved, f.Rank, f.Solver, err = solve(ctx, correlation, right, opt); err != nil {
			return nil, nil, f, err
		}
		for a, i := range varying {
			for c := range k {
				weights[c*d+i] = solved.At(a, c) / deviation[a]
			}
		}
	}
	for c := range k {
		w, distance, shift := weights[c*d:(c+1)*d], 0.0, 0.0
		for i, v := range w {
			distance += float64(v * centred[c*d+i])
			shift += float64(v * s.overall[i])
		}
		intercepts[c] = elementary.Log(float64(s.count[c])/float64(n)) - float64(distance/2) - shift
	}
	return weights, intercepts, f, nil
}

// means returns the mean of all examples and, for each class, its own mean less that.
func (m *moments) means(n, d int) (overall, centred []float64) {
	overall, centred = make([]float64, d), make([]float64, len(m.sum))
	for i := range overall {
		total := int64(0)
		for c := range m.count {
			total += m.sum[c*d+i]
		}
		overall[i] = float64(total) / float64(n)
		for c, count := range m.count {
			centred[c*d+i] = float64(m.sum[c*d+i])/float64(count) - overall[i]
		}
	}
	return overall, centred
}

// deviations returns the features that vary within some class, and their standard deviations within
// the classes.
func (m *moments) deviations(n, d int) (varying []int, deviation []float64) {
	for i := range d {
		variance := 0.0
		for c, count := range m.count {
			sum := m.sum[c*d+i]
			// n·Σx² - (Σx)² is a whole number: 0 exactly where nothing varies.
			variance += float64(int64(count)*m.squares[c*d+i]-sum*sum) / float64(count)
		}
		if variance > 0 {
			varying = append(varying, i)
			deviation = append(deviation, math.Sqrt(variance/float64(n)))
		}
	}
	return varying, deviation
}

// separating returns the number of features that vary between classes only.
func (m *moments) separating(varying []int, d int) int {
	n := 0
	for i := range d {
		if _, within := slices.BinarySearch(varying, i); within {
			continue
		}
		for c, count := range m.count {
			if m.sum[c*d+i]*int64(m.count[0]) != m.sum[i]*int64(count) {
				n++
				break
			}
		}
	}
	return n
}

// correlation returns the pooled covariance of the varying features, each divided by its deviation.
func (m *moments) correlation(sums []float64, varying []int, deviation []float64, n, d int) *mat.SymDense {
	out := mat.NewSymDense(len(varying), nil)
	for a, i := range varying {
		for b := a; b < len(varying); b++ {
			j := varying[b]
			within := sums[i*d+j]
			for c, count := range m.count {
				within -= float64(float64(m.sum[c*d+i]) / float64(count) * float64(m.sum[c*d+j]))
			}
			out.SetSym(a, b, within/(deviation[a]*deviation[b]*float64(n)))
		}
	}
	return out
}

// solve returns the pseudo-inverse of a times b, the rank, and the solver that was used.
func solve(ctx context.Context, a *mat.SymDense, b *mat.Dense, opt model.Options) (inverse *mat.Dense, directions int, solver string, err error) {
	var ( // not the results: work that outlives ctx still writes to them
		x        *mat.Dense
		definite bool
		rank     int
		failure  error
	)
	d := a.SymmetricDim()
	note := fmt.Sprintf("invert the covariance of %d features", d)
	if err := outwait(ctx, opt, note, func() { x, definite = solveDefinite(a, b) }); err != nil {
		return nil, 0, "", err
	}
	if definite {
		return x, d, "cholesky", nil
	}
	note = fmt.Sprintf("the covariance of %d features is singular: compute its eigenvectors", d)
	if err := outwait(ctx, opt, note, func() { x, rank, failure = solveSemidefinite(a, b) }); err != nil {
		return nil, 0, "", err
	}
	return x, rank, "eigenvectors", failure
}

// signOfLife is how often outwait reports.
const signOfLife = 5 * time.Second

// outwait runs work that can't be interrupted and doesn't know its progress: it reports the time
// since the start. When ctx ends first, it returns at once and leaves work running in the
// background.
func outwait(ctx context.Context, opt model.Options, note string, work func()) error {
	opt.Advance(0, 1, note)
	done := make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	start, tick := time.Now(), time.NewTicker(signOfLife)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-done:
			return nil
		case now := <-tick.C:
			opt.Advance(0, 1, fmt.Sprintf("%s (%v so far)", note, now.Sub(start).Round(time.Second)))
		}
	}
}

// solveDefinite solves a·x = b if a is safely positive definite.
func solveDefinite(a *mat.SymDense, b *mat.Dense) (x *mat.Dense, ok bool) {
	var cholesky mat.Cholesky
	if !cholesky.Factorize(a) {
		return nil, false
	}
	// The least eigenvalue is at least 1/|A⁻¹| = |A|/condition.
	if least := mat.Norm(a, 1) / cholesky.Cond(); !(least > safe) {
		return nil, false
	}
	x = new(mat.Dense)
	return x, cholesky.SolveTo(x, b) == nil
}

// solveSemidefinite returns A⁺·b and the rank of A, from A = L·Lᵀ with one column of L a rank: A
// has the eigenvalues of the smaller LᵀL = V·Λ·Vᵀ, and A⁺ = L·V·Λ⁻²·Vᵀ·Lᵀ. A hundred examples of
// thousands of features need a hundred eigenvectors only.
func solveSemidefinite(a *mat.SymDense, b *mat.Dense) (x *mat.Dense, rank int, err error) {
	l := factor(a)
	_, r := l.Dims()
	var gram mat.SymDense
	gram.SymOuterK(1, l.T())
	var eigen mat.EigenSym
	if !eigen.Factorize(&gram, true) {
		return nil, 0, fmt.Errorf("eigenvalues of the covariance, rank %d, did not converge", r)
	}
	var vectors, reduced, projected mat.Dense
	eigen.VectorsTo(&vectors)
	reduced.Mul(l.T(), b)
	projected.Mul(vectors.T(), &reduced)
	_, k := b.Dims()
	for i, v := range eigen.Values(nil) {
		factor := 0.0
		if v > flat*flat {
			factor = 1 / (v * v)
			rank++
		}
		for c := range k {
			projected.Set(i, c, projected.At(i, c)*factor)
		}
	}
	x = new(mat.Dense)
	reduced.Mul(&vectors, &projected)
	x.Mul(l, &reduced)
	return x, rank, nil
}

// factor returns L, with a column for each of the rank's, of A = L·Lᵀ.
func factor(a *mat.SymDense) *mat.Dense {
	// The diagonal of a is 1, and rounding leaves some 1e-15 of it where nothing is; all that is
	// dropped stays far below flat² in sum.
	const rest = 1e-13
	var pivoted mat.PivotedCholesky
	pivoted.Factorize(a, rest)
	var u mat.TriDense
	pivoted.UTo(&u)
	d, r := a.SymmetricDim(), pivoted.Rank()
	l := mat.NewDense(d, r, nil)
	for k, row := range pivoted.ColumnPivots(nil) {
		for c := 0; c < r && c <= k; c++ {
			l.Set(row, c, u.At(c, k))
		}
	}
	return l
}
