package dataset

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"shoal/internal/atomicfile"
)

const (
	connectTimeout = 5 * time.Second  // for name look-up, connection and TLS each
	answerTimeout  = 15 * time.Second // from the request to the first byte
	stallTimeout   = 30 * time.Second // without a byte
)

// defaultClient has short time-outs for servers that don't answer, and no limit for a whole
// download: a slow connection is no error.
func defaultClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout:   connectTimeout,
		ResponseHeaderTimeout: answerTimeout,
		IdleConnTimeout:       connectTimeout,
		ForceAttemptHTTP2:     true,
	}}
}

// A download is one file on its way into the cache. Until it is whole and checked it is called
// path.part, and a later call resumes there.
type download struct {
	client    *http.Client
	url, path string
	file      file
	progress  func(done, total int)
}

func (d *download) run(ctx context.Context) error {
	part := d.path + ".part"
	resumed, err := d.attempt(ctx, part)
	// What was kept of an earlier attempt can be of another version of the file: then it starts
	// again, once.
	if resumed && err != nil && ctx.Err() == nil && gone(part) {
		_, err = d.attempt(ctx, part)
	}
	return err
}

func gone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// attempt fills the partial file, from its end if there is one, and settles it; it reports whether
// it resumed. After an error the partial file exists only if it can be resumed.
func (d *download) attempt(ctx context.Context, part string) (resumed bool, err error) {
	arriving, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var have int64
	if info, err := os.Stat(part); err == nil {
		have = info.Size()
	}
	answer, err := d.request(arriving, have)
	if err != nil {
		return have > 0, err
	}
	defer answer.Body.Close()
	start, err := d.accept(answer, have)
	if err != nil {
		if start == 0 {
			os.Remove(part)
		}
		return have > 0, err
	}
	out, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return start > 0, unwritable(d.path, err)
	}
	if err = d.copy(arriving, cancel, out, answer, start); err == nil {
		return start > 0, settle(ctx, out, d.path, d.file)
	}
	out.Close()
	var cache *CacheError
	if answer.Header.Get("Accept-Ranges") != "bytes" && start == 0 || errors.As(err, &cache) {
		os.Remove(part)
	}
	return start > 0, err
}

func (d *download) request(ctx context.Context, have int64) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url, nil)
	if err != nil {
		return nil, err
	}
	// Without this a server may compress, and Range would count other bytes.
	request.Header.Set("Accept-Encoding", "identity")
	if have > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	answer, err := d.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("cannot reach the server: %w", innermost(err))
	}
	return answer, nil
}

// accept decides at which byte the answer begins: 0 for a whole file. With an error and 0 what was
// kept is of no use.
func (d *download) accept(answer *http.Response, have int64) (start int64, err error) {
	switch answer.StatusCode {
	case http.StatusOK:
	case http.StatusPartialContent:
		from := strings.TrimPrefix(answer.Header.Get("Content-Range"), "bytes ")
		from, _, _ = strings.Cut(from, "-")
		if n, err := strconv.ParseInt(from, 10, 64); err != nil || n != have {
			return 0, fmt.Errorf("the server resumes at %q, want byte %d: try again", answer.Header.Get("Content-Range"), have)
		}
		start = have
	case http.StatusRequestedRangeNotSatisfiable:
		return 0, errors.New("the partial file of an earlier download is useless: it is fetched from the start")
	default:
		return have, fmt.Errorf("the server answers %q for %s", answer.Status, d.url)
	}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		return have, fmt.Errorf("%s is %w", d.url, errHTML)
	}
	if total := start + answer.ContentLength; total > d.file.max {
		return 0, fmt.Errorf("%s has %d bytes, more than the %d that are possible: not the published file", d.url, total, d.file.max)
	}
	return start, nil
}

// copy writes the body from byte start on, and stops a transfer that stalls.
func (d *download) copy(ctx context.Context, cancel context.CancelCauseFunc, out *os.File, answer *http.Response, start int64) error {
	if info, err := out.Stat(); err == nil && info.Size() > start {
		if err := out.Truncate(start); err != nil {
			return unwritable(d.path, err)
		}
	}
	if _, err := out.Seek(start, io.SeekStart); err != nil {
		return unwritable(d.path, err)
	}
	stall := time.AfterFunc(stallTimeout, func() {
		cancel(fmt.Errorf("no byte arrived for %v", stallTimeout))
	})
	defer stall.Stop()
	total := int(max(start+answer.ContentLength, 0))
	buffer := make([]byte, 256<<10)
	for done := start; ; {
		n, err := answer.Body.Read(buffer)
		stall.Reset(stallTimeout)
		if n > 0 {
			if _, err := out.Write(buffer[:n]); err != nil {
				return unwritable(d.path, err)
			}
			done += int64(n)
			d.progress(int(done), total)
		}
		switch {
		case done > d.file.max:
			return fmt.Errorf("%s has more than the %d bytes that are possible: not the published file", d.url, d.file.max)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && context.Cause(ctx) != nil:
			return context.Cause(ctx)
		case err != nil:
			return fmt.Errorf("the connection to %s broke after %d bytes (%w): run it again to resume there", d.url, done, err)
		}
	}
}

// innermost drops the address that wraps a network error.
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		var op *net.OpError
		if errors.As(err, &op) {
			return op.Err
		}
		err = inner
	}
}

// checkDownload compares a fresh file with all its known checksums, and records the SHA-256 of one
// for which only an MD5 is published.
func checkDownload(ctx context.Context, part, path string, f file) error {
	if err := sniff(part, path); err != nil {
		return err
	}
	want, kind, h := f.checksum()
	got, err := sumFile(ctx, part, h)
	if err != nil {
		return err
	}
	if got != want {
		return &modifiedError{path, kind + " of what came", got, want, "the source has another or a damaged file"}
	}
	if f.sha256 != "" {
		return nil
	}
	sum, err := sumFile(ctx, part, sha256.New())
	if err != nil {
		return err
	}
	if err := atomicfile.WriteFile(sidecar(path), []byte(sum+"  "+filepath.Base(path)+"\n")); err != nil {
		return unwritable(path, err)
	}
	return nil
}

// sniff recognises a web page that came with status 200 and some other type.
func sniff(part, path string) error {
	f, err := os.Open(part)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := io.ReadFull(f, head)
	if looksLikeHTML(head[:n]) {
		return fmt.Errorf("%q is %w", path, errHTML)
	}
	return nil
}
