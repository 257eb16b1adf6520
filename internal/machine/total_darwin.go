package machine

import "golang.org/x/sys/unix"

// elsewhere is all memory: macOS hands out what its caches hold, and doesn't say how much that is.
func elsewhere() int64 {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0
	}
	return int64(n)
}
