package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"shoal/internal/usage"
)

// A Source says where datasets may come from. The zero value uses the user's cache folder, the
// official mirrors and the go command.
type Source struct {
	DataDir       string // a folder of the user's; it must exist when it is given
	CacheDir      string // shoal's cache folder, "" for shoal in the user's cache folder
	Offline       bool   // use neither mirrors nor the go command
	AllowModified bool   // accept well-formed files that are not the published ones
	Images        Images // how the files of an image folder become examples
	Label         string // of "csv:" and "parquet:", the column with the labels; "" for label

	HTTP      *http.Client // nil for one with time-outs; a given one must have its own
	GoCommand string       // "" for "go"
	SystemDir string       // where distributions put datasets, "" for /usr/share/datasets

	// Progress gets the bytes of the file that is being fetched, with total 0 while its size isn't
	// known, or the images of a folder; or, with done and total both 0, a message, for example that a mirror failed. Nil for
	// none. Calls don't overlap.
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

// ErrUnknown is the cause when a name is neither an official dataset nor a folder.
var ErrUnknown = errors.New("unknown dataset")

func unknown(name string) error {
	return fmt.Errorf("%w %q: want %s, folder:PATH, npz:PATH, csv:PATH or parquet:PATH%s", ErrUnknown, name, strings.Join(Names(), ", "), usage.DidYouMean(name, Names()))
}

// ErrOwnFiles is the cause when a folder of images, or features, would be fetched.
var ErrOwnFiles = errors.New("is read from where it is: there is nothing to fetch")

// ofUser reports whether a name is that of files of the user's own.
func ofUser(name string) bool {
	_, _, features := OfFeatures(name)
	return features || strings.HasPrefix(name, folderPrefix)
}

// From is a name as it is from everywhere: its paths, if it has some that are not absolute, count from
// a folder.
func From(folder, name string) string {
	if !ofUser(name) {
		return name
	}
	form, path, _ := strings.Cut(name, ":")
	join := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(folder, path)
	}
	train, test, two := strings.Cut(path, ",")
	if two && form != "folder" && !exists(join(path)) {
		return form + ":" + join(train) + "," + join(test)
	}
	return form + ":" + join(path)
}

// Here reports whether the files that a name of the user's own stands for are there.
func Here(name string) bool {
	_, path, _ := strings.Cut(name, ":")
	train, test, two := strings.Cut(path, ",")
	return exists(path) || two && exists(train) && exists(test)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
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
	var tried []string
	for _, a := range e.Tried {
		tried = append(tried, a.Source+": "+a.Problem)
	}
	return fmt.Sprintf("dataset %q not found; tried %s", e.Name, strings.Join(tried, "; "))
}

// Unwrap makes errors.Is(err, ErrNotFound) true.
func (e *NotFoundError) Unwrap() error { return ErrNotFound }

// A NotHereError says that no source on this machine has the dataset; it was not fetched.
type NotHereError struct{ Name string }

func (e *NotHereError) Error() string {
	return fmt.Sprintf("%v: %q is not on this machine", ErrNotFound, e.Name)
}

// Unwrap makes errors.Is(err, ErrNotFound) true.
func (e *NotHereError) Unwrap() error { return ErrNotFound }

// ErrDataDir is the cause when Source.DataDir is given and not a folder.
var ErrDataDir = errors.New("is not a folder")

// ErrOwnFolder is the cause when Source.DataDir is given for a dataset whose name has its folder.
var ErrOwnFolder = errors.New("names its own folder, another data folder can't be given")

// Load reads a dataset, fetching it first when no source on this machine has it. The name is one of
// Names, "folder:PATH", or that of features.
func Load(ctx context.Context, name string, src Source) (*Set, error) {
	if path, ok, err := src.folder(name); ok {
		if err != nil {
			return nil, err
		}
		return loadFolder(ctx, name, path, src, true)
	}
	if path, form, ok := OfFeatures(name); ok {
		if src.Images != (Images{}) {
			return nil, fmt.Errorf("dataset %q %w", name, ErrNoFolder)
		}
		if src.DataDir != "" {
			return nil, fmt.Errorf("dataset %q %w (got %q)", name, ErrOwnFolder, src.DataDir)
		}
		return form.load(name, path, src.Label)
	}
	s := lookup(name)
	switch {
	case s == nil:
		return nil, unknown(name)
	case src.Images != Images{}:
		return nil, fmt.Errorf("dataset %q %w", name, ErrNoFolder)
	}
	return src.load(ctx, s)
}

