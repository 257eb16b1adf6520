//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"shoal/internal/tinydata"
	"shoal/record"
)

// terminal opens a pseudo terminal and collects what is written to it.
type terminal struct {
	master, slave *os.File
	mu            sync.Mutex
	screen        bytes.Buffer
	read          chan struct{} // closed at the end of what is written
}

func openTerminal(t *testing.T, columns, rows uint16) *terminal {
	t.Helper()
	t.Setenv("TERM", "xterm")
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{master: master, slave: slave, read: make(chan struct{})}
	t.Cleanup(func() { master.Close(); slave.Close() })
	x.resize(t, columns, rows)
	go func() {
		defer close(x.read)
		piece := make([]byte, 4096)
		for {
			n, err := master.Read(piece)
			x.mu.Lock()
			x.screen.Write(piece[:n])
			x.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return x
}

func (x *terminal) resize(t *testing.T, columns, rows uint16) {
	t.Helper()
	if err := pty.Setsize(x.master, &pty.Winsize{Rows: rows, Cols: columns}); err != nil {
		t.Fatal(err)
	}
}

func (x *terminal) text() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.screen.String()
}

// busy keeps every processor at work until the test is over, as another
// process beside a run does.
func busy(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	for range runtime.NumCPU() {
		go func() {
			for ctx.Err() == nil {
			}
		}()
	}
}

// within fails the test, with all goroutines, when f takes too long.
func within(t *testing.T, limit time.Duration, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(limit):
		stacks := make([]byte, 1<<20)
		t.Fatalf("%s did not end within %v\n%s", what, limit, stacks[:runtime.Stack(stacks, true)])
	}
}

// TestBarsUnderLoad shows a run's events on a terminal as fast as they can be
// made, beside busy goroutines. A display that calls the bars while it holds a
// lock which their decorators want stops for good here.
func TestBarsUnderLoad(t *testing.T) {
	x := openTerminal(t, 80, 24)
	busy(t)
	for round := range 5 {
		p := newProgress(x.slave)
		if _, ok := p.screen.(*bars); !ok {
			t.Fatal("a terminal gets plain lines, want bars")
		}
		within(t, 3*time.Minute, "the display", func() {
			showRun(p, 20000)
			p.close()
		})
		p.say("closed") // a line after the bars are gone
		if round == 2 {
			x.resize(t, 30, 10)
		}
	}
	within(t, 3*time.Minute, "reading the terminal", func() {
		for strings.Count(x.text(), "closed") < 5 {
			time.Sleep(time.Millisecond)
		}
	})
	for _, want := range []string{"svm: accuracy 50.00 %", "train", "fit svm"} {
		if !strings.Contains(x.text(), want) {
			t.Errorf("the terminal doesn't show %q", want)
		}
	}
}

// showRun shows the events of a run with so many steps.
func showRun(p *progress, steps int) {
	for i := range 100 {
		p.show(record.Progress{Part: record.PartFit, Name: "svm", Done: i, Total: 100})
	}
	p.show(record.Progress{Part: record.PartFit, Name: "svm", Fitted: true, Accuracy: .5})
	for step := range steps {
		p.show(record.Progress{Part: record.PartEvaluate, Done: step, Total: steps, Accuracy: .25})
		p.show(record.Progress{Part: record.PartTrain, Done: step, Total: steps, Loss: 1})
	}
	p.drawing(1, 2, "draw")
}

// A terminal without a size, or without a cursor to move, gets plain lines.
func TestTerminalsWithoutBars(t *testing.T) {
	x := openTerminal(t, 0, 0)
	if _, ok := newProgress(x.slave).screen.(*lines); !ok {
		t.Error("a terminal of 0x0 gets bars, want lines")
	}
	x.resize(t, 80, 24)
	t.Setenv("TERM", "dumb")
	if _, ok := newProgress(x.slave).screen.(*lines); !ok {
		t.Error("a dumb terminal gets bars, want lines")
	}
}

// TestRunInTerminal runs the program in a terminal, several times, beside busy
// goroutines: once to the end in each size, and with Ctrl-C in every part.
func TestRunInTerminal(t *testing.T) {
	dir := t.TempDir()
	if err := tinydata.Write(filepath.Join(dir, "shapes"), 40, 10); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "study.toml"), []byte(killedStudy), 0o666); err != nil {
		t.Fatal(err)
	}
	busy(t)
	for _, size := range [][2]uint16{{60, 20}, {120, 40}, {0, 0}, {1, 1}} {
		text, err := runInTerminal(t, dir, size, "")
		if err != nil || !strings.Contains(text, "report: ") {
			t.Errorf("in %d columns: %v\n%s", size[0], err, text)
		}
	}
	for _, part := range []string{"fit svm", "train ", "report "} {
		text, err := runInTerminal(t, dir, [2]uint16{80, 24}, part)
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != exitError || !strings.Contains(text, "--resume") {
			if err == nil { // the part was over before the signal came
				continue
			}
			t.Errorf("Ctrl-C while it shows %q: %v\n%s", part, err, text)
		}
	}
}

// runInTerminal runs a study in a terminal of its own and returns what it
// shows; with a part, Ctrl-C is typed as soon as that is on the screen.
func runInTerminal(t *testing.T, dir string, size [2]uint16, part string) (string, error) {
	t.Helper()
	x := openTerminal(t, size[0], size[1])
	out := filepath.Join(dir, "runs", strings.ReplaceAll(t.Name()+part+time.Now().Format("150405.000000"), "/", "-"))
	cmd := shoalIn(dir, "run", "study.toml", "--no-cache", "--out", out)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = x.slave, x.slave, x.slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	over, stop := context.WithCancel(context.Background())
	defer stop()
	if part != "" {
		go func() {
			for !strings.Contains(x.text(), part) && over.Err() == nil {
				time.Sleep(time.Millisecond)
			}
			_, _ = io.WriteString(x.master, "\x03") // what the terminal sends for Ctrl-C
		}()
	}
	var err error
	within(t, 3*time.Minute, "shoal run in a terminal", func() { err = cmd.Wait() })
	x.slave.Close()
	<-x.read
	return x.text(), err
}
