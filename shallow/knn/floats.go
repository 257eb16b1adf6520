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
//
// Distances come from matrix products in float32 first. They say which examples could be among the k
// nearest, whatever their rounding; the distances of those are then computed again, feature by
// feature in float64, and decide.
type floatSearcher struct {
	queries   *gram.FloatBatch
	distances [][]float32 // batch × n: squared
	bound     []float64   // of the k nearest so far: what each can be at most, ascending
	near      []floatNeighbour
}

type floatNeighbour struct {
	example  int
	distance float64 // squared
}

func (m *Model) newFloatSearcher() *floatSearcher {
	f := &floatSearcher{queries: gram.NewFloatBatch(m.train.Features), distances: make([][]float32, batch)}
	for i := range f.distances {
		f.distances[i] = make([]float32, m.floats.Width())
	}
	return f
}

// measureFloats is measure for numbers.
func (s *searcher) measureFloats(ctx context.Context, examples model.Examples, from, to int) {
	f, panels := s.floats, s.m.floats
	f.queries.Reset()
	for i := from; i < to; i++ {
		f.queries.Add(examples.Point(i))
	}
	const step = 128 // panels at once, so that a cancelled search ends soon
	for first := 0; first < panels.Panels() && ctx.Err() == nil; first += step {
		panels.Distances(f.queries, f.distances, first, min(first+step, panels.Panels()))
	}
}

// voteFloats is vote for numbers.
func (s *searcher) voteFloats(ctx context.Context, examples model.Examples, from, to int, scores []float32) {
	s.measureFloats(ctx, examples, from, to)
	c := s.m.train.Classes
	for i := from; i < to && ctx.Err() == nil; i++ {
		clear(s.votes)
		for _, near := range s.nearestFloats(examples.Point(i), s.floats.distances[i-from][:s.m.train.Len()]) {
			s.votes[s.m.train.Labels[near.example]]++
		}
		s.shares(scores[(i-from)*c : (i-from+1)*c])
	}
}

// nearestFloats returns the k nearest training examples, the nearest first, the earlier of two
// equally near first.
func (s *searcher) nearestFloats(x []float32, distances []float32) []floatNeighbour {
	f, k, panels := s.floats, s.m.neighbours(), s.m.floats
	norm := float64(gram.SquaredNorm(x))
	slack := func(j int) float64 { return gram.DistanceError(len(x), norm, panels.SquaredNorm(j)) }
	f.bound = f.bound[:0]
	limit := math.Inf(1)
	for j, d := range distances {
		if float64(d) >= limit {
			continue // the common case
		}
		at, _ := slices.BinarySearch(f.bound, float64(d)+slack(j))
		f.bound = slices.Insert(f.bound, at, float64(d)+slack(j))
		if len(f.bound) > k {
			f.bound = f.bound[:k]
		}
		if len(f.bound) == k {
			limit = f.bound[k-1]
		}
	}
	f.near = f.near[:0]
	for j, d := range distances {
		if float64(d) > limit && float64(d)-slack(j) > limit {
			continue
		}
		f.near = append(f.near, floatNeighbour{j, squaredDistance(x, s.m.train.Point(j))})
	}
	slices.SortFunc(f.near, func(a, b floatNeighbour) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.example, b.example))
	})
	return f.near[:k]
}

func squaredDistance(a, b []float32) float64 {
	sum := 0.0
	for i, v := range a {
		d := float64(v) - float64(b[i])
		sum += float64(d * d)
	}
	return sum
}
