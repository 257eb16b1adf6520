package atomicfile

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOnlyFilesAreRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := WriteFile(path, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if text, err := ReadSmall(path, 1); err != nil || string(text) != "x" {
		t.Errorf("read %q (%v), want what was written", text, err)
	}
	socket := filepath.Join(dir, "s")
	if listener, err := net.Listen("unix", socket); err == nil {
		defer listener.Close()
	}
	for path, want := range map[string]string{
		dir: "a folder", os.DevNull: "a device", socket: "a socket", filepath.Join(dir, "none"): "no such file",
	} {
		if want == "a socket" {
			if _, err := os.Stat(path); err != nil {
				continue // the system has none
			}
		}
		if _, err := ReadSmall(path, 1<<20); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want that it is %s", path, err, want)
		}
	}
}

func TestLargeFilesAreNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := WriteFile(path, []byte("12345")); err != nil {
		t.Fatal(err)
	}
	if text, err := ReadSmall(path, 5); err != nil || string(text) != "12345" {
		t.Errorf("read %q (%v), want all five bytes", text, err)
	}
	if _, err := ReadSmall(path, 4); err == nil || !strings.Contains(err.Error(), "want at most 4") {
		t.Errorf("error %v, want that five bytes are too many", err)
	}
	// A file of a terabyte without content is refused at once.
	if err := os.Truncate(path, 1<<40); err != nil {
		t.Skip(err)
	}
	if _, err := ReadSmall(path, 1<<30); err == nil || !strings.Contains(err.Error(), "1099511627776 bytes") {
		t.Errorf("error %v, want that a terabyte is too much", err)
	}
}
