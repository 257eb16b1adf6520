//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// endAsInterrupted ends the process by the signal of Ctrl-C, if it can. A shell ends its loop or script only
// if the program that it waited for ended by that signal: one that took it and ended with any status has
// dealt with it, and the loop continues.
func endAsInterrupted() {
	signal.Reset(os.Interrupt)
	if signal.Ignored(os.Interrupt) { // from the start, as of a job in the background of a script
		return
	}
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGINT); err == nil {
		time.Sleep(time.Second) // the signal may come to another thread, a moment later
	}
}
