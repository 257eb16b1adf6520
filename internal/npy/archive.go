package npy

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"shoal/internal/atomicfile"
)

// An Archive is an .npz file: a zip archive of .npy files.
type Archive struct {
	path string
	file *os.File
	zip  *zip.Reader
}

// OpenArchive opens an .npz file; the caller closes it.
func OpenArchive(path string) (*Archive, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		var z *zip.Reader
		if z, err = zip.NewReader(f, info.Size()); err == nil {
			return &Archive{path, f, z}, nil
		}
	}
	f.Close()
	return nil, fmt.Errorf("%q: not a whole .npz archive (%w)", path, err)
}

// Close closes the file.
func (a *Archive) Close() error { return a.file.Close() }

// Names lists the arrays, without .npy, in the order of the archive.
func (a *Archive) Names() []string {
	var names []string
	for _, f := range a.zip.File {
		if name, ok := strings.CutSuffix(f.Name, ".npy"); ok {
			names = append(names, name)
		}
	}
	return names
}

// Read reads the array of that name, of at most maxBytes bytes of elements.
func (a *Archive) Read(name string, maxBytes int64) (*Array, error) {
	f, err := a.zip.Open(name + ".npy")
	if err != nil {
		return nil, fmt.Errorf("%q: no array %q in it (%w)", a.path, name, err)
	}
	defer f.Close()
	array, err := Read(f, maxBytes)
	if err == nil {
		// The checksum of a zip entry is compared at its very end.
		if _, end := f.Read(make([]byte, 1)); !errors.Is(end, io.EOF) {
			err = end
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%q: %s: %w", a.path, name, err)
	}
	return array, nil
}

// Open opens the array of that name, to be read as a stream; the caller closes it.
func (a *Archive) Open(name string) (*Stream, io.Closer, error) {
	f, err := a.zip.Open(name + ".npy")
	if err != nil {
		return nil, nil, fmt.Errorf("no array %q in it (%w)", name, err)
	}
	s, err := NewStream(bufio.NewReaderSize(f, 1<<16))
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return s, f, nil
}

// An Entry is an array of an archive to be written.
type Entry struct {
	Name  string
	Write func(w io.Writer) error // as one of the Write functions does
}

// WriteArchive writes an .npz file, deflated.
func WriteArchive(w io.Writer, entries []Entry) error {
	z := zip.NewWriter(w)
	for _, e := range entries {
		into, err := z.Create(e.Name + ".npy")
		if err == nil {
			err = e.Write(into)
		}
		if err != nil {
			return err
		}
	}
	return z.Close()
}
