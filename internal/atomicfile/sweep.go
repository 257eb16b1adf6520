package atomicfile

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Pattern is the pattern for os.CreateTemp and os.MkdirTemp of what is written beside path before
// it takes its place. The name says which process writes it.
func Pattern(path string) string {
	return fmt.Sprintf(".%s.part-%s-%d-*", filepath.Base(path), numbering(), os.Getpid())
}

var partial = regexp.MustCompile(`^\..+\.part-([0-9a-f]{8})-(\d+)-\d+$`)

// numbering tells within what a number stands for one process: this host since it was started, or a
// container on it. It keeps nothing of the host's name.
var numbering = sync.OnceValue(func() string {
	host, _ := os.Hostname()
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // of Linux; others do with the name
	namespace, _ := os.Readlink("/proc/self/ns/pid")
	sum := sha256.Sum256([]byte(host + "\n" + string(boot) + "\n" + namespace))
	return hex.EncodeToString(sum[:4])
})

// foreignAge is when Sweep takes what a process of another host writes for left behind: nobody can ask
// whether that lives, and nothing takes so long to write.
const foreignAge = 3 * 24 * time.Hour

// Sweep removes from dir what Write, and others that name their files by Pattern, were writing when
// their process was killed. What a living process of this host writes stays, and so does what one of
// another host has begun in the last three days, and a folder with an entry "old": that is what stood
// in the place before. It is done as well as it can be: a folder that can't be read or written is left
// as it is.
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
		if leftBehind(path, m[1], m[2]) {
			_ = os.RemoveAll(path)
		}
	}
}

// leftBehind reports whether a process of that number, within that numbering, writes path no more.
func leftBehind(path, within, number string) bool {
	if within != numbering() {
		info, err := os.Lstat(path)
		return err == nil && time.Since(info.ModTime()) > foreignAge
	}
	pid, err := strconv.Atoi(number)
	return err == nil && !Alive(pid)
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
