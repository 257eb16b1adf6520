package dynamics

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"

	"shoal/contingency"
	"shoal/internal/parallel"
	"shoal/internal/pcg"
)

// Resampling says how to bootstrap.
type Resampling struct {
	Replicates int    // 0 means 500
	Seed       uint64 // of the PCG; replicate r draws from the stream (Seed, r)
	Workers    int    // 0 means all cores; no result depends on it
}

func (r Resampling) replicates() int { return cmp.Or(r.Replicates, 500) }

// bootstrap resamples n examples with replacement and calls each(r, curve) for every replicate r, with
// curve[t] the table of evaluation t, right where deep[t] is, against a reference, right where shallow is,
// over the resampled examples: the same examples for all t, so that evaluations stay correlated as they
// are.
//
// Calls may run at the same time, each on a curve of its own that is reused afterwards; each may write
// only what belongs to its replicate.
func bootstrap(ctx context.Context, n int, deep []mask, shallow mask, o Resampling, each func(r int, curve []contingency.Table)) error {
	if o.Replicates < 0 {
		return fmt.Errorf("bootstrap: %d replicates, want at least 0 (0 is the default)", o.Replicates)
	}
	order := orderBy(n, shallow)
	ordered := make([]mask, len(deep))
	for t, d := range deep {
		ordered[t] = order.of(d)
	}
	workers := parallel.Workers(o.Workers)
	spaces, curves := make([]*resample, workers), make([][]contingency.Table, workers)
	parallel.For(workers, o.replicates(), func(worker, r int) {
		if ctx.Err() != nil {
			return
		}
		if spaces[worker] == nil {
			spaces[worker], curves[worker] = newResample(n, order), make([]contingency.Table, len(deep))
		}
		s := spaces[worker]
		s.draw(pcg.New(o.Seed, uint64(r)))
		s.count(ordered, curves[worker])
		each(r, curves[worker])
	})
	return ctx.Err()
}

// An ordering has the examples that a reference gets right first, and the others from a new word on:
// counts of either are over words of their own.
type ordering struct {
	place []uint32 // of each example, as a bit
	words int      // of all
	wrong int      // the first word of what the reference gets wrong
}

func orderBy(n int, shallow mask) *ordering {
	o := &ordering{place: make([]uint32, n), wrong: (shallow.count() + 63) / 64}
	right, wrong := uint32(0), uint32(64*o.wrong)
	for i := range o.place {
		at := &wrong
		if shallow.get(i) {
			at = &right
		}
		o.place[i] = *at
		*at++
	}
	o.words = int(wrong+63) / 64
	return o
}

// of is a mask in this order.
func (o *ordering) of(m mask) mask {
	out := make(mask, o.words)
	for i, at := range o.place {
		out[at/64] |= m[i/64] >> (i % 64) & 1 << (at % 64)
	}
	return out
}

// resample is one worker's replicate. How often each example was drawn is kept in bit planes: bit i
// of planes[p] is bit p of example i's count. A count over drawn examples is then a few population
// counts a word instead of a sum over examples.
type resample struct {
	order  *ordering // of the planes; nil is that of the examples
	drawn  []uint8   // how often each example was drawn
	placed []uint8   // the same by place, whole words of planes
	space  [8]mask
	planes []mask // those of space that have a bit
}

func newResample(n int, order *ordering) *resample {
	words := (n + 63) / 64
	if order != nil {
		words = order.words
	}
	s := &resample{order: order, placed: make([]uint8, 64*words)}
	for p := range s.space {
		s.space[p] = make(mask, words)
	}
	if s.drawn = s.placed[:n]; order != nil {
		s.drawn = make([]uint8, n)
	}
	return s
}

// draw takes n examples with replacement.
func (s *resample) draw(r *pcg.Source) {
	r.Counts(s.drawn)
	if s.order != nil {
		for i, at := range s.order.place {
			s.placed[at] = s.drawn[i]
		}
	}
	s.slice()
}

// slice fills the planes, 8 counts at a time.
func (s *resample) slice() {
	const lowest = 0x0101010101010101 // bits of 8 counts
	const gather = 0x0102040810204080 // their product with it has them in its highest byte
	used := uint64(0)
	for k := 0; k < len(s.placed); k += 8 {
		used |= binary.LittleEndian.Uint64(s.placed[k:])
	}
	s.planes = s.space[:0]
	for p := range s.space {
		if used>>p&lowest != 0 {
			s.planes = s.space[:p+1]
		}
	}
	for p, plane := range s.planes {
		for w := range plane {
			counts, word := s.placed[64*w:64*w+64], uint64(0)
			for k := 0; k < 64; k += 8 {
				word |= binary.LittleEndian.Uint64(counts[k:]) >> p & lowest * gather >> 56 << k
			}
			plane[w] = word
		}
	}
}

// count fills a curve from masks in the order of the planes.
func (s *resample) count(deep []mask, curve []contingency.Table) {
	n, wrong := len(s.drawn), s.order.wrong
	onRight, onWrong := make([]mask, len(s.planes)), make([]mask, len(s.planes))
	right := 0
	for p, plane := range s.planes {
		onRight[p], onWrong[p] = plane[:wrong], plane[wrong:]
		right += onRight[p].count() << p
	}
	for t, d := range deep {
		both, deepOnly := weigh(d[:wrong], onRight), weigh(d[wrong:], onWrong)
		curve[t] = contingency.Table{Both: both, ShallowOnly: right - both, DeepOnly: deepOnly, Neither: n - right - deepOnly}
	}
}

// weigh is the sum of the counts in planes, up to 8 of them, over the examples marked in m.
func weigh(m mask, planes []mask) int {
	var marked [8]int
	m.countAnds(planes, marked[:len(planes)])
	sum := 0
	for p, c := range marked {
		sum += c << p
	}
	return sum
}
