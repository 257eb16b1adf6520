package knn

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"shoal/internal/parallel"
	"shoal/kernel/gram"
	"shoal/shallow/model"
)

// batch is the number of examples whose distances are computed at once; their
// rows of n floats are the memory that a worker needs.
const batch = 56

func workers(opt model.Options) int { return parallel.Workers(opt.Workers) }

// Predict lets the nearest neighbours vote: Scores are shares of the votes.
func (m *Model) Predict(ctx context.Context, examples model.Examples, opt model.Options) (model.Prediction, error) {
	if m.train.Features == 0 {
		return model.Prediction{}, fmt.Errorf("knn: not fitted: call Fit first")
	}
	if err := examples.CheckShape(m.train.Features); err != nil {
		return model.Prediction{}, fmt.Errorf("knn: %w", err)
	}
	n, c := examples.Len(), m.train.Classes
	scores := make([]float32, n*c)
	w := workers(opt)
	scratch := make([]*searcher, w)
	var done atomic.Int64
	var lock sync.Mutex
	parallel.For(w, (n+batch-1)/batch, func(worker, b int) {
		if ctx.Err() != nil {
			return
		}
		if scratch[worker] == nil {
			scratch[worker] = m.newSearcher()
		}
		from, to := b*batch, min(n, (b+1)*batch)
		scratch[worker].vote(ctx, examples, from, to, scores[from*c:to*c])
		finished := int(done.Add(int64(to - from)))
		lock.Lock()
		defer lock.Unlock()
		opt.Report(finished, n, "search neighbours")
	})
	if err := ctx.Err(); err != nil {
		return model.Prediction{}, err
	}
	return model.FromScores(scores, c), nil
}

// searcher is the scratch of one worker.
type searcher struct {
	m       *Model
	queries *gram.Batch
	dots    [][]float32 // batch × n: inner products, bytes standing for byte/255
	near    []neighbour
	least   []float64
}

// neighbour is a training example and its squared distance in bytes.
type neighbour struct {
	example  int
	distance int
}

func (m *Model) newSearcher() *searcher {
	s := &searcher{m: m, queries: gram.NewBatch(m.train.Features), dots: make([][]float32, batch)}
	for i := range s.dots {
		s.dots[i] = make([]float32, m.panels.Width())
	}
	return s
}

// vote writes the shares of the votes for examples [from, to).
func (s *searcher) vote(ctx context.Context, examples model.Examples, from, to int, scores []float32) {
	s.queries.Reset()
	for i := from; i < to; i++ {
		s.queries.Add(examples.Row(i))
	}
	const panels = 128 // at once, so that a cancelled search ends soon
	for first := 0; first < s.m.panels.Panels() && ctx.Err() == nil; first += panels {
		s.m.panels.Rows(gram.Linear(), s.queries, s.dots, first, min(first+panels, s.m.panels.Panels()))
	}
	k, c := s.m.neighbours(), s.m.train.Classes
	votes := make([]int, c)
	for i := from; i < to && ctx.Err() == nil; i++ {
		clear(votes)
		for _, near := range s.nearest(examples.Row(i), s.dots[i-from][:s.m.train.Len()]) {
			votes[s.m.train.Labels[near.example]]++
		}
		for class, v := range votes {
			scores[(i-from)*c+class] = float32(float64(v) / float64(k))
		}
	}
}

// nearest returns the k nearest training examples of a row. The products in
// dots are rounded to float32, so they only select: whoever could be among the
// k by them is measured again in whole numbers.
func (s *searcher) nearest(row []byte, dots []float32) []neighbour {
	k := s.m.neighbours()
	var norm, largest int
	for _, v := range row {
		norm += int(v) * int(v)
	}
	// The k least approximate distances, less the row's own norm; ascending.
	least := s.least[:0]
	for j, dot := range dots {
		train := int(s.m.panels.SquaredNorm(j))
		largest = max(largest, train)
		d := float64(train) - 2*255*255*float64(dot)
		if len(least) == k && d >= least[k-1] {
			continue
		}
		at, _ := slices.BinarySearch(least, d)
		if len(least) < k {
			least = append(least, 0)
		}
		copy(least[at+1:], least[at:])
		least[at] = d
	}
	s.least = least
	// By Cauchy and Schwarz no product exceeds this. A distance is off by 2^-23
	// of it at most, and so can the k-th and its rival be; twice that is ample.
	product := math.Sqrt(float64(norm) * float64(largest))
	bound := least[k-1] + 2*product/(1<<22) + 1
	near := s.near[:0]
	for j, dot := range dots {
		if d := float64(s.m.panels.SquaredNorm(j)) - 2*255*255*float64(dot); d <= bound {
			near = append(near, neighbour{j, squaredDistance(row, s.m.train.Row(j))})
		}
	}
	s.near = near
	slices.SortFunc(near, func(a, b neighbour) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.example, b.example))
	})
	return near[:k]
}

func squaredDistance(a, b []byte) int {
	sum := 0
	for i, v := range a {
		d := int(v) - int(b[i])
		sum += d * d
	}
	return sum
}
