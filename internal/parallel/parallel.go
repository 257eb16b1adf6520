// Package parallel splits work over goroutines without letting the split show
// in the result.
//
// A task may write only what no other task of the same call reads or writes,
// so the outcome is the same for every number of workers. Sums across tasks
// are the caller's: it keeps one partial sum a task and adds them in order.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Workers returns n when it is positive and the number of usable cores
// otherwise: the meaning of `--workers 0` everywhere.
func Workers(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

// For calls task(worker, i) once for every i in [0, n) and returns when all
// have returned. At most workers tasks run at once; worker, in [0, workers),
// names a scratch space that no two running tasks share. Tasks are handed out
// in the order of i, to whichever worker is free.
func For(workers, n int, task func(worker, i int)) {
	workers = min(workers, n)
	if workers <= 1 {
		for i := range n {
			task(0, i)
		}
		return
	}
	var next atomic.Int64
	var done sync.WaitGroup
	work := func(worker int) {
		for {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			task(worker, i)
		}
	}
	for w := 1; w < workers; w++ {
		done.Go(func() { work(w) })
	}
	work(0)
	done.Wait()
}
