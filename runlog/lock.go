package runlog

import (
	"fmt"
	"path/filepath"

	"github.com/gofrs/flock"
)

// lockFile is held by the process that writes a run.
const lockFile = "run.lock"

// take locks dir for one writer.
func take(dir string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(dir, lockFile))
	got, err := lock.TryLock()
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
func release(lock *flock.Flock) { _ = lock.Unlock() }
