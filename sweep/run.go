package sweep

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"shoal/internal/lockfile"
	"shoal/internal/usage"
	"shoal/record"
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

// RunItem brings item n of the sweep in dir to its end: it starts it, resumes it, or returns at once
// where it is finished; the summary is nil then. Of o, Out is the item's. An item that another process
// runs is an error that wraps lockfile.ErrBusy; one that was interrupted is a *track.Stopped, or the
// context's error where nothing was begun.
func RunItem(ctx context.Context, dir string, n int, o track.Options) (Item, *record.Summary, error) {
	it, err := find(dir, n)
	if err != nil {
		return it, nil, err
	}
	o.Out = it.Path(dir)
	study, err := it.study()
	if err != nil {
		return it, nil, fmt.Errorf("item %d: its study: %w", n, err)
	}
	if status, err := runlog.StatusOf(o.Out); err == nil && status == runlog.Finished { // no lock is needed, as on a read-only disk
		_, err := track.Complete(ctx, study, o)
		return it, nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, lockFolder), 0o777); err != nil {
		return it, nil, fmt.Errorf("make folder for locks: %w", err)
	}
	lock, err := lockfile.Take(lockOf(dir, it))
	if errors.Is(err, lockfile.ErrBusy) {
		return it, nil, fmt.Errorf("item %d, %s, is being run by %w", n, it.Folder, err)
	}
	if err != nil {
		return it, nil, fmt.Errorf("item %d: %w", n, err)
	}
	defer func() { _ = lock.Release() }()
	if note := lock.Note(); note != "" {
		o.Tell("note: " + note)
	}
	s, err := track.Complete(ctx, study, o)
	return it, s, err
}
