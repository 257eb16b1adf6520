package parallel

import (
	"sync/atomic"
	"testing"
	"time"
)

// A wake that comes late, when its condition is over, ends no waiting: a helper that took it for a
// job had none, and the program crashed.
func TestALateWakeEndsNoWaiting(t *testing.T) {
	e := &event{wake: make(chan struct{}, 1)}
	var is atomic.Bool
	done := make(chan struct{})
	go func() { defer close(done); e.await(is.Load) }()
	blocked := func() {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !e.blocked.Load(); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("it never blocks")
			}
			select {
			case <-done:
				t.Fatal("a late wake has ended the waiting")
			default:
			}
		}
	}
	for range 3 {
		blocked()
		e.happened()
	}
	blocked()
	is.Store(true)
	e.happened()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("the waiting didn't end with its condition")
	}
}
