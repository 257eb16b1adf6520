package atomicfile

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// What a process that is gone was writing is removed; what lives, or isn't ours, stays.
func TestSweep(t *testing.T) {
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Skip("no process to wait for: ", err)
	}
	dir := t.TempDir()
	dead := gone.Process.Pid
	keep := []string{".a.part-123", fmt.Sprintf(".live.part-%d-77", os.Getpid()), fmt.Sprintf("b.part-%d-1", dead), "c.safetensors", ".hidden-12"}
	for _, name := range append(slices.Clone(keep), fmt.Sprintf(".a.part-%d-1", dead), fmt.Sprintf(".step-1.safetensors.part-%d-22", dead)) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, fmt.Sprintf(".export.part-%d-5", dead), "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	Sweep(dir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	slices.Sort(keep)
	if !slices.Equal(left, keep) {
		t.Errorf("left %q, want %q", left, keep)
	}
	Sweep(filepath.Join(dir, "nowhere"))
}
