package predlog

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"shoal/internal/packing"

	"github.com/klauspost/compress/zlib"
)

// encodeBlob is the form of bytes in the log: base64 of zlib.
func encodeBlob(raw []byte) string {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed) // into memory: it can't fail
	_, _ = w.Write(raw)
	_ = w.Close()
	return base64.StdEncoding.EncodeToString(packed.Bytes())
}

// inflate reads a blob of at most most bytes. It takes no more memory than they need, whatever the
// text claims to hold.
func inflate(text string, most int) ([]byte, error) {
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("not base64: %w", err)
	}
	rest := bytes.NewReader(packed)
	r, err := zlib.NewReader(rest)
	if err != nil {
		return nil, fmt.Errorf("not zlib: %w", err)
	}
	var raw bytes.Buffer
	raw.Grow(min(most, 1024*len(packed)) + bytes.MinRead) // zlib makes at most 1032 bytes of one
	if _, err := raw.ReadFrom(io.LimitReader(r, int64(most)+1)); err != nil {
		return nil, fmt.Errorf("damaged: %w", err)
	}
	if raw.Len() > most {
		return nil, fmt.Errorf("more than %d bytes", most)
	}
	if rest.Len() > 0 {
		return nil, fmt.Errorf("damaged: %d bytes follow its end", rest.Len())
	}
	return raw.Bytes(), nil
}

// unpackClasses reads n classes, each below classes.
func unpackClasses(text string, n, classes int) ([]uint16, error) {
	raw, err := inflate(text, n*packing.Width(classes))
	if err != nil {
		return nil, err
	}
	return packing.ReadClasses(raw, n, classes)
}

func unpackBits(text string, n int) ([]bool, error) {
	raw, err := inflate(text, (n+7)/8)
	if err != nil {
		return nil, err
	}
	return packing.ReadBits(raw, n)
}

func unpackHalves(text string, n int) ([]float32, error) {
	raw, err := inflate(text, 2*n)
	if err != nil {
		return nil, err
	}
	return packing.ReadHalves(raw, n)
}

func packIndex(index []int) []byte {
	out := make([]byte, 0, 4*len(index))
	for _, i := range index {
		out = binary.LittleEndian.AppendUint32(out, uint32(i))
	}
	return out
}

// unpackIndex reads places below n: up to n of them, as a part has no example twice.
func unpackIndex(text string, n int) ([]int, error) {
	raw, err := inflate(text, 4*n)
	if err != nil {
		return nil, err
	}
	if len(raw)%4 != 0 {
		return nil, fmt.Errorf("%d bytes, want 4 an example", len(raw))
	}
	out, seen := make([]int, len(raw)/4), make([]bool, n)
	for k := range out {
		i := int64(binary.LittleEndian.Uint32(raw[4*k:]))
		if i >= int64(n) {
			return nil, fmt.Errorf("example %d, want 0 to %d", i, n-1)
		}
		if seen[i] {
			return nil, fmt.Errorf("example %d twice", i)
		}
		out[k], seen[i] = int(i), true
	}
	return out, nil
}
