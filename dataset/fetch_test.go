package dataset

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A mirror serves a folder, with what a test wants to go wrong.
type mirror struct {
	*httptest.Server
	requests atomic.Int64
	wrong    func(w http.ResponseWriter, r *http.Request) bool // answers itself if true
}

func newMirror(t *testing.T, dir string) *mirror {
	m := &mirror{}
	files := http.FileServer(http.Dir(dir))
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.requests.Add(1)
		if m.wrong == nil || !m.wrong(w, r) {
			files.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(m.Close)
	return m
}

// remote is a small dataset that a mirror has and the cache doesn't.
type remote struct {
	*spec
	*mirror
	src   Source
	cache string
	notes *[]string
}

func newRemote(t *testing.T, f form) remote {
	s, dir := f.spec(), t.TempDir()
	f.write(t, dir, s.set(0))
	s.publish(t, dir)
	m := newMirror(t, dir)
	s.mirrors = []string{m.URL + "/"}
	cache, notes := t.TempDir(), &[]string{}
	src := Source{CacheDir: cache, GoCommand: "no-such-command", Progress: func(_, total int, note string) {
		if total == 0 {
			*notes = append(*notes, note)
		}
	}}
	return remote{s, m, src, filepath.Join(cache, "datasets", s.name), notes}
}

func idxRemote(t *testing.T) remote { return newRemote(t, forms()[0]) }

// archiveRemote has only an MD5 published.
func archiveRemote(t *testing.T) remote {
	for _, f := range forms() {
		if f.name == "cifar-10-batches-bin.tar.gz" {
			return newRemote(t, f)
		}
	}
	t.Fatal("no such form")
	return remote{}
}

func (r remote) loads(t *testing.T) {
	t.Helper()
	set, err := r.src.load(context.Background(), r.spec)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(set.Train, r.set(0).Train) || len(set.Notes) > 0 {
		t.Errorf("other examples than the mirror's, or notes %q", set.Notes)
	}
}

// refused wants an error of one line with the text, and no partial file.
func (r remote) refused(t *testing.T, text string) {
	t.Helper()
	_, err := r.src.load(context.Background(), r.spec)
	if err == nil || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line with %q", err, text)
	}
	if parts := r.parts(); len(parts) > 0 {
		t.Errorf("%q are left behind", parts)
	}
}

func (r remote) parts() []string {
	parts, _ := filepath.Glob(filepath.Join(r.cache, "*.part"))
	return parts
}

func TestFetchFillsTheCacheOnce(t *testing.T) {
	for _, r := range []remote{idxRemote(t), archiveRemote(t)} {
		r.loads(t)
		first := r.requests.Load()
		if first != int64(len(r.fetch)) {
			t.Errorf("%d requests, want one for each of %d files", first, len(r.fetch))
		}
		r.src.Offline = true
		r.loads(t)
		if again := r.requests.Load(); again != first {
			t.Errorf("%d more requests with a full cache", again-first)
		}
	}
}

func TestOnlyDamagedFilesAreFetchedAgain(t *testing.T) {
	for _, r := range []remote{idxRemote(t), archiveRemote(t)} {
		r.loads(t)
		before := r.requests.Load()
		last := filepath.Join(r.cache, r.fetch[len(r.fetch)-1])
		data := must(os.ReadFile(last))(t)
		data[len(data)/2] ^= 1
		put(t, last, data)
		r.src.Offline = true
		if _, err := r.src.load(context.Background(), r.spec); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), last) {
			t.Errorf("offline: error %v, want ErrNotFound and the damaged file", err)
		}
		r.src.Offline = false
		r.loads(t)
		if n := r.requests.Load() - before; n != 1 {
			t.Errorf("%d requests, want 1 for the damaged file", n)
		}
		if !strings.Contains(strings.Join(*r.notes, "\n"), "damaged") {
			t.Errorf("notes %q don't tell of the damage", *r.notes)
		}
	}
}

// TestTheSHA256OfAnMD5FileIsRecorded: once it matched the published MD5, a file is compared with a
// SHA-256 of our own.
func TestTheSHA256OfAnMD5FileIsRecorded(t *testing.T) {
	r := archiveRemote(t)
	r.loads(t)
	path := filepath.Join(r.cache, r.fetch[0])
	sum := recorded(path)
	if len(sum) != 64 {
		t.Fatalf("recorded SHA-256 %q", sum)
	}
	put(t, sidecar(path), []byte(strings.Repeat("0", 64)+"  "+r.fetch[0]+"\n"))
	if _, err := checkFile(context.Background(), path, r.files[r.fetch[0]]); err == nil || !strings.Contains(err.Error(), sum) {
		t.Errorf("error %v, want the SHA-256 %s to differ from the recorded one", err, sum)
	}
}

