//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"shoal/internal/tinydata"
	"shoal/record"
)

// pipe returns a pipe, full of spaces if it is to be.
func pipe(t *testing.T, full bool) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	for full {
		if err := w.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(bytes.Repeat([]byte(" "), 512)); err != nil {
			break
		}
	}
	if err := w.SetWriteDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	return r, w
}

// Who prints doesn't wait for who reads, and what is read later is all of it, in order.
func TestPrinterDoesNotWait(t *testing.T) {
	r, w := pipe(t, true)
	p := newPrinter(w)
	var want strings.Builder
	for k := range 1000 {
		p.print(fmt.Sprintf("line %d", k))
		fmt.Fprintf(&want, "line %d\n", k)
	}
	p.wait() // gives up
	if idle, _ := p.progress(); idle == nil {
		t.Fatal("all was printed to a pipe that is full")
	}
	go func() {
		p.finish()
		w.Close()
	}()
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.TrimLeft(string(got), " "); text != want.String() {
		t.Errorf("read %d bytes, want %d", len(text), want.Len())
	}
}

// A reader that is gone is told once, and what is printed afterwards is dropped.
func TestPrinterWithoutReader(t *testing.T) {
	r, w := pipe(t, false)
	r.Close()
	p := newPrinter(w)
	told := 0
	p.hangUp = func() { told++ }
	for range 3 {
		p.print("a line")
		p.finish()
	}
	if told != 1 || !p.lostAll() {
		t.Errorf("told %d times that nobody reads, want once", told)
	}
}

// A run ends with a checkpoint and its own exit status when the pipe that it prints to has no reader
// any more, and trains whether or not anybody reads.
func TestPipes(t *testing.T) {
	hangUps(t)
	t.Run("no reader", func(t *testing.T) {
		dir := longStudy(t)
		r, w := pipe(t, false)
		cmd := shoalIn(dir, "run", "study.toml", "--out", "out", "--no-cache")
		cmd.Stderr = w
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		r.Close()
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
			t.Errorf("%v, want exit status %d", err, exitInterrupted)
		}
	})
	t.Run("nobody reads", func(t *testing.T) {
		dir := longStudy(t)
		_, w := pipe(t, true)
		cmd := shoalIn(dir, "run", "study.toml", "--out", "out", "--no-cache")
		cmd.Stderr = w
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(dir, "out")
		for deadline := time.Now().Add(time.Minute); reached(out) < 3 && time.Now().Before(deadline); {
			time.Sleep(5 * time.Millisecond)
		}
		if reached(out) < 3 {
			t.Error("it trains only when somebody reads")
		}
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
			t.Errorf("%v, want exit status %d", err, exitInterrupted)
		}
		if found, err := filepath.Glob(filepath.Join(out, "checkpoints", "*")); err != nil || len(found) == 0 {
			t.Errorf("no checkpoint: %v", err)
		}
	})
}

// What only prints a result ends as other programs do when its reader has enough: without a word. A disk
// that is full is an error.
func TestResultWithoutReader(t *testing.T) {
	dir := t.TempDir()
	if err := tinydata.Write(filepath.Join(dir, "shapes"), 3, 3); err != nil {
		t.Fatal(err)
	}
	r, w := pipe(t, false)
	r.Close()
	cmd := shoalIn(dir, "data", "list-examples", "folder:shapes")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = w, &said
	err := cmd.Run()
	if got, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || got.Signal() != syscall.SIGPIPE || strings.Contains(said.String(), "shoal:") {
		t.Errorf("list-examples: %v, want that it ends by SIGPIPE\n%s", err, said.String())
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no /dev/full")
	}
	defer full.Close()
	for _, args := range [][]string{{"data", "list-examples", "folder:shapes"}, {"data", "verify", "folder:shapes"}, {}, {"--help"}, {"help", "run"}, {"sweep"}} {
		cmd := shoalIn(dir, args...)
		cmd.Stdout = full
		if err := cmd.Run(); cmd.ProcessState.ExitCode() != exitError {
			t.Errorf("%q to a full disk: %v, want exit status %d", args, err, exitError)
		}
	}
}

// After Ctrl-C work that doesn't end at once says what it waits for.
func TestStopIsTold(t *testing.T) {
	before := tellAfter
	tellAfter = 10 * time.Millisecond
	defer func() { tellAfter = before }()
	for _, c := range []struct {
		cause error
		part  record.Part
		told  string
	}{
		{signalled{os.Interrupt}, record.PartTrain, "stopping when this step is over; Ctrl-C again ends at once, without a checkpoint"},
		{signalled{os.Interrupt}, record.PartFit, "stopping when this part is over; Ctrl-C again ends at once\n"},
		{signalled{syscall.SIGTERM}, record.PartTrain, ""}, {nil, record.PartTrain, ""},
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		var out bytes.Buffer
		x := &console{ctx: ctx, err: &out}
		if err := x.watch(func(p *progress) error {
			p.show(record.Progress{Part: c.part})
			if c.cause != nil {
				cancel(c.cause)
			}
			time.Sleep(200 * time.Millisecond)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		cancel(nil)
		if told := strings.Contains(out.String(), "stopping"); told != (c.told != "") || !strings.Contains(out.String(), c.told) {
			t.Errorf("after %v it printed %q, want %q", c.cause, out.String(), c.told)
		}
	}
}
