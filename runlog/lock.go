package runlog

import (
	"fmt"
	"os"
	"path/filepath"

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

// tryLock is flock's, but in tests.
var tryLock = (*flock.Flock).TryLock

// take locks dir for one writer.
func take(dir string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(dir, lockFile))
	if withoutLocks() {
		return lock, nil
	}
	got, err := tryLock(lock)
	if err != nil && !os.IsPermission(err) && !os.IsNotExist(err) {
		return nil, fmt.Errorf("lock %q: %w: its file system may have no locks; keep runs on a local disk, or set %s=1 if no other process uses the folder", dir, err, NoLocks)
	}
	if err != nil {
		return nil, fmt.Errorf("lock %q: %w", dir, err)
	}
	if !got {
		return nil, fmt.Errorf("%q is being written by another process; wait for it or stop it", dir)
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
