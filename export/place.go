package export

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"shoal/internal/atomicfile"
)

// checkPlace refuses a place that can't be written to, before any work is done.
func (o Options) checkPlace() error {
	if o.Out == "" {
		return &PlaceError{o.Out, "is no place for an export"}
	}
	if info, err := os.Stat(filepath.Dir(o.Out)); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no folder %q for the export: make it first", filepath.Dir(o.Out))
	}
	info, err := os.Lstat(o.Out)
	switch {
	case os.IsNotExist(err):
		return nil
	case err != nil:
		return fmt.Errorf("export: %w", err)
	case o.Format == NPZ && !info.Mode().IsRegular():
		return &PlaceError{o.Out, "is no file"}
	case o.Format != NPZ && !info.IsDir():
		return &PlaceError{o.Out, "is no folder, and format " + o.Format + " writes one"}
	case o.Format != NPZ:
		return o.checkFolder()
	case !o.Force:
		return fmt.Errorf("%q %w", o.Out, ErrExists)
	}
	return nil
}

// checkFolder accepts an empty folder, and with Force one that holds nothing but an export of the
// same format.
func (o Options) checkFolder() error {
	files, err := list(o.Out)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if len(files) == 0 {
		return nil
	}
	for _, f := range files {
		if !o.ours(f) {
			return &PlaceError{o.Out, fmt.Sprintf("holds %q, which no export to %s writes", f, o.Format)}
		}
	}
	if !o.Force {
		return fmt.Errorf("%q %w", o.Out, ErrExists)
	}
	return nil
}

// ours reports whether a file, by its path in the folder, is one that an export of this format
// writes.
func (o Options) ours(file string) bool {
	if o.Format == TensorBoard {
		return strings.Count(file, string(filepath.Separator)) == 1 && filepath.Base(file) == eventFile
	}
	if l, ok := labelledFormats[o.Format]; ok {
		return l.ours(file)
	}
	name, found := strings.CutSuffix(file, "."+o.Format)
	return found && slices.Contains(tableNames, name)
}

// list returns the files below dir, by their paths in it. Folders without a file are not listed,
// links are.
func list(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		inside, err := filepath.Rel(dir, path)
		files = append(files, inside)
		return err
	})
	return files, err
}

// folder calls write with a temporary folder in the same folder, then renames it. An earlier export
// is renamed first, and renamed back if that fails.
func (o Options) folder(write func(path string) error) ([]string, error) {
	out := filepath.Clean(o.Out)
	atomicfile.Sweep(filepath.Dir(out))
	if err := atomicfile.CanMake(filepath.Dir(out)); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	aside, err := os.MkdirTemp(filepath.Dir(out), atomicfile.Pattern(out))
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	defer os.RemoveAll(aside)
	made, old := filepath.Join(aside, "new"), filepath.Join(aside, "old")
	if err := os.Mkdir(made, 0o755); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if err := write(made); err != nil {
		return nil, atomicfile.Renamed(err, made, out)
	}
	files, err := list(made)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	moved := os.Rename(out, old)
	if moved != nil && !os.IsNotExist(moved) {
		return nil, fmt.Errorf("export: %w", moved)
	}
	if err := os.Rename(made, out); err != nil {
		if moved == nil {
			err = errors.Join(err, os.Rename(old, out))
		}
		return nil, fmt.Errorf("export: %w", err)
	}
	for i := range files {
		files[i] = filepath.Join(out, files[i])
	}
	return files, nil
}
