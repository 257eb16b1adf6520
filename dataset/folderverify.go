package dataset

import (
	"context"
	"fmt"
	"slices"
)

// maxBroken is how many broken images are named; more are counted.
const maxBroken = 20

// verifyFolder decodes every image of a folder; see Verify.
func verifyFolder(ctx context.Context, name, path string) ([]FileStatus, error) {
	list, problems := listFolder(name, path)
	if list == nil {
		return []FileStatus{{Path: path, Problem: problems[0].Error()}}, problems[0]
	}
	files := slices.Concat(list.train.paths, list.test.paths)
	set := firstShape(files)
	broken, err := eachPicture(ctx, files, set, len(files), func(int, *picture) {})
	if err != nil {
		return nil, err
	}
	for _, b := range broken {
		problems = append(problems, b.err)
	}
	if len(problems) == 0 {
		return []FileStatus{{Path: path, OK: true, Problem: fmt.Sprintf("%d classes, %d training and %d test images, %d×%d×%d",
			len(list.classes), len(list.train.paths), len(list.test.paths), set.Height, set.Width, set.Channels)}}, nil
	}
	var statuses []FileStatus
	for i, problem := range problems {
		if i == maxBroken {
			statuses = append(statuses, FileStatus{Path: path, Problem: fmt.Sprintf("and %d problems more", len(problems)-i)})
			break
		}
		statuses = append(statuses, FileStatus{Path: path, Problem: problem.Error()})
	}
	if len(problems) == 1 {
		return statuses, problems[0]
	}
	return statuses, fmt.Errorf("%q: %d problems, the first: %w", path, len(problems), problems[0])
}

// firstShape is a set of the shape of the first image that can be decoded, nil if none can.
func firstShape(files []string) *Set {
	for _, path := range files {
		if p, err := readPicture(path, nil); err == nil {
			return &Set{Height: p.height, Width: p.width, Channels: p.channels}
		}
	}
	return nil
}
