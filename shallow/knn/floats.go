package knn

import (
	"cmp"
	"context"
	"math"
	"slices"

	"shoal/kernel/gram"
	"shoal/shallow/model"
)

// floatSearcher is the scratch of one worker for numbers.
type floatSearcher struct {
	queries   *gram.FloatBatch
	distances [][]float32 // batch × n: squared; of Nearest only
	searches  []search    // of each query
}

func (m *Model) newFloatSearcher() *floatSearcher {
	return &floatSearcher{queries: gram.NewFloatBatch(m.train.Features), searches: make([]search, batch)}
}

// gather makes a batch of examples [from, to).
func (f *floatSearcher) gather(examples model.Examples, from, to int) {
	f.queries.Reset()
	for i := from; i < to; i++ {
		f.queries.Add(examples.Point(i))
	}
}

// floatPanels is how many panels are multiplied at once, so that a cancelled search ends soon.
const floatPanels = 128

// measureFloats is measure for numbers.
func (s *searcher) measureFloats(ctx context.Context, examples model.Examples, from, to int) {
	f, panels := s.floats, s.m.floats
	if f.distances == nil {
		f.distances = make([][]float32, batch)
		for i := range f.distances {
			f.distances[i] = make([]float32, panels.Width())
		}
	}
	f.gather(examples, from, to)
	for first := 0; first < panels.Panels() && ctx.Err() == nil; first += floatPanels {
		panels.Distances(f.queries, f.distances, first, min(first+floatPanels, panels.Panels()))
	}
}

// voteFloats is vote for numbers.
func (s *searcher) voteFloats(ctx context.Context, examples model.Examples, from, to int, scores []float32) {
	f, panels := s.floats, s.m.floats
	f.gather(examples, from, to)
	for r := range to - from {
		f.searches[r].start(s.m, examples.Point(from+r), f.queries.SquaredNorm(r))
	}
	for first := 0; first < panels.Panels() && ctx.Err() == nil; first += floatPanels {
		panels.Nearness(f.queries, first, min(first+floatPanels, panels.Panels()), func(r, q int, near []float32) {
			f.searches[r].add(q, near)
		})
	}
	c := s.m.train.Classes
	for r := 0; r < to-from && ctx.Err() == nil; r++ {
		clear(s.votes)
		f.searches[r].settle()
		for _, near := range f.searches[r].near {
			s.votes[s.m.train.Labels[near.example]]++
		}
		s.shares(scores[r*c : (r+1)*c])
	}
}

// search finds the k nearest training examples of one query.
//
// Distances come from matrix products in float32 first. They say which examples could be among the k
// nearest, whatever their rounding; the distances of those are then computed again, feature by
// feature in float64, and decide.
type search struct {
	m     *Model
	x     []float32
	norm  float64          // |x|²
	limit float64          // what the k-th nearest so far can be at most
	bound []float64        // the same of each of the k nearest so far, ascending
	maybe []floatNeighbour // which can be among the nearest, with the least that their distances can be
	near  []floatNeighbour // of the examples before those: the k nearest, the nearest first, the earlier of two equally near first
}

type floatNeighbour struct {
	example  int
	distance float64 // squared
}

// start begins a search for x, whose squared norm is given.
func (s *search) start(m *Model, x []float32, norm float64) {
	*s = search{m: m, x: x, norm: norm, limit: math.Inf(1), bound: s.bound[:0], maybe: s.maybe[:0], near: s.near[:0]}
}

// add adds the examples of panel q: see gram.FloatPanels.Nearness.
func (s *search) add(q int, nearness []float32) {
	slack := s.m.floats.NearnessError(s.norm, q)
	least := s.least(slack)
	for l, v := range nearness {
		if v < least {
			continue // the common case
		}
		if d := s.norm - float64(2*float64(v)); d-slack <= s.limit {
			s.consider(floatNeighbour{q*gram.Lanes + l, d - slack}, d+slack)
			least = s.least(slack)
		}
	}
}

// least is a nearness below which no example can be among the nearest: the limit's, rounded down.
func (s *search) least(slack float64) float32 {
	v := float64(.5 * (s.norm - s.limit - slack)) // a division by a power of two is a product to the compiler, and fused
	return float32(v - float64(math.Abs(v)*(1./(1<<23))) - math.SmallestNonzeroFloat32)
}

// consider adds an example that can be among the nearest; most is what its distance can be at most.
func (s *search) consider(n floatNeighbour, most float64) {
	k := s.m.neighbours()
	if most < s.limit {
		at, _ := slices.BinarySearch(s.bound, most)
		s.bound = slices.Insert(s.bound, at, most)
		s.bound = s.bound[:min(k, len(s.bound))]
		if len(s.bound) == k {
			s.limit = s.bound[k-1]
		}
	}
	if s.maybe = append(s.maybe, n); len(s.maybe) >= 64+2*k {
		s.settle()
	}
}

// settle computes the distances of the examples that can be among the nearest.
func (s *search) settle() {
	for _, n := range s.maybe {
		if n.distance <= s.limit {
			s.near = append(s.near, floatNeighbour{n.example, squaredDistance(s.x, s.m.train.Point(n.example))})
		}
	}
	slices.SortFunc(s.near, func(a, b floatNeighbour) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.example, b.example))
	})
	s.near, s.maybe = s.near[:min(s.m.neighbours(), len(s.near))], s.maybe[:0]
}

func squaredDistance(a, b []float32) float64 {
	sum := 0.0
	for i, v := range a {
		d := float64(v) - float64(b[i])
		sum += float64(d * d)
	}
	return sum
}
