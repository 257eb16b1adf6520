package dataset

import (
	"context"
	"fmt"
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
