package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
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

// What is written in pieces, larger than the buffer together, is there in order and for everybody.
func TestWriteStreams(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	var want bytes.Buffer
	err := Write(path, func(w io.Writer) error {
		for i := range bufferSize / 100 {
			piece := bytes.Repeat([]byte{byte(i)}, 150)
			want.Write(piece)
			if _, err := w.Write(piece); err != nil {
				return err
			}
		}
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("while it is written: %v, want that nothing is at its place", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("read %d bytes (%v), want the %d that were written", len(got), err, want.Len())
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v (%v), want 0644", info.Mode(), err)
	}
	only(t, filepath.Dir(path), "a")
}

// What cannot be written leaves what was there, and nothing beside it.
func TestErrorsLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	kept, taken := filepath.Join(dir, "file"), filepath.Join(dir, "folder")
	if err := os.MkdirAll(filepath.Join(taken, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(kept, []byte("kept")); err != nil {
		t.Fatal(err)
	}
	failing := errors.New("no more")
	fails := Write(kept, func(w io.Writer) error {
		if _, err := w.Write(make([]byte, 2*bufferSize)); err != nil { // more than stays in memory
			return err
		}
		return failing
	})
	if !errors.Is(fails, failing) {
		t.Errorf("error %v, want the writer's own", fails)
	}
	for _, err := range []error{
		fails,
		WriteFile(taken, []byte("x")),
		WriteFile(filepath.Join(dir, "missing", "a"), []byte("x")),
		WriteJSON(filepath.Join(dir, "a.json"), math.NaN()),
	} {
		if err == nil {
			t.Error("want an error")
		}
	}
	if b, err := os.ReadFile(kept); err != nil || string(b) != "kept" {
		t.Errorf("read %q (%v), want what was there", b, err)
	}
	only(t, dir, "file", "folder")
}

func TestPlaceRemovesWhatItCannotPlace(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "a.part"))
	if err != nil {
		t.Fatal(err)
	}
	if err := Place(f, filepath.Join(dir, "missing", "a")); err == nil {
		t.Error("want an error")
	}
	only(t, dir)
}

// A folder that can't be synced is no error where the system is the reason.
func TestFoldersThatCannotBeSynced(t *testing.T) {
	for err, want := range map[error]bool{
		syscall.EINVAL: true, errors.ErrUnsupported: true, syscall.EIO: false, syscall.EPERM: false, nil: false,
	} {
		if err != nil {
			err = &os.PathError{Op: "sync", Path: "x", Err: err}
		}
		if got := unsupported(err); got != want {
			t.Errorf("unsupported(%v) = %v, want %v", err, got, want)
		}
	}
	if err := SyncFolder(t.TempDir()); err != nil {
		t.Errorf("a folder of this system: %v", err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := SyncFolder(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a folder that is not there: want an error")
	}
	if _, err := os.Stat("/proc/self"); err == nil { // Linux: a file system that has no sync for folders
		if err := SyncFolder("/proc/self"); err != nil {
			t.Errorf("a folder of /proc: %v", err)
		}
	}
	shut := t.TempDir()
	if err := os.Chmod(shut, 0o300); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(shut, 0o700)
	if err := WriteFile(filepath.Join(shut, "a"), nil); err != nil {
		t.Errorf("a folder that may be written to and not read: %v", err)
	}
}

// only checks which names a folder holds, hidden ones included.
func only(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
}

// Whether a place can be written to is known before, leaves nothing there, and is said of the place
// itself, not of the file beside it.
func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := WriteFile(file, []byte("x")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{CanWrite(file), ""},
		{CanWrite(filepath.Join(dir, "new")), ""},
		{CanWrite(dir), "it is a folder, want a file"},
		{WriteFile(dir, nil), "it is a folder, want a file"},
		{CanWrite(filepath.Join(dir, "none", "new")), "new\": no such file or directory"},
		{CanWrite(filepath.Join(file, "new")), "new\": not a directory"},
		{CanMake(dir), ""},
		{CanMake(filepath.Join(dir, "a", "b", "c")), ""},
		{CanMake(file), "is a file, want a folder"},
		{CanMake(filepath.Join(file, "a", "b")), "is a file, want a folder"},
		{Renamed(fmt.Errorf("write %q: %w", filepath.Join(dir, "a", "b"), io.EOF), filepath.Join(dir, "a"), "out"), fmt.Sprintf("write %q: EOF", filepath.Join("out", "b"))},
	} {
		switch {
		case c.want == "" && c.err != nil:
			t.Errorf("error %v", c.err)
		case c.want != "" && (c.err == nil || !strings.Contains(c.err.Error(), c.want) || strings.Contains(c.err.Error(), ".part-")):
			t.Errorf("error %v, want %s", c.err, c.want)
		}
	}
	if !errors.Is(Renamed(io.EOF, "a", "b"), io.EOF) || !errors.Is(CanWrite(filepath.Join(dir, "none", "new")), fs.ErrNotExist) {
		t.Error("the cause is lost")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%d files are left (%v), want the one", len(left), err)
	}
}