func TestBadMirrors(t *testing.T) {
	write := func(text string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write([]byte(text))
			return true
		}
	}
	status := func(code int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			http.Error(w, "", code)
			return true
		}
	}
	for name, c := range map[string]struct {
		want  string // must not be in the name, which is in the paths that the error has
		wrong func(http.ResponseWriter, *http.Request) bool
	}{
		"html":        {"web page", write("<!doctype html><html>log in</html>")},
		"other":       {"SHA-256 of what", write("\x1f\x8b something else")},
		"none":        {`the server answers "404 Not Found"`, status(http.StatusNotFound)},
		"unavailable": {`the server answers "503 Service Unavailable"`, status(http.StatusServiceUnavailable)},
		"long":        {"that are possible", write(strings.Repeat("x", 1<<20+1))},
	} {
		t.Run(name, func(t *testing.T) {
			r := idxRemote(t)
			r.wrong = c.wrong
			r.refused(t, c.want)
			if n := r.requests.Load(); n != 1 {
				t.Errorf("%d requests to a mirror that fails, want 1", n)
			}
			good := idxRemote(t) // the same files
			r.mirrors = append(r.mirrors, good.mirrors...)
			r.loads(t)
		})
	}
}

// Mirrors that fail in ways that no single text shows.
func TestOddMirrors(t *testing.T) {
	t.Run("a page under another type", func(t *testing.T) {
		r := idxRemote(t)
		r.wrong = func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "application/gzip")
			_, _ = w.Write([]byte("<html>"))
			return true
		}
		r.refused(t, "web page")
	})
	t.Run("nobody listens", func(t *testing.T) {
		r := idxRemote(t)
		r.Close()
		r.refused(t, "cannot reach the server")
	})
	t.Run("no length and no end", func(t *testing.T) {
		r := archiveRemote(t)
		r.wrong = func(w http.ResponseWriter, _ *http.Request) bool {
			for range 1<<20/4096 + 2 {
				if _, err := w.Write(make([]byte, 4096)); err != nil {
					break
				}
				_ = http.NewResponseController(w).Flush()
			}
			return true
		}
		r.refused(t, "that are possible")
	})
}

// TestRunsAtOnce: many fetch into one cache, and each file is asked for once.
func TestRunsAtOnce(t *testing.T) {
	r := archiveRemote(t)
	r.src.Progress = nil
	r.wrong = func(http.ResponseWriter, *http.Request) bool {
		time.Sleep(10 * time.Millisecond)
		return false
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			set, err := r.src.load(context.Background(), r.spec)
			if err != nil {
				t.Error(err)
			} else if !reflect.DeepEqual(set.Test, r.set(0).Test) {
				t.Error("other examples than the mirror's")
			}
		})
	}
	wait.Wait()
	if n := r.requests.Load(); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestUnwritableCache(t *testing.T) {
	r := idxRemote(t)
	file := filepath.Join(t.TempDir(), "file")
	put(t, file, nil)
	r.src.CacheDir = file
	r.refused(t, "to the cache: not a directory")
	for cause, want := range map[error]string{
		syscall.EROFS: `cannot write "x" to the cache: that disk can only be read`, syscall.EACCES: `cannot write "x" to the cache: no permission to write there`,
	} {
		if got := unwritable("x", &fs.PathError{Op: "mkdir", Path: "x", Err: cause}).Error(); got != want {
			t.Errorf("%v: %q, want %q", cause, got, want)
		}
	}

	if runtime.GOOS != "linux" {
		return
	}
	// A partial file that is /dev/full takes no byte.
	for _, wantFull := range []func(r remote) error{
		func(r remote) error { _, err := r.src.load(context.Background(), r.spec); return err },
		func(r remote) error {
			return install(context.Background(), filepath.Join(r.cache, "from"), filepath.Join(r.cache, r.fetch[0]), r.files[r.fetch[0]])
		},
	} {
		r := idxRemote(t)
		put(t, filepath.Join(r.cache, "from"), []byte("data"))
		if err := os.Symlink("/dev/full", filepath.Join(r.cache, r.fetch[0]+".part")); err != nil {
			t.Fatal(err)
		}
		if err := wantFull(r); err == nil || !strings.Contains(err.Error(), "disk is full") {
			t.Errorf("error %v, want that the disk is full", err)
		}
		if _, err := os.Lstat(filepath.Join(r.cache, r.fetch[0]+".part")); err == nil {
			t.Error("a partial file is left on the full disk")
		}
	}
}
