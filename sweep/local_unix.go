//go:build unix

package sweep

import (
	"os"
	"slices"
	"syscall"
)

// endedByInterrupt reports whether a process ended by the signal of Ctrl-C, or by one that came before it listened.
func endedByInterrupt(p *os.ProcessState) bool {
	status, ok := p.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && slices.Contains([]syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}, status.Signal())
}
