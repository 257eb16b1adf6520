package atomicfile

import (
	"math"
	"os"
	"path/filepath"
	"testing"
)

func TestWriteJSON(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.json")
	for _, v := range []int{1, 2} { // the second time it replaces
		if err := WriteJSON(path, v); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "2\n" {
		t.Errorf("read %q (%v), want the second value", b, err)
	}
}

// What cannot be written leaves what was there, and nothing beside it.
func TestErrorsLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "folder")
	if err := os.MkdirAll(filepath.Join(taken, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		WriteFile(taken, []byte("x")),
		WriteFile(filepath.Join(dir, "missing", "a"), []byte("x")),
		WriteJSON(filepath.Join(dir, "a.json"), math.NaN()),
	} {
		if err == nil {
			t.Error("want an error")
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("the folder holds %v (%v), want what it held", left, err)
	}
}
