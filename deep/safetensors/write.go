package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"shoal/internal/atomicfile"
)

// Write puts f at path. The file appears under its name only once it is complete and on disk; a
// file that was there is replaced. f.Tensors is left as it is; the file has wide dtypes first, so
// that everything is aligned.
func Write(path string, f *File) error {
	if err := atomicfile.Write(path, func(w io.Writer) error { return Encode(w, f) }); err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	return nil
}

// Encode writes the bytes of a file to w.
func Encode(w io.Writer, f *File) error {
	order := slices.Clone(f.Tensors)
	slices.SortStableFunc(order, func(a, b Tensor) int { return Size(b.DType) - Size(a.DType) })
	text, err := encodeHeader(f.Metadata, order)
	if err != nil {
		return err
	}
	var length [8]byte
	binary.LittleEndian.PutUint64(length[:], uint64(len(text)))
	if _, err := w.Write(length[:]); err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	for _, t := range order {
		if _, err := w.Write(t.Data); err != nil {
			return err
		}
	}
	return nil
}

func encodeHeader(metadata map[string]string, tensors []Tensor) ([]byte, error) {
	var b bytes.Buffer
	put := func(name string, value any) error {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		for i, v := range []any{name, value} {
			text, err := json.Marshal(v)
			if err != nil {
				return err
			}
			if i == 1 {
				b.WriteByte(':')
			}
			b.Write(text)
		}
		return nil
	}
	b.WriteByte('{')
	if len(metadata) > 0 {
		if err := put("__metadata__", metadata); err != nil {
			return nil, err
		}
	}
	at, seen := 0, map[string]bool{"__metadata__": true}
	for _, t := range tensors {
		n, err := elements(t.Shape)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		if size := Size(t.DType); size == 0 || n*size != len(t.Data) || seen[t.Name] {
			return nil, fmt.Errorf("tensor %q of %s, shape %v: %d bytes, or its name is taken", t.Name, t.DType, t.Shape, len(t.Data))
		}
		seen[t.Name] = true
		shape := t.Shape
		if shape == nil {
			shape = []int{}
		}
		e := entry{&t.DType, &shape, &[]int{at, at + len(t.Data)}}
		if err := put(t.Name, e); err != nil {
			return nil, err
		}
		at += len(t.Data)
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	return b.Bytes(), nil
}
