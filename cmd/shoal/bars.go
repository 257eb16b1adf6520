package main

import (
	"os"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/term"

	"shoal/internal/textfmt"
)

// bars is the display of a terminal: the current work is one row at the bottom, which is drawn over
// itself; lines that stay are printed above it.
//
// One goroutine writes to the terminal, and it holds no lock while it does. The run only leaves the
// latest state and the lines for it and never waits: a terminal that is stopped (Ctrl-S), slow or
// gone doesn't stop a training.
//
// In the background no row is drawn; lines are printed as those of any program there.
type bars struct {
	terminal *os.File
	clock    func() time.Time
	wake     chan struct{} // something is to be shown before the next tick
	done     chan struct{} // closed when the terminal is clean again

	mu     sync.Mutex
	lines  []string  // to print, in order
	now    *state    // to draw below them; nil between two pieces of work
	idle   time.Time // since when nothing was shown, where now is nil
	closed bool
}

// Times and sizes of the display.
const (
	refresh     = 150 * time.Millisecond
	barWidth    = 40 // of the bar itself, at most
	leastWidth  = 10 // a shorter bar says nothing
	roomForEcho = 3  // columns that stay free at the end of the row, where ^C appears
)

// newBars begins a display on a terminal.
func newBars(terminal *os.File, clock func() time.Time) *bars {
	b := &bars{terminal: terminal, clock: clock, wake: make(chan struct{}, 1), done: make(chan struct{}), idle: clock()}
	go b.serve()
	return b
}

func (b *bars) move(s state) {
	b.mu.Lock()
	begins := b.now == nil || b.now.work != s.work
	b.now = &s
	b.mu.Unlock()
	if begins {
		b.hurry()
	}
}

func (b *bars) line(text string) {
	b.mu.Lock()
	b.lines, b.now, b.idle = append(b.lines, text), nil, b.clock()
	b.mu.Unlock()
	b.hurry()
}

// close waits for the lines to be printed, as everything that prints does.
func (b *bars) close() {
	b.mu.Lock()
	b.now, b.closed = nil, true
	b.mu.Unlock()
	b.hurry()
	<-b.done
}

func (b *bars) hurry() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// serve writes until the display is closed.
func (b *bars) serve() {
	defer close(b.done)
	tick := time.NewTicker(refresh)
	defer tick.Stop()
	columns, rows, shown, last := 80, 24, "", time.Now()
	for closed := false; !closed; {
		select {
		case <-tick.C:
		case <-b.wake:
		}
		if c, r, err := term.GetSize(int(b.terminal.Fd())); err == nil && c > 0 && r > 0 {
			columns, rows = c, r
		}
		var lines, row string
		lines, row, closed = b.take(columns-roomForEcho, b.clock())
		switch now := time.Now(); {
		case !inForeground(b.terminal): // where the cursor is, a shell reads what is typed: no row is drawn or erased
			shown, row = "", ""
		case shown != "" && now.Sub(last) > stoppedAfter: // the process was stopped, and a shell has moved the cursor to an empty line
			shown = " "
		}
		last = time.Now()
		if lines != "" || row != shown {
			// An error is ignored: a terminal that is gone shows none.
			_, _ = b.terminal.WriteString(erase(shown, columns, rows) + lines + row)
			shown = row
		}
	}
}

// take returns the lines that weren't printed yet, and the row below them at a time, in at most so many
// columns.
func (b *bars) take(columns int, now time.Time) (lines, row string, closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, line := range b.lines {
		lines += textfmt.Fit(line, columns) + "\n"
	}
	b.lines = nil
	switch {
	case b.now != nil:
		row = b.now.row(columns, now)
	case !b.closed: // what says nothing of itself, such as reading a dataset
		if waited := (&state{since: b.idle}).waited(now); waited != "" {
			row = clip("working  "+waited, columns)
		}
	}
	return lines, row, b.closed
}

// erase removes what the row at the bottom shows. When the terminal was made narrower than that, it
// has wrapped it to several rows. (Erasing all below the cursor is shorter, but tmux keeps what
// that erases.)
func erase(shown string, columns, rows int) string {
	if shown == "" {
		return ""
	}
	const row = "\r\x1b[K"
	return row + strings.Repeat("\x1b[A"+row, min((textfmt.Width(shown)-1)/columns, rows-1))
}

// row is a state in at most so many columns. The bar gets what the text leaves; what has no total
// has no bar. In a narrow terminal the rate is the first to go, then what was reached, from its end, a
// part at a time: a number that is cut would be another one.
func (s *state) row(columns int, now time.Time) string {
	begin, waited := s.begin(), s.waited(now)
	end := spaced(s.rate, s.left, waited, s.reached)
	if textfmt.Width(begin)+1+textfmt.Width(end) > columns {
		reached := s.reached
		for end = spaced(s.left, waited, reached); reached != "" && textfmt.Width(begin)+1+textfmt.Width(end) > columns; end = spaced(s.left, waited, reached) {
			reached = reached[:max(0, strings.LastIndex(reached, "  "), strings.LastIndex(reached, ", "))]
		}
	}
	inside := min(barWidth, columns-textfmt.Width(begin)-textfmt.Width(end)-len(" [] "))
	if s.total > 0 && inside >= leastWidth {
		full := min(inside, inside*s.done/s.total)
		begin += " [" + strings.Repeat("=", full) + strings.Repeat("-", inside-full) + "]"
	}
	return clip(begin+" "+end, columns)
}

// clip cuts a text to so many columns, with an ellipsis in the last, and replaces what would move
// the cursor.
func clip(text string, columns int) string {
	var b strings.Builder
	used, total := 0, textfmt.Width(text)
	for _, c := range text {
		if used += textfmt.RuneWidth(c); used > columns || used == columns && total > columns {
			if columns > 0 {
				b.WriteRune('…')
			}
			break
		}
		if unicode.IsControl(c) {
			c = '?'
		}
		b.WriteRune(c)
	}
	return b.String()
}
