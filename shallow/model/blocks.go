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

// PredictScores is Blocks for a prediction: work writes the scores of its examples, all of their
// classes, and FromScores classifies by them.
func PredictScores(ctx context.Context, n, classes, size int, opt Options, note string, work func(worker, from, to int, scores []float32)) (Prediction, error) {
	scores := make([]float32, n*classes)
	err := Blocks(ctx, n, size, opt, note, func(worker, from, to int) {
		work(worker, from, to, scores[from*classes:to*classes])
	})
	if err != nil {
		return Prediction{}, err
	}
	return FromScores(scores, classes), nil
}
