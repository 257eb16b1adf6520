package runlog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"shoal/internal/atomicfile"
)

// lockFile is held by the process that writes a run.
const lockFile = "run.lock"

// NoLocks is the name of an environment variable. When it is "1", runs are written without file
// locks, which some network file systems don't have: whoever sets it makes sure that one process
// writes a run and nobody else opens it meanwhile.
const NoLocks = "SHOAL_NO_LOCKS"

// withoutLocks reports whether the user does without them.
func withoutLocks() bool { return os.Getenv(NoLocks) == "1" }

// ErrLocked is wrapped by the error for a run that another process writes.
var ErrLocked = errors.New("is being written by another process; wait for it or stop it")

// patience is how long a writer waits for another one: what imports a log for a live page holds the
// lock for moments. Tests shorten it.
var patience = 2 * time.Second

// tryLock is flock's, but in tests.
var tryLock = (*flock.Flock).TryLock

// take locks dir for one writer.
func take(dir string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(dir, lockFile))
	if withoutLocks() {
		return lock, nil
	}
	got, err := tryLock(lock)
	for until := time.Now().Add(patience); err == nil && !got && time.Now().Before(until); got, err = tryLock(lock) {
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil && !os.IsPermission(err) && !os.IsNotExist(err) {
		return nil, fmt.Errorf("lock %q: %w: its file system may have no locks; keep runs on a local disk, or set %s=1 if no other process uses the folder", dir, err, NoLocks)
	}
	if err != nil {
		return nil, fmt.Errorf("lock %q: %w", dir, err)
	}
	if !got {
		return nil, fmt.Errorf("%q %w", dir, ErrLocked)
	}
	return lock, nil
}

// release unlocks. The lock file stays: removing it would let two writers hold locks on two files
// of the same name.
func release(lock *flock.Flock) error {
	if err := lock.Unlock(); err != nil {
		return fmt.Errorf("unlock: %w", err)
	}
	return nil
}

// sweep removes what writers of the run that were killed have left half-written. The run must be
// locked.
func sweep(dir string) {
	atomicfile.Sweep(dir)
	atomicfile.Sweep(filepath.Join(dir, "checkpoints"))
	atomicfile.Sweep(filepath.Join(dir, "figures"))
	removeDatabase(filepath.Join(dir, Database+".new"))
}
