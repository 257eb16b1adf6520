//go:build unix && !aix && !solaris && !illumos

package lockfile

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// testLock asks whether a lock is available; file systems without locks refuse the question.
func testLock(f *os.File) error {
	return unix.FcntlFlock(f.Fd(), unix.F_GETLK, &unix.Flock_t{Type: unix.F_RDLCK, Whence: io.SeekStart, Len: 1})
}
