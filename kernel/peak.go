package kernel

import (
	"sync"
	"time"
)

// Peak measures the machine's limit for this level: independent multiply-adds in registers on the
// given number of goroutines at once (fewer than one counts as one). It returns GFLOP/s, all
// goroutines together, a multiply-add counting as two operations: the highest of many short runs,
// because other programs can only lower a rate. It takes about a quarter of a second. The portable
// level measures its exact float32 arithmetic.
func (k Kernels) Peak(workers int) float64 {
	return peak(workers, func(n int) int { return peakLoop(k.level, n) })
}

// Peak is Kernels.Peak for products of bfloat16: the limit of the tier's instructions, a
// multiply-add of two bfloat16 counting as two operations. Widened has that of float32.
func (m Products) Peak(workers int) float64 {
	if m.twin || m.tier == Widened {
		return Kernels{m.level}.Peak(workers)
	}
	return peak(workers, m.peakLoop)
}

// peak measures rounds of a loop that returns the operations of one.
func peak(workers int, loop func(n int) int) float64 {
	workers = max(1, workers)
	const runs, length = 80, 3 * time.Millisecond
	rounds := 1000
	for { // find how much work lasts long enough
		_, took := peakRun(loop, 1, rounds)
		if took >= length/4 {
			rounds = max(1, int(float64(rounds)*float64(length)/float64(took)))
			break
		}
		rounds *= 4
	}
	peak := 0.0
	for range runs {
		ops, took := peakRun(loop, workers, rounds)
		peak = max(peak, ops/float64(took.Nanoseconds()))
	}
	return peak
}

// peakRun lets the workers do the rounds side by side.
func peakRun(loop func(n int) int, workers, rounds int) (ops float64, took time.Duration) {
	perRound := make([]int, workers)
	var group sync.WaitGroup
	begin := time.Now()
	for w := range workers {
		group.Go(func() { perRound[w] = loop(rounds) })
	}
	group.Wait()
	took = max(1, time.Since(begin))
	for _, n := range perRound {
		ops += float64(n) * float64(rounds)
	}
	return ops, took
}

// portablePeak runs n rounds of the portable multiply-add and returns the operations of a round.
func portablePeak(n int) int {
	var s [8]float32
	for range n {
		for i := range s {
			s[i] = fma(s[i], 0.5, 1)
		}
	}
	if s[0] < 0 { // never, but the compiler can't know and keeps the loop
		return 0
	}
	return 2 * len(s)
}
