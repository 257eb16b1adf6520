package dataset

import (
	"context"
	"encoding/binary"
	"fmt"
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
		read: func(ctx context.Context, j *job, dir string, names []string) (train, test Split, err error) {
			path := filepath.Join(dir, names[0])
			archive, err := npy.OpenArchive(path)
			if err != nil {
				return train, test, fmt.Errorf("%w: fetch it again", err)
			}
			defer archive.Close()
			for _, part := range []struct {
				split          *Split
				n              int
				x, y           string
				images, labels string
			}{
				{&train, j.spec.train, "x_train", "y_train", trainImages, trainLabels},
				{&test, j.spec.test, "x_test", "y_test", testImages, testLabels},
			} {
				if ctx.Err() != nil {
					return train, test, ctx.Err()
				}
				pixels, err := npzArray(archive, path, part.x, part.n, j.spec.height, j.spec.width)
				if err != nil {
					return train, test, err
				}
				if err := j.checkRaw(path+":"+part.x, part.images, pixels.raw); err != nil {
					return train, test, err
				}
				classes, err := npzArray(archive, path, part.y, part.n)
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
func npzArray(archive *npy.Archive, path, name string, shape ...int) (*npzData, error) {
	header := binary.BigEndian.AppendUint32(nil, uint32(8<<8|len(shape)))
	size := int64(1)
	for _, d := range shape {
		header = binary.BigEndian.AppendUint32(header, uint32(d))
		size *= int64(d)
	}
	array, err := archive.Read(name, size)
	if err != nil {
		return nil, err
	}
	if array.Type != "u1" || !slices.Equal(array.Shape, shape) {
		return nil, fmt.Errorf("%q: %s: elements %s of shape %v, want u1 of %v", path, name, array.Type, array.Shape, shape)
	}
	raw := append(header, array.Raw...)
	return &npzData{raw[len(header):], raw}, nil
}
