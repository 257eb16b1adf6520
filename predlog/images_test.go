package predlog

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzReadPaths: no file makes the reader panic, and what it accepts has a path for each example.
func FuzzReadPaths(f *testing.F) {
	for _, text := range []string{`{"shoal_images": 1, "paths": ["/a.png", "/b.png"]}`, `{"shoal_images": 2, "paths": ["", ""]}`, `{"paths": [1, 2]}`, ""} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, Images, "test"+PathsEnding)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		paths, err := ImagePaths(dir, "test", 2)
		if err == nil && len(paths) != 2 || err != nil && !strings.Contains(err.Error(), path) {
			t.Fatalf("%d paths, error %v", len(paths), err)
		}
		if none, err := ImagePaths(dir, "train", 2); none != nil || err != nil {
			t.Fatalf("a split without a list: %v, %v", none, err)
		}
	})
}
