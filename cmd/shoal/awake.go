package main

import (
	"sync"
	"time"
)

// awake is a clock that stands still while the process is stopped, as by Ctrl-Z, or its container is
// paused: a rate counts the time in which something could be done. It is told by its own beat, since not
// all that stops a process can be noticed in another way (SIGSTOP), and systems differ in the rest.
type awake struct {
	real func() time.Time

	mu   sync.Mutex
	last time.Time
	lost time.Duration
}

// Times of the clock. A process that is not stopped never misses so many beats, however busy the machine is.
const (
	beat         = 250 * time.Millisecond
	stoppedAfter = 2 * time.Second
)

// now is the time on this clock, which has to be asked at every beat.
func (a *awake) now() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.real()
	if gap := t.Sub(a.last); !a.last.IsZero() && gap > stoppedAfter {
		a.lost += gap
	}
	a.last = t
	return t.Add(-a.lost)
}

// run asks the clock at every beat until over is closed.
func (a *awake) run(over <-chan struct{}) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case <-over:
			return
		case <-tick.C:
			a.now()
		}
	}
}
