package sweep

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"shoal/internal/atomicfile"
	"shoal/internal/lockfile"
	"shoal/internal/usage"
	"shoal/runlog"
	"shoal/track"
)

// Folders of a sweep, beside those of its runs.
const (
	lockFolder = "locks"
	logFolder  = "logs"
)

// find is item n of a sweep.
func find(dir string, n int) (Item, error) {
	items, err := Read(dir)
	if err != nil {
		return Item{}, err
	}
	if n < 0 || n >= len(items) {
		return Item{}, usage.Errorf("item %d is not in the plan of %q: want 0 to %d", n, dir, len(items)-1)
	}
	return items[n], nil
}

// lockOf is what the process that runs an item holds.
func lockOf(dir string, it Item) string { return filepath.Join(dir, lockFolder, it.Folder+".lock") }

// failureOf is where an item says why it failed before its run was made, which would say it from then on.
func failureOf(dir string, it Item) string {
	return filepath.Join(dir, lockFolder, it.Folder+".failed")
}

// noteFailure keeps why an item has no run, for the status of the sweep. One that was interrupted hasn't failed.
func noteFailure(ctx context.Context, dir string, it Item, failure error) error {
	var stopped *track.Stopped
	if failure == nil || ctx.Err() != nil || errors.As(failure, &stopped) || runlog.Exists(it.Path(dir)) {
		return nil
	}
	return atomicfile.WriteFile(failureOf(dir, it), []byte(failure.Error()))
}

// RunItem brings item n of the sweep in dir to its end: it starts it, resumes it, or returns at once
// where it is finished; made says whether there was anything to do. Of o, Out is the item's. An item
// that another process runs is an error that wraps lockfile.ErrBusy; one that was interrupted is a
// *track.Stopped, or the context's error where nothing was begun.
func RunItem(ctx context.Context, dir string, n int, o track.Options) (it Item, made bool, err error) {
	if it, err = find(dir, n); err != nil {
		return it, false, err
	}
	run := it.Path(dir)
	study, err := it.study()
	if err != nil {
		return it, false, fmt.Errorf("item %d: its study: %w", n, err)
	}
	if status, err := runlog.StatusOf(run); err == nil && status == runlog.Finished { // no lock is needed, as on a read-only disk
		if _, err := it.glance(dir); err != nil {
			return it, false, err
		}
		made, err = track.Finish(ctx, run, study, o)
		return it, made, err
	}
	if err := os.MkdirAll(filepath.Join(dir, lockFolder), 0o777); err != nil {
		return it, false, fmt.Errorf("make folder for locks: %w", err)
	}
	lock, err := lockfile.Take(lockOf(dir, it))
	if errors.Is(err, lockfile.ErrBusy) {
		return it, false, fmt.Errorf("item %d, %s, is being run by %w", n, it.Folder, err)
	}
	if err != nil {
		return it, false, fmt.Errorf("item %d: %w", n, err)
	}
	defer func() { _ = lock.Release() }()
	if note := lock.Note(); note != "" {
		o.Tell("note: " + note)
	}
	if err := os.Remove(failureOf(dir, it)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return it, false, fmt.Errorf("item %d: %w", n, err)
	}
	made, err = track.Finish(ctx, run, study, o)
	if unsaid := noteFailure(ctx, dir, it, err); unsaid != nil {
		err = errors.Join(err, unsaid)
	}
	return it, made, err
}
