package atomicfile

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// What a process that is gone was writing is removed; what lives, is another host's or isn't ours, stays.
func TestSweep(t *testing.T) {
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Skip("no process to wait for: ", err)
	}
	dir := t.TempDir()
	dead := gone.Process.Pid
	name := func(of, within string, pid int) string { return fmt.Sprintf(".%s.part-%s-%d-22", of, within, pid) }
	here, elsewhere := numbering(), "0123abcd"
	keep := []string{
		".a.part-123", name("live", here, os.Getpid()), name("other", elsewhere, dead), name("other", elsewhere, os.Getpid()),
		name("b", here, dead)[1:], "c.safetensors", ".hidden-12",
	}
	old := name("other-old", elsewhere, os.Getpid())
	for _, entry := range append(slices.Clone(keep), name("a", here, dead), name("step-1.safetensors", here, dead), old) {
		if err := os.WriteFile(filepath.Join(dir, entry), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now().Add(-foreignAge - time.Hour)
	if err := os.Chtimes(filepath.Join(dir, old), before, before); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, name("export", here, dead), "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	aside := name("replaced", here, dead)
	if err := os.MkdirAll(filepath.Join(dir, aside, "old"), 0o777); err != nil {
		t.Fatal(err)
	}
	keep = append(keep, aside)
	Sweep(dir)
	slices.Sort(keep)
	only(t, dir, keep...)
	Sweep(filepath.Join(dir, "nowhere"))
}

// The name by which a file is swept is the one that it gets.
func TestPatternIsSwept(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), Pattern("a.json"))
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	m := partial.FindStringSubmatch(filepath.Base(f.Name()))
	if m == nil || m[1] != numbering() || m[2] != strconv.Itoa(os.Getpid()) {
		t.Errorf("%q is read as %q", filepath.Base(f.Name()), m)
	}
}
