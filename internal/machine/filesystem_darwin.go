package machine

import (
	"strings"

	"golang.org/x/sys/unix"
)

// NetworkFileSystem is the kind of the file system that has path, such as "nfs", if other hosts may
// have it open, too; "" for one of this host, and where that isn't known.
func NetworkFileSystem(path string) string {
	var s unix.Statfs_t
	if unix.Statfs(path, &s) != nil {
		return ""
	}
	kind := unix.ByteSliceToString(s.Fstypename[:])
	if s.Flags&unix.MNT_LOCAL == 0 || strings.Contains(kind, "fuse") {
		return kind
	}
	return ""
}
