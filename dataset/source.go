package dataset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// A Source says where datasets may come from. The zero value uses the user's
// cache folder, the official mirrors and the go command.
type Source struct {
	DataDir       string // a folder of the user's; it must exist when it is given
	CacheDir      string // shoal's cache folder, "" for shoal in the user's cache folder
	Offline       bool   // use neither mirrors nor the go command
	AllowModified bool   // accept well-formed files that are not the published ones

	HTTP      *http.Client // nil for one with time-outs; a given one must have its own
	GoCommand string       // "" for "go"
	SystemDir string       // where distributions put datasets, "" for /usr/share/datasets

	// Progress reports bytes of the file that is being fetched, and sources
	// that fail, as notes; nil for none. Calls don't overlap.
	Progress func(done, total int, note string)
}

const folderPrefix = "folder:"

// Names lists the official datasets.
func Names() []string {
	var names []string
	for _, s := range specs() {
		names = append(names, s.name)
	}
	return names
}

// ErrUnknown is the cause when a name is neither an official dataset nor a
// folder.
var ErrUnknown = errors.New("unknown dataset")

func unknown(name string) error {
	return fmt.Errorf("%w %q: want %s or folder:PATH", ErrUnknown, name, strings.Join(Names(), ", "))
}

// ErrNotFound is the cause when no source has the dataset.
var ErrNotFound = errors.New("dataset not found")

// A NotFoundError lists the sources in the order in which they were tried.
type NotFoundError struct {
	Name  string
	Tried []Attempt
}

// An Attempt is one source that didn't have the dataset, and why.
type Attempt struct{ Source, Problem string }

// Error is one line.
func (e *NotFoundError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "dataset %q not found; tried", e.Name)
	for i, a := range e.Tried {
		if i > 0 {
			b.WriteByte(';')
		}
		fmt.Fprintf(&b, " %s: %s", a.Source, a.Problem)
	}
	b.WriteString("; put its official files into a folder and name that with --data-dir")
	return b.String()
}

// Unwrap makes errors.Is(err, ErrNotFound) true.
func (e *NotFoundError) Unwrap() error { return ErrNotFound }

// Load reads a dataset, fetching it first when no source on this machine has
// it. The name is one of Names or "folder:PATH".
func Load(ctx context.Context, name string, src Source) (*Set, error) {
	if path, ok := strings.CutPrefix(name, folderPrefix); ok {
		return loadFolder(ctx, name, path)
	}
	s := lookup(name)
	if s == nil {
		return nil, unknown(name)
	}
	return src.load(ctx, s)
}

func (src Source) load(ctx context.Context, s *spec) (*Set, error) {
	at, attempts, err := src.local(s)
	if err != nil {
		return nil, err
	}
	if at != nil {
		return s.load(ctx, at, src.AllowModified)
	}
	dir, err := src.cacheFolder(s.name)
	if err != nil {
		return nil, err
	}
	if at, err = src.cached(ctx, s, dir); err != nil {
		return nil, err
	}
	if at == nil {
		attempts = append(attempts, Attempt{"the cache " + quoted(dir), "not there"})
		if _, err := src.acquire(ctx, s, dir, attempts); err != nil {
			return nil, err
		}
		if at, err = s.searchIn(dir); err != nil {
			return nil, err
		}
	}
	return s.load(ctx, at, false)
}

// local looks at the places that shoal only reads.
func (src Source) local(s *spec) (*find, []Attempt, error) {
	var attempts []Attempt
	if src.DataDir != "" {
		if info, err := os.Stat(src.DataDir); err != nil || !info.IsDir() {
			return nil, nil, fmt.Errorf("data folder %q is not a folder: check --data-dir", src.DataDir)
		}
		at, err := s.search(src.DataDir)
		if at != nil || err != nil {
			return at, nil, err
		}
		attempts = append(attempts, Attempt{"the data folder " + quoted(src.DataDir), "no file of this dataset"})
	}
	if s.system != "" {
		dir := filepath.Join(orDefault(src.SystemDir, "/usr/share/datasets"), s.system)
		if at, err := s.searchIn(dir); err == nil && at != nil {
			return at, nil, nil
		}
		attempts = append(attempts, Attempt{"the system's datasets", "no folder " + quoted(dir)})
	}
	return nil, attempts, nil
}

