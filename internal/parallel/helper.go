package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// patience is how long somebody who waits keeps looking before he sleeps.
const patience = 200 * time.Microsecond

// event is something that one goroutine waits for: at first by looking, then
// asleep. What it is about is stored elsewhere, before happened is called.
type event struct {
	asleep atomic.Bool
	wake   chan struct{} // with room for one
}

// await returns once is reports true.
func (e *event) await(is func() bool) {
	for begin := time.Now(); time.Since(begin) < patience; runtime.Gosched() {
		for range 100 {
			if is() {
				return
			}
		}
	}
	e.asleep.Store(true)
	if is() && e.asleep.CompareAndSwap(true, false) {
		return // nobody has sent a wake, and nobody will
	}
	<-e.wake
}

// happened wakes who awaits e and sleeps.
func (e *event) happened() {
	if e.asleep.CompareAndSwap(true, false) {
		e.wake <- struct{}{}
	}
}

// helper is a goroutine that works for one call of For after another. Between
// two it is in the list of the idle; it never ends, so there are as many as
// ever were needed at once.
type helper struct {
	job    atomic.Pointer[job]
	worker int
	hired  event // there is a job
}

var idle struct {
	sync.Mutex
	helpers []*helper // the last to have worked is the last
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
		// First idle, then done: so the caller's next job finds h still awake.
		h.job.Store(nil)
		idle.Lock()
		idle.helpers = append(idle.helpers, h)
		idle.Unlock()
		if j.helpers.Add(-1) == 0 {
			j.end.happened()
		}
	}
}
