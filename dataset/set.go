package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
)

// A Set is one dataset in memory.
type Set struct {
	Name                    string   // "mnist", "fashion", "cifar10", "cifar100", "folder:PATH", "npz:PATH", ...
	Classes                 []string // class names; a label is an index into it
	Height, Width, Channels int      // shape of every example; 1 channel is grey, 3 are red, green, blue
	// Columns are the names of the features of a table; nil for images and for arrays.
	Columns     []string
	Train, Test Split

	Origin string // where it was read from, for the reader of a report
	// Decoder names what decoded and resized the images of a folder, where another version may round
	// differently, else "": hashes of the splits hold for it.
	Decoder string
	Images  Images   // how the files of an image folder became examples
	Notes   []string // what could not be checked, was allowed to differ, was skipped or chosen
}

// A Split is a list of labelled examples in a fixed order.
type Split struct {
	Pixels []byte // examples one after another, each height × width × channels
	// Values are numbers instead of pixels, for examples that are no images: width of them each, height
	// and channels being 1.
	Values []float32
	Labels []uint16 // one class an example
	// Names has one an example, all different: of an image folder the file below the split's folder,
	// with forward slashes, as in cat/001.png. What isn't UTF-8 in a file's name is written as \xff.
	// Nil for the official datasets, whose examples are known by their index in the official files.
	Names []string
}

// Features returns the number of bytes of one example.
func (s *Set) Features() int { return s.Height * s.Width * s.Channels }

// Len returns the number of examples.
func (s Split) Len() int { return len(s.Labels) }

// size returns the bytes, or the numbers, of one example, 0 for an empty split.
func (s Split) size() int {
	if len(s.Labels) == 0 {
		return 0
	}
	return (len(s.Pixels) + len(s.Values)) / len(s.Labels)
}

// Image returns the pixels of example i, sharing memory with the split.
func (s Split) Image(i int) []byte {
	size := s.size()
	return s.Pixels[i*size : (i+1)*size : (i+1)*size]
}

// First returns the first n examples, sharing memory with the split; all of them when n is not
// positive or beyond the length.
func (s Split) First(n int) Split {
	if n <= 0 || n >= s.Len() {
		return s
	}
	end := n * s.size()
	first := Split{Labels: s.Labels[:n:n]}
	if s.Values != nil {
		first.Values = s.Values[:end:end]
	} else {
		first.Pixels = s.Pixels[:end:end]
	}
	if s.Names != nil {
		first.Names = s.Names[:n:n]
	}
	return first
}

// Hash returns the SHA-256, in hex, of everything that a model can see of the split: its length and
// bytes or numbers per example (8 bytes each, little-endian), its labels (2 bytes each,
// little-endian), its pixels and its numbers (4 bytes each, little-endian). The names are not in
// it: renamed files are the same examples as long as their order is.
func (s Split) Hash() string {
	h := sha256.New() // which takes everything: Write can't fail
	binary.Write(h, binary.LittleEndian, []uint64{uint64(s.Len()), uint64(s.size())})
	binary.Write(h, binary.LittleEndian, s.Labels)
	h.Write(s.Pixels)
	const piece = 1 << 14
	var raw []byte
	for part := range slices.Chunk(s.Values, piece) {
		raw, _ = binary.Append(raw[:0], binary.LittleEndian, part) // numbers can't fail
		h.Write(raw)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// LabelHash returns the SHA-256, in hex, of the labels alone, 2 bytes each, little-endian. It names
// the evaluation split of a run: predictions made for other labels, or for the same in another
// order, have another hash.
func (s Split) LabelHash() string {
	h := sha256.New()
	binary.Write(h, binary.LittleEndian, s.Labels)
	return hex.EncodeToString(h.Sum(nil))
}

// Validate returns an error for the first property of the set that a model can't handle: a shape
// that doesn't match the pixels, a label without a class, an empty split. Every Set that Load
// returns is valid.
func (s *Set) Validate() error {
	if s.Height <= 0 || s.Width <= 0 || s.Channels <= 0 {
		return fmt.Errorf("dataset %q: shape %d×%d×%d is not positive", s.Name, s.Height, s.Width, s.Channels)
	}
	if len(s.Classes) < 2 {
		return fmt.Errorf("dataset %q: classes: got %d, want at least 2", s.Name, len(s.Classes))
	}
	if err := s.Train.validate(s); err != nil {
		return fmt.Errorf("dataset %q: training split: %w", s.Name, err)
	}
	if err := s.Test.validate(s); err != nil {
		return fmt.Errorf("dataset %q: test split: %w", s.Name, err)
	}
	return nil
}

func (s Split) validate(set *Set) error {
	if s.Len() == 0 {
		return errors.New("no examples")
	}
	if got, want := len(s.Pixels), s.Len()*set.Features(); s.Values == nil && got != want {
		return fmt.Errorf("%d bytes of pixels for %d examples, want %d", got, s.Len(), want)
	}
	if got, want := len(s.Values), s.Len()*set.Features(); s.Values != nil && got != want {
		return fmt.Errorf("%d numbers for %d examples, want %d", got, s.Len(), want)
	}
	if s.Names != nil && len(s.Names) != s.Len() {
		return fmt.Errorf("%d names for %d examples", len(s.Names), s.Len())
	}
	for i, label := range s.Labels {
		if int(label) >= len(set.Classes) {
			return fmt.Errorf("label %d of example %d, want below the %d classes", label, i, len(set.Classes))
		}
	}
	return nil
}
