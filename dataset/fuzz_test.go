package dataset

import (
	"archive/tar"
	"bytes"
	"context"
	"image"
	"os"
	"path/filepath"
	"testing"
)

// A fuzz run is bounded by its time, not by the size of what it finds: without -fuzzminimizetime 1x
// the archives here are minimised for minutes between two executions.
//
//	go test ./dataset -fuzz FuzzTar -fuzztime 20s -fuzzminimizetime 1x

// FuzzIDX: no stream makes the reader panic, and what it accepts has exactly the wanted shape.
func FuzzIDX(f *testing.F) {
	good := idx(make([]byte, 2*3*4), 2, 3, 4)
	if _, _, err := readIDX(bytes.NewReader(good), false, []int{2, 3, 4}); err != nil {
		f.Fatalf("a good file is refused: %v", err) // then no input is checked
	}
	f.Add(good, false)
	f.Add(gzipped(f, good), true)
	f.Add(idx([]byte{1, 2}, 2), false)
	f.Add([]byte("<html>"), false)
	f.Fuzz(func(t *testing.T, data []byte, zipped bool) {
		raw, pixels, err := readIDX(bytes.NewReader(data), zipped, []int{2, 3, 4})
		if err == nil && (len(pixels) != 24 || len(raw) != 40) {
			t.Fatalf("accepted %d bytes of pixels and %d in all", len(pixels), len(raw))
		}
		if err == nil && !zipped && !bytes.Equal(raw, data) {
			t.Fatal("accepted other bytes than there are")
		}
	})
}

// FuzzPickle: no pickle makes the reader panic, and no label out of range or array of another size
// comes out.
func FuzzPickle(f *testing.F) {
	python := cifar10Python()
	s := form{"", python.folderLayout(true), [3]int{2, 2, 3}, nil}.spec()
	for _, p := range []pickler{{}, {three: true}, {fortran: true}} {
		files := python.content(s.set(0), p)
		f.Add(files["test_batch"])
		f.Add(files["batches.meta"])
	}
	good := python.content(s.set(0), pickler{})["test_batch"]
	if err := python.decode(s, good, make([]byte, 6*12), make([]uint16, 6)); err != nil {
		f.Fatalf("a good pickle is refused: %v", err) // then no input is checked
	}
	f.Add([]byte("\x80\x02cos\nsystem\nU\x04true\x85R."))
	f.Fuzz(func(t *testing.T, data []byte) {
		labels := make([]uint16, 6)
		if python.decode(s, data, make([]byte, 6*12), labels) != nil {
			return
		}
		for _, label := range labels {
			if int(label) >= len(s.classes) {
				t.Fatalf("accepted label %d", label)
			}
		}
	})
}

// FuzzTar: no archive makes the reader panic, and what it accepts is valid.
func FuzzTar(f *testing.F) {
	c := cifar10Binary()
	s := form{"", c.archiveLayout("c.tar.gz"), [3]int{1, 1, 3}, nil}.spec()
	files := c.content(s.set(0), pickler{})
	entries := []tar.Header{{Name: c.folder + "/", Typeflag: tar.TypeDir}}
	for name := range files {
		entries = append(entries, tar.Header{Name: c.folder + "/" + name})
	}
	good := tarball(f, entries, files)
	if err := c.readTar(&job{spec: s}, c.splits(s), bytes.NewReader(good), "good"); err != nil {
		f.Fatalf("a good archive is refused: %v", err) // then no input is checked
	}
	f.Add(good)
	f.Add(tarball(f, append(entries, tar.Header{Name: "../evil"}), files))
	f.Add(tarball(f, append(entries, tar.Header{Name: c.folder + "/l", Typeflag: tar.TypeSymlink, Linkname: "/"}), files))
	f.Fuzz(func(t *testing.T, data []byte) {
		j := &job{spec: s}
		into := c.splits(s)
		if c.readTar(j, into, bytes.NewReader(data), "fuzz") != nil {
			return
		}
		set := s.set(0)
		set.Train, set.Test = into.train, into.test
		if err := set.Validate(); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzNPZ: no archive makes the reader of Keras's file panic, and what it accepts is valid.
func FuzzNPZ(f *testing.F) {
	l := npzLayout()
	s := form{"", l, [3]int{1, 2, 1}, nil}.spec()
	s.train, s.test = 3, 2
	dir := f.TempDir()
	writeNPZ(f, dir, s.set(0))
	path := filepath.Join(dir, "mnist.npz")
	read := func() (*Set, error) {
		return s.load(context.Background(), &find{layout: l, dir: dir, names: l.files}, true)
	}
	if _, err := read(); err != nil {
		f.Fatalf("a good archive is refused: %v", err) // then no input is checked
	}
	f.Add(must(os.ReadFile(path))(f))
	f.Add([]byte("PK\x05\x06" + string(make([]byte, 18)))) // an empty archive
	f.Fuzz(func(t *testing.T, data []byte) {
		put(t, path, data)
		if set, err := read(); err == nil {
			if err := set.Validate(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzPicture: no file makes the decoder panic, and what it accepts has the pixels that it says.
func FuzzPicture(f *testing.F) {
	for _, name := range []string{"jpeg/17x13-2x2.jpg", "jpeg/17x13-2x2-progressive.jpg", "jpeg/17x13-2x1-restart.jpg", "jpeg/4x5-2x2.jpg", "jpeg/5x4-1x2.jpg", "jpeg/17x13-4x2.jpg", "jpeg/17x13-rgb.jpg", "jpeg/no-arithmetic.jpg", "jpeg/17x13-grey.png", "formats/alpha.webp", "formats/lossless.webp", "formats/lzw.tif", "formats/palette.bmp", "formats/plain.gif", "formats/cmyk.jpg", "formats/turn-6.jpg"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if config, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil && config.Width*config.Height > 1<<14 {
			return // slow, and no different
		}
		p, err := decodePicture("fuzz", bytes.NewReader(data))
		if err == nil && (len(p.pixels) != p.height*p.width*p.channels || p.height < 1 || p.width < 1 || p.channels != 1 && p.channels != 3) {
			t.Fatalf("%d bytes of pixels for %d×%d×%d", len(p.pixels), p.height, p.width, p.channels)
		}
	})
}
