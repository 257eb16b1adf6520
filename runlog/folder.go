package runlog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Exists reports whether dir holds a run's database, whole or not.
func Exists(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, Database))
	return err == nil
}

// Begins reports whether dir holds no run yet, but that somebody has begun to create one there.
func Begins(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, lockFile))
	return err == nil && !Exists(dir)
}

// StatusOf is how far the run in dir is, "" where there is none.
func StatusOf(dir string) (Status, error) {
	if !Exists(dir) {
		return "", nil
	}
	r, err := OpenReadOnly(dir)
	if err != nil {
		return "", err
	}
	m, err := r.Meta()
	return m.Status, errors.Join(err, r.Close())
}

// noDatabase is the error for a folder without one.
func noDatabase(dir string) error {
	return fmt.Errorf("open run %q: %w: it has no %s", dir, ErrNotRun, Database)
}
