package svm

import (
	"context"
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
	if err := examples.CheckPrediction(m.Kind(), m.fitted.features, m.fitted.vectors.Floats()); err != nil {
		return out, err
	}
	n, labels := examples.Len(), m.fitted.labels
	out.Class, out.Margin = make([]uint16, n), make([]float32, n)
	if opt.Scores {
		out.Scores = make([]float32, n*labels)
	}
	p := newPredictor(m, opt)
	err := model.Blocks(ctx, n, p.chunk, opt, "examples predicted", func(worker, from, to int) {
		s := p.space(worker)
		p.count(s, examples, from, to)
		for k := from; k < to; k++ {
			scores := s.scores
			if out.Scores != nil {
				scores = out.Scores[k*labels : (k+1)*labels]
			}
			out.Class[k] = m.fitted.winner(&s.ballot, k-from, scores)
			out.Margin[k] = margin(scores, int(out.Class[k]))
		}
	})
	if err != nil {
		return model.Prediction{}, err
	}
	return out, nil
}

const (
	chunk     = 256 // examples predicted together, at most
	batchRows = 252 // support vectors in one product: whole tiles of 14
)

// predictor holds the support vectors, packed once for all examples.
type predictor struct {
	m       *machine
	kernel  gram.Kernel
	chunk   int // examples predicted together
	batches []*batch
	scratch []scratch // by worker
}

type scratch struct {
	rows   [][]float32 // one a support vector, chunk wide
	pick   [][]float32
	values []float64 // of one pair
	scores []float32 // of one example
	ballot
}

// ballot is what the pairs have said of the examples of a chunk, by example and class.
type ballot struct {
	votes []int32
	sums  []float64 // of decision values
}

func newPredictor(m *Model, opt model.Options) *predictor {
	f := m.fitted
	n, workers := len(f.support), parallel.Workers(opt.Workers)
	p := &predictor{
		m: f, kernel: kernelOf(m.params.Kernel, f.gamma), chunk: model.BlockSize(chunk, len(f.classes)),
		batches: make([]*batch, (n+batchRows-1)/batchRows), scratch: make([]scratch, workers),
	}
	parallel.For(workers, len(p.batches), func(_, i int) {
		b := newBatch(f.features, f.vectors.Floats())
		for v := i * batchRows; v < min((i+1)*batchRows, n); v++ {
			b.add(f.vectors, v)
		}
		b.pack()
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
	n, width := len(p.m.support), (p.chunk+gram.Lanes-1)/gram.Lanes*gram.Lanes
	kernel := make([]float32, n*width)
	for v := range n {
		s.rows = append(s.rows, kernel[v*width:(v+1)*width])
	}
	s.values, s.scores = make([]float64, width), make([]float32, p.m.labels)
	s.votes, s.sums = make([]int32, p.chunk*len(p.m.classes)), make([]float64, p.chunk*len(p.m.classes))
	return s
}

// count has all pairs vote on examples from to to-1.
func (p *predictor) count(s *scratch, examples model.Examples, from, to int) {
	clear(s.votes)
	clear(s.sums)
	p.decisions(s, examples, from, to, func(a, b int, values []float64) {
		s.count(len(p.m.classes), a, b, values)
	})
}

// decisions calls use with the values of every decision function for examples from to to-1, pair
// after pair of classes.
func (p *predictor) decisions(s *scratch, examples model.Examples, from, to int, use func(a, b int, values []float64)) {
	if len(p.m.binary) == 0 {
		return
	}
	panels := pack(examples, func(i int) int { return from + i }, to-from, 1)
	for i, b := range p.batches {
		panels.rows(p.kernel, b, s.rows[i*batchRows:i*batchRows+b.len()], 0, panels.Panels())
	}
	pair := 0
	for a := range p.m.classes {
		for b := a + 1; b < len(p.m.classes); b++ {
			d := &p.m.binary[pair]
			s.pick = s.pick[:0]
			for _, v := range d.vector {
				s.pick = append(s.pick, s.rows[v])
			}
			values := s.values[:panels.Width()]
			for k := range values {
				values[k] = -d.rho
			}
			gram.Accumulate(values, s.pick, 0, d.coef)
			use(a, b, values[:to-from])
			pair++
		}
	}
}

// count adds the votes of the pair of classes a and b, by the values of its decision function.
func (v *ballot) count(classes, a, b int, values []float64) {
	for k, value := range values {
		votes, sums := v.votes[k*classes:(k+1)*classes], v.sums[k*classes:(k+1)*classes]
		if value > 0 {
			votes[a]++
		} else {
			votes[b]++
		}
		sums[a] += value
		sums[b] -= value
	}
}

// winner fills the scores of one example, the k-th of a ballot, and returns who won it.
func (m *machine) winner(v *ballot, k int, scores []float32) uint16 {
	for i := range scores {
		scores[i] = -1
	}
	votes, sums := v.votes[k*len(m.classes):], v.sums[k*len(m.classes):]
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
