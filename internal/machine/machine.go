// Package machine reports what a program has used of the machine it runs on, and what is left.
package machine

import (
	"os"
	"runtime/debug"
)

// PeakRSS is the largest resident memory of this process so far, in bytes; 0 where the system
// doesn't report it.
func PeakRSS() int64 {
	text, _ := os.ReadFile("/proc/self/status") // other systems have none
	if n := highWater(text); n > 0 {
		return n
	}
	return usagePeak()
}

// highWater finds the line `VmHWM:   1234 kB` of Linux's status file. It is preferred over
// getrusage, whose peak survives exec and so may be the parent's.
func highWater(status []byte) int64 { return field(status, "VmHWM:") << 10 }

// ForgetPeak gives memory that is free back to the system and has PeakRSS count from now on, so that
// a program can measure several things one after another. It does so on Linux alone; elsewhere a
// peak is that of the whole process.
func ForgetPeak() {
	debug.FreeOSMemory()
	const resetHighWater = "5" // see proc_pid_clear_refs(5)
	if f, err := os.OpenFile("/proc/self/clear_refs", os.O_WRONLY, 0); err == nil {
		_, _ = f.WriteString(resetHighWater)
		_ = f.Close()
	}
}
