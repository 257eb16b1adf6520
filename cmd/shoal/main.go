// Command shoal trains a deep network and reports which test examples it gets right first, which
// only late, and which never although a shallow model gets them right. See README.md; `shoal help`
// lists the verbs.
//
// Each verb has a file of its own that reads flags, calls a package and prints what it says; there
// is no logic here.
package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"shoal/dataset"
	"shoal/internal/textfmt"
	"shoal/internal/usage"
	"shoal/record"
)

func main() {
	if os.Getenv("GOGC") == "" {
		// Large blocks of pixels and weights live long: half of them may be garbage, not as much again.
		debug.SetGCPercent(50)
	}
	code := run(untilStopped(os.Exit), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	if code == exitCtrlC {
		endAsInterrupted()
	}
	os.Exit(code)
}

// Exit statuses.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
	// exitInterrupted is EX_TEMPFAIL of sysexits.h: the same command, or the one that resumes the run,
	// finishes the work.
	exitInterrupted = 75
	// exitCtrlC is what shells say of a process that ended by SIGINT, as this one does where it can.
	exitCtrlC = 130
)

// run is the whole program.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	// Whatever a name from outside holds, it does nothing to a terminal. The display needs the file
	// itself, and prints its lines in the same way.
	display := stderr
	stdout, stderr = textfmt.NewTerminal(stdout), textfmt.NewTerminal(stderr)
	c := &console{ctx: ctx, in: stdin, out: stdout, err: display}
	root := newRoot(c)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	verb, err := root.ExecuteContextC(ctx)
	if err = cmp.Or(err, c.helpErr); err == nil {
		return exitOK
	}
	if f, ok := display.(*os.File); ok && signalOf(ctx) == os.Interrupt && drawsBars(f) {
		_, _ = f.WriteString("\r") // over the ^C that the terminal shows
	}
	said := newPrinter(display)
	said.print("shoal: " + explanation(ctx, verb, err))
	if ended(ctx, err) {
		said.wait() // a scheduler doesn't wait for a reader
	} else {
		said.finish()
	}
	return status(ctx, err)
}

// explanation is what is said of an error: what failed and what to do about it.
func explanation(ctx context.Context, verb *cobra.Command, err error) string {
	if signalOf(ctx) != nil && record.Cancelled(err) {
		return interruption(verb, err)
	}
	return message(err) + hint(verb, err)
}

// message is an error in one line.
func message(err error) string {
	text := strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; ")
	return strings.ReplaceAll(text, context.Canceled.Error(), "interrupted")
}

// status is the exit status of an error.
func status(ctx context.Context, err error) int {
	var invalid *usage.Error
	switch {
	case ended(ctx, err):
		return exitInterrupted
	case signalOf(ctx) == os.Interrupt: // also where it had another program fail, which the terminal's Ctrl-C reaches too
		return exitCtrlC
	case errors.As(err, &invalid), errors.Is(err, dataset.ErrUnknown), errors.Is(err, dataset.ErrNoFolder), errors.Is(err, dataset.ErrHasTest), errors.Is(err, dataset.ErrOwnFiles):
		return exitUsage
	}
	return exitError
}

// console is where a verb reads and writes.
type console struct {
	ctx      context.Context // ends when the process is told to stop; nil in tests
	in       io.Reader
	out, err io.Writer
	helpErr  error // of printing help
}

// watch does some work with a display, which is gone when it returns.
func (c *console) watch(work func(*progress) error) error {
	p := newProgress(c.err)
	defer p.close()
	if c.ctx != nil {
		done := make(chan struct{})
		var told sync.WaitGroup
		told.Go(func() { tellOfStop(c.ctx, done, p) })
		defer told.Wait()
		defer close(done)
	}
	return work(p)
}
