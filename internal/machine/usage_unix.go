//go:build unix && !aix && !solaris

package machine

import (
	"runtime"
	"syscall"
)

// usagePeak is the peak of getrusage, which counts kilobytes, or bytes on Darwin.
func usagePeak() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(u.Maxrss)
	}
	return int64(u.Maxrss) << 10
}
