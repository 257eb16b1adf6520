package main

import (
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// A study's name, whatever it is, names a folder of its own below runs, also for runs that begin at
// the same moment.
func TestNewFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct{ study, want string }{
		{"mnist", "mnist-20260102-030405"}, {"mnist", "mnist-20260102-030405-2"}, {"mnist", "mnist-20260102-030405-3"},
		{"../../x", "x-20260102-030405"}, {"", "run-20260102-030405"}, {"..", "run-20260102-030405-2"},
		{"a\x1b[31m\nb", "a-31m-b-20260102-030405"},
	} {
		got, err := newFolder(c.study, now)
		if want := filepath.Join("runs", c.want); got != want || err != nil {
			t.Errorf("study %q gets %q (%v), want %q", c.study, got, err, want)
		}
	}
	var group sync.WaitGroup
	var mu sync.Mutex
	var all []string
	for range 20 {
		group.Go(func() {
			dir, err := newFolder("same", now)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			all = append(all, dir)
			mu.Unlock()
		})
	}
	group.Wait()
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != 20 {
		t.Errorf("20 runs that begin at once have %d folders", n)
	}
}
