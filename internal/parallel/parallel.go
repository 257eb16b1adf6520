// Package parallel splits work over goroutines so that the result doesn't depend on the split.
//
// A task may write only what no other task of the same call reads or writes, so the outcome is the
// same for every number of workers. Sums across tasks are the caller's: it keeps one partial sum a
// task and adds them in order.
//
// The goroutines outlive the calls: a training step has hundreds of calls a few µs apart, and
// waking a thread takes some 100 µs on a virtual machine. See helper.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"

	"shoal/internal/machine"
)

// fast is the number of cores that aren't much slower than others; 0 for unknown.
var fast = sync.OnceValue(machine.FastCores)

// Workers returns n when it is positive and the number of usable cores otherwise, without those that
// are less than half as fast as the fastest: the meaning of `--workers 0` everywhere. A pass of a
// network has as few as four tasks, and none of the next pass begins before all have ended.
func Workers(n int) int {
	switch {
	case n > 0:
		return n
	case fast() > 0:
		return min(runtime.GOMAXPROCS(0), fast())
	}
	return runtime.GOMAXPROCS(0)
}

// For calls task(worker, i) once for every i in [0, n) and returns when all have returned. At most
// workers tasks run at once; worker, in [0, workers), names a scratch space that no two running
// tasks share. Tasks are handed out in the order of i, to whichever worker is free.
func For(workers, n int, task func(worker, i int)) {
	workers = min(workers, n)
	if workers <= 1 {
		for i := range n {
			task(0, i)
		}
		return
	}
	j := &job{task: task, n: int64(n)}
	j.end.wake = make(chan struct{}, 1)
	j.helpers.Store(int64(workers - 1))
	for w := 1; w < workers; w++ {
		hire().give(j, w)
	}
	j.work(0)
	j.end.await(func() bool { return j.helpers.Load() == 0 })
}

// job is one call of For.
type job struct {
	task    func(worker, i int)
	n       int64
	next    atomic.Int64 // the next task
	helpers atomic.Int64 // that haven't finished
	end     event        // helpers is 0
}

func (j *job) work(worker int) {
	for {
		i := j.next.Add(1) - 1
		if i >= j.n {
			return
		}
		j.task(worker, int(i))
	}
}
