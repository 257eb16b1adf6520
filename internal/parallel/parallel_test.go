package parallel

import (
	"sync/atomic"
	"testing"
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

func TestWorkers(t *testing.T) {
	if got := Workers(3); got != 3 {
		t.Errorf("Workers(3) = %d, want 3", got)
	}
	if got := Workers(0); got < 1 {
		t.Errorf("Workers(0) = %d, want at least 1", got)
	}
}