// cached returns what the cache has if all of it matches its checksums, else
// nil: a damaged cache is fetched again.
func (src Source) cached(ctx context.Context, s *spec, dir string) (*find, error) {
	at, err := s.searchIn(dir)
	if err != nil || at == nil {
		return nil, nil
	}
	for _, name := range at.layout.files {
		_, err := checkFile(ctx, filepath.Join(dir, name), s.files[name])
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			src.say("the cached file is damaged and is fetched again: " + err.Error())
			return nil, nil
		}
	}
	return at, nil
}

// searchIn looks for the dataset in just this folder.
func (s *spec) searchIn(dir string) (*find, error) {
	only := *s
	only.folders = []string{"."}
	return only.search(dir)
}

// cacheFolder returns where the cache keeps a dataset.
func (src Source) cacheFolder(name string) (string, error) {
	base := src.CacheDir
	if base == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no cache folder (%w): set HOME or XDG_CACHE_HOME", err)
		}
		base = filepath.Join(user, "shoal")
	}
	return filepath.Join(base, "datasets", name), nil
}

func (src Source) say(note string) {
	if src.Progress != nil {
		src.Progress(0, 0, note)
	}
}

func quoted(path string) string { return fmt.Sprintf("%q", path) }

func orDefault(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

// Info describes an official dataset and where Load would read it from.
type Info struct {
	Name, Title             string
	Classes                 []string
	Height, Width, Channels int
	Train, Test             int
	Where                   string // the folder that has it, "" when it would have to be fetched
	Problem                 string // why the place that should have it can't be used, "" if nothing is wrong
}

// List describes all official datasets. It looks whether their files exist and
// doesn't read them.
func List(src Source) []Info {
	var list []Info
	for _, s := range specs() {
		info := Info{
			Name: s.name, Title: s.title, Classes: s.classes,
			Height: s.height, Width: s.width, Channels: s.channels, Train: s.train, Test: s.test,
		}
		at, err := src.find(s)
		switch {
		case err != nil:
			info.Problem = err.Error()
		case at != nil:
			info.Where = at.dir
		}
		list = append(list, info)
	}
	return list
}

// find looks for a dataset without reading or fetching it.
func (src Source) find(s *spec) (*find, error) {
	at, _, err := src.local(s)
	if at != nil || err != nil {
		return at, err
	}
	dir, err := src.cacheFolder(s.name)
	if err != nil {
		return nil, err
	}
	return s.searchIn(dir)
}

// A FileStatus is what Verify found out about one file.
type FileStatus struct {
	Path    string
	OK      bool
	Problem string // why not OK, or what could not be checked
}

// Verify reads every file of a dataset on this machine and compares it with
// its checksum, then decodes all of it. The error is that of the first problem;
// the statuses are complete up to it. Nothing is fetched.
func Verify(ctx context.Context, name string, src Source) ([]FileStatus, error) {
	if strings.HasPrefix(name, folderPrefix) {
		_, err := Load(ctx, name, src)
		return nil, err
	}
	s := lookup(name)
	if s == nil {
		return nil, unknown(name)
	}
	at, err := src.find(s)
	if err != nil {
		return nil, err
	}
	if at == nil {
		return nil, fmt.Errorf("%w: %q is not on this machine: run `shoal data fetch %s`", ErrNotFound, name, name)
	}
	var first error
	var statuses []FileStatus
	for _, file := range at.layout.files {
		path := filepath.Join(at.dir, filepath.FromSlash(file))
		status := FileStatus{Path: path, OK: true}
		known, err := checkFile(ctx, path, s.files[filepath.Base(file)])
		switch {
		case ctx.Err() != nil:
			return statuses, ctx.Err()
		case err != nil && !src.AllowModified && s.files[filepath.Base(file)].raw == "":
			status.OK, status.Problem = false, err.Error()
			if first == nil {
				first = err
			}
		case err == nil && !known && s.files[filepath.Base(file)].raw == "":
			status.Problem = "no checksum is known"
		}
		statuses = append(statuses, status)
	}
	if first == nil {
		_, first = s.load(ctx, at, src.AllowModified)
	}
	return statuses, first
}

// isMissing reports whether a path isn't there.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
