package svm

import (
	"context"
	"fmt"
	"math"

	"shoal/internal/parallel"
	"shoal/kernel/gram"
	"shoal/shallow/model"
)

// Predict classifies by LIBSVM's vote: each pair's decision gives one vote, to its first class when
// it is above 0, and the class with most votes wins, the lowest among equals.
//
// Scores are votes plus the class's summed decision values mapped to (-1/3, 1/3): s/(3(|s|+1)),
// scikit-learn's one-against-rest decision function. They order classes with equal votes, so the
// largest score may belong to another class than the vote's winner when votes are equal. A class
// without training examples scores -1. Margin is the winner's score minus the largest of the
// others, or 0 where that is negative.
func (m *Model) Predict(ctx context.Context, examples model.Examples, opt model.Options) (model.Prediction, error) {
	var out model.Prediction
	if m.fitted == nil {
		return out, errNotFitted
	}
	if err := examples.CheckShape(m.fitted.features); err != nil {
		return out, fmt.Errorf("svm: %w", err)
	}
	n, labels := examples.Len(), m.fitted.labels
	out.Class, out.Margin = make([]uint16, n), make([]float32, n)
	out.Scores = make([]float32, n*labels)
	p := newPredictor(m, opt)
	err := model.Blocks(ctx, n, chunk, opt, "examples predicted", func(worker, from, to int) {
		values := p.decisions(worker, examples, from, to)
		for k := from; k < to; k++ {
			scores := out.Scores[k*labels : (k+1)*labels]
			out.Class[k] = m.fitted.vote(values, k-from, scores)
			out.Margin[k] = margin(scores, int(out.Class[k]))
		}
	})
	if err != nil {
		return model.Prediction{}, err
	}
	return out, nil
}

const (
	chunk     = 256 // examples predicted together
	batchRows = 252 // support vectors in one product: whole tiles of 14
)

// predictor holds the support vectors, packed once for all examples.
type predictor struct {
	m       *machine
	kernel  gram.Kernel
	batches []*gram.Batch
	scratch []scratch // by worker
}

type scratch struct {
	rows   [][]float32 // one a support vector, chunk wide
	pick   [][]float32
	values [][]float64 // by pair, chunk wide
}

func newPredictor(m *Model, opt model.Options) *predictor {
	f := m.fitted
	n, workers := len(f.support), parallel.Workers(opt.Workers)
	p := &predictor{
		m: f, kernel: kernelOf(m.params.Kernel, f.gamma),
		batches: make([]*gram.Batch, (n+batchRows-1)/batchRows), scratch: make([]scratch, workers),
	}
	parallel.For(workers, len(p.batches), func(_, i int) {
		b := gram.NewBatch(f.features)
		for v := i * batchRows; v < min((i+1)*batchRows, n); v++ {
			b.Add(f.vectors[v*f.features : (v+1)*f.features])
		}
		b.Pack()
		p.batches[i] = b
	})
	return p
}

// space returns a worker's scratch, made at its first use.
func (p *predictor) space(worker int) *scratch {
	s := &p.scratch[worker]
	if s.values != nil {
		return s
	}
	n := len(p.m.support)
	kernel := make([]float32, n*chunk)
	for v := range n {
		s.rows = append(s.rows, kernel[v*chunk:(v+1)*chunk])
	}
	s.values = make([][]float64, len(p.m.binary))
	for i := range s.values {
		s.values[i] = make([]float64, chunk)
	}
	return s
}

// decisions returns the values of all decision functions for examples from to to-1, by pair.
func (p *predictor) decisions(worker int, examples model.Examples, from, to int) [][]float64 {
	s := p.space(worker)
	if len(p.m.binary) == 0 {
		return nil
	}
	row := func(i int) []byte { return examples.Row(from + i) }
	panels := gram.Pack(row, to-from, p.m.features, 1)
	for i, b := range p.batches {
		panels.Rows(p.kernel, b, s.rows[i*batchRows:i*batchRows+b.Len()], 0, panels.Panels())
	}
	for i, d := range p.m.binary {
		s.pick = s.pick[:0]
		for _, v := range d.vector {
			s.pick = append(s.pick, s.rows[v])
		}
		values := s.values[i][:panels.Width()]
		for k := range values {
			values[k] = -d.rho
		}
		gram.Accumulate(values, s.pick, 0, d.coef)
	}
	return s.values
}

// vote fills the scores of one example, the k-th of values, and returns the winner.
func (m *machine) vote(values [][]float64, k int, scores []float32) uint16 {
	for i := range scores {
		scores[i] = -1
	}
	votes, sums := make([]int, len(m.classes)), make([]float64, len(m.classes))
	pair := 0
	for a := range m.classes {
		for b := a + 1; b < len(m.classes); b++ {
			value := values[pair][k]
			if value > 0 {
				votes[a]++
			} else {
				votes[b]++
			}
			sums[a] += value
			sums[b] -= value
			pair++
		}
	}
	winner := 0
	for i, class := range m.classes {
		scores[class] = float32(float64(votes[i]) + sums[i]/(3*(math.Abs(sums[i])+1)))
		if votes[i] > votes[winner] {
			winner = i
		}
	}
	return m.classes[winner]
}

// margin returns by how much the winner's score leads the largest other.
func margin(scores []float32, winner int) float32 {
	if len(scores) == 1 {
		return max(0, scores[0])
	}
	other := float32(math.Inf(-1))
	for i, s := range scores {
		if i != winner {
			other = max(other, s)
		}
	}
	return max(0, scores[winner]-other)
}
