//go:build !purego

package kernel

import (
	"sync"
	"syscall"
)

// mayUseTiles asks Linux for leave to use the tiles, once for the whole process: their state is so
// large that it is saved only for those that asked.
var mayUseTiles = sync.OnceValue(func() bool {
	const requestPermission, tileData = 0x1023, 18 // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
	_, _, errno := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, requestPermission, tileData, 0)
	return errno == 0
})
