package lda

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"shoal/internal/parallel"
	"shoal/shallow/model"
)

// floatSpread measures numbers, in float64: means first, then what differs from them.
func floatSpread(ctx context.Context, train model.Examples, class []uint16, k int, opt model.Options) *spread {
	n, d := train.Len(), train.Features
	s := &spread{count: make([]int, k), overall: make([]float64, d), centred: make([]float64, k*d)}
	for _, c := range class {
		s.count[c]++
	}
	deviation, varies, separates := make([]float64, d), make([]bool, d), make([]bool, d)
	const block = 32
	parallel.For(opt.Workers, (d+block-1)/block, func(_, b int) {
		if ctx.Err() != nil {
			return
		}
		columns{train, class, b * block, min(d, (b+1)*block)}.measure(s, deviation, varies, separates)
	})
	for f := range d {
		if varies[f] && deviation[f] > 0 {
			s.varying, s.deviation = append(s.varying, f), append(s.deviation, math.Sqrt(deviation[f]/float64(n)))
		} else if separates[f] {
			s.separating++
		}
	}
	s.correlation = func() (*mat.SymDense, error) { return s.correlate(ctx, train, class, opt) }
	return s
}

// columns are the features [from, to) of some examples.
type columns struct {
	train    model.Examples
	class    []uint16
	from, to int
}

// measure writes what is known of each of the features: means, the sums of squares within the
// classes, whether anything varies within one, and whether the classes' first examples differ.
func (c columns) measure(s *spread, squares []float64, varies, separates []bool) {
	d, n := c.train.Features, c.train.Len()
	first := make([]int, len(s.count)) // 1 + the first example of each class
	for i := range n {
		k := int(c.class[i])
		x := c.train.Point(i)
		if first[k] == 0 {
			first[k] = i + 1
		}
		begin, zero := c.train.Point(first[k]-1), c.train.Point(0)
		for f := c.from; f < c.to; f++ {
			s.centred[k*d+f] += float64(x[f])
			varies[f] = varies[f] || x[f] != begin[f]
			separates[f] = separates[f] || x[f] != zero[f]
		}
	}
	for f := c.from; f < c.to; f++ {
		for k := range s.count {
			s.overall[f] += s.centred[k*d+f]
			s.centred[k*d+f] /= float64(s.count[k])
		}
		s.overall[f] /= float64(n)
	}
	for i := range n {
		k := int(c.class[i])
		for f, v := range c.train.Point(i)[c.from:c.to] {
			x := float64(v) - s.centred[k*d+c.from+f]
			squares[c.from+f] += float64(x * x)
		}
	}
	for f := c.from; f < c.to; f++ {
		for k := range s.count {
			s.centred[k*d+f] -= s.overall[f]
		}
	}
}

const (
	// rowsAtOnce are multiplied at once.
	rowsAtOnce = 512
	// sideAtOnce is small enough for a product to stay on its goroutine.
	sideAtOnce = 64
)

// correlate sums the products of standardised features over all examples, in blocks of the matrix
// that each are summed in the order of the examples.
func (s *spread) correlate(ctx context.Context, train model.Examples, class []uint16, opt model.Options) (*mat.SymDense, error) {
	v := len(s.varying)
	out := mat.NewSymDense(v, nil)
	blocks := (v + sideAtOnce - 1) / sideAtOnce
	sums := make([][]float64, blocks*blocks)
	z := make([]float64, rowsAtOnce*v)
	for first := 0; first < train.Len() && ctx.Err() == nil; first += rowsAtOnce {
		rows := min(rowsAtOnce, train.Len()-first)
		parallel.For(opt.Workers, rows, func(_, r int) { s.standardise(z[r*v:(r+1)*v], train, class, first+r) })
		parallel.For(opt.Workers, blocks*blocks, func(_, at int) {
			if a, b := at/blocks, at%blocks; a <= b {
				if sums[at] == nil {
					sums[at] = make([]float64, sideAtOnce*sideAtOnce)
				}
				multiply(sums[at], z, rows, v, a*sideAtOnce, b*sideAtOnce)
			}
		})
		opt.Advance(first+rows, train.Len(), "covariance")
	}
	for i := range v {
		for j := i; j < v; j++ {
			block := sums[i/sideAtOnce*blocks+j/sideAtOnce]
			if block != nil {
				out.SetSym(i, j, block[i%sideAtOnce*sideAtOnce+j%sideAtOnce]/float64(train.Len()))
			}
		}
	}
	return out, ctx.Err()
}

// standardise writes the varying features of example i, less its class's mean, in deviations.
func (s *spread) standardise(z []float64, train model.Examples, class []uint16, i int) {
	x, c := train.Point(i), int(class[i])*train.Features
	for a, f := range s.varying {
		z[a] = (float64(x[f]) - s.overall[f] - s.centred[c+f]) / s.deviation[a]
	}
}

// multiply adds zᵀ·z of the columns from a on and those from b on to sums.
func multiply(sums, z []float64, rows, v, a, b int) {
	side := func(from int) blas64.General {
		return blas64.General{Rows: rows, Cols: min(sideAtOnce, v-from), Stride: v, Data: z[from:]}
	}
	left, right := side(a), side(b)
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, left, right, 1,
		blas64.General{Rows: left.Cols, Cols: right.Cols, Stride: sideAtOnce, Data: sums})
}
