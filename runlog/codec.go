package runlog

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/klauspost/compress/zstd"

	"shoal/internal/half"
)

// width is the number of bytes that a class takes.
func width(classes int) int {
	if classes <= 256 {
		return 1
	}
	return 2
}

// packClasses is the stored form of predicted classes.
func packClasses(predictions []uint16, classes int) ([]byte, error) {
	out := make([]byte, 0, len(predictions)*width(classes))
	for i, p := range predictions {
		if int(p) >= classes {
			return nil, fmt.Errorf("prediction of example %d is class %d, want one below %d", i, p, classes)
		}
		if width(classes) == 1 {
			out = append(out, byte(p))
		} else {
			out = binary.LittleEndian.AppendUint16(out, p)
		}
	}
	return out, nil
}

// unpackClasses reads the stored form of n predicted classes.
func unpackClasses(stored []byte, n, classes int) ([]uint16, error) {
	if want := n * width(classes); len(stored) != want {
		return nil, fmt.Errorf("predictions have %d bytes, want %d for %d examples of %d classes", len(stored), want, n, classes)
	}
	out := make([]uint16, n)
	for i := range out {
		if width(classes) == 1 {
			out[i] = uint16(stored[i])
		} else {
			out[i] = binary.LittleEndian.Uint16(stored[2*i:])
		}
		if int(out[i]) >= classes {
			return nil, fmt.Errorf("prediction of example %d is class %d, want one below %d", i, out[i], classes)
		}
	}
	return out, nil
}

// packMargins is the stored form of margins; nil stays nil.
func packMargins(margins []float32) []byte {
	if margins == nil {
		return nil
	}
	out := make([]byte, 0, 4*len(margins))
	for _, m := range margins {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(m))
	}
	return out
}

// unpackMargins reads the stored form of n margins; nil stays nil.
func unpackMargins(stored []byte, n int) ([]float32, error) {
	if stored == nil {
		return nil, nil
	}
	if len(stored) != 4*n {
		return nil, fmt.Errorf("margins have %d bytes, want %d for %d examples", len(stored), 4*n, n)
	}
	out := make([]float32, n)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(stored[4*i:]))
		if m := float64(out[i]); math.IsNaN(m) || math.IsInf(m, 0) {
			return nil, fmt.Errorf("margin of example %d is %v, want a finite number", i, m)
		}
	}
	return out, nil
}

// packBits is the stored form of what is right: one bit an example, the first the lowest bit of the
// first byte; nil stays nil.
func packBits(right []bool) []byte {
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

// unpackBits reads the stored form of n bits; nil stays nil.
func unpackBits(stored []byte, n int) ([]bool, error) {
	if stored == nil {
		return nil, nil
	}
	if want := (n + 7) / 8; len(stored) != want {
		return nil, fmt.Errorf("right has %d bytes, want %d for %d examples", len(stored), want, n)
	}
	out := make([]bool, n)
	for i := range out {
		out[i] = stored[i/8]>>(i%8)&1 == 1
	}
	return out, nil
}

// packHalves is the stored form of values: half precision, 2 bytes each, little-endian.
func packHalves(values []float32) []byte {
	out := make([]byte, 0, 2*len(values))
	for _, v := range values {
		out = binary.LittleEndian.AppendUint16(out, half.From(v))
	}
	return out
}

// unpackHalves reads the stored form of n values.
func unpackHalves(stored []byte, n int) ([]float32, error) {
	if len(stored) != 2*n {
		return nil, fmt.Errorf("values have %d bytes, want %d for %d examples", len(stored), 2*n, n)
	}
	out := make([]float32, n)
	for i := range out {
		out[i] = half.Float32(binary.LittleEndian.Uint16(stored[2*i:]))
	}
	return out, nil
}

// newPacker returns what compresses and decompresses predictions. Both are single-threaded: a blob
// is some ten kilobytes.
func newPacker() (*zstd.Encoder, *zstd.Decoder, error) {
	// A single segment has its content's size in the header, which simple decoders such as Python's
	// zstandard.decompress want.
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithSingleSegment(true))
	if err != nil {
		return nil, nil, err
	}
	// 64 MB bounds what a damaged or hostile blob can make us allocate.
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	return enc, dec, err
}
