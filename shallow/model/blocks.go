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
