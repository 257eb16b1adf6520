package machine

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// fastCores asks for the cores of the first level of performance, where there are several.
func fastCores(fs.FS, []int) int {
	if levels, err := unix.SysctlUint32("hw.nperflevels"); err != nil || levels < 2 {
		return 0
	}
	n, err := unix.SysctlUint32("hw.perflevel0.logicalcpu")
	if err != nil {
		return 0
	}
	return int(n)
}

func usable() []int { return nil }
