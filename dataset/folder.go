package dataset

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"shoal/internal/atomicfile"
	"shoal/internal/parallel"
)

const (
	maxSide     = 1024    // pixels of an image's longer side
	maxClasses  = 1 << 16 // what a label can count
	maxSetBytes = 8 << 30 // pixels of an image folder
)

// loadFolder reads path/train/<class>/* and path/test/<class>/*. The classes are the folders' names
// in byte order. The examples take turns: the first file of every class, then the second of every
// class, each in byte order of the names, so that the first N examples are of all classes.
func loadFolder(ctx context.Context, name, path string) (*Set, error) {
	if !isFolder(path) {
		return nil, fmt.Errorf("dataset %q: %q is not a folder", name, path)
	}
	classes, err := classFolders(filepath.Join(path, "train"))
	if err != nil {
		return nil, err
	}
	tested, err := classFolders(filepath.Join(path, "test"))
	if err != nil {
		return nil, err
	}
	if !slices.Equal(classes, tested) {
		return nil, fmt.Errorf("%q: the class folders below train and test differ, first %q: want the same in both",
			path, firstDifference(classes, tested))
	}
	set := &Set{Name: name, Classes: classes, Origin: "images in " + path}
	for _, part := range []struct {
		split *Split
		dir   string
	}{{&set.Train, "train"}, {&set.Test, "test"}} {
		files, labels, err := imageFiles(filepath.Join(path, part.dir), classes)
		if err != nil {
			return nil, err
		}
		if set.Height == 0 {
			first, err := readPicture(files[0], nil)
			if err != nil {
				return nil, err
			}
			set.Height, set.Width, set.Channels = first.height, first.width, first.channels
		}
		pixels, err := readPictures(ctx, files, set)
		if err != nil {
			return nil, err
		}
		*part.split = Split{Pixels: pixels, Labels: labels}
	}
	return set, set.Validate()
}

// classFolders lists the folders in dir, in byte order.
func classFolders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no folder %q: want train/<class>/ and test/<class>/ with the images", dir)
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		switch {
		case strings.HasPrefix(entry.Name(), "."):
		case isFolder(filepath.Join(dir, entry.Name())):
			names = append(names, entry.Name())
		default:
			return nil, fmt.Errorf("%q is not a folder: want one folder a class in %q", filepath.Join(dir, entry.Name()), dir)
		}
	}
	if len(names) < 2 || len(names) > maxClasses {
		return nil, fmt.Errorf("%d class folders in %q, want 2 to %d", len(names), dir, maxClasses)
	}
	return names, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func firstDifference(a, b []string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return min(a[i], b[i])
		}
	}
	n := min(len(a), len(b))
	return slices.Concat(a[n:], b[n:])[0]
}

// imageFiles lists the files of all classes, taking turns, and their labels.
func imageFiles(dir string, classes []string) (files []string, labels []uint16, err error) {
	byClass := make([][]string, len(classes))
	longest := 0
	for i, class := range classes {
		folder := filepath.Join(dir, class)
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, nil, err
		}
		for _, entry := range entries {
			path := filepath.Join(folder, entry.Name())
			if strings.HasPrefix(entry.Name(), ".") {
				continue // hidden: what file managers and copies between systems leave beside the images
			}
			switch strings.ToLower(filepath.Ext(entry.Name())) {
			case ".png", ".jpg", ".jpeg":
				byClass[i] = append(byClass[i], path)
			default:
				return nil, nil, fmt.Errorf("%q is not a .png, .jpg or .jpeg: move it away", path)
			}
		}
		if len(byClass[i]) == 0 {
			return nil, nil, fmt.Errorf("no image in the class folder %q: add some, or remove the class from train and test", folder)
		}
		longest = max(longest, len(byClass[i]))
	}
	for turn := range longest {
		for label, paths := range byClass {
			if turn < len(paths) {
				files = append(files, paths[turn])
				labels = append(labels, uint16(label))
			}
		}
	}
	return files, labels, nil
}

// readPictures decodes files of the set's shape, on all cores. The error is that of the first
// invalid file in order.
func readPictures(ctx context.Context, files []string, set *Set) ([]byte, error) {
	size := set.Features()
	if len(files) > maxSetBytes/size {
		return nil, fmt.Errorf("%d images of %d bytes are more than shoal keeps in memory (%d GB)", len(files), size, maxSetBytes>>30)
	}
	pixels := make([]byte, len(files)*size)
	var mu sync.Mutex
	failed, failure := len(files), error(nil)
	parallel.For(parallel.Workers(0), len(files), func(_, i int) {
		mu.Lock()
		skip := i > failed
		mu.Unlock()
		if skip || ctx.Err() != nil {
			return
		}
		picture, err := readPicture(files[i], set)
		if err == nil {
			copy(pixels[i*size:(i+1)*size], picture.pixels)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if i < failed {
			failed, failure = i, err
		}
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return pixels, failure
}

// A picture is one decoded image.
type picture struct {
	height, width, channels int
	pixels                  []byte
}

// readPicture decodes a PNG or JPEG. Its size is compared with the wanted set's (nil for the first
// picture) before its pixels are decoded, so a small file can't ask for much memory.
func readPicture(path string, want *Set) (*picture, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	config, kind, err := image.DecodeConfig(f)
	if err != nil {
		return nil, fmt.Errorf("%q: not a whole PNG or JPEG image (%w)", path, err)
	}
	if config.Width > maxSide || config.Height > maxSide || config.Width < 1 || config.Height < 1 {
		return nil, fmt.Errorf("%q: %d×%d pixels, want 1 to %d each", path, config.Height, config.Width, maxSide)
	}
	if want != nil && (config.Height != want.Height || config.Width != want.Width) {
		return nil, fmt.Errorf("%q: %d×%d pixels, want %d×%d as the first image: scale all to one size",
			path, config.Height, config.Width, want.Height, want.Width)
	}
	if _, err := f.Seek(0, 0); err != nil {
		return nil, err
	}
	img, _, err := image.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%q: damaged %s image (%w)", path, strings.ToUpper(kind), err)
	}
	p := &picture{height: config.Height, width: config.Width}
	if p.pixels, p.channels, err = flatten(img); err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	if want != nil && p.channels != want.Channels {
		return nil, fmt.Errorf("%q: %s, the first image is %s: want all alike", path, colours(p.channels), colours(want.Channels))
	}
	return p, nil
}

func colours(channels int) string {
	if channels == 1 {
		return "grey"
	}
	return "in colour"
}
