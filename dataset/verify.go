package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Info describes an official dataset and where Load would read it from.
type Info struct {
	Name, Title             string
	Classes                 []string
	Height, Width, Channels int
	Train, Test             int
	Where                   string // the folder that has it, "" when it would have to be fetched
	Problem                 string // why the place that should have it can't be used, "" if nothing is wrong
}

// List describes all official datasets. It looks whether their files exist and doesn't read them.
func List(src Source) []Info {
	var list []Info
	for _, s := range specs() {
		info := Info{
			Name: s.name, Title: s.Title + ": " + s.about, Classes: s.classes,
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

// A FileStatus is the result of Verify for one file.
type FileStatus struct {
	Path    string
	OK      bool
	Problem string // why it isn't OK, what could not be checked, or what was found
}

// Verify compares every file of a dataset on this machine with its checksum, then decodes all of
// it. It fetches nothing and changes nothing. The error is the first problem; the statuses are of
// all files even then. Of an image folder, which has no checksums, every image is decoded: the
// statuses are one of each broken image, up to maxBroken, or one of the whole folder.
func Verify(ctx context.Context, name string, src Source) ([]FileStatus, error) {
	if path, ok, err := src.folder(name); ok {
		if err != nil {
			return nil, err
		}
		return verifyFolder(ctx, name, path, src)
	}
	s := lookup(name)
	if s == nil {
		return nil, unknown(name)
	}
	return s.verify(ctx, src)
}

func (s *spec) verify(ctx context.Context, src Source) ([]FileStatus, error) {
	at, err := src.find(s)
	if err != nil {
		return nil, err
	}
	if at == nil {
		return nil, &NotHereError{s.name}
	}
	var first error
	var statuses []FileStatus
	for i, name := range at.names {
		status := FileStatus{Path: filepath.Join(at.dir, filepath.FromSlash(name)), OK: true}
		known, err := s.checkOne(ctx, status.Path, at.layout.files[i])
		switch {
		case ctx.Err() != nil:
			return statuses, ctx.Err()
		case err != nil && !(src.AllowModified && errors.Is(err, ErrModified)):
			status.OK, status.Problem = false, err.Error()
			if first == nil {
				first = err
			}
		case err != nil:
			status.Problem = err.Error()
		case !known:
			status.Problem = "no checksum is published"
		}
		statuses = append(statuses, status)
	}
	if first == nil {
		_, first = s.load(ctx, at, src.AllowModified)
	}
	return statuses, first
}

// checkOne compares a file with the checksum of the published one, whose name in its layout is given.
// IDX files are compared by their content: a .gz that was packed again is as good as the published
// one.
func (s *spec) checkOne(ctx context.Context, path, name string) (known bool, err error) {
	f := s.files[gzName(name)]
	if f.raw == "" {
		if isTar(path) {
			return false, nil
		}
		return checkFile(ctx, path, s.files[name[strings.LastIndexByte(name, '/')+1:]])
	}
	got, err := sumContent(ctx, path)
	if err == nil && got != f.raw {
		err = &modifiedError{path, "SHA-256 of the content", got, f.raw, notPublished + otherOwner(s, f.raw, got)}
	}
	return true, err
}

// sumContent returns the SHA-256 of an IDX file's content, unpacked if need be.
func sumContent(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var r io.Reader = contextReader{ctx, f}
	if strings.HasSuffix(path, ".gz") {
		if r, err = openGzip(r); err != nil {
			return "", fmt.Errorf("%q: %w", path, err)
		}
	}
	h := sha256.New()
	if _, err := io.Copy(h, &limitReader{r, 64 * mib}); err != nil {
		return "", fmt.Errorf("%q: damaged (%w): fetch it again", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
