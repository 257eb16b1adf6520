package model

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
)

// Writer appends values to a payload for Seal. Everything is little-endian and preceded by its
// length as uint64; Reader reads it in the same order.
type Writer struct {
	Payload []byte
	Err     error // the first JSON error
}

// JSON appends a value that can be marshalled.
func (w *Writer) JSON(v any) {
	text, err := json.Marshal(v)
	if err != nil && w.Err == nil {
		w.Err = err
	}
	w.Bytes(text)
}

// Bytes appends bytes.
func (w *Writer) Bytes(b []byte) {
	w.length(len(b))
	w.Payload = append(w.Payload, b...)
}

// Uint16s appends numbers.
func (w *Writer) Uint16s(values []uint16) { put(w, values) }

// Uint32s appends numbers.
func (w *Writer) Uint32s(values []uint32) { put(w, values) }

// Uint64s appends numbers.
func (w *Writer) Uint64s(values []uint64) { put(w, values) }

// Float32s appends numbers, every bit of them.
func (w *Writer) Float32s(values []float32) { put(w, values) }

// Float64s appends numbers, every bit of them.
func (w *Writer) Float64s(values []float64) { put(w, values) }

// number is what the arrays of a payload consist of.
type number interface {
	uint16 | uint32 | uint64 | float32 | float64
}

func put[T number](w *Writer, values []T) {
	w.length(len(values))
	w.Payload, _ = binary.Append(w.Payload, binary.LittleEndian, values) // numbers can't fail
}

func (w *Writer) length(n int) {
	w.Payload = binary.LittleEndian.AppendUint64(w.Payload, uint64(n))
}

// Reader takes values from a payload in the order in which a Writer put them. After the first error
// everything reads as empty; Close returns it. Lengths are checked against the bytes that are left,
// so that a wrong one allocates nothing.
type Reader struct {
	rest []byte
	err  error
}

// NewReader reads a payload.
func NewReader(payload []byte) *Reader { return &Reader{rest: payload} }

// JSON unmarshals the next value into v.
func (r *Reader) JSON(v any) {
	text := r.take(1)
	if r.err == nil {
		r.Fail(json.Unmarshal(text, v))
	}
}

// Bytes returns the next bytes, not a copy.
func (r *Reader) Bytes() []byte { return r.take(1) }

// Skip passes over the next numbers, of size bytes each.
func (r *Reader) Skip(size int) { r.take(size) }

// Uint16s returns the next numbers.
func (r *Reader) Uint16s() []uint16 { return get[uint16](r) }

// Uint32s returns the next numbers.
func (r *Reader) Uint32s() []uint32 { return get[uint32](r) }

// Uint64s returns the next numbers.
func (r *Reader) Uint64s() []uint64 { return get[uint64](r) }

// Float32s returns the next numbers. One that is not finite is an error.
func (r *Reader) Float32s() []float32 {
	out := get[float32](r)
	for _, v := range out {
		r.finite(float64(v))
	}
	return out
}

// Float64s returns the next numbers. One that is not finite is an error.
func (r *Reader) Float64s() []float64 {
	out := get[float64](r)
	for _, v := range out {
		r.finite(v)
	}
	return out
}

func get[T number](r *Reader) []T {
	size := binary.Size(T(0))
	b := r.take(size)
	out := make([]T, len(b)/size)
	binary.Decode(b, binary.LittleEndian, out) // as many bytes as it needs: it can't fail
	return out
}

// Fail records an error of the caller's own checks; nil is no error.
func (r *Reader) Fail(err error) {
	if r.err == nil && err != nil {
		r.err, r.rest = err, nil
	}
}

// Err returns the first error so far.
func (r *Reader) Err() error { return r.err }

// Close returns the first error, or one when something was left over.
func (r *Reader) Close() error {
	if len(r.rest) > 0 {
		r.Fail(fmt.Errorf("%d bytes after the end", len(r.rest)))
	}
	return r.err
}

func (r *Reader) finite(v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		r.Fail(fmt.Errorf("got the number %v, want a finite one", v))
	}
}

// take returns the bytes of the next value, whose elements have size bytes.
func (r *Reader) take(size int) []byte {
	if r.err == nil && len(r.rest) < 8 {
		r.Fail(fmt.Errorf("ends before a value"))
	}
	if r.err != nil {
		return nil
	}
	n := binary.LittleEndian.Uint64(r.rest)
	r.rest = r.rest[8:]
	if n > uint64(len(r.rest)/size) {
		r.Fail(fmt.Errorf("got a value of %d elements, want at most the %d bytes that are left", n, len(r.rest)))
		return nil
	}
	b := r.rest[: int(n)*size : int(n)*size]
	r.rest = r.rest[int(n)*size:]
	return b
}
