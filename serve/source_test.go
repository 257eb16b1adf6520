package serve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"shoal/ingest"
	"shoal/runlog"
)

// A mistake is said at every look until it is gone, and what failed is tried again though the log stays
// as it is: the disk that was full may have room.
func TestMistakeStaysAndIsTriedAgain(t *testing.T) {
	w := newWorld(60, 10)
	dir := filepath.Join(t.TempDir(), "attached")
	log := w.attach(t, dir)
	w.log(t, log, 0)
	full, tries := true, 0
	s := &source{dir: dir, bring: func(ctx context.Context, dir string, o ingest.Options) (*ingest.Result, error) {
		tries++
		if full {
			return nil, fmt.Errorf("write: %w", syscall.ENOSPC)
		}
		return ingest.Refresh(ctx, dir, o)
	}}
	for look := range 3 {
		if err := s.refresh(t.Context()); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("look %d says %v, the disk is full", look, err)
		}
	}
	if tries != 1 {
		t.Errorf("a log that stays as it is was imported %d times at once", tries)
	}
	full = false
	s.again = time.Time{} // a while later
	for look := range 2 {
		if err := s.refresh(t.Context()); err != nil || tries != 2 {
			t.Errorf("look %d when there is room again: %v, after %d tries", look, err, tries)
		}
	}
}

// readOnly is ingest.Refresh in a folder that can't be written.
func readOnly(context.Context, string, ingest.Options) (*ingest.Result, error) {
	return nil, fmt.Errorf("open run: %w", fs.ErrPermission)
}

// The copy of a run whose folder can't be written has what its owner writes: also what is in the
// write-ahead log alone, and what comes later.
func TestCopyFollowsItsOwner(t *testing.T) {
	w := newWorld(60, 10)
	dir := filepath.Join(t.TempDir(), "attached")
	log := w.attach(t, dir)
	w.log(t, log, 0, 1)
	if _, err := ingest.Refresh(t.Context(), dir, ingest.Options{}); err != nil {
		t.Fatal(err)
	}
	owner, err := runlog.Open(dir) // as shoal compare does
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	t.Setenv("TMPDIR", t.TempDir())
	s := &source{dir: dir, bring: readOnly}
	for k, ref := range w.references() {
		if _, err := owner.AddReference(ref); err != nil {
			t.Fatal(err)
		}
		w.log(t, log, 2+k)
		for range 2 {
			if err := s.refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		h, err := runlog.Load(t.Context(), s.place())
		if err != nil {
			t.Fatal(err)
		}
		if s.place() == dir || len(h.References) != 1+k || len(h.Log.Steps) != 3+k {
			t.Errorf("%q has %d references and %d evaluations, want %d and %d in a copy", s.place(), len(h.References), len(h.Log.Steps), 1+k, 3+k)
		}
	}
	s.close()
	if left := must(os.ReadDir(os.TempDir())); len(left) > 0 {
		t.Errorf("copies stay: %v", left)
	}
}

// A copy that can't be made is made another time.
func TestCopyFails(t *testing.T) {
	w := newWorld(60, 10)
	dir := filepath.Join(t.TempDir(), "attached")
	w.log(t, w.attach(t, dir), 0)
	blocked := filepath.Join(dir, runlog.Database)
	if err := os.Mkdir(blocked, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	s := &source{dir: dir, bring: readOnly}
	if err := s.refresh(t.Context()); err == nil || s.copy != "" {
		t.Errorf("a database that can't be read gives the copy %q and %v", s.copy, err)
	}
	if left := must(os.ReadDir(os.TempDir())); len(left) > 0 {
		t.Errorf("what was begun stays: %v", left)
	}
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	s.again = time.Time{} // a while later
	if err := s.refresh(t.Context()); err != nil || !runlog.Exists(s.place()) {
		t.Errorf("when it can be read: %v", err)
	}
	s.close()
}

// On a file system whose clock counts seconds, a change need not change the time of the database.
func TestCoarseClock(t *testing.T) {
	t.Setenv(runlog.NoLocks, "1") // a database without a write-ahead log, which would grow
	w := newWorld(60, 10)
	file := w.grown(t, 3)
	path := filepath.Join(file.Dir(), runlog.Database)
	at := time.Now().Truncate(time.Second)
	coarse := func() {
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	s, err := newServer(Options{Runs: []string{file.Dir()}, pace: quick})
	if err != nil {
		t.Fatal(err)
	}
	r := s.runs[0]
	coarse()
	if now, err := r.look(t.Context()); err != nil || now.Kind != "running" {
		t.Fatalf("at first it is %+v, %v", now, err)
	}
	r.seenAt = at.Add(1900 * time.Millisecond) // whatever the time was: the end of two seconds
	if err := file.SetStatus(runlog.Finished, ""); err != nil {
		t.Fatal(err)
	}
	coarse()
	if now, err := r.look(t.Context()); err != nil || now.Kind != "finished" {
		t.Errorf("a finished run is %+v, %v", now, err)
	}
}
