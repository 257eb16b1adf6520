package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A study's name, whatever it is, names a folder below runs that isn't there yet.
func TestFreeFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct{ study, want string }{
		{"mnist", "mnist-20260102-030405"}, {"mnist", "mnist-20260102-030405-2"}, {"mnist", "mnist-20260102-030405-3"},
		{"../../x", "x-20260102-030405"}, {"", "run-20260102-030405"}, {"..", "run-20260102-030405-2"},
		{"a\x1b[31m\nb", "a-31m-b-20260102-030405"},
	} {
		got := freeFolder(c.study, now)
		if want := filepath.Join("runs", c.want); got != want {
			t.Errorf("study %q gets %q, want %q", c.study, got, want)
		}
		if err := os.MkdirAll(got, 0o777); err != nil {
			t.Fatal(err)
		}
	}
}
