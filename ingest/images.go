package ingest

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg" // encodes thumbnails, and decodes what clients have stored
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // a format of image files

	"shoal/internal/atomicfile"
	"shoal/internal/pngpool"
	"shoal/predlog"
	"shoal/runlog"
)

const (
	side       = 64       // the most pixels of a thumbnail's side
	maxPicture = 1 << 20  // bytes of one
	maxImage   = 64 << 20 // bytes of a file that a thumbnail is made of
	maxPixels  = 1 << 26  // of such a file
)

var thumbnails = pngpool.New(png.DefaultCompression)

// imageFolders lists where the thumbnails of a run may be: in its folder, and beside the logs that it
// is imported from.
func imageFolders(dir string, logs []string) []string {
	folders := []string{filepath.Join(dir, predlog.Images)}
	for _, path := range logs {
		if parent := filepath.Dir(path); filepath.Base(parent) == predlog.Folder {
			if f := filepath.Join(filepath.Dir(parent), predlog.Images); !slices.Contains(folders, f) {
				folders = append(folders, f)
			}
		}
	}
	return folders
}

// pictures are the thumbnails of a split.
type pictures struct {
	path  string
	read  func(i int) ([]byte, error)
	close func() error
}

// imagesFor finds the thumbnails of a split: SPLIT.zip, which has them, or SPLIT.paths.json, which
// has the paths of the images. It is nil where there are none.
func imagesFor(split string, folders []string) *string {
	for _, folder := range folders {
		for _, ending := range []string{".zip", predlog.PathsEnding} {
			path := filepath.Join(folder, cmp.Or(split, predlog.MainSplit)+ending)
			if _, err := os.Stat(path); err == nil {
				return &path
			}
		}
	}
	return nil
}

// addImages stores the thumbnails of a split in a run that has none of it. A run is worth having
// without pictures: what is wrong with them is said, and nothing is stored.
func addImages(ctx context.Context, run *runlog.Run, split string, folders []string, o Options) error {
	view, err := run.Split(split)
	if err != nil {
		return err
	}
	if has, err := view.HasImages(); has || err != nil {
		return err
	}
	path := imagesFor(split, folders)
	if path == nil {
		return nil
	}
	p, err := openPictures(*path, len(view.Labels()))
	if err == nil {
		err = view.SetImages(func(i int) ([]byte, error) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			return p.read(i)
		})
		err = errors.Join(err, p.close())
	}
	if err != nil && ctx.Err() == nil {
		o.say("note: the run has no images: %q: %v", *path, err)
		return nil
	}
	return err
}

// openPictures opens the thumbnails of n examples.
func openPictures(path string, n int) (*pictures, error) {
	if filepath.Ext(path) == ".zip" {
		return openZip(path, n)
	}
	paths, err := predlog.ReadPaths(path, n)
	if err != nil {
		return nil, err
	}
	return &pictures{path: path, close: func() error { return nil }, read: func(i int) ([]byte, error) { return thumbnail(paths[i]) }}, nil
}

// openZip opens a zip of pictures named by their examples: 0.png, 1.jpg, ...
func openZip(path string, n int) (*pictures, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	byName := map[string]*zip.File{}
	for _, f := range z.File {
		byName[f.Name] = f
	}
	read := func(i int) ([]byte, error) {
		f := cmp.Or(byName[fmt.Sprintf("%d.png", i)], byName[fmt.Sprintf("%d.jpg", i)])
		if f == nil {
			return nil, errors.New("there is no picture of it")
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		defer r.Close()
		raw, err := io.ReadAll(io.LimitReader(r, maxPicture+1))
		if err == nil && len(raw) > maxPicture {
			err = fmt.Errorf("its picture has more than %d bytes", maxPicture)
		}
		if err == nil {
			_, _, err = image.DecodeConfig(bytes.NewReader(raw))
		}
		return raw, err
	}
	return &pictures{path: path, read: read, close: z.Close}, nil
}

// thumbnail makes one of an image file: PNG where it is grey, else JPEG.
func thumbnail(path string) ([]byte, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxImage))
	if err != nil {
		return nil, err
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err == nil && (c.Width < 1 || c.Height < 1 || c.Width > maxPixels/c.Height) {
		err = fmt.Errorf("it has %d × %d pixels", c.Width, c.Height)
	}
	if err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	full, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	w, h := c.Width, c.Height
	if longest := max(w, h); longest > side {
		w, h = max(1, w*side/longest), max(1, h*side/longest)
	}
	var out bytes.Buffer
	if _, grey := full.(*image.Gray); grey {
		small := image.NewGray(image.Rect(0, 0, w, h))
		draw.CatmullRom.Scale(small, small.Bounds(), full, full.Bounds(), draw.Src, nil)
		err = thumbnails.Encode(&out, small)
		return out.Bytes(), err
	}
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(small, small.Bounds(), image.White, image.Point{}, draw.Src) // behind what is transparent
	draw.CatmullRom.Scale(small, small.Bounds(), full, full.Bounds(), draw.Over, nil)
	err = jpeg.Encode(&out, small, &jpeg.Options{Quality: 80})
	return out.Bytes(), err
}
