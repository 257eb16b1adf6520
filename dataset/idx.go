package dataset

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// The four files of an IDX release; the names are those of the .gz.
const (
	trainImages = "train-images-idx3-ubyte.gz"
	trainLabels = "train-labels-idx1-ubyte.gz"
	testImages  = "t10k-images-idx3-ubyte.gz"
	testLabels  = "t10k-labels-idx1-ubyte.gz"
)

// idxNames lists the four files with their suffix, ".gz" or "".
func idxNames(suffix string) []string {
	names := []string{trainImages, trainLabels, testImages, testLabels}
	for i, name := range names {
		names[i] = strings.TrimSuffix(name, ".gz") + suffix
	}
	return names
}

// idxLayout is a folder with the four IDX files, packed or not.
func idxLayout() layout {
	return layout{
		name: "IDX files", files: idxNames(".gz"), others: idxSpellings,
		read: func(ctx context.Context, j *job, dir string, names []string) (train, test Split, err error) {
			err = inParallel(
				func() error { return j.idxSplit(ctx, &train, dir, names[0], names[1], j.spec.train) },
				func() error { return j.idxSplit(ctx, &test, dir, names[2], names[3], j.spec.test) },
			)
			return train, test, err
		},
	}
}

// idxSplit reads one pair of image and label files of n examples.
func (j *job) idxSplit(ctx context.Context, split *Split, dir, images, labels string, n int) error {
	s := j.spec
	raw, pixels, err := readIDXFile(ctx, filepath.Join(dir, images), []int{n, s.height, s.width})
	if err != nil {
		return err
	}
	if err := j.checkRaw(filepath.Join(dir, images), gzName(images), raw); err != nil {
		return err
	}
	path := filepath.Join(dir, labels)
	raw, classes, err := readIDXFile(ctx, path, []int{n})
	if err != nil {
		return err
	}
	split.Pixels = pixels
	split.Labels, err = widen(classes, len(s.classes))
	if err != nil {
		return fmt.Errorf("%q: %w", path, err)
	}
	return j.checkRaw(path, gzName(labels), raw)
}

// idxSpellings lists all names that an IDX file has in the wild: packed or not, with a dot where the
// original has a hyphen, and in a folder of its own name, as archives of it unpack.
func idxSpellings(name string) []string {
	plain := strings.TrimSuffix(gzName(name), ".gz")
	dotted := strings.Replace(plain, "-idx", ".idx", 1)
	return []string{plain + ".gz", plain, dotted + ".gz", dotted, plain + "/" + plain, dotted + "/" + dotted}
}

// gzName returns the name in the catalogue of an IDX file, whatever spelling its path has.
func gzName(path string) string {
	name := strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ".gz")
	return strings.Replace(name, ".idx", "-idx", 1) + ".gz"
}

// widen turns label bytes into classes and refuses those out of range.
func widen(labels []byte, classes int) ([]uint16, error) {
	out := make([]uint16, len(labels))
	for i, label := range labels {
		if int(label) >= classes {
			return nil, fmt.Errorf("label %d of example %d, want 0 to %d: the file is damaged or not of this dataset",
				label, i, classes-1)
		}
		out[i] = uint16(label)
	}
	return out, nil
}

// readIDXFile reads one IDX file, gzipped if its name ends in .gz, and returns the whole
// uncompressed content and the part of it after the header.
func readIDXFile(ctx context.Context, path string, dims []int) (raw, data []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	raw, data, err = readIDX(contextReader{ctx, f}, strings.HasSuffix(path, ".gz"), dims)
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%q: %w", path, err)
	}
	return raw, data, nil
}

// readIDX reads an IDX stream of unsigned bytes: two zero bytes, the type 8, the number of
// dimensions, each dimension as a big-endian uint32, then the data with the last dimension fastest,
// and nothing else. The dimensions must be dims, so at most that much and one byte is read,
// whatever the stream claims or unpacks to.
func readIDX(r io.Reader, zipped bool, dims []int) (raw, data []byte, err error) {
	header, size := 4+4*len(dims), 1
	for _, d := range dims {
		size *= d
	}
	if zipped {
		if r, err = openGzip(r); err != nil {
			return nil, nil, err
		}
	}
	raw = make([]byte, header+size+1)
	n, err := readUpTo(r, raw)
	raw = raw[:n]
	if problem := checkIDXHeader(raw, dims); problem != nil && (n >= header || err == nil) {
		return nil, nil, problem
	}
	switch {
	case n > header+size:
		return nil, nil, fmt.Errorf("more than the %d bytes that its header announces: the file is damaged, fetch it again", header+size)
	case err != nil:
		return nil, nil, fmt.Errorf("cut short or damaged after %d of %d bytes of content (%w): fetch it again", n, header+size, err)
	case n < header+size:
		return nil, nil, fmt.Errorf("cut short: %d bytes of content, want %d: fetch it again", n, header+size)
	}
	return raw, raw[header:], nil
}

// readUpTo fills b until the stream ends. Unlike io.ReadFull it distinguishes a proper end, which
// is no error here, from one in the middle of a gzip stream.
func readUpTo(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	if err == io.EOF { // gzip wraps nothing: an EOF is the proper end
		err = nil
	}
	return n, err
}

// openGzip starts unpacking; its errors say what else the stream could be.
func openGzip(r io.Reader) (io.Reader, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	head = head[:n]
	switch {
	case n == 0:
		return nil, errors.New("empty file: fetch it again")
	case looksLikeHTML(head):
		return nil, errHTML
	case n < 2 || head[0] != 0x1f || head[1] != 0x8b:
		return nil, fmt.Errorf("not a gzip file (it begins with % x): fetch it again", head[:min(n, 4)])
	}
	unpacked, err := gzip.NewReader(io.MultiReader(bytes.NewReader(head), r))
	if err != nil {
		return nil, fmt.Errorf("damaged gzip header (%w): fetch it again", err)
	}
	return unpacked, nil
}

var errHTML = errors.New("a web page instead of the data: the server answered with HTML, fetch the file from another place")

// looksLikeHTML recognises the pages that captive portals, logins and moved servers send with
// status 200.
func looksLikeHTML(head []byte) bool {
	text := strings.ToLower(string(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))))
	return strings.HasPrefix(text, "<!doctype") || strings.HasPrefix(text, "<html") || strings.HasPrefix(text, "<?xml")
}

// checkIDXHeader compares the first bytes of a stream with the wanted header.
func checkIDXHeader(raw []byte, dims []int) error {
	if looksLikeHTML(raw[:min(len(raw), 512)]) {
		return errHTML
	}
	if len(raw) < 4+4*len(dims) {
		return fmt.Errorf("%d bytes of content, too short for an IDX header: fetch it again", len(raw))
	}
	want := uint32(8<<8 | len(dims))
	if got := binary.BigEndian.Uint32(raw); got != want {
		kind := map[int]string{1: "labels", 3: "images"}
		hint := "not an IDX file of bytes"
		if other := kind[int(got)-8<<8]; other != "" {
			hint = fmt.Sprintf("this is a file of %s, a file of %s was wanted", other, kind[len(dims)])
		}
		return fmt.Errorf("IDX magic number 0x%08x, want 0x%08x: %s", got, want, hint)
	}
	for i, d := range dims {
		if got := binary.BigEndian.Uint32(raw[4+4*i:]); got != uint32(d) {
			what := [...]string{"examples", "rows", "columns"}[i]
			return fmt.Errorf("%d %s, want %d: not an official file of this dataset", got, what, d)
		}
	}
	return nil
}
