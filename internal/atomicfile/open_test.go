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
	if text, err := ReadFile(path); err != nil || string(text) != "x" {
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
		if _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want that it is %s", path, err, want)
		}
	}
}
