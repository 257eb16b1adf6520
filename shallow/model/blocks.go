package model

import (
	"context"
	"sync"

	"shoal/internal/parallel"
)

// Blocks works through n examples, size of them at a time, on several workers, and reports under
// note how many are done. work(worker, from, to) has the examples [from, to) to itself, and
// everything that belongs to worker. It ends early with ctx and returns its error.
func Blocks(ctx context.Context, n, size int, opt Options, note string, work func(worker, from, to int)) error {
	var lock sync.Mutex
	done := 0
	parallel.For(parallel.Workers(opt.Workers), (n+size-1)/size, func(worker, b int) {
		if ctx.Err() != nil {
			return
		}
		from, to := b*size, min(n, (b+1)*size)
		work(worker, from, to)
		lock.Lock()
		defer lock.Unlock()
		done += to - from
		opt.Advance(done, n, note)
	})
	return ctx.Err()
}

// blockScores bounds the scores of one block, whatever the number of classes: 4 MiB.
const blockScores = 1 << 20

// BlockSize returns how many examples of so many classes a block of at most size has, so that the
// scores of a worker stay small.
func BlockSize(size, classes int) int { return max(1, min(size, blockScores/max(1, classes))) }

// PredictScores is Blocks for a prediction: work writes the scores of its examples, all of their
// classes, into zeros, and the largest wins, the lowest class among equals. The scores themselves
// are kept with Options.Scores only. A block has at most size examples.
func PredictScores(ctx context.Context, n, classes, size int, opt Options, note string, work func(worker, from, to int, scores []float32)) (Prediction, error) {
	p := Prediction{Class: make([]uint16, n), Margin: make([]float32, n)}
	if opt.Scores {
		p.Scores = make([]float32, n*classes)
	}
	size = BlockSize(size, classes)
	scratch := make([][]float32, parallel.Workers(opt.Workers))
	err := Blocks(ctx, n, size, opt, note, func(worker, from, to int) {
		scores := p.block(&scratch[worker], from, to, size, classes)
		work(worker, from, to, scores)
		for i := from; i < to; i++ {
			p.Class[i], p.Margin[i] = Winner(scores[(i-from)*classes : (i-from+1)*classes])
		}
	})
	if err != nil {
		return Prediction{}, err
	}
	return p, nil
}

// block returns zeros for the scores of examples [from, to): their place in the prediction, or a
// worker's scratch.
func (p *Prediction) block(scratch *[]float32, from, to, size, classes int) []float32 {
	if p.Scores != nil {
		return p.Scores[from*classes : to*classes]
	}
	if *scratch == nil {
		*scratch = make([]float32, size*classes)
	}
	scores := (*scratch)[:(to-from)*classes]
	clear(scores)
	return scores
}
