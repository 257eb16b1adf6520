package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestDownloadsResume(t *testing.T) {
	r := archiveRemote(t)
	name := r.fetch[0]
	whole := must(os.ReadFile(filepath.Join(serverDir(t, r), name)))(t)
	half := len(whole) / 2
	put(t, filepath.Join(r.cache, name+".part"), whole[:half])
	var ranges []string
	r.wrong = func(_ http.ResponseWriter, q *http.Request) bool {
		ranges = append(ranges, q.Header.Get("Range"))
		return false
	}
	r.loads(t)
	if want := []string{fmt.Sprintf("bytes=%d-", half)}; !reflect.DeepEqual(ranges, want) {
		t.Errorf("asked for %q, want %q", ranges, want)
	}

	for what, part := range map[string][]byte{
		"other bytes":      bytes.Repeat([]byte("x"), half),
		"more bytes":       bytes.Repeat([]byte("x"), 2*len(whole)),
		"the whole file":   whole,
		"a web page's end": []byte("<html>"),
	} {
		if err := os.Remove(filepath.Join(r.cache, name)); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(r.cache, name+".part"), part)
		t.Log(what)
		r.loads(t)
	}
}

// serverDir fetches the mirror's files into a folder.
func serverDir(t *testing.T, r remote) string {
	dir := t.TempDir()
	for _, name := range r.fetch {
		answer := must(http.Get(r.URL + "/" + name))(t)
		var b bytes.Buffer
		if _, err := b.ReadFrom(answer.Body); err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		put(t, filepath.Join(dir, name), b.Bytes())
	}
	return dir
}

func TestAServerWithoutRangesStartsAgain(t *testing.T) {
	r := archiveRemote(t)
	name := r.fetch[0]
	whole := must(os.ReadFile(filepath.Join(serverDir(t, r), name)))(t)
	put(t, filepath.Join(r.cache, name+".part"), []byte("what was kept"))
	asked := ""
	r.wrong = func(w http.ResponseWriter, q *http.Request) bool {
		asked = q.Header.Get("Range")
		_, _ = w.Write(whole)
		return true
	}
	r.loads(t)
	if asked != "bytes=13-" {
		t.Errorf("asked for %q, want what follows the 13 bytes that were kept", asked)
	}
}

// TestAServerThatResumesElsewhere: bytes from another place than was asked for would make a file of
// the right length with other content.
func TestAServerThatResumesElsewhere(t *testing.T) {
	for _, answered := range []string{"bytes 0-99/100", "bytes 5-99/100", "bytes 14-99/100", "bytes */100", "items 13-99/100", ""} {
		r := archiveRemote(t)
		name := r.fetch[0]
		whole := must(os.ReadFile(filepath.Join(serverDir(t, r), name)))(t)
		kept := whole[:13]
		put(t, filepath.Join(r.cache, name+".part"), kept)
		r.wrong = func(w http.ResponseWriter, q *http.Request) bool {
			if q.Header.Get("Range") == "" {
				return false
			}
			if answered != "" {
				w.Header().Set("Content-Range", answered)
			}
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(whole[len(kept):]) // so that only the header tells
			return true
		}
		before := r.requests.Load()
		r.loads(t)
		if n := r.requests.Load() - before; n != 2 {
			t.Errorf("Content-Range %q: %d requests, want one that is refused and one for the whole file", answered, n)
		}
	}
}

func TestABrokenConnection(t *testing.T) {
	for _, resumable := range []bool{true, false} {
		r := archiveRemote(t)
		broken := false
		r.wrong = func(w http.ResponseWriter, _ *http.Request) bool {
			if broken {
				return false
			}
			broken = true
			if resumable {
				w.Header().Set("Accept-Ranges", "bytes")
			}
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte{0x1f, 0x8b, 8, 0})
			return true
		}
		_, err := r.src.load(context.Background(), r.spec)
		if err == nil || !strings.Contains(err.Error(), "broke after 4 bytes") {
			t.Errorf("error %v, want that the connection broke", err)
		}
		if kept := len(r.parts()) == 1; kept != resumable {
			t.Errorf("resumable %v: partial files %q", resumable, r.parts())
		}
		r.loads(t) // the partial file isn't the file's beginning: it starts again
	}
}

func TestADownloadStopsWithItsContext(t *testing.T) {
	r := archiveRemote(t)
	ctx, cancel := context.WithCancel(context.Background())
	r.wrong = func(w http.ResponseWriter, q *http.Request) bool {
		_, _ = w.Write([]byte{0x1f})
		_ = http.NewResponseController(w).Flush()
		cancel()
		<-q.Context().Done()
		return true
	}
	if _, err := r.src.load(ctx, r.spec); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}
