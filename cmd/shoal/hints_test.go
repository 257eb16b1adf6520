package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"shoal/dataset"
	"shoal/export"
)

// Every error of the table gets its own hint, however deep it is wrapped, and
// each hint is that of some error here.
func TestHints(t *testing.T) {
	verb := newRoot(&console{})
	seen := map[string]bool{}
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("%q %w", "x", export.ErrExists), "name another with --out, or replace it with --force"},
		{&export.PlaceError{Path: "x", Problem: "is no file"}, "name another with --out"},
		{fmt.Errorf("data folder %w", dataset.ErrDataDir), "check --data-dir"},
		{dataset.ErrModified, "fetch it again, or use it as it is with --allow-modified"},
		{&dataset.NotHereError{Name: "mnist"}, "fetch it with: shoal data fetch mnist"},
		{&dataset.NotFoundError{Name: "mnist"}, "put its official files into a folder and name that with --data-dir"},
	} {
		for _, err := range []error{c.err, fmt.Errorf("deep: %w", fmt.Errorf("deeper: %w", c.err))} {
			if got := hint(verb, err); got != "; "+c.want {
				t.Errorf("%v: hint %q, want %q", err, got, c.want)
			}
			if strings.Contains(err.Error(), " --") {
				t.Errorf("%v: the library speaks of a flag", err)
			}
		}
		seen[c.want] = true
	}
	if len(seen) != len(hints) {
		t.Errorf("%d hints are tested, the table has %d", len(seen), len(hints))
	}
	if got := hint(verb, errors.New("some other error")); got != "" {
		t.Errorf("a hint for any error: %q", got)
	}
}
