package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// patience is how long a waiting goroutine spins before it blocks.
const patience = 200 * time.Microsecond

// event is something that one goroutine waits for: it spins first, then blocks. The condition
// itself is stored elsewhere, before happened is called.
type event struct {
	blocked atomic.Bool
	wake    chan struct{} // with room for one
}

// await returns once is returns true. A wake may come late, from a goroutine that stood still between
// making the condition true and calling happened while all that it was for is over: then it waits on.
func (e *event) await(is func() bool) {
	for !e.spin(is) {
		e.blocked.Store(true)
		if is() && e.blocked.CompareAndSwap(true, false) {
			return // no wake was sent, and none will be
		}
		<-e.wake
	}
}

// spin reports whether is returned true before patience ran out.
func (e *event) spin(is func() bool) bool {
	for begin := time.Now(); time.Since(begin) < patience; runtime.Gosched() {
		for range 100 {
			if is() {
				return true
			}
		}
	}
	return false
}

// happened wakes the goroutine that is blocked in await, if there is one.
func (e *event) happened() {
	if e.blocked.CompareAndSwap(true, false) {
		e.wake <- struct{}{}
	}
}

// helper is a goroutine that works for one call of For after another. Between two calls it is in
// the list of idle helpers; it never ends, so there are as many as were ever needed at once.
type helper struct {
	job    atomic.Pointer[job]
	worker int
	hired  event // job is set
}

var idle struct {
	sync.Mutex
	helpers []*helper // the one that worked last is at the end
}

// hire returns an idle helper, a new one if there is none.
func hire() *helper {
	idle.Lock()
	defer idle.Unlock()
	if n := len(idle.helpers); n > 0 {
		h := idle.helpers[n-1]
		idle.helpers = idle.helpers[:n-1]
		return h
	}
	h := &helper{}
	h.hired.wake = make(chan struct{}, 1)
	go h.run()
	return h
}

// give makes h work on j as the given worker.
func (h *helper) give(j *job, worker int) {
	h.worker = worker
	h.job.Store(j)
	h.hired.happened()
}

func (h *helper) run() {
	for {
		h.hired.await(func() bool { return h.job.Load() != nil })
		j := h.job.Load()
		j.work(h.worker)
		// First idle, then done: so the caller's next job finds h still spinning.
		h.job.Store(nil)
		idle.Lock()
		idle.helpers = append(idle.helpers, h)
		idle.Unlock()
		if j.helpers.Add(-1) == 0 {
			j.end.happened()
		}
	}
}
