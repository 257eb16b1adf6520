package runlog

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/klauspost/compress/zstd"
)

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
