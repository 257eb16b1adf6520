package main

import (
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// bars is the display of a terminal: the current work is a bar at the bottom.
//
// One goroutine owns the bars and is the only one that calls them, so no lock of
// ours is ever held while a bar waits for its own goroutines. It is told what to
// show through a channel, and a training step never waits for a slow terminal:
// where the channel is full, the state of the moment is dropped for a later one.
type bars struct {
	events chan barEvent
	done   chan struct{} // closed when the terminal is clean again
}

// A barEvent is a state, or a line where there is one.
type barEvent struct {
	state state
	line  *string
}

// newBars begins a display on a terminal.
func newBars(terminal *os.File) *bars {
	b := &bars{events: make(chan barEvent, 64), done: make(chan struct{})}
	go func() {
		defer close(b.done)
		s := &stage{all: mpb.New(mpb.WithOutput(terminal), mpb.WithWidth(40), mpb.WithRefreshRate(150*time.Millisecond))}
		for e := range b.events {
			s.take(e)
		}
		s.end()
		s.all.Shutdown()
	}()
	return b
}

func (b *bars) move(s state) {
	select {
	case b.events <- barEvent{state: s}:
	default:
	}
}

func (b *bars) line(text string) { b.events <- barEvent{line: &text} }

func (b *bars) close() {
	close(b.events)
	<-b.done
}

// stage is what the goroutine of a bars owns.
type stage struct {
	all   *mpb.Progress
	bar   *mpb.Bar              // of the current work; nil between two
	shown atomic.Pointer[state] // what the bar's own goroutine reads
}

func (s *stage) take(e barEvent) {
	switch {
	case e.line != nil:
		s.end()
		fmt.Fprintln(s.all, *e.line)
	case s.bar == nil || s.shown.Load().work != e.state.work:
		s.end()
		s.begin(&e.state)
	default:
		s.shown.Store(&e.state)
		s.bar.SetTotal(int64(e.state.total), false) // where it was not known at first
		s.bar.SetCurrent(int64(e.state.done))
	}
}

// begin adds the bar of some work.
func (s *stage) begin(first *state) {
	s.shown.Store(first)
	style, count := mpb.BarFillerBuilder(mpb.NopStyle()), decor.CurrentNoUnit("%d ")
	if first.total > 0 {
		style, count = mpb.BarStyle(), decor.CountersNoUnit("%d/%d ")
	}
	s.bar = s.all.New(int64(first.total), style,
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(first.work+" "), count),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
			now := s.shown.Load()
			return " " + now.pace + "  " + now.reached
		})))
	s.bar.SetCurrent(int64(first.done))
}

// end removes the current work's bar.
func (s *stage) end() {
	if s.bar == nil {
		return
	}
	s.bar.Abort(true)
	s.bar.Wait()
	s.bar = nil
}
