package knn

import (
	"context"
	"math"

	"shoal/internal/parallel"
	"shoal/shallow/model"
)

// Distances are how far examples are from the nearest training example of their own class and of any
// other: Euclidean, with pixels from 0 to 1 or numbers as they are. It is infinite where there is no such training example.
type Distances struct{ Own, Other []float64 }

// Nearest measures the distances of labelled examples to train. opt.Progress counts examples.
func Nearest(ctx context.Context, train, examples model.Examples, opt model.Options) (Distances, error) {
	m := &Model{params: Params{K: 1}}
	if err := opt.CheckMemory(m.Kind(), train, m.Memory(train, opt).Needed+distanceBytes(train, opt)); err != nil {
		return Distances{}, err
	}
	if err := m.Fit(ctx, train, model.Options{Workers: opt.Workers, Available: opt.Available}); err != nil {
		return Distances{}, err
	}
	if err := examples.CheckPrediction(m.Kind(), m.train.Features, m.train.Floats()); err != nil {
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
		if m.floats != nil {
			s.measureFloats(ctx, examples, from, to)
		} else {
			s.measure(ctx, examples, from, to)
		}
		for i := from; i < to; i++ {
			if m.floats != nil {
				own, other := sides(s.floats.distances[i-from], m.train.Labels, examples.Labels[i], math.MaxFloat32)
				out.Own[i], out.Other[i] = distance(own, math.MaxFloat32, 1), distance(other, math.MaxFloat32, 1)
			} else {
				own, other := sides(s.distances[i-from], m.train.Labels, examples.Labels[i], math.MaxInt32)
				out.Own[i], out.Other[i] = distance(own, math.MaxInt32, 255), distance(other, math.MaxInt32, 255)
			}
		}
	})
	return out, ctx.Err()
}

// sides are the squared distances to the nearest training example with a label and without it, none
// where there is no such example.
func sides[T int32 | float32](distances []T, labels []uint16, label uint16, none T) (own, other T) {
	near := [2]T{none, none}
	for j, l := range labels {
		side := 0
		if l != label {
			side = 1
		}
		near[side] = min(near[side], distances[j])
	}
	return near[0], near[1]
}

// distance is the root of a squared distance, in units of unit; infinite for none.
func distance[T int32 | float32](squared, none T, unit float64) float64 {
	if squared == none {
		return math.Inf(1)
	}
	return math.Sqrt(float64(squared)) / unit
}
