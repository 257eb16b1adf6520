package dataset

import (
	"context"
	"fmt"
	"strings"
)

// maxBroken is how many broken images are named; more are counted.
const maxBroken = 20

// verifyFolder decodes every image of a folder; see Verify.
func verifyFolder(ctx context.Context, name, path string, src Source) ([]FileStatus, error) {
	failed := func(err error) ([]FileStatus, error) {
		return []FileStatus{{Path: path, Problem: err.Error()}}, err
	}
	if !isFolder(path) { // there is nothing that could be damaged
		return nil, notFolder(name, path)
	}
	f, err := openFolder(ctx, name, path, src)
	if err != nil {
		return failed(err)
	}
	if err := f.decode(ctx, make([][]byte, len(f.list.files))); err != nil {
		return failed(err)
	}
	if len(f.broken) > 0 {
		return f.damage()
	}
	set, err := loadFolder(ctx, name, path, src, false)
	if err != nil {
		return failed(err)
	}
	about := []string{fmt.Sprintf("%d classes, %d training and %d test images, %d×%d×%d",
		len(set.Classes), set.Train.Len(), set.Test.Len(), set.Height, set.Width, set.Channels)}
	return []FileStatus{{Path: path, OK: true, Problem: strings.Join(append(about, set.Notes...), "; ")}}, nil
}

// damage lists the broken images.
func (f *folder) damage() ([]FileStatus, error) {
	var statuses []FileStatus
	for i, b := range f.broken {
		if i == maxBroken {
			statuses = append(statuses, FileStatus{Path: f.path, Problem: fmt.Sprintf("and %d problems more", len(f.broken)-i)})
			break
		}
		statuses = append(statuses, FileStatus{Path: f.path, Problem: b.err.Error()})
	}
	if len(f.broken) == 1 {
		return statuses, f.broken[0].err
	}
	return statuses, fmt.Errorf("%q: %d problems, the first: %w", f.path, len(f.broken), f.broken[0].err)
}
