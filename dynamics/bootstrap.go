package dynamics

import (
	"cmp"
	"context"
	"fmt"
	"math/bits"
	"math/rand/v2"

	"shoal/contingency"
	"shoal/internal/parallel"
)

// Resampling says how to bootstrap.
type Resampling struct {
	Replicates int    // 0 means 500
	Seed       uint64 // of the PCG; replicate r draws from the stream (Seed, r)
	Workers    int    // 0 means all cores; no result depends on it
}

func (r Resampling) replicates() int { return cmp.Or(r.Replicates, 500) }

// bootstrap resamples n examples with replacement and calls each(r, curves) for every replicate r,
// with curves[k][t] the table of evaluation t, right where deep[t] is, against reference k, right
// where shallow[k] is, over the resampled examples: the same examples for all t and k, so that
// evaluations and references stay correlated as they are.
//
// Calls may run at the same time, each on curves of its own that are reused afterwards; each may
// write only what belongs to its replicate.
func bootstrap(ctx context.Context, n int, deep, shallow []mask, o Resampling, each func(r int, curves [][]contingency.Table)) error {
	if o.Replicates < 0 {
		return fmt.Errorf("bootstrap: %d replicates, want at least 0 (0 is the default)", o.Replicates)
	}
	workers := parallel.Workers(o.Workers)
	spaces := make([]*resample, workers)
	parallel.For(workers, o.replicates(), func(worker, r int) {
		if ctx.Err() != nil {
			return
		}
		if spaces[worker] == nil {
			spaces[worker] = newResample(n, len(deep), len(shallow))
		}
		s := spaces[worker]
		s.draw(rand.New(rand.NewPCG(o.Seed, uint64(r))))
		s.count(deep, shallow)
		each(r, s.curves)
	})
	return ctx.Err()
}

// resample is one worker's replicate. How often each example was drawn is kept in bit planes: bit i
// of planes[p] is bit p of example i's count. A count over drawn examples is then a few population
// counts a word instead of a sum over examples.
type resample struct {
	n      int
	drawn  []uint16
	planes []mask
	within [][]mask // within[k][p] = planes[p] where reference k is right
	curves [][]contingency.Table
	right  []int // scratch: drawn examples that reference k gets right
}

func newResample(n, evaluations, references int) *resample {
	s := &resample{n: n, drawn: make([]uint16, n), within: make([][]mask, references),
		curves: make([][]contingency.Table, references), right: make([]int, references)}
	for k := range s.curves {
		s.curves[k] = make([]contingency.Table, evaluations)
	}
	return s
}

// draw takes n examples with replacement.
func (s *resample) draw(r *rand.Rand) {
	clear(s.drawn)
	most := uint16(0)
	for range s.n {
		i := r.IntN(s.n)
		s.drawn[i]++
		most = max(most, s.drawn[i])
	}
	for len(s.planes) < bits.Len16(most) {
		s.planes = append(s.planes, newMask(s.n))
		for k := range s.within {
			s.within[k] = append(s.within[k], newMask(s.n))
		}
	}
	for _, p := range s.planes {
		clear(p)
	}
	for i, c := range s.drawn {
		for ; c != 0; c &= c - 1 {
			s.planes[bits.TrailingZeros16(c)].set(i)
		}
	}
}

// count fills the curves.
func (s *resample) count(deep, shallow []mask) {
	for k, m := range shallow {
		s.right[k] = 0
		for p, plane := range s.planes {
			for w := range plane {
				s.within[k][p][w] = plane[w] & m[w]
			}
			s.right[k] += s.within[k][p].count() << p
		}
	}
	for t, d := range deep {
		total := weigh(d, s.planes)
		for k := range shallow {
			both := weigh(d, s.within[k])
			s.curves[k][t] = contingency.Table{Both: both, ShallowOnly: s.right[k] - both,
				DeepOnly: total - both, Neither: s.n - s.right[k] - total + both}
		}
	}
}

// weigh is the sum of the counts in planes over the examples marked in m.
func weigh(m mask, planes []mask) int {
	sum := 0
	for p, plane := range planes {
		sum += m.countAnd(plane) << p
	}
	return sum
}
