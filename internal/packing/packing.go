// Package packing has the bytes that runs and logs keep vectors in, one number an example: classes,
// what is right, and values. All are little-endian.
package packing

import (
	"encoding/binary"
	"fmt"

	"shoal/internal/half"
)

// Width is the number of bytes that a class takes: 1 up to 256 classes, 2 beyond.
func Width(classes int) int {
	if classes <= 256 {
		return 1
	}
	return 2
}

// Classes are classes as bytes. Each has to be below the number of classes.
func Classes(values []uint16, classes int) ([]byte, error) {
	out := make([]byte, 0, len(values)*Width(classes))
	for i, v := range values {
		if int(v) >= classes {
			return nil, fmt.Errorf("example %d has class %d, want one below %d", i, v, classes)
		}
		if Width(classes) == 1 {
			out = append(out, byte(v))
		} else {
			out = binary.LittleEndian.AppendUint16(out, v)
		}
	}
	return out, nil
}

// ReadClasses reads n classes.
func ReadClasses(raw []byte, n, classes int) ([]uint16, error) {
	if want := n * Width(classes); len(raw) != want {
		return nil, fmt.Errorf("%d bytes, want %d for %d examples of %d classes", len(raw), want, n, classes)
	}
	out := make([]uint16, n)
	for i := range out {
		if Width(classes) == 1 {
			out[i] = uint16(raw[i])
		} else {
			out[i] = binary.LittleEndian.Uint16(raw[2*i:])
		}
		if int(out[i]) >= classes {
			return nil, fmt.Errorf("example %d has class %d, want one below %d", i, out[i], classes)
		}
	}
	return out, nil
}

// Bits are one bit an example, the first the lowest of the first byte; nil stays nil.
func Bits(right []bool) []byte {
	if right == nil {
		return nil
	}
	out := make([]byte, (len(right)+7)/8)
	for i, r := range right {
		if r {
			out[i/8] |= 1 << (i % 8)
		}
	}
	return out
}

// ReadBits reads n bits; nil stays nil.
func ReadBits(raw []byte, n int) ([]bool, error) {
	if raw == nil {
		return nil, nil
	}
	if want := (n + 7) / 8; len(raw) != want {
		return nil, fmt.Errorf("%d bytes, want %d for a bit of each of %d examples", len(raw), want, n)
	}
	out := make([]bool, n)
	for i := range out {
		out[i] = raw[i/8]>>(i%8)&1 == 1
	}
	return out, nil
}

// Halves are values in half precision.
func Halves(values []float32) []byte {
	out := make([]byte, 0, 2*len(values))
	for _, v := range values {
		out = binary.LittleEndian.AppendUint16(out, half.From(v))
	}
	return out
}

// ReadHalves reads n values.
func ReadHalves(raw []byte, n int) ([]float32, error) {
	if len(raw) != 2*n {
		return nil, fmt.Errorf("%d bytes, want %d for values of %d examples", len(raw), 2*n, n)
	}
	out := make([]float32, n)
	for i := range out {
		out[i] = half.Float32(binary.LittleEndian.Uint16(raw[2*i:]))
	}
	return out, nil
}
