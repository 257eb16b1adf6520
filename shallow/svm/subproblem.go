package svm

import "math"

// subproblem is the dual restricted to a working set, all else held fixed. Variables are numbered
// by their position in the set.
type subproblem struct {
	q     int
	c     float64
	k     []float32 // q×q kernel values
	other []float32 // space for the next k
	diag  []float64
	y     []float64
	alpha []float64
	score []float64
	// upScore is score where the variable is up and -Inf elsewhere, lowScore score where it is low
	// and +Inf elsewhere: the scans below are branch-free.
	upScore, lowScore []float64
}

// resize makes room for q variables. Kernel values among the last kept ones of the old set move to
// the front.
func (s *subproblem) resize(q, kept int) {
	if cap(s.other) < q*q {
		s.other = make([]float32, q*q)
	}
	to := s.other[:q*q]
	for r := range kept {
		from := s.k[(s.q-kept+r)*s.q:]
		copy(to[r*q:r*q+kept], from[s.q-kept:s.q])
	}
	s.q, s.k, s.other = q, to, s.k
	for _, a := range []*[]float64{&s.diag, &s.y, &s.alpha, &s.score, &s.upScore, &s.lowScore} {
		if cap(*a) < q {
			*a = make([]float64, q)
		}
		*a = (*a)[:q]
	}
}

// mirror copies the values of the new rows against the kept variables to where the kept rows have
// them.
func (s *subproblem) mirror(kept int) {
	for r := range kept {
		row := s.k[r*s.q : (r+1)*s.q]
		for v := kept; v < s.q; v++ {
			row[v] = s.k[v*s.q+r]
		}
	}
}

// tau stands in for a curvature that is not positive, as in LIBSVM.
const tau = 1e-12

// solve takes steps of two variables until the violation within the set is below tolerance or the
// steps are used up, and returns how many it took. The first variable is the worst "up" one; the
// second, as in LIBSVM, the one that promises the largest decrease by the second-order term.
func (s *subproblem) solve(tolerance float64, steps int) int {
	for v := range s.q {
		s.mark(v)
	}
	for step := range steps {
		i, high := argmax(s.upScore)
		j, low := s.partner(i, high)
		if j < 0 || high-low < tolerance {
			return step
		}
		s.move(i, j)
	}
	return steps
}

// mark renews a variable's entries in upScore and lowScore.
func (s *subproblem) mark(v int) {
	s.upScore[v], s.lowScore[v] = math.Inf(-1), math.Inf(1)
	full, empty := s.alpha[v] >= s.c, s.alpha[v] <= 0
	if s.y[v] < 0 {
		full, empty = empty, full
	}
	if !full {
		s.upScore[v] = s.score[v]
	}
	if !empty {
		s.lowScore[v] = s.score[v]
	}
}

func argmax(x []float64) (at int, most float64) {
	most = math.Inf(-1)
	at = -1
	for i, v := range x {
		if v > most {
			at, most = i, v
		}
	}
	return at, most
}

// partner returns the "low" variable to move against variable i, or -1, and the smallest score
// among low.
func (s *subproblem) partner(i int, high float64) (j int, low float64) {
	j, low = -1, math.Inf(1)
	if i < 0 {
		return j, low
	}
	best := 0.0
	row, diag := s.k[i*s.q:(i+1)*s.q], s.diag[:s.q]
	di := diag[i]
	for v, g := range s.lowScore[:len(row)] {
		low = min(low, g)
		lead := high - g
		if !(lead > 0) {
			continue
		}
		curvature := di + diag[v] - 2*float64(row[v])
		if curvature <= 0 {
			curvature = tau
		}
		if gain := lead * lead / curvature; gain > best {
			best, j = gain, v
		}
	}
	return j, low
}

// move makes yα of variable i grow and that of j shrink by the same amount, as far as the decrease
// or the box lets them.
func (s *subproblem) move(i, j int) {
	rowI, rowJ := s.k[i*s.q:(i+1)*s.q], s.k[j*s.q:(j+1)*s.q]
	curvature := s.diag[i] + s.diag[j] - 2*float64(rowI[j])
	if curvature <= 0 {
		curvature = tau
	}
	step := (s.score[i] - s.score[j]) / curvature
	roomI, boundI := s.room(i, s.y[i])
	roomJ, boundJ := s.room(j, -s.y[j])
	step = min(step, roomI, roomJ)
	s.shift(i, float64(s.y[i]*step), step >= roomI, boundI)
	s.shift(j, float64(-s.y[j]*step), step >= roomJ, boundJ)
	for v := range rowI {
		s.score[v] -= float64(step * (float64(rowI[v]) - float64(rowJ[v])))
	}
	s.refresh(i, j)
}

// room returns how far alpha may go in the direction of the sign, and where it ends.
func (s *subproblem) room(v int, sign float64) (room, bound float64) {
	if sign > 0 {
		return s.c - s.alpha[v], s.c
	}
	return s.alpha[v], 0
}

// shift changes alpha, exactly to its bound when it gets there.
func (s *subproblem) shift(v int, by float64, ends bool, bound float64) {
	if ends {
		s.alpha[v] = bound
		return
	}
	s.alpha[v] = min(max(s.alpha[v]+by, 0), s.c)
}

// refresh brings upScore and lowScore in line with changed scores; only the variables i and j can
// have changed their kind.
func (s *subproblem) refresh(i, j int) {
	up, low := s.upScore[:len(s.score)], s.lowScore[:len(s.score)]
	for v, g := range s.score {
		if !math.IsInf(up[v], -1) {
			up[v] = g
		}
		if !math.IsInf(low[v], 1) {
			low[v] = g
		}
	}
	s.mark(i)
	s.mark(j)
}
