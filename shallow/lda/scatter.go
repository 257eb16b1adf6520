package lda

import (
	"context"
	"sync"

	"shoal/internal/parallel"
	"shoal/kernel"
	"shoal/shallow/model"
)

const (
	// tileRows·255² is below 2^24: float32 sums of so many products are exact.
	tileRows = 256
	// blockFeatures is the number of rows of the scatter matrix of one task.
	blockFeatures = 96
)

// moments are the sums that define the class distributions, in bytes.
type moments struct {
	count   []int   // K
	sum     []int64 // K×d
	squares []int64 // K×d
}

// newMoments adds up the examples of each of k classes, feature by feature.
func newMoments(train model.Examples, class []uint16, k, workers int) *moments {
	n, d := train.Len(), train.Features
	m := &moments{count: make([]int, k), sum: make([]int64, k*d), squares: make([]int64, k*d)}
	for _, c := range class {
		m.count[c]++
	}
	const block = 128
	parallel.For(workers, (d+block-1)/block, func(_, b int) {
		from, to := b*block, min(d, (b+1)*block)
		for i := range n {
			at := int(class[i]) * d
			sum, squares := m.sum[at+from:at+to], m.squares[at+from:at+to]
			for f, v := range train.Pixels[i*d+from : i*d+to] {
				x := int64(v)
				sum[f] += x
				squares[f] += x * x
			}
		}
	})
	return m
}

// scatter returns the upper triangle of the d×d sums of products of features over all examples, in
// bytes; exact.
func scatter(ctx context.Context, train model.Examples, opt model.Options) ([]float64, error) {
	n, d := train.Len(), train.Features
	out := make([]float64, d*d)
	workers := parallel.Workers(opt.Workers)
	scratch := make([]*scatterTile, workers)
	blocks := (d + blockFeatures - 1) / blockFeatures
	finished := 0
	var lock sync.Mutex
	parallel.For(workers, blocks, func(worker, b int) {
		if scratch[worker] == nil {
			scratch[worker] = &scatterTile{x: kernel.Aligned(tileRows * d), sums: kernel.Aligned(blockFeatures * d)}
		}
		from, to := b*blockFeatures, min(d, (b+1)*blockFeatures)
		for first := 0; first < n && ctx.Err() == nil; first += tileRows {
			scratch[worker].add(out, train, first, min(n, first+tileRows), from, to)
		}
		lock.Lock()
		defer lock.Unlock()
		finished++
		opt.Advance(finished, blocks, "covariance")
	})
	return out, ctx.Err()
}

// scatterTile is the scratch of one worker.
type scatterTile struct {
	x    []float32 // rows × features from the block's first on
	sums []float32 // features of the block × features from its first on
}

// add adds the products of features [from, to) with those from from on, over rows [first, last).
func (t *scatterTile) add(out []float64, train model.Examples, first, last, from, to int) {
	d, k := train.Features, kernel.Best()
	width := d - from
	for i := first; i < last; i++ {
		k.FromBytes(t.x[(i-first)*width:(i-first+1)*width], train.Pixels[i*d+from:(i+1)*d], []float32{1}, []float32{0})
	}
	k.Multiply(&kernel.Product{
		Rows: 1, Width: to - from, K: last - first, N: width, ACol: 1, AK: width,
		BK: width, BPanel: kernel.PanelWidth, CCol: width,
	}, kernel.OneTap, t.sums, t.x, t.x, nil)
	for i := from; i < to; i++ {
		sums := t.sums[(i-from)*width : (i-from+1)*width]
		for j, s := range sums[i-from:] {
			out[i*d+i+j] += float64(s)
		}
	}
}
