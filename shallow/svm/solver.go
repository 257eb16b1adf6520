package svm

import (
	"context"
	"fmt"
	"math"

	"shoal/internal/parallel"
	"shoal/kernel/gram"
)

// Sizes of the decomposition. They shape the path to the solution, so they are constants: neither
// memory nor workers may change them.
const (
	setSize  = 256
	slack    = 0.1 // a working set is solved to this share of the violation
	maxSteps = 100 * setSize
	// stepsPerRound turns the bound on steps into one on working sets, which is what a tolerance
	// below the rounding of float64 runs into.
	stepsPerRound = 1000
)

// solver solves one pair of classes after another on one lane.
type solver struct {
	t    *training
	rows *pairRows
	dual
	chooser *chooser
	sub     subproblem
	weights []float64
	changed []int32
	columns [2][]column
}

// column is where in a kernel row, by side, the value of a position in the working set is.
type column struct{ at, row int32 }

// solution is the outcome for one pair: the support vectors by class and row, with yα, and how it
// was reached.
type solution struct {
	support    [2][]int32
	coef       [2][]float64
	rho        float64
	violation  float64
	objective  float64
	iterations int
	rounds     int // working sets
	stopped    bound
	bounded    int // variables at C
}

// bound is what ended the solution of a pair before it was optimal.
type bound int

const (
	none bound = iota
	onSteps
	onRounds
)

func newSolver(t *training, slots, inner int) *solver {
	return &solver{t: t, rows: newPairRows(t, slots, inner), chooser: newChooser(setSize)}
}

// solve solves the pair of classes a and b, the first one's side positive.
func (s *solver) solve(ctx context.Context, a, b int) (*solution, error) {
	s.begin(a, b)
	out := &solution{}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		high, low := s.extremes()
		out.violation = high - low
		if !(out.violation >= s.t.tolerance) || out.stopped != none {
			// The scores have gone through many updates: decide by recomputed ones.
			if err := s.recompute(ctx); err != nil {
				return nil, err
			}
			high, low = s.extremes()
			if out.violation = high - low; math.IsNaN(out.violation) || math.IsInf(out.violation, 0) {
				return nil, fmt.Errorf("svm: scores of a pair of classes overflow: c = %v is too large for these data", s.c)
			}
			if !(out.violation >= s.t.tolerance) || out.stopped != none {
				break
			}
		}
		s.improve(out, high, low)
		out.rounds++
		switch {
		case out.iterations >= s.t.maxIterations:
			out.stopped = onSteps
		case out.rounds >= s.t.maxRounds():
			out.stopped = onRounds
		}
	}
	s.finish(out)
	return out, nil
}

// begin sets the state to α = 0.
func (s *solver) begin(a, b int) {
	s.rows.begin(a, b)
	s.chooser.begin(s.rows.n)
	s.c = s.t.c
	s.alpha, s.f = make([]float64, s.rows.n), make([]float64, s.rows.n)
	s.y = make([]float64, s.rows.n)
	for k, side := range s.rows.sides {
		for v := range side.panels.Len() {
			s.y[side.first+v] = float64(1 - 2*k)
		}
	}
}

// maxRounds bounds the working sets of a pair.
func (t *training) maxRounds() int { return max(100, t.maxIterations/stepsPerRound) }

// improve picks a working set, solves it and updates all scores.
func (s *solver) improve(out *solution, high, low float64) {
	set, kept := s.chooser.next(&s.dual, high, low)
	s.fill(set, kept)
	left := s.t.maxIterations - out.iterations
	tolerance := max(slack*(high-low), s.t.tolerance/2)
	out.iterations += s.sub.solve(tolerance, min(maxSteps, left))
	s.changed, s.weights = s.changed[:0], s.weights[:0]
	for k, v := range set {
		if by := s.sub.alpha[k] - s.alpha[v]; by != 0 {
			s.changed, s.weights = append(s.changed, v), append(s.weights, s.y[v]*by)
			s.alpha[v] = s.sub.alpha[k]
		}
	}
	s.add(s.changed, s.weights)
}

// fill copies the working set's state and kernel values into the subproblem. The first kept
// variables and their values among themselves are those of the last subproblem; the kernel is
// symmetric to the bit, so rows of the others are all that has to be looked up.
func (s *solver) fill(set []int32, kept int) {
	q := len(set)
	s.sub.resize(q, kept)
	s.sub.c = s.c
	for side := range s.columns {
		s.columns[side] = s.columns[side][:0]
	}
	for k, v := range set {
		side, row := s.rows.sideOf(v)
		s.columns[side] = append(s.columns[side], column{int32(k), int32(row)})
		s.sub.diag[k] = s.t.diagonal(s.rows.sides[side].panels, row)
		s.sub.y[k], s.sub.alpha[k], s.sub.score[k] = s.y[v], s.alpha[v], s.score(int(v))
	}
	s.rows.visit(set[kept:], func(from, to int, seg [2][][]float32) {
		for r := from; r < to; r++ {
			out := s.sub.k[(kept+r)*q : (kept+r+1)*q]
			for side, columns := range s.columns {
				values := seg[side][r-from]
				for _, c := range columns {
					out[c.at] = values[c.row]
				}
			}
		}
	})
	s.sub.mirror(kept)
}

// add updates f by the given changes of yα, in the order of the list.
func (s *solver) add(list []int32, weights []float64) {
	s.rows.visit(list, func(from, to int, seg [2][][]float32) {
		for k, side := range s.rows.sides {
			f := s.f[side.first : side.first+side.panels.Width()]
			const part = 512
			parallel.For(s.rows.inner, (len(f)+part-1)/part, func(_, i int) {
				column := i * part
				gram.Accumulate(f[column:min(column+part, len(f))], seg[k], column, weights[from:to])
			})
		}
	})
}

// recompute computes f again from α.
func (s *solver) recompute(ctx context.Context) error {
	clear(s.f)
	s.changed, s.weights = s.changed[:0], s.weights[:0]
	for v, a := range s.alpha {
		if a > 0 {
			s.changed, s.weights = append(s.changed, int32(v)), append(s.weights, s.y[v]*a)
		}
	}
	for from := 0; from < len(s.changed); from += setSize {
		if err := ctx.Err(); err != nil {
			return err
		}
		to := min(from+setSize, len(s.changed))
		s.add(s.changed[from:to], s.weights[from:to])
	}
	return nil
}

// finish reads the solution off the state.
func (s *solver) finish(out *solution) {
	out.rho = s.offset()
	for v, a := range s.alpha {
		if a <= 0 {
			continue
		}
		side, row := s.rows.sideOf(int32(v))
		out.support[side] = append(out.support[side], int32(row))
		out.coef[side] = append(out.coef[side], s.y[v]*a)
		out.objective += float64(.5 * a * (float64(s.y[v]*s.f[v]) - 2))
		if a >= s.c {
			out.bounded++
		}
	}
}

// offset returns rho as LIBSVM does: minus the mean score of the free variables, or the middle of
// what the bounded ones allow.
func (s *solver) offset() float64 {
	free, sum := 0, 0.0
	upper, lower := math.Inf(1), math.Inf(-1)
	for v, a := range s.alpha {
		g := -s.score(v)
		switch {
		case s.y[v] == 0:
		case a > 0 && a < s.c:
			free++
			sum += g
		case (a >= s.c) == (s.y[v] < 0):
			upper = min(upper, g)
		default:
			lower = max(lower, g)
		}
	}
	if free > 0 {
		return sum / float64(free)
	}
	return (upper + lower) / 2
}
