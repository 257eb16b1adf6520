package export

import (
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

// folder calls write with a temporary folder in the same folder, then has that take its place.
func (o Options) folder(write func(path string) error) (files []string, err error) {
	out := filepath.Clean(o.Out)
	atomicfile.Sweep(filepath.Dir(out))
	if err := atomicfile.CanMake(filepath.Dir(out)); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	aside, err := os.MkdirTemp(filepath.Dir(out), atomicfile.Pattern(out))
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	made, old := filepath.Join(aside, "new"), filepath.Join(aside, "old")
	defer func() {
		if _, there := os.Lstat(old); err == nil || os.IsNotExist(there) { // else it has the earlier export
			_ = os.RemoveAll(aside)
		}
	}()
	if err := os.Mkdir(made, 0o755); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if err := write(made); err != nil {
		return nil, atomicfile.Renamed(err, made, out)
	}
	if files, err = list(made); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if err := o.checkPlace(); err != nil { // it may have changed while the export was made
		return nil, err
	}
	if err := o.replace(made, out, old); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	for i := range files {
		files[i] = filepath.Join(out, files[i])
	}
	return files, nil
}

// replace renames made to out. With Force an earlier export goes to old first, and comes back if that
// fails; without it nothing is moved away.
func (o Options) replace(made, out, old string) error {
	if !o.Force {
		err := os.Rename(made, out)
		if info, e := os.Lstat(out); err != nil && e == nil && info.IsDir() && os.Remove(out) == nil {
			err = os.Rename(made, out) // an empty folder, which not every system replaces
		}
		return err
	}
	moved := os.Rename(out, old)
	if moved != nil && !os.IsNotExist(moved) {
		return moved
	}
	err := rename(made, out)
	if err == nil || moved != nil {
		return err
	}
	if back := rename(old, out); back != nil {
		return fmt.Errorf("%w; the earlier export is in %q: move it back (%w)", err, old, back)
	}
	return err
}

// rename is os.Rename, but in tests.
var rename = os.Rename
