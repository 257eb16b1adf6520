package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"shoal/record"
)

// grace is how long a process that was told to end may take to write its checkpoint: schedulers kill
// what is still there half a minute after SIGTERM.
var grace = 25 * time.Second

// A signalled is the cause of a context that a signal ended. To libraries it is a cancellation.
type signalled struct{ os.Signal }

func (signalled) Error() string        { return context.Canceled.Error() }
func (signalled) Is(target error) bool { return target == context.Canceled }

// stopSignals are those on which a run writes a checkpoint and ends: Ctrl-C, SIGTERM, and the end
// of the terminal unless it is ignored, as under nohup.
func stopSignals() []os.Signal {
	stop := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		stop = append(stop, syscall.SIGHUP)
	}
	return stop
}

// untilStopped returns a context that ends with the first of the signals. After that Ctrl-C ends the
// process at once, but SIGTERM doesn't: a scheduler and the script that it runs may both send one.
// What is not over when the grace of SIGTERM or SIGHUP is ends as after kill -9, but with the exit
// status of an interruption.
func untilStopped(exit func(code int)) context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	got := make(chan os.Signal, 8)
	signal.Notify(got, stopSignals()...)
	go func() {
		first := <-got
		signal.Reset(os.Interrupt)
		cancel(signalled{first})
		if toldToEnd(ctx) {
			time.AfterFunc(grace, func() { late(exit) })
		}
		for range got { // the same request
		}
	}()
	return ctx
}

// tellAfter is how long work may take to end after Ctrl-C before a person is told what it waits for.
var tellAfter = 700 * time.Millisecond

// tellOfStop says after Ctrl-C that it was heard, where work doesn't end at once: a step of a large
// network takes many seconds.
func tellOfStop(ctx context.Context, done <-chan struct{}, p *progress) {
	select {
	case <-done:
		return
	case <-ctx.Done():
	}
	select {
	case <-done:
	case <-time.After(tellAfter):
		if !toldToEnd(ctx) {
			p.sayStopping()
		}
	}
}

// late ends a process whose last step, file or fit takes longer than it may. Whatever it was writing
// becomes a file as a whole or not at all, so that the run resumes from the checkpoint before.
func late(exit func(code int)) {
	err := newPrinter(os.Stderr) // which may be what keeps the process
	err.print("shoal: interrupted; what was done after the last checkpoint is done again when the run is resumed")
	err.wait()
	exit(exitInterrupted)
}

// signalOf is the signal that ended a context, nil where none did.
func signalOf(ctx context.Context) os.Signal {
	var s signalled
	if errors.As(context.Cause(ctx), &s) {
		return s.Signal
	}
	return nil
}

// toldToEnd reports whether a context ended because a scheduler, or a terminal that was closed, told
// the process to end.
func toldToEnd(ctx context.Context) bool {
	s := signalOf(ctx)
	return s != nil && s != os.Interrupt
}

// ended reports whether an error is no more than that a scheduler, or the end of a terminal, told the process
// to end.
func ended(ctx context.Context, err error) bool { return toldToEnd(ctx) && record.Cancelled(err) }
