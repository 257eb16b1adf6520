package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	"shoal/ingest"
	"shoal/internal/atomicfile"
	"shoal/predlog"
	"shoal/runlog"
)

// source is where a run is read: its folder, or a copy of it that takes what its log has, where the
// folder can't be written.
type source struct {
	dir  string
	copy string // "" for none
	// copied is the database of the folder when the copy was made, at copiedAt.
	copied   stamp
	copiedAt time.Time
	read     map[string]int64
	// mistake is why what was read last could not be imported, and when that is tried again: what
	// is wrong may lie outside of the log, as a full disk does.
	mistake error
	again   time.Time
	// bring is ingest.Refresh, but in tests.
	bring func(ctx context.Context, dir string, o ingest.Options) (*ingest.Result, error)
}

// place is the folder with the run's database.
func (s *source) place() string {
	if s.copy != "" {
		return s.copy
	}
	return s.dir
}

// tryAgain is how long a log with a mistake is left alone while it doesn't change.
const tryAgain = 3 * time.Second

// refresh imports what is new in the run's log, if it has one and that has changed. A mistake is an error
// until it is gone.
func (s *source) refresh(ctx context.Context) error {
	paths, err := predlog.List(s.dir)
	if err != nil || len(paths) == 0 {
		return err
	}
	sizes := map[string]int64{}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			sizes[path] = info.Size()
		}
	}
	same := s.read != nil && maps.Equal(sizes, s.read)
	switch {
	case same && s.mistake != nil && time.Now().Before(s.again):
		return s.mistake
	case same && s.mistake == nil && runlog.Exists(s.place()) && !s.outdated():
		return nil
	}
	err = s.bringIn(ctx, paths)
	switch {
	case errors.Is(err, runlog.ErrLocked):
		return err // the next look tries again
	case errors.Is(err, predlog.ErrNoHeader): // its first line is being written
		err = nil
	}
	s.read, s.mistake, s.again = sizes, err, time.Now().Add(tryAgain)
	return err
}

// bringIn imports logs into the run, or into a copy of it where its folder can't be written.
func (s *source) bringIn(ctx context.Context, paths []string) error {
	if s.copy == "" {
		if _, err := s.bring(ctx, s.dir, ingest.Options{}); !atomicfile.ReadOnly(err) {
			return err
		}
	}
	var old error // why the copy isn't the latest
	if s.copy == "" || s.outdated() {
		if old = s.makeCopy(); s.copy == "" {
			return old
		}
	}
	_, err := ingest.Files(ctx, s.copy, paths, ingest.Options{})
	return cmp.Or(err, old)
}

// outdated reports whether the run's database is another one than when it was copied.
func (s *source) outdated() bool {
	if s.copy == "" {
		return false
	}
	now, err := stampOf(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	return now.differs(s.copied) || s.copied.recent(s.copiedAt) && !now.recent(time.Now())
}

// makeCopy makes a copy of the run's database, if it has one, in a new temporary folder of the same name,
// and removes an earlier one.
func (s *source) makeCopy() error {
	full, err := filepath.Abs(s.dir)
	if err != nil {
		return err
	}
	parent, err := os.MkdirTemp("", "shoal-serve-")
	if err != nil {
		return err
	}
	dir := filepath.Join(parent, filepath.Base(full))
	began := time.Now()
	copied, err := copyDatabase(s.dir, dir)
	if err != nil {
		_ = os.RemoveAll(parent)
		return err
	}
	s.close()
	s.copy, s.copied, s.copiedAt = dir, copied, began
	return nil
}

// copyTries is how often a database that is written meanwhile is copied.
const copyTries = 5

// copyDatabase copies the database of a run, as it is at one moment, into a folder that it makes, and
// returns which it was. What SQLite keeps beside it belongs to it: a part of it stands there alone.
func copyDatabase(from, to string) (stamp, error) {
	for range copyTries {
		before, err := stampOf(from)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return stamp{}, err
		}
		if err := errors.Join(os.RemoveAll(to), os.Mkdir(to, 0o700)); err != nil {
			return stamp{}, err
		}
		for _, suffix := range []string{"", "-wal", "-journal"} {
			if err := copyFile(filepath.Join(from, runlog.Database+suffix), filepath.Join(to, runlog.Database+suffix)); err != nil {
				return stamp{}, err
			}
		}
		after, err := stampOf(from)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return stamp{}, err
		}
		if !after.differs(before) {
			return after, nil
		}
	}
	return stamp{}, fmt.Errorf("copy %s of %q, a folder that can't be written: it is written all the time; trying again", runlog.Database, from)
}

// copyFile copies a file, where there is one.
func copyFile(from, to string) error {
	in, err := atomicfile.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	return atomicfile.Write(to, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
}

// close removes the copy.
func (s *source) close() {
	if s.copy != "" {
		_ = os.RemoveAll(filepath.Dir(s.copy))
		s.copy = ""
	}
}
