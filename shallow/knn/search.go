package knn

import (
	"context"
	"math"

	"shoal/internal/parallel"
	"shoal/kernel/gram"
	"shoal/shallow/model"
)

// batch is the number of examples whose distances are computed at once; their rows of n floats are
// the memory that a worker needs.
const batch = 56

// Predict lets the nearest neighbours vote: Scores are shares of the votes.
func (m *Model) Predict(ctx context.Context, examples model.Examples, opt model.Options) (model.Prediction, error) {
	if err := examples.CheckPrediction(m.Kind(), m.train.Features, m.train.Floats()); err != nil {
		return model.Prediction{}, err
	}
	scratch := make([]*searcher, parallel.Workers(opt.Workers))
	return model.PredictScores(ctx, examples.Len(), m.train.Classes, batch, opt, "search neighbours", func(worker, from, to int, scores []float32) {
		if scratch[worker] == nil {
			scratch[worker] = m.newSearcher()
		}
		if m.floats != nil {
			scratch[worker].voteFloats(ctx, examples, from, to, scores)
			return
		}
		scratch[worker].vote(ctx, examples, from, to, scores)
	})
}

// searcher is the scratch of one worker.
type searcher struct {
	m         *Model
	queries   *gram.Batch
	distances [][]int32 // batch × n: squared, in bytes
	near      []neighbour
	votes     []int // by class

	floats *floatSearcher // of numbers
}

// neighbour is a training example and its squared distance in bytes.
type neighbour struct {
	example  int
	distance int32
}

func (m *Model) newSearcher() *searcher {
	s := &searcher{m: m, votes: make([]int, m.train.Classes)}
	if m.floats != nil {
		s.floats = m.newFloatSearcher()
		return s
	}
	s.queries, s.distances = gram.NewBatch(m.train.Features), make([][]int32, batch)
	for i := range s.distances {
		s.distances[i] = make([]int32, m.panels.Width())
	}
	return s
}

// measure fills the distances of examples [from, to) to all training examples.
func (s *searcher) measure(ctx context.Context, examples model.Examples, from, to int) {
	s.queries.Reset()
	for i := from; i < to; i++ {
		s.queries.Add(examples.Row(i))
	}
	const panels = 128 // at once, so that a cancelled search ends soon
	for first := 0; first < s.m.panels.Panels() && ctx.Err() == nil; first += panels {
		s.m.panels.Distances(s.queries, s.distances, first, min(first+panels, s.m.panels.Panels()))
	}
}

// vote writes the shares of the votes for examples [from, to).
func (s *searcher) vote(ctx context.Context, examples model.Examples, from, to int, scores []float32) {
	s.measure(ctx, examples, from, to)
	c := s.m.train.Classes
	for i := from; i < to && ctx.Err() == nil; i++ {
		clear(s.votes)
		for _, near := range s.nearest(s.distances[i-from][:s.m.train.Len()]) {
			s.votes[s.m.train.Labels[near.example]]++
		}
		s.shares(scores[(i-from)*c : (i-from+1)*c])
	}
}

// shares writes the classes' shares of the votes.
func (s *searcher) shares(scores []float32) {
	for class, v := range s.votes {
		scores[class] = float32(float64(v) / float64(s.m.neighbours()))
	}
}

// nearest returns the k nearest training examples, the nearest first, the earlier of two equally
// near first.
func (s *searcher) nearest(distances []int32) []neighbour {
	k := s.m.neighbours()
	near := s.near[:0]
	farthest := int32(math.MaxInt32)
	for j, d := range distances {
		if len(near) == k && d >= farthest {
			continue // the common case
		}
		at := len(near)
		for at > 0 && near[at-1].distance > d {
			at--
		}
		if len(near) < k {
			near = append(near, neighbour{})
		}
		copy(near[at+1:], near[at:])
		near[at] = neighbour{j, d}
		farthest = near[len(near)-1].distance
	}
	s.near = near
	return near
}
