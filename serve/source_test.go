package serve

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"shoal/ingest"
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
