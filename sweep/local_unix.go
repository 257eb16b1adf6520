//go:build unix

package sweep

import (
	"os"
	"syscall"
)

// endedByInterrupt reports whether a process ended by the signal of Ctrl-C.
func endedByInterrupt(p *os.ProcessState) bool {
	status, ok := p.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGINT
}
