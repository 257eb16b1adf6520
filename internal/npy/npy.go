package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"reflect"
	"slices"
	"strconv"
)

const magic = "\x93NUMPY"

// maxHeader bounds the dictionary; NumPy's own limit is 10,000 bytes.
const maxHeader = 10000

// An Array is the content of a file.
type Array struct {
	// Type is the kind and the bytes of an element: u1, u2, u4, u8, i1, i2, i4, i8, f4 or f8; of text
	// the kind and the number of characters: S5 (bytes) or U5 (4 bytes each).
	Type  string
	Shape []int  // nil for a scalar
	Raw   []byte // the elements in C order, little-endian
}

// Len returns the number of elements.
func (a *Array) Len() int {
	n := 1
	for _, d := range a.Shape {
		n *= d
	}
	return n
}

// size returns the bytes of an element.
func (a *Array) size() int {
	n, _ := strconv.Atoi(a.Type[1:]) // parseHeader has checked it
	if a.Type[0] == 'U' {
		n *= 4
	}
	return n
}

// Read reads one array of at most maxBytes bytes of elements. Bytes after it are an error.
func Read(r io.Reader, maxBytes int64) (*Array, error) {
	text, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	a, err := parseHeader(text, plain)
	if err != nil {
		return nil, err
	}
	want, err := a.bytes()
	if err != nil {
		return nil, err
	}
	if want > maxBytes {
		return nil, fmt.Errorf("array of shape %v and type %s has %d bytes, want at most %d", a.Shape, a.Type, want, maxBytes)
	}
	var data bytes.Buffer
	if _, err := io.Copy(&data, io.LimitReader(r, want+1)); err != nil {
		return nil, err
	}
	switch got := int64(data.Len()); {
	case got < want:
		return nil, fmt.Errorf("cut short: %d bytes of elements, want %d for shape %v", got, want, a.Shape)
	case got > want:
		return nil, fmt.Errorf("more bytes follow the %d of shape %v: not one whole .npy array", want, a.Shape)
	}
	a.Raw = data.Bytes()
	return a, nil
}

// readHeader returns the dictionary's text.
func readHeader(r io.Reader) ([]byte, error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:8]); err != nil || string(head[:6]) != magic {
		return nil, errors.New("not a .npy file: it doesn't begin with \\x93NUMPY; save it with numpy.save")
	}
	width := 4 // bytes that count the dictionary's
	switch major := head[6]; major {
	case 1:
		width = 2
	case 2, 3:
	default:
		return nil, fmt.Errorf(".npy version %d.%d, want 1, 2 or 3", major, head[7])
	}
	if _, err := io.ReadFull(r, head[8:8+width]); err != nil {
		return nil, errors.New("cut short in the header")
	}
	length := binary.LittleEndian.Uint32(head[8:])
	if length > maxHeader {
		return nil, fmt.Errorf("header of %d bytes, want at most %d", length, maxHeader)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, errors.New("cut short in the header")
	}
	return text, nil
}

// bytes returns how many bytes the shape needs. The number of elements is checked as well: those of
// no bytes, empty texts, could be any.
func (a *Array) bytes() (int64, error) {
	n, count := uint64(a.size()), uint64(1)
	for _, d := range a.Shape {
		high, low := bits.Mul64(max(n, 1), uint64(d))
		more, elements := bits.Mul64(count, uint64(d))
		if high != 0 || low > math.MaxInt64 || more != 0 || elements > math.MaxInt64 {
			return 0, fmt.Errorf("shape %v is beyond any memory", a.Shape)
		}
		n, count = n*uint64(d), elements
	}
	if a.size() == 0 && count > 0 {
		return 0, errors.New("elements of no bytes: an array of empty texts")
	}
	return int64(n), nil
}

// Element is an element type that Write supports.
type Element interface {
	uint8 | uint16 | uint32 | uint64 | int8 | int16 | int32 | int64 | float32 | float64
}

// Write writes an array in C order as version 1. Without a shape it is one-dimensional.
func Write[T Element](w io.Writer, data []T, shape ...int) error {
	if len(shape) == 0 {
		shape = []int{len(data)}
	}
	n := 1
	for _, d := range shape {
		n *= d
	}
	if n != len(data) {
		return fmt.Errorf("shape %v has %d elements, want the %d of the data", shape, n, len(data))
	}
	if _, err := w.Write(header(descr[T](), shape)); err != nil {
		return err
	}
	// In pieces, so that a large array isn't in memory twice.
	const piece = 1 << 16
	for part := range slices.Chunk(data, piece) {
		if err := binary.Write(w, binary.LittleEndian, part); err != nil {
			return err
		}
	}
	return nil
}

// descr names an element type as NumPy does: byte order, "|" where there is none, the first letter
// of its kind (u, i or f), and bytes.
func descr[T Element]() string {
	t, order := reflect.TypeFor[T](), "<"
	if t.Size() == 1 {
		order = "|"
	}
	return fmt.Sprintf("%s%c%d", order, t.Kind().String()[0], t.Size())
}

// header renders everything before the elements; the elements begin at a multiple of 64 bytes, as
// the format requires.
func header(descr string, shape []int) []byte {
	dims := ""
	for _, d := range shape {
		dims += fmt.Sprintf("%d, ", d)
	}
	if len(shape) > 1 {
		dims = dims[:len(dims)-2]
	} else {
		dims = dims[:len(dims)-1]
	}
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, dims)
	const before = len(magic) + 4
	pad := (64 - (before+len(text)+1)%64) % 64
	text += fmt.Sprintf("%*s\n", pad, "")
	out := append([]byte(magic), 1, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(text)))
	return append(out, text...)
}
