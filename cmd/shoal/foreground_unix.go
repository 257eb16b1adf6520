//go:build unix

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// inForeground reports whether this process is of the group that a terminal's keys go to: after Ctrl-Z
// and bg, what is typed is a shell's. It is where nothing is known, as of a terminal that controls other
// processes.
func inForeground(terminal *os.File) bool {
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp()
}
