package features

import (
	"math"

	"shoal/internal/parallel"
	"shoal/shallow/model"
)

// Scaling brings every feature to mean 0 and standard deviation 1 among the training examples, as
// scikit-learn's StandardScaler does. A feature that is constant there becomes 0.
type Scaling struct {
	Mean, Deviation []float64 // of every feature; Deviation 0: constant
}

// block is how many features one task measures: a cache line of each example.
const block = 16

// Standard measures training examples, which must be numbers. Deviations are those of the
// population.
func Standard(train model.Examples, workers int) *Scaling {
	n, d := train.Len(), train.Features
	s := &Scaling{make([]float64, d), make([]float64, d)}
	parallel.For(workers, (d+block-1)/block, func(_, b int) {
		from, to := b*block, min(d, (b+1)*block)
		varies := make([]bool, block)
		for i := range n {
			for f, v := range train.Point(i)[from:to] {
				s.Mean[from+f] += float64(v)
				varies[f] = varies[f] || v != train.Values[from+f]
			}
		}
		for f := from; f < to; f++ {
			s.Mean[f] /= float64(n)
		}
		for i := range n {
			for f, v := range train.Point(i)[from:to] {
				x := float64(v) - s.Mean[from+f]
				s.Deviation[from+f] += float64(x * x)
			}
		}
		for f := from; f < to; f++ {
			s.Deviation[f] = math.Sqrt(s.Deviation[f] / float64(n))
			if !varies[f-from] { // but for the rounding of its mean
				s.Deviation[f] = 0
			}
		}
	})
	return s
}

// Apply returns examples that share all but their numbers with e. A number far beyond those of the
// training becomes MaxValue.
func (s *Scaling) Apply(e model.Examples, workers int) model.Examples {
	from := e
	e.Values = make([]float32, len(from.Values))
	const rows = 256
	parallel.For(workers, (e.Len()+rows-1)/rows, func(_, b int) {
		for i := b * rows; i < min(from.Len(), (b+1)*rows); i++ {
			x, out := from.Point(i), e.Point(i)
			for f, v := range x {
				if s.Deviation[f] > 0 {
					out[f] = float32(min(model.MaxValue, max(-model.MaxValue, (float64(v)-s.Mean[f])/s.Deviation[f])))
				}
			}
		}
	})
	return e
}

// Save appends the scaling.
func (s *Scaling) Save(w *model.Writer) {
	w.Float64s(s.Mean)
	w.Float64s(s.Deviation)
}

// LoadScaling reads what Save wrote.
func LoadScaling(r *model.Reader) *Scaling { return &Scaling{r.Float64s(), r.Float64s()} }

// Features is the number of features that it was made of, -1 for a damaged one.
func (s *Scaling) Features() int {
	if len(s.Mean) != len(s.Deviation) {
		return -1
	}
	return len(s.Mean)
}