// Contents is Load without the pixels of an image folder: for whoever wants to know which examples
// there are.
func Contents(ctx context.Context, name string, src Source) (*Set, error) {
	path, ok, err := src.folder(name)
	if !ok {
		return Load(ctx, name, src)
	}
	if err != nil {
		return nil, err
	}
	return loadFolder(ctx, name, path, src, false)
}

// folder is the path in the name of an image folder, for which nothing else may name one.
func (src Source) folder(name string) (path string, ok bool, err error) {
	path, ok = strings.CutPrefix(name, folderPrefix)
	if ok && src.DataDir != "" {
		err = fmt.Errorf("dataset %q %w (got %q)", name, ErrOwnFolder, src.DataDir)
	}
	return path, ok, err
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
	set, problem, err := src.fromCache(ctx, s, dir)
	if set != nil || err != nil {
		return set, err
	}
	attempts = append(attempts, Attempt{"the cache " + strconv.Quote(dir), problem})
	if _, err := src.acquire(ctx, s, dir, attempts); err != nil {
		return nil, err
	}
	if at, err = s.searchIn(dir); err != nil || at == nil {
		return nil, fmt.Errorf("dataset %q disappeared from the cache %q while it was fetched: run it again", s.name, dir)
	}
	return s.load(ctx, at, false)
}

// local looks at the places that shoal only reads.
func (src Source) local(s *spec) (*find, []Attempt, error) {
	var attempts []Attempt
	if src.DataDir != "" {
		if !isFolder(src.DataDir) {
			return nil, nil, fmt.Errorf("data folder %q %w", src.DataDir, ErrDataDir)
		}
		at, err := s.search(src.DataDir)
		if at != nil || err != nil {
			return at, nil, err
		}
		attempts = append(attempts, Attempt{"the data folder " + strconv.Quote(src.DataDir), "no file of this dataset; " + s.wanted()})
		other := src.holdsAnother(s)
		if other == "" { // somebody said where the data are: another place would be a surprise
			return nil, nil, &NotFoundError{Name: s.name, Tried: attempts}
		}
		src.say(fmt.Sprintf("%s isn't in the data folder %q, which has a folder of %s: looking elsewhere", s.name, src.DataDir, other))
	}
	if s.system != "" {
		dir := filepath.Join(cmp.Or(src.SystemDir, "/usr/share/datasets"), s.system)
		if at, err := s.searchIn(dir); err == nil && at != nil {
			return at, nil, nil
		}
		attempts = append(attempts, Attempt{"the system's datasets", "no folder " + strconv.Quote(dir)})
	}
	return nil, attempts, nil
}

// holdsAnother returns the name of another dataset that has a folder of its own in the data folder,
// "" when there is none.
func (src Source) holdsAnother(s *spec) string {
	for _, other := range specs() {
		at, err := other.search(src.DataDir)
		if err != nil || at == nil || other.name == s.name {
			continue
		}
		// Files in the data folder itself, or in a raw there, are all that it was made for.
		if folder, err := filepath.Rel(src.DataDir, at.dir); err == nil && folder != "." && folder != "raw" {
			return other.name
		}
	}
	return ""
}

// fromCache loads the dataset from the cache. When it is missing there, or damaged, it returns nil
// and the problem: then it is fetched again.
func (src Source) fromCache(ctx context.Context, s *spec, dir string) (*Set, string, error) {
	at, err := s.searchIn(dir)
	if err != nil {
		return nil, err.Error(), nil
	}
	if at == nil {
		return nil, "not there", nil
	}
	set, err := s.load(ctx, at, false)
	switch {
	case ctx.Err() != nil:
		return nil, "", ctx.Err()
	case err != nil:
		src.say("the cache is damaged: " + err.Error())
		return nil, err.Error(), nil
	}
	return set, "", nil
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
			return "", &CacheError{Err: err}
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
