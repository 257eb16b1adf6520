package parallel

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestForRunsEveryTaskOnceOnItsOwnScratch(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 7, 100} {
		for _, n := range []int{0, 1, 2, 50} {
			runs := make([]atomic.Int32, n)
			busy := make([]atomic.Int32, workers)
			For(workers, n, func(w, i int) {
				if busy[w].Add(1) != 1 {
					t.Errorf("workers %d: scratch %d used by two tasks at once", workers, w)
				}
				runs[i].Add(1)
				busy[w].Add(-1)
			})
			for i := range runs {
				if got := runs[i].Load(); got != 1 {
					t.Errorf("workers %d, n %d: task %d ran %d times, want 1", workers, n, i, got)
				}
			}
		}
	}
}

// As many tasks as there are workers run at once, each with a scratch space of its own: every task
// waits for all others to have begun.
func TestForRunsTasksAtOnce(t *testing.T) {
	for _, workers := range []int{2, 3, 7} {
		var begun sync.WaitGroup
		begun.Add(workers)
		all := make(chan struct{})
		go func() { begun.Wait(); close(all) }()
		scratch := make([]atomic.Int32, workers)
		For(workers, workers, func(w, i int) {
			scratch[w].Add(1)
			begun.Done()
			select {
			case <-all:
			case <-time.After(30 * time.Second): // against a hang
				t.Errorf("workers %d: task %d waited alone", workers, i)
			}
		})
		for w := range scratch {
			if got := scratch[w].Load(); got != 1 {
				t.Errorf("workers %d: scratch %d served %d tasks, want 1", workers, w, got)
			}
		}
	}
}

func TestWorkers(t *testing.T) {
	if got := Workers(3); got != 3 {
		t.Errorf("Workers(3) = %d, want 3", got)
	}
	if got := Workers(0); got < 1 {
		t.Errorf("Workers(0) = %d, want at least 1", got)
	}
}

// Calls finish when helpers are blocked, within calls, and from many goroutines at once.
func TestForWakesNestsAndShares(t *testing.T) {
	var sum atomic.Int64
	count := func(int, int) { sum.Add(1) }
	For(3, 10, count)
	time.Sleep(5 * patience) // all helpers are blocked now
	For(3, 10, func(int, int) { For(3, 10, count) })
	For(2, 2, func(_, i int) {
		if i == 0 {
			time.Sleep(5 * patience) // the other worker blocks meanwhile
		}
	})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range 20 {
				For(2, 4, count)
			}
		})
	}
	all.Wait()
	if got, want := sum.Load(), int64(10+100+20*20*4); got != want {
		t.Errorf("%d tasks ran, want %d", got, want)
	}
}
