package serve

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"syscall"
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
	read map[string]int64
	// mistake is why what was read last could not be imported, and again when that is tried anew: what
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
	case same && s.mistake == nil && runlog.Exists(s.place()):
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
	var err error
	if s.copy == "" {
		_, err = s.bring(ctx, s.dir, ingest.Options{})
		if cantWrite(err) {
			err = s.makeCopy()
		}
	}
	if s.copy != "" && err == nil {
		_, err = ingest.Files(ctx, s.copy, paths, ingest.Options{})
	}
	return err
}

// cantWrite reports whether an error is that of a folder which may only be read.
func cantWrite(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}

// makeCopy makes a copy of the run's database, if it has one, in a temporary folder of the same name.
func (s *source) makeCopy() error {
	full, err := filepath.Abs(s.dir)
	if err != nil {
		return err
	}
	parent, err := os.MkdirTemp("", "shoal-serve-")
	if err != nil {
		return err
	}
	s.copy = filepath.Join(parent, filepath.Base(full))
	if err := os.Mkdir(s.copy, 0o700); err != nil {
		return err
	}
	from, err := atomicfile.Open(filepath.Join(s.dir, runlog.Database))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer from.Close()
	return atomicfile.Write(filepath.Join(s.copy, runlog.Database), func(w io.Writer) error {
		_, err := io.Copy(w, from)
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
