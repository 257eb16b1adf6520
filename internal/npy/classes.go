package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"shoal/internal/atomicfile"
)

// ReadClasses reads the predicted classes of a given number of examples from a file: a
// one-dimensional array of integers from 0 to classes-1.
func ReadClasses(path string, examples, classes int) ([]uint16, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out, err := readClasses(f, examples, classes)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	return out, nil
}

// WriteClasses writes rows of class numbers, one after another, as an array of the given shape,
// one-dimensional by default: one byte each when all of so many classes fit, else two.
func WriteClasses(w io.Writer, rows [][]uint16, classes int, shape ...int) error {
	if classes > 256 {
		return Write(w, slices.Concat(rows...), shape...)
	}
	var narrow []uint8
	for _, row := range rows {
		for _, class := range row {
			narrow = append(narrow, uint8(class))
		}
	}
	return Write(w, narrow, shape...)
}

// readClasses leaves room for four times the wanted elements, so that a wrong length gets the
// message about the length.
func readClasses(r io.Reader, examples, classes int) ([]uint16, error) {
	a, err := Read(r, 8*4*int64(max(examples, 1<<20)))
	if err != nil {
		return nil, err
	}
	values, err := a.Classes()
	if err != nil {
		return nil, err
	}
	if len(values) != examples {
		return nil, fmt.Errorf("%d predictions, want one for each of the %d examples of the evaluation split", len(values), examples)
	}
	for i, class := range values {
		if int(class) >= classes {
			return nil, fmt.Errorf("class %d predicted for example %d, want 0 to %d", class, i, classes-1)
		}
	}
	return values, nil
}

// Classes returns a one-dimensional array of integers as class numbers, 0 to 65535.
func (a *Array) Classes() ([]uint16, error) {
	switch a.Type[0] {
	case 'f':
		return nil, errors.New("floats instead of classes: save scores.argmax(axis=1)")
	case 'U', 'S':
		return nil, fmt.Errorf("text (%s) instead of the numbers of classes", a.Type)
	}
	if len(a.Shape) != 1 {
		return nil, fmt.Errorf("shape %v, want one dimension: one class an example", a.Shape)
	}
	out := make([]uint16, a.Len())
	for i := range out {
		value, negative := a.integer(i)
		if negative {
			return nil, fmt.Errorf("class %d predicted for example %d, want 0 or more", int64(value), i)
		}
		if value > 65535 {
			return nil, fmt.Errorf("class %d predicted for example %d, want at most 65535", value, i)
		}
		out[i] = uint16(value)
	}
	return out, nil
}

// Integers returns a one-dimensional array of integers.
func (a *Array) Integers() ([]int64, error) {
	if a.Type[0] != 'i' && a.Type[0] != 'u' || len(a.Shape) != 1 {
		return nil, fmt.Errorf("elements %s of shape %v, want integers in one dimension", a.Type, a.Shape)
	}
	out := make([]int64, a.Len())
	for i := range out {
		value, negative := a.integer(i)
		if !negative && value > math.MaxInt64 {
			return nil, fmt.Errorf("element %d is %d, want at most %d", i, value, math.MaxInt64)
		}
		out[i] = int64(value)
	}
	return out, nil
}

// Floats returns a one-dimensional array of numbers.
func (a *Array) Floats() ([]float64, error) {
	switch {
	case len(a.Shape) != 1 || a.Type[0] == 'U' || a.Type[0] == 'S':
		return nil, fmt.Errorf("elements %s of shape %v, want numbers in one dimension", a.Type, a.Shape)
	case a.Type[0] != 'f':
		whole, err := a.Integers()
		out := make([]float64, len(whole))
		for i, v := range whole {
			out[i] = float64(v)
		}
		return out, err
	}
	out := make([]float64, a.Len())
	for i := range out {
		if a.Type == "f4" {
			out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(a.Raw[4*i:])))
		} else {
			out[i] = math.Float64frombits(binary.LittleEndian.Uint64(a.Raw[8*i:]))
		}
	}
	return out, nil
}

// integer returns element i; if it is negative, in two's complement.
func (a *Array) integer(i int) (value uint64, negative bool) {
	size := a.size()
	var word [8]byte
	copy(word[:], a.Raw[i*size:(i+1)*size])
	value = binary.LittleEndian.Uint64(word[:])
	if a.Type[0] == 'u' {
		return value, false
	}
	unused := 64 - 8*size
	signed := int64(value<<unused) >> unused
	return uint64(signed), signed < 0
}

// ReadClassFile reads a one-dimensional array of class numbers of any length, at least 1.
func ReadClassFile(path string) ([]uint16, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	a, err := Read(f, 1<<30)
	var out []uint16
	if err == nil {
		out, err = a.Classes()
	}
	if err == nil && len(out) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	return out, nil
}
