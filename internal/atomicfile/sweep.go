package atomicfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
)

// Pattern is the pattern for os.CreateTemp and os.MkdirTemp of what is written beside path before
// it takes its place. The name says which process writes it.
func Pattern(path string) string {
	return fmt.Sprintf(".%s.part-%d-*", filepath.Base(path), os.Getpid())
}

var partial = regexp.MustCompile(`^\..+\.part-(\d+)-\d+$`)

// Sweep removes from dir what Write, and others that name their files by Pattern, were writing when
// their process was killed. What a living process of this machine writes stays, and so does a folder
// with an entry "old": that is what stood in the place before. It is done as well as it can be: a
// folder that can't be read or written is left as it is.
func Sweep(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		m := partial.FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if _, err := os.Lstat(filepath.Join(path, "old")); err == nil {
			continue
		}
		if pid, err := strconv.Atoi(m[1]); err == nil && !Alive(pid) {
			_ = os.RemoveAll(path)
		}
	}
}

// Alive reports whether a process runs, or may run: not every system tells.
func Alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer func() { _ = p.Release() }()
	err = p.Signal(syscall.Signal(0))
	return !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, syscall.ESRCH)
}
