package knn

import (
	"context"
	"math"

	"shoal/internal/parallel"
	"shoal/shallow/model"
)

// Distances are how far examples are from the nearest training example of their own class and of any
// other: Euclidean, with pixels from 0 to 1. It is infinite where there is no such training example.
type Distances struct{ Own, Other []float64 }

// Nearest measures the distances of labelled examples to train. opt.Progress counts examples.
func Nearest(ctx context.Context, train, examples model.Examples, opt model.Options) (Distances, error) {
	m := &Model{params: Params{K: 1}}
	if err := m.Fit(ctx, train, model.Options{Workers: opt.Workers, Available: opt.Available}); err != nil {
		return Distances{}, err
	}
	if err := examples.CheckPrediction(m.Kind(), m.train.Features); err != nil {
		return Distances{}, err
	}
	n := examples.Len()
	out := Distances{Own: make([]float64, n), Other: make([]float64, n)}
	scratch := make([]*searcher, parallel.Workers(opt.Workers))
	chunks := (n + batch - 1) / batch
	parallel.For(len(scratch), chunks, func(worker, chunk int) {
		if ctx.Err() != nil {
			return
		}
		if scratch[worker] == nil {
			scratch[worker] = m.newSearcher()
		}
		s, from, to := scratch[worker], chunk*batch, min(n, (chunk+1)*batch)
		s.measure(ctx, examples, from, to)
		for i := from; i < to; i++ {
			out.Own[i], out.Other[i] = s.sides(s.distances[i-from], examples.Labels[i])
		}
	})
	return out, ctx.Err()
}

// sides are the distances to the nearest training example with a label and without it.
func (s *searcher) sides(distances []int32, label uint16) (own, other float64) {
	near := [2]int32{math.MaxInt32, math.MaxInt32}
	for j, l := range s.m.train.Labels {
		side := 0
		if l != label {
			side = 1
		}
		near[side] = min(near[side], distances[j])
	}
	pixels := func(d int32) float64 {
		if d == math.MaxInt32 {
			return math.Inf(1)
		}
		return math.Sqrt(float64(d)) / 255
	}
	return pixels(near[0]), pixels(near[1])
}
