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
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// Fetched is the result of Fetch.
type Fetched struct {
	Name string
	Dir  string // the cache folder that has the dataset now
	From string // the source, "" when the cache had it already
}

// Fetch puts a dataset into the cache, unless it is there already, complete and unchanged.
// Source.DataDir is ignored.
func Fetch(ctx context.Context, name string, src Source) (Fetched, error) {
	s := lookup(name)
	if s == nil && ofUser(name) {
		return Fetched{}, fmt.Errorf("dataset %q %w", name, ErrOwnFiles)
	}
	if s == nil {
		return Fetched{}, unknown(name)
	}
	dir, err := src.cacheFolder(name)
	if err != nil {
		return Fetched{}, err
	}
	done := Fetched{Name: name, Dir: dir}
	missing, err := s.unsound(ctx, dir)
	if err != nil || len(missing) == 0 {
		return done, err
	}
	done.From, err = src.acquire(ctx, s, dir, nil)
	return done, err
}

// acquire gets the files that the cache lacks, one process at a time. It returns the sources that
// provided some, separated by commas.
func (src Source) acquire(ctx context.Context, s *spec, dir string, attempts []Attempt) (string, error) {
	if src.Offline {
		attempts = append(attempts, Attempt{"the network", "not allowed (offline)"})
		return "", &NotFoundError{s.name, attempts}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", unwritable(dir, err)
	}
	lock := flock.New(filepath.Join(dir, ".lock"))
	defer lock.Close()
	if locked, err := lock.TryLock(); err != nil {
		return "", unwritable(dir, err)
	} else if !locked {
		src.say("waiting for another run that is fetching " + s.name)
		if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
			return "", err
		}
	}
	missing, err := s.unsound(ctx, dir)
	if err != nil {
		return "", err
	}
	var used []string
	for _, from := range src.suppliers(s) {
		if len(missing) == 0 {
			break
		}
		before := len(missing)
		missing, err = from.get(ctx, dir, missing)
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if len(missing) < before {
			used = append(used, from.name)
		}
		var fatal *CacheError
		if errors.As(err, &fatal) {
			return "", err
		}
		if err != nil {
			src.say(from.name + ": " + err.Error())
			attempts = append(attempts, Attempt{from.name, err.Error()})
		}
	}
	if len(missing) > 0 {
		return "", &NotFoundError{s.name, attempts}
	}
	return strings.Join(used, ", "), nil
}

// unsound lists the files that the cache lacks or that are damaged there.
func (s *spec) unsound(ctx context.Context, dir string) ([]string, error) {
	var names []string
	for _, name := range s.fetch {
		_, err := checkFile(ctx, filepath.Join(dir, name), s.files[name])
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			names = append(names, name)
		}
	}
	return names, nil
}

// A supplier gets files into the cache folder. It returns those that it couldn't get, with the
// reason for the first.
type supplier struct {
	name string
	get  func(ctx context.Context, dir string, names []string) (missing []string, err error)
}

// suppliers lists where the files of a dataset can come from, in order.
func (src Source) suppliers(s *spec) []supplier {
	client := src.HTTP
	if client == nil {
		client = defaultClient()
	}
	var list []supplier
	for _, base := range s.mirrors {
		list = append(list, supplier{"mirror " + base, func(ctx context.Context, dir string, names []string) ([]string, error) {
			return src.fromMirror(ctx, client, s, base, dir, names)
		}})
	}
	if s.module != nil {
		list = append(list, supplier{"Go module " + s.module.path, func(ctx context.Context, dir string, names []string) ([]string, error) {
			return src.fromModule(ctx, s, dir, names)
		}})
	}
	return list
}

// fromMirror downloads the files. It leaves the mirror at the first that fails, so that a dead one
// costs one time-out and not one a file.
func (src Source) fromMirror(ctx context.Context, client *http.Client, s *spec, base, dir string, names []string) ([]string, error) {
	for i, name := range names {
		d := download{
			client: client, url: base + name, path: filepath.Join(dir, name), file: s.files[name],
			progress: func(done, total int) {
				if src.Progress != nil {
					src.Progress(done, total, name)
				}
			},
		}
		if err := d.run(ctx); err != nil {
			return names[i:], err
		}
	}
	return nil, nil
}

// A CacheError is a problem of the cache that no other source can solve: another cache folder can.
type CacheError struct {
	Path string // "" where no folder is known
	Err  error
}

func (e *CacheError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("no cache folder is known (%v)", e.Err)
	}
	return fmt.Sprintf("cannot write %q to the cache: %s", e.Path, e.reason())
}

// reason is what is wrong in words, where the system's own are short or name another path.
func (e *CacheError) reason() string {
	switch {
	case e.Full():
		return "the disk is full"
	case errors.Is(e.Err, syscall.EROFS):
		return "that disk can only be read"
	case errors.Is(e.Err, fs.ErrPermission):
		return "no permission to write there"
	}
	return plain(e.Err).Error()
}

// Full reports whether the disk has no room.
func (e *CacheError) Full() bool { return errors.Is(e.Err, syscall.ENOSPC) }

func (e *CacheError) Unwrap() error { return e.Err }

// unwritable is a failed write to the cache.
func unwritable(path string, err error) error { return &CacheError{path, err} }

// plain drops the path, which the message has already.
func plain(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
