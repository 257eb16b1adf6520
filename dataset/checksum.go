package dataset

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"shoal/internal/atomicfile"
)

// ErrModified is the cause when a file is well-formed but not the published one;
// Source.AllowModified lets it pass.
var ErrModified = errors.New("not the published file")

// A modifiedError says which file differs and how.
type modifiedError struct{ path, kind, got, want, meaning string }

func (e *modifiedError) Error() string {
	return fmt.Sprintf("%q: %s %s, want %s: %s", e.path, e.kind, e.got, e.want, e.meaning)
}

func (e *modifiedError) Unwrap() error { return ErrModified }

const notPublished = "the file is not the published one"

// checkRaw compares the uncompressed content of an IDX file with the catalogue's checksum.
func (j *job) checkRaw(path, name string, raw []byte) error {
	want := j.spec.files[name].raw
	if want == "" {
		j.note("%q was checked by its size and shape only: no checksum is known", path)
		return nil
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(raw)); got != want {
		return j.modified(&modifiedError{path, "SHA-256 of the content", got, want, notPublished + otherOwner(j.spec, want, got)})
	}
	return nil
}

// otherOwner returns a hint when the content is that of another dataset: the files of MNIST and
// Fashion-MNIST have the same names.
func otherOwner(s *spec, want, got string) string {
	for _, other := range specs() {
		for _, f := range other.files {
			if other.name != s.name && got != want && got == f.raw {
				return fmt.Sprintf(" (it is the file of %s)", other.name)
			}
		}
	}
	return ""
}

// checksum returns what a file is compared with, the SHA-256 where it is known and else the MD5,
// what that is called, and what computes it. Without either it is "".
func (f file) checksum() (want, kind string, h hash.Hash) {
	if f.sha256 != "" {
		return f.sha256, "SHA-256", sha256.New()
	}
	return f.md5, "MD5", md5.New()
}

// modified refuses, or lets pass with a note.
func (j *job) modified(err *modifiedError) error {
	if !j.allowModified {
		return err
	}
	j.note("%q differs from the published file (%s %s) and was used nevertheless", err.path, err.kind, err.got)
	return nil
}

// sumFile returns the hex digest of a file.
func sumFile(ctx context.Context, path string, h hash.Hash) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if _, err := io.CopyBuffer(h, contextReader{ctx, f}, make([]byte, mib)); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("cannot read %q: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// sidecar is where the cache keeps the SHA-256 of a file for which only an MD5 was published.
func sidecar(path string) string { return path + ".sha256" }

// recorded returns the SHA-256 in the sidecar, "" without a usable one.
func recorded(path string) string {
	text, err := atomicfile.ReadSmall(sidecar(path), 4<<10)
	if err != nil {
		return ""
	}
	sum, name, ok := strings.Cut(strings.TrimSpace(string(text)), "  ")
	if !ok || name != filepath.Base(path) || len(sum) != 2*sha256.Size {
		return ""
	}
	return sum
}

// checkFile compares a whole file with its checksum: our SHA-256, else the one recorded beside it,
// else the published MD5. With none of these it returns known = false and no error.
func checkFile(ctx context.Context, path string, f file) (known bool, err error) {
	if f.sha256 == "" {
		f.sha256 = recorded(path)
	}
	want, kind, h := f.checksum()
	if want == "" {
		return false, nil
	}
	got, err := sumFile(ctx, path, h)
	if err != nil {
		return true, err
	}
	if got != want {
		return true, &modifiedError{path, kind, got, want, notPublished}
	}
	return true, nil
}
