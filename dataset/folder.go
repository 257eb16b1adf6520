package dataset

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"shoal/internal/atomicfile"
	"shoal/internal/filekind"
	"shoal/internal/parallel"
)

const (
	maxSide     = 1024    // pixels of an image's longer side
	maxClasses  = 1 << 16 // what a label can count
	maxSetBytes = 8 << 30 // pixels of an image folder
)

// loadFolder reads path/train/<class>/* and path/test/<class>/*, in the order of listFolder.
func loadFolder(ctx context.Context, name, path string) (*Set, error) {
	list, set, err := openFolder(name, path)
	if err != nil {
		return nil, err
	}
	for _, part := range []struct {
		split *Split
		files []string
	}{{&set.Train, list.train.paths}, {&set.Test, list.test.paths}} {
		if part.split.Pixels, err = readPictures(ctx, part.files, set); err != nil {
			return nil, err
		}
	}
	return set, set.Validate()
}

// openFolder lists a folder and makes its Set, of the first image's shape and as yet without pixels.
func openFolder(name, path string) (*folderList, *Set, error) {
	list, problems := listFolder(name, path)
	if len(problems) > 0 {
		return nil, nil, problems[0]
	}
	first, err := readPicture(list.train.paths[0], nil)
	if err != nil {
		return nil, nil, err
	}
	return list, &Set{
		Name: name, Classes: list.classes, Origin: "images in " + path,
		Height: first.height, Width: first.width, Channels: first.channels,
		Train: Split{Labels: list.train.labels, Names: list.train.names},
		Test:  Split{Labels: list.test.labels, Names: list.test.names},
	}, nil
}

// readPictures decodes files of the set's shape, on all cores, and names the decoder in the set. The error is that of the first
// invalid file in order.
func readPictures(ctx context.Context, files []string, set *Set) ([]byte, error) {
	size := set.Features()
	if len(files) > maxSetBytes/size {
		return nil, fmt.Errorf("%d images of %d bytes are more than shoal keeps in memory (%d GB)", len(files), size, maxSetBytes>>30)
	}
	pixels := make([]byte, len(files)*size)
	var jpegs atomic.Bool
	broken, err := eachPicture(ctx, files, set, 1, func(i int, p *picture) {
		copy(pixels[i*size:(i+1)*size], p.pixels)
		if p.kind == "jpeg" {
			jpegs.Store(true)
		}
	})
	if err == nil && len(broken) > 0 {
		err = broken[0].err
	}
	if jpegs.Load() {
		set.Decoder = JPEGDecoder()
	}
	return pixels, err
}

// A brokenPicture is a file of a list that can't be used, and why.
type brokenPicture struct {
	at  int
	err error
}

// eachPicture decodes files of the set's shape, or of any for nil, on all cores, and hands each over.
// It returns the broken ones in order. Once there are most of them, files after those are skipped.
func eachPicture(ctx context.Context, files []string, set *Set, most int, use func(i int, p *picture)) ([]brokenPicture, error) {
	var mu sync.Mutex
	var broken []brokenPicture
	last := len(files) // beyond it, what is broken wouldn't be among the first
	parallel.For(parallel.Workers(0), len(files), func(_, i int) {
		mu.Lock()
		skip := i > last
		mu.Unlock()
		if skip || ctx.Err() != nil {
			return
		}
		p, err := readPicture(files[i], set)
		if err == nil {
			use(i, p)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		broken = append(broken, brokenPicture{i, err})
		if len(broken) >= most {
			slices.SortFunc(broken, func(a, b brokenPicture) int { return a.at - b.at })
			last = broken[most-1].at
		}
	})
	slices.SortFunc(broken, func(a, b brokenPicture) int { return a.at - b.at })
	return broken, ctx.Err()
}

// A picture is one decoded image.
type picture struct {
	kind                    string // "png" or "jpeg"
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
	return decodePicture(path, f, want)
}

// decodePicture is readPicture of the open file f.
func decodePicture(path string, f io.ReadSeeker, want *Set) (*picture, error) {
	config, kind, err := image.DecodeConfig(f)
	if err != nil {
		return nil, unreadable(path, f, "not a whole PNG or JPEG image", err)
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
		return nil, unreadable(path, f, "damaged "+strings.ToUpper(kind)+" image", err)
	}
	p := &picture{kind: kind, height: config.Height, width: config.Width}
	if p.pixels, p.channels, err = flatten(img); err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	if want != nil && p.channels != want.Channels {
		return nil, fmt.Errorf("%q: %s, the first image is %s: want all alike", path, colours(p.channels), colours(want.Channels))
	}
	return p, nil
}

// unreadable is the error for an image file that can't be decoded: what it is or has, where that is
// known, and what otherwise.
func unreadable(path string, f io.ReadSeeker, otherwise string, err error) error {
	head := make([]byte, filekind.HeadLen)
	n := 0
	if _, seek := f.Seek(0, io.SeekStart); seek == nil {
		n, _ = io.ReadFull(f, head)
	}
	if what := filekind.Of(head[:n]); what != "" {
		return fmt.Errorf("%q is %s", path, what)
	}
	if _, seek := f.Seek(0, io.SeekStart); seek == nil && errors.As(err, new(jpeg.UnsupportedError)) {
		if feature := jpegFeature(f); feature != "" {
			return fmt.Errorf("%q: a JPEG image with %s, which is not read: save it again as baseline JPEG or as PNG", path, feature)
		}
	}
	return fmt.Errorf("%q: %s (%w)", path, otherwise, err)
}

func colours(channels int) string {
	if channels == 1 {
		return "grey"
	}
	return "in colour"
}
