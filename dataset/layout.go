package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// A layout is one way in which a dataset lies in a folder: it is there when all its files are.
type layout struct {
	name  string
	files []string
	// others lists other names that the file of a name may have; nil for none.
	others func(name string) []string
	vague  bool // the files' names are too common for a part of them to mean anything
	// read reads the files of these names, which stand for those of files.
	read func(ctx context.Context, j *job, dir string, names []string) (train, test Split, err error)
}

// A find is a layout in a folder.
type find struct {
	layout layout
	dir    string
	names  []string // that the layout's files have there
}

// search looks for the dataset in dir and its well-known subfolders. It returns nil when nothing is
// there, and an error when a part is.
func (s *spec) search(dir string) (*find, error) {
	var partial error
	for _, sub := range s.folders {
		folder := filepath.Join(dir, filepath.FromSlash(sub))
		for _, l := range s.layouts {
			names, missing, err := l.filesIn(folder)
			switch {
			case err != nil:
				return nil, err
			case len(missing) == 0:
				return &find{l, folder, names}, nil
			case len(missing) < len(l.files) && partial == nil && !l.vague:
				partial = fmt.Errorf("folder %q: %d of the %d files of %s are missing, first %q: add them, or move the others away",
					folder, len(missing), len(l.files), s.name, missing[0])
			}
		}
	}
	return nil, partial
}

// filesIn lists the names that the layout's files have in the folder, and which are not there.
func (l layout) filesIn(folder string) (names, missing []string, err error) {
	for _, file := range l.files {
		candidates := []string{file}
		if l.others != nil {
			candidates = append(candidates, l.others(file)...)
		}
		at := slices.IndexFunc(candidates, func(name string) bool {
			info, statErr := os.Stat(filepath.Join(folder, filepath.FromSlash(name)))
			if statErr != nil && !errors.Is(statErr, fs.ErrNotExist) && !errors.Is(statErr, syscall.ENOTDIR) {
				err = statErr
			}
			return statErr == nil && info.Mode().IsRegular() // a folder of that name is something else
		})
		switch {
		case err != nil:
			return nil, nil, err
		case at < 0:
			missing = append(missing, file)
		default:
			names = append(names, candidates[at])
		}
	}
	return names, missing, nil
}

// wanted says which files search looks for, and where.
func (s *spec) wanted() string {
	var files []string
	for _, l := range s.layouts {
		text := l.files[0]
		if n := len(l.files) - 1; n > 0 {
			text += fmt.Sprintf(" and %d more", n)
		}
		if l.others != nil {
			also := slices.DeleteFunc(l.others(l.files[0]), func(name string) bool { return name == l.files[0] })
			text += " (also as " + strings.Join(also, ", ") + ")"
		}
		files = append(files, text)
	}
	var below []string
	for _, folder := range s.folders {
		if folder != "." {
			below = append(below, folder)
		}
	}
	text := "looked for " + strings.Join(files, ", or ")
	if len(below) > 0 {
		text += "; in it and in its folders " + strings.Join(below, ", ")
	}
	return text
}

// A job is the reading of one dataset from one place.
type job struct {
	spec          *spec
	allowModified bool
	membersOnly   bool // of an archive: its members have checksums, it has none
	mu            sync.Mutex
	notes         []string
}

func (j *job) note(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.notes = append(j.notes, fmt.Sprintf(format, args...))
}

// load reads what search found into a checked Set.
func (s *spec) load(ctx context.Context, at *find, allowModified bool) (*Set, error) {
	j := &job{spec: s, allowModified: allowModified}
	train, test, err := at.layout.read(ctx, j, at.dir, at.names)
	if err != nil {
		return nil, err
	}
	set := &Set{
		Name: s.name, Classes: s.classes, Height: s.height, Width: s.width, Channels: s.channels,
		Train: train, Test: test,
		Origin: fmt.Sprintf("%s in %s", at.layout.name, at.dir), Notes: j.notes,
	}
	if train.Len() != s.train || test.Len() != s.test {
		return nil, fmt.Errorf("dataset %q in %q: %d training and %d test examples, want %d and %d",
			s.name, at.dir, train.Len(), test.Len(), s.train, s.test)
	}
	return set, set.Validate()
}

// inParallel runs the tasks at once and returns the first error in their order.
func inParallel(tasks ...func() error) error {
	errs := make([]error, len(tasks))
	var wait sync.WaitGroup
	for i, task := range tasks {
		wait.Go(func() { errs[i] = task() })
	}
	wait.Wait()
	return cmp.Or(errs...)
}

// A contextReader stops reading when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
