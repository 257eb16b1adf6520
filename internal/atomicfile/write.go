// Package atomicfile writes files as a whole or not at all, and reads files only.
//
// It is the one place that writes a file beside its place, syncs it and renames it. Folders of
// files and SQLite databases are not its business.
package atomicfile

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// bufferSize is the largest write that Write gathers before it asks the system, in bytes.
const bufferSize = 64 << 10

// Write has write fill a file beside its place and then does what Place does, so that a reader
// never sees half of it and a file as large as the disk needs no memory. Its folder must exist; a
// file that is there is replaced. Everybody may read the file (mode 0644). Until it is in its place
// an error leaves nothing behind, and what was there as it was.
func Write(path string, write func(w io.Writer) error) error {
	f, err := create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, bufferSize)
	if err = write(w); err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = Place(f, path)
	} else {
		f.Close()
		os.Remove(f.Name())
	}
	if err != nil {
		return fmt.Errorf("write %q: %w", path, cause(err, f.Name()))
	}
	return nil
}

// CanWrite reports why Write could not write a file at path, nil where it could: for those who work
// long before they write. It leaves nothing behind.
func CanWrite(path string) error {
	f, err := create(path)
	if err != nil {
		return err
	}
	f.Close()
	return os.Remove(f.Name())
}

// CanMake is CanWrite for a folder that is to be made, with those above it, or to be written to.
func CanMake(dir string) error {
	info, err := os.Stat(dir)
	for err != nil && filepath.Dir(dir) != dir {
		dir = filepath.Dir(dir)
		info, err = os.Stat(dir)
	}
	if err == nil && !info.IsDir() {
		return fmt.Errorf("%q is a file, want a folder", dir)
	}
	f, err := os.CreateTemp(dir, Pattern("new"))
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("folder %q can't be written to: %w", dir, failed.Err)
	}
	if err != nil {
		return err
	}
	f.Close()
	return os.Remove(f.Name())
}

// ReadOnly reports whether an error is that of a place which may only be read: its disk, or this user's
// permissions, say so.
func ReadOnly(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}

// create makes the file beside its place that Write fills.
func create(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("write %q: it is a folder, want a file", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), Pattern(path))
	if err == nil {
		return f, nil
	}
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err // its path is one that nobody knows
	}
	return nil, fmt.Errorf("write %q: %w", path, err)
}

// cause is an error without the name of the file beside its place, which means nothing to a reader.
func cause(err error, beside string) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok && failed.Path == beside {
		return failed.Err
	}
	if failed, ok := errors.AsType[*os.LinkError](err); ok && failed.Old == beside {
		return failed.Err
	}
	return err
}

// Renamed is an error about a file within from, which nobody knows, in words of the place to that it
// would have taken.
func Renamed(err error, from, to string) error { return &renamed{err, from, to} }

type renamed struct {
	error
	from, to string
}

func (r *renamed) Error() string { return strings.ReplaceAll(r.error.Error(), r.from, r.to) }
func (r *renamed) Unwrap() error { return r.error }

// WriteFile writes data, as Write does.
func WriteFile(path string, data []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// WriteJSON writes v as indented JSON, as Write does.
func WriteJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %q: %w", path, err)
	}
	return WriteFile(path, append(text, '\n'))
}

// Place syncs and closes f, renames it to path, which is in the same folder, and syncs that folder:
// once it returns, the file stays there even when the power fails, unless the file system can't do
// that. On an error f is closed and removed; only when the sync of the folder fails is it at path.
func Place(f *os.File, path string) error {
	err := syncFile(f)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	return SyncFolder(filepath.Dir(path))
}

// SyncFolder makes the names in a folder durable, where the system has a call for that and lets
// this user open the folder: Windows and Plan 9 have none.
func SyncFolder(dir string) error {
	if runtime.GOOS == "windows" || runtime.GOOS == "plan9" {
		return nil
	}
	folder, err := os.Open(dir)
	if errors.Is(err, os.ErrPermission) {
		return nil // a folder that one may write to and not read
	}
	if err != nil {
		return err
	}
	defer folder.Close()
	return syncFile(folder)
}

// syncFile is f.Sync, but for file systems that have none: what can't be asked of them is no error.
func syncFile(f *os.File) error {
	if err := f.Sync(); !unsupported(err) {
		return err
	}
	return nil
}

// unsupported reports whether an error says that a file system has no sync for a file or folder.
func unsupported(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL)
}
