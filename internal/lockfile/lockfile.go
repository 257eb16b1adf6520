package lockfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// ErrBusy is wrapped by the error on what another process has.
var ErrBusy = errors.New("another process")

// Lock is held until it is released.
type Lock struct {
	path  string       // "" for no lock
	flock *flock.Flock // nil where locks are refused
}

// None is a lock that keeps nobody away, for whoever does without.
func None() *Lock { return &Lock{} }

// Patience is how long Take waits for a lock that is held for a moment: by a process that asks Held, on a
// busy machine, or that imports a log for a live page.
const Patience = 2 * time.Second

// Take locks path, a file that it makes and that stays. An error on what another process has wraps
// ErrBusy.
func Take(path string) (*Lock, error) { return TakeWithin(path, Patience) }

// TakeWithin is Take with another patience.
func TakeWithin(path string, patience time.Duration) (*Lock, error) {
	lock, err := take(path)
	for until := time.Now().Add(patience); errors.Is(err, ErrBusy) && time.Now().Before(until); lock, err = take(path) {
		time.Sleep(20 * time.Millisecond)
	}
	return lock, err
}

// take is Take without waiting.
func take(path string) (*Lock, error) {
	if refusal != nil {
		return takeOwner(path)
	}
	for {
		lock := &Lock{path: path, flock: flock.New(path, flock.SetPermissions(0o666))}
		got, err := lock.flock.TryLock()
		switch {
		case Refused(err):
			_ = lock.flock.Close()
			return takeOwner(path)
		case err != nil:
			return nil, err
		case !got:
			return nil, ErrBusy
		case lock.inPlace():
			return lock, nil
		}
		// The file was removed by who had it, between our opening and our locking it: it keeps nobody away.
		_ = lock.flock.Close()
	}
}

// inPlace reports whether the file that is locked is the one at the path.
func (l *Lock) inPlace() bool {
	locked, err := l.flock.Stat()
	now, err2 := os.Stat(l.path)
	return err == nil && err2 == nil && os.SameFile(locked, now)
}

// Held reports whether a process has path, as far as can be told from here. It has the lock itself for a
// moment, for which Take waits.
func Held(path string) bool {
	if _, err := os.Stat(ownerFile(path)); err == nil {
		_, busy := OwnerOf(path)
		return busy
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	_ = f.Close()
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	got, err := lock.TryRLock()
	_ = lock.Close()
	return err == nil && !got
}

// Discard ends the lock and removes its file: for who leaves nothing behind. The file goes while it is
// locked, so that who waits for it sees that it is gone; see Take.
func (l *Lock) Discard() error {
	if l.path == "" || l.flock == nil {
		return l.Release()
	}
	place := l.inPlace()
	if place {
		_ = os.Remove(l.path)
	}
	err := l.Release()
	if place && runtime.GOOS == "windows" { // nobody removes a file there that somebody has open
		_ = os.Remove(l.path)
	}
	return err
}

// Release ends the lock. Its file stays, for the next one; that of an owner is removed.
func (l *Lock) Release() error {
	switch {
	case l.path == "":
		return nil
	case l.flock == nil:
		return disown(l.path)
	}
	return l.flock.Unlock()
}

// Note says, for a person, that the file system has no locks, and what was done instead; "" where it
// has.
func (l *Lock) Note() string {
	if l.path == "" || l.flock != nil {
		return ""
	}
	return fmt.Sprintf("the file system of %q refuses locks: %s names this process instead", filepath.Dir(l.path), filepath.Base(ownerFile(l.path)))
}

// Refused reports whether an error says that a file system has no locks.
func Refused(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.EOPNOTSUPP)
}

// refusal is the error with which locks are refused in tests.
var refusal error

// Refuse has all locks of this process refused with an error, until the returned function is called:
// for tests.
func Refuse(err error) (restore func()) {
	if !Refused(err) {
		panic(err)
	}
	old := refusal
	refusal = err
	return func() { refusal = old }
}

// RefusedAt reports whether the file system refuses the locks of fcntl(2), which databases use, on the
// first of the paths that is a file. It takes none.
func RefusedAt(paths ...string) bool {
	if refusal != nil {
		return true
	}
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		err = testLock(f)
		_ = f.Close()
		return Refused(err)
	}
	return false
}

// ownerFile is the file beside path that names who has it.
func ownerFile(path string) string {
	return strings.TrimSuffix(path, ".lock") + ".owner"
}

// notThere reports whether a file isn't there.
func notThere(err error) bool { return errors.Is(err, fs.ErrNotExist) }
