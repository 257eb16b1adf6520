// Package machine reports what a program has used of the machine it runs on.
package machine

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
)

// PeakRSS is the largest resident memory of this process so far, in bytes; 0 where the system
// doesn't report it.
func PeakRSS() int64 {
	if text, err := os.ReadFile("/proc/self/status"); err == nil {
		if n := highWater(text); n > 0 {
			return n
		}
	}
	return usagePeak()
}

// highWater finds the line `VmHWM:   1234 kB` of Linux's status file. It is preferred over
// getrusage, whose peak survives exec and so may be the parent's.
func highWater(status []byte) int64 {
	lines := bufio.NewScanner(bytes.NewReader(status))
	for lines.Scan() {
		f := bytes.Fields(lines.Bytes())
		if len(f) == 3 && string(f[0]) == "VmHWM:" {
			kb, err := strconv.ParseInt(string(f[1]), 10, 64)
			if err == nil {
				return kb << 10
			}
		}
	}
	return 0
}
