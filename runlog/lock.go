package runlog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"shoal/internal/atomicfile"
	"shoal/internal/lockfile"
	"shoal/internal/machine"
)

// lockFile is held by the process that writes a run.
const lockFile = "run.lock"

// NoLocks is the name of an environment variable. When it is "1", runs are written without any lock:
// whoever sets it makes sure that one process writes a run and nobody else opens it meanwhile.
const NoLocks = "SHOAL_NO_LOCKS"

// withoutLocks reports whether the user does without them.
func withoutLocks() bool { return os.Getenv(NoLocks) == "1" }

// ErrLocked is wrapped by the error for a run that another process writes.
var ErrLocked = lockfile.ErrBusy

// lockPatience is lockfile.Patience, but in tests of refusals.
var lockPatience = lockfile.Patience

// take locks dir for one writer.
func take(dir string) (*lockfile.Lock, error) {
	if withoutLocks() {
		return lockfile.None(), nil
	}
	lock, err := lockfile.TakeWithin(filepath.Join(dir, lockFile), lockPatience)
	switch {
	case errors.Is(err, lockfile.ErrBusy) && err != lockfile.ErrBusy:
		return nil, fmt.Errorf("%q is being written by %w", dir, err)
	case errors.Is(err, lockfile.ErrBusy):
		return nil, fmt.Errorf("%q is being written by %w; wait for it or stop it", dir, err)
	case err != nil:
		return nil, fmt.Errorf("lock %q: %w", dir, err)
	}
	return lock, nil
}

// release unlocks.
func release(lock *lockfile.Lock) error {
	if err := lock.Release(); err != nil {
		return fmt.Errorf("unlock: %w", err)
	}
	return nil
}

// A place is what the file system of a run folder allows.
type place struct {
	// noLocks: the database can't be locked. The run's lock keeps writers apart, and readers away.
	noLocks bool
	// rollback: the database is written with a rollback journal, because a write-ahead log has an index
	// in memory that only processes of one host share.
	rollback bool
}

// networkOf is machine.NetworkFileSystem, but in tests.
var networkOf = machine.NetworkFileSystem

// placeOf asks the file system of a run folder.
func placeOf(dir string) place {
	p := place{noLocks: withoutLocks() || lockfile.RefusedAt(filepath.Join(dir, lockFile), filepath.Join(dir, "study.toml"))}
	p.rollback = p.noLocks || networkOf(dir) != ""
	return p
}

// checkUnlocked refuses to read, where nothing keeps a reader from seeing half of what is being
// written, a run that a process writes.
func (p place) checkUnlocked(dir string) error {
	if !p.noLocks || withoutLocks() {
		return nil
	}
	if o, busy := lockfile.OwnerOf(filepath.Join(dir, lockFile)); busy {
		return fmt.Errorf("%q is being written by %s, and its file system refuses locks: read it when that is finished", dir, o)
	}
	return nil
}

// Note says, for a person, what is unusual about the place where the run is written; "" for nothing.
func (r *Run) Note() string {
	switch {
	case r.lock == nil:
		return ""
	case r.lock.Note() != "":
		return r.lock.Note()
	case networkOf(r.dir) != "":
		return fmt.Sprintf("%q is on a network file system (%s): its database is written with a rollback journal", r.dir, networkOf(r.dir))
	}
	return ""
}

// sweep removes what writers of the run that were killed have left half-written. The run must be
// locked.
func sweep(dir string) {
	atomicfile.Sweep(dir)
	atomicfile.Sweep(filepath.Join(dir, "checkpoints"))
	atomicfile.Sweep(filepath.Join(dir, "figures"))
	removeDatabase(filepath.Join(dir, Database+".new"))
}
