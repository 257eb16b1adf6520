package lockfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"shoal/internal/atomicfile"
)

// Owner is a process that has something on a file system without locks.
type Owner struct {
	Host string
	PID  int
}

func (o Owner) String() string { return fmt.Sprintf("process %d of host %s", o.PID, o.Host) }

// text is the content of an owner's file.
func (o Owner) text() string { return fmt.Sprintf("host %s\npid %d\n", o.Host, o.PID) }

// ours are the paths that this process has by their owner files. Another process of the same number
// may have left one: the first process of every container is number 1.
var ours = struct {
	sync.Mutex
	paths map[string]bool
}{paths: map[string]bool{}}

// maxOwnerBytes is more than any host's name has.
const maxOwnerBytes = 4096

// OwnerOf is the process that may have path on a file system without locks; false for none, or one
// that is gone.
func OwnerOf(path string) (Owner, bool) {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	o, err := readOwner(ownerFile(path))
	if err != nil {
		return o, !notThere(err)
	}
	return o, !gone(path, o)
}

func readOwner(file string) (Owner, error) {
	text, err := atomicfile.ReadSmall(file, maxOwnerBytes)
	if err != nil {
		return Owner{Host: "?"}, err
	}
	o := Owner{}
	if _, err := fmt.Sscanf(string(text), "host %s\npid %d\n", &o.Host, &o.PID); err != nil {
		return Owner{Host: "?"}, fmt.Errorf("%q names no process: remove it if none uses its folder", file)
	}
	return o, nil
}

// gone reports whether an owner of this host isn't there any more. Of other hosts it can't be told.
func gone(path string, o Owner) bool {
	me := self()
	if o.Host != me.Host {
		return false
	}
	if o.PID == me.PID {
		ours.Lock()
		defer ours.Unlock()
		return !ours.paths[path]
	}
	return !atomicfile.Alive(o.PID)
}

func self() Owner {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "?"
	}
	return Owner{Host: strings.Join(strings.Fields(host), "-"), PID: os.Getpid()}
}

// takeOwner makes the owner's file, and takes over that of a process that is gone.
func takeOwner(path string) (*Lock, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	file := ownerFile(path)
	for range 3 {
		if err = makeOwner(file); err == nil {
			ours.Lock()
			ours.paths[path] = true
			ours.Unlock()
			return &Lock{path: path}, nil
		}
		if !errors.Is(err, os.ErrExist) {
			return nil, err
		}
		o, err := readOwner(file)
		switch {
		case notThere(err):
			continue
		case err != nil:
			return nil, err
		case !gone(path, o):
			return nil, fmt.Errorf("%w (%s): if that is gone, remove %q", ErrBusy, o, file)
		}
		if err := evict(file, o); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: %q appears again and again", ErrBusy, file)
}

// makeOwner writes a file of this process that appears as a whole or not at all, and fails with
// os.ErrExist where there is one. A link does that on file systems of a network, too.
func makeOwner(file string) error {
	fresh := file + "." + strconv.Itoa(os.Getpid()) + ".new"
	if err := os.WriteFile(fresh, []byte(self().text()), 0o666); err != nil {
		return err
	}
	defer os.Remove(fresh)
	err := os.Link(fresh, file)
	if err == nil || errors.Is(err, os.ErrExist) {
		return err
	}
	// A file system without links.
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(self().text())
	return errors.Join(err, f.Close())
}

// evict removes the file of an owner that is gone. Two processes may be about to: what was moved away
// is looked at, and put back where it is another's already.
func evict(file string, old Owner) error {
	away := file + "." + strconv.Itoa(os.Getpid()) + ".old"
	if err := os.Rename(file, away); err != nil {
		if notThere(err) {
			return nil
		}
		return err
	}
	defer os.Remove(away)
	if now, err := readOwner(away); err == nil && now != old {
		_ = os.Link(away, file)
		return fmt.Errorf("%w (%s)", ErrBusy, now)
	}
	return nil
}

// disown removes the file of this process.
func disown(path string) error {
	ours.Lock()
	delete(ours.paths, path)
	ours.Unlock()
	if err := os.Remove(ownerFile(path)); err != nil && !notThere(err) {
		return err
	}
	return nil
}
