// Command shoal trains a deep network and reports which test examples it gets right first, which
// only late, and which never although a shallow model gets them right. See README.md; `shoal help`
// lists the verbs.
//
// Each verb has a file of its own that reads flags, calls a package and prints what it says; there
// is no logic here.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"shoal/dataset"
	"shoal/internal/textfmt"
	"shoal/internal/usage"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), stopSignals()...)
	// The second Ctrl-C ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// stopSignals are those on which a run writes a checkpoint and ends: Ctrl-C, SIGTERM, and the end
// of the terminal unless it is ignored, as under nohup.
func stopSignals() []os.Signal {
	stop := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		stop = append(stop, syscall.SIGHUP)
	}
	return stop
}

// Exit statuses.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// run is the whole program.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	// Whatever a name from outside holds, it does nothing to a terminal. The display needs the file
	// itself, and prints its lines in the same way.
	display := stderr
	stdout, stderr = textfmt.NewTerminal(stdout), textfmt.NewTerminal(stderr)
	root := newRoot(&console{in: stdin, out: stdout, err: display})
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	verb, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	textfmt.Fprintf(stderr, "shoal: %s\n", message(err)+hint(verb, err))
	return status(err)
}

// message is an error in one line.
func message(err error) string {
	text := strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; ")
	return strings.ReplaceAll(text, context.Canceled.Error(), "interrupted")
}

// status is the exit status of an error.
func status(err error) int {
	var invalid *usage.Error
	switch {
	case errors.As(err, &invalid), errors.Is(err, dataset.ErrUnknown), errors.Is(err, dataset.ErrNoFolder), errors.Is(err, dataset.ErrHasTest):
		return exitUsage
	}
	return exitError
}

// console is where a verb reads and writes.
type console struct {
	in       io.Reader
	out, err io.Writer
}

// watch does some work with a display, which is gone when it returns.
func (c *console) watch(work func(*progress) error) error {
	p := newProgress(c.err)
	defer p.close()
	return work(p)
}
