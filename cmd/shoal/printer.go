package main

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"shoal/internal/textfmt"
)

// printer prints lines in order, and whoever prints one never waits: a pipe that nobody reads, such as
// that of a pager that shows an earlier page, doesn't stop a training. One goroutine writes while there
// is something to print, and it holds no lock while it does.
//
// A reader that is gone for good (shoal run 2>&1 | head) is as a terminal that was closed: the
// process tells itself SIGHUP, so that the run is at a checkpoint and not cut off by SIGPIPE; under
// nohup it continues.
type printer struct {
	w      io.Writer
	hangUp func() // called once, when nobody reads any more

	mu      sync.Mutex
	pending []string
	printed int           // lines
	idle    chan struct{} // closed when all is printed; nil while nothing is to be
	gone    bool
}

// patience is how long the end of a display waits for a line that doesn't get out.
const patience = 2 * time.Second

func newPrinter(w io.Writer) *printer {
	return &printer{w: w, hangUp: func() {
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Signal(syscall.SIGHUP) // Windows has neither this signal nor SIGPIPE
		}
	}}
}

// keepPipe lets writes to a pipe without a reader fail, which otherwise end the process; the function
// that it returns ends that.
func keepPipe() (restore func()) {
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, syscall.SIGPIPE)
	return func() { signal.Stop(ignored) }
}

// print prints a text as a line, broken between words where the terminal is narrower, when those before
// it are out.
func (p *printer) print(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return
	}
	p.pending = append(p.pending, text)
	if p.idle == nil {
		p.idle = make(chan struct{})
		go p.drain()
	}
}

// drain writes until nothing is left.
func (p *printer) drain() {
	for {
		text, ok := p.next()
		if !ok {
			return
		}
		_, err := io.WriteString(p.w, textfmt.Fit(textfmt.Line(text), textfmt.Columns(p.w))+"\n")
		if errors.Is(err, syscall.EPIPE) && p.lost() {
			p.hangUp()
		}
	}
}

// next takes the first text; if there is none, the printer is idle.
func (p *printer) next() (text string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.pending) == 0 {
		close(p.idle)
		p.idle = nil
		return "", false
	}
	text, p.pending = p.pending[0], p.pending[1:]
	p.printed++
	return text, true
}

// lost forgets what would be printed, and reports whether this is the first time.
func (p *printer) lost() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := !p.gone
	p.gone, p.pending = true, nil
	return first
}

// lostAll reports whether nobody reads any more.
func (p *printer) lostAll() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone
}

// wait returns when all lines are out, or when none got out for some time.
func (p *printer) wait() {
	for {
		idle, before := p.progress()
		if idle == nil {
			return
		}
		select {
		case <-idle:
			return
		case <-time.After(patience):
		}
		if _, now := p.progress(); now == before {
			return
		}
	}
}

// finish returns when all lines are out, however long that takes.
func (p *printer) finish() {
	if idle, _ := p.progress(); idle != nil {
		<-idle
	}
}

func (p *printer) progress() (idle chan struct{}, printed int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.idle, p.printed
}
