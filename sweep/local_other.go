//go:build !unix

package sweep

import "os"

// endedByInterrupt is false where a process can't end by a signal: its exit status says it.
func endedByInterrupt(*os.ProcessState) bool { return false }
