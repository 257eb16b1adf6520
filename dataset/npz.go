package dataset

import (
	"archive/zip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"shoal/internal/npy"
)

// npzLayout is Keras's mnist.npz: a zip archive of the four arrays. With an IDX header before it
// every array has the content, and so the checksum, of the official file.
func npzLayout() layout {
	const file = "mnist.npz"
	return layout{
		name:  "Keras's " + file,
		files: []string{file},
		read: func(ctx context.Context, j *job, dir string) (train, test Split, err error) {
			path := filepath.Join(dir, file)
			archive, err := zip.OpenReader(path)
			if err != nil {
				return train, test, fmt.Errorf("%q: not a whole .npz archive (%w): fetch it again", path, err)
			}
			defer archive.Close()
			for _, part := range []struct {
				split          *Split
				n              int
				x, y           string
				images, labels string
			}{
				{&train, j.spec.train, "x_train.npy", "y_train.npy", trainImages, trainLabels},
				{&test, j.spec.test, "x_test.npy", "y_test.npy", testImages, testLabels},
			} {
				if ctx.Err() != nil {
					return train, test, ctx.Err()
				}
				pixels, err := npzArray(&archive.Reader, path, part.x, part.n, j.spec.height, j.spec.width)
				if err != nil {
					return train, test, err
				}
				if err := j.checkRaw(path+":"+part.x, part.images, pixels.raw); err != nil {
					return train, test, err
				}
				classes, err := npzArray(&archive.Reader, path, part.y, part.n)
				if err != nil {
					return train, test, err
				}
				labels, err := widen(classes.data, len(j.spec.classes))
				if err != nil {
					return train, test, fmt.Errorf("%q: %s: %w", path, part.y, err)
				}
				if err := j.checkRaw(path+":"+part.y, part.labels, classes.raw); err != nil {
					return train, test, err
				}
				*part.split = Split{Pixels: pixels.data, Labels: labels}
			}
			return train, test, nil
		},
	}
}

// A npzData is an array's bytes, and the same as the content of an IDX file.
type npzData struct{ data, raw []byte }

// npzArray reads one array of bytes of the given shape.
func npzArray(archive *zip.Reader, path, entry string, shape ...int) (*npzData, error) {
	header := binary.BigEndian.AppendUint32(nil, uint32(8<<8|len(shape)))
	size := int64(1)
	for _, d := range shape {
		header = binary.BigEndian.AppendUint32(header, uint32(d))
		size *= int64(d)
	}
	f, err := archive.Open(entry)
	if err != nil {
		return nil, fmt.Errorf("%q: no array %q in it (%w)", path, entry, err)
	}
	defer f.Close()
	array, err := npy.Read(f, size)
	if err == nil && (array.Type != "u1" || !slices.Equal(array.Shape, shape)) {
		err = fmt.Errorf("elements %s of shape %v, want u1 of %v", array.Type, array.Shape, shape)
	}
	if err == nil {
		// The checksum of a zip entry is compared at its very end.
		if _, end := f.Read(make([]byte, 1)); !errors.Is(end, io.EOF) {
			err = end
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%q: %s: %w", path, entry, err)
	}
	raw := append(header, array.Raw...)
	return &npzData{raw[len(header):], raw}, nil
}
