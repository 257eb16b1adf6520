package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"shoal/internal/half"
)

// Stream is an array that is read piece by piece, for arrays that are larger than memory. Beside the
// types of an Array its elements may be f2, b1, and texts: U or S with the number of characters.
type Stream struct {
	Type  string
	Shape []int
	left  int64 // elements that were not read
	in    io.Reader
	raw   []byte
}

// NewStream reads the header of an array.
func NewStream(r io.Reader) (*Stream, error) {
	text, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	a, err := parseHeader(text, func(kind string) bool { return plain(kind) || kind == "f2" || kind == "b1" })
	if err != nil {
		return nil, err
	}
	bytes, err := a.bytes()
	if err != nil {
		return nil, err
	}
	return &Stream{Type: a.Type, Shape: a.Shape, left: bytes / int64(max(a.size(), 1)), in: r}, nil
}

// next returns the bytes of the next count elements; they are valid until the next call.
func (s *Stream) next(count int) ([]byte, error) {
	if int64(count) > s.left {
		return nil, fmt.Errorf("%d elements are left, want %d", s.left, count)
	}
	s.left -= int64(count)
	// Growing with what is there, not with what the header claims.
	want := count * (&Array{Type: s.Type}).size()
	s.raw = s.raw[:0]
	for len(s.raw) < want {
		at := len(s.raw)
		more := min(want-at, 1<<20)
		s.raw = slices.Grow(s.raw, more)[:at+more]
		if _, err := io.ReadFull(s.in, s.raw[at:]); err != nil {
			return nil, errors.New("cut short")
		}
	}
	return s.raw, nil
}

// Ints reads whole numbers, or true and false as 1 and 0.
func (s *Stream) Ints(out []int64) error {
	if !strings.ContainsRune("uib", rune(s.Type[0])) {
		return fmt.Errorf("elements of type %s, want whole numbers", s.Type)
	}
	raw, err := s.next(len(out))
	if err != nil {
		return err
	}
	a := Array{Type: strings.Replace(s.Type, "b", "u", 1), Raw: raw}
	for i := range out {
		value, negative := a.integer(i)
		if value > math.MaxInt64 && !negative {
			return fmt.Errorf("element %d is %d, want at most %d", i, value, math.MaxInt64)
		}
		out[i] = int64(value)
	}
	return nil
}

// Floats reads numbers.
func (s *Stream) Floats(out []float64) error {
	if s.Type[0] != 'f' {
		ints := make([]int64, len(out))
		err := s.Ints(ints)
		for i, v := range ints {
			out[i] = float64(v)
		}
		return err
	}
	raw, err := s.next(len(out))
	if err != nil {
		return err
	}
	for i := range out {
		switch s.Type {
		case "f2":
			out[i] = float64(half.Float32(binary.LittleEndian.Uint16(raw[2*i:])))
		case "f4":
			out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
		default:
			out[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
		}
	}
	return nil
}

// Texts reads texts; whole numbers are written out.
func (s *Stream) Texts(count int) ([]string, error) {
	if s.Type[0] == 'U' || s.Type[0] == 'S' {
		raw, err := s.next(count)
		if err != nil {
			return nil, err
		}
		return (&Array{Type: s.Type, Shape: []int{count}, Raw: raw}).Text()
	}
	numbers := make([]int64, count)
	if err := s.Ints(numbers); err != nil {
		return nil, err
	}
	out := make([]string, count)
	for i, n := range numbers {
		out[i] = strconv.FormatInt(n, 10)
	}
	return out, nil
}

// End reports what is left of the array, or follows it.
func (s *Stream) End() error {
	if s.left > 0 {
		return fmt.Errorf("%d elements are left", s.left)
	}
	n, err := io.ReadFull(s.in, make([]byte, 1))
	switch {
	case n > 0:
		return errors.New("more bytes follow the array")
	case err != io.EOF: // such as a checksum that doesn't fit
		return err
	}
	return nil
}
