// Package safetensors reads and writes the safetensors format of tensors in a file: eight bytes of
// little-endian header length, a JSON header that gives every tensor's dtype, shape and place, then
// the bytes of all tensors. (Format: https://github.com/huggingface/safetensors.)
//
// The reader is strict, because a file may come from anywhere: it accepts a header of at most 16 MB
// that is one JSON object, each name once, each tensor's bytes exactly as long as dtype and shape
// say, and all tensors together covering the data without gap or overlap. The writer puts a file in
// place only when it is complete.
//
// Not supported: lazy loading, dtypes smaller than a byte.
package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"

	"shoal/internal/half"
)

// Tensor is one named array; Data is row-major and little-endian.
type Tensor struct {
	Name  string
	DType string // F32, I64, ...
	Shape []int  // empty for a scalar
	Data  []byte
}

// File is the content of one file.
type File struct {
	Tensors  []Tensor
	Metadata map[string]string
}

// sizes are the bytes of one element.
var sizes = map[string]int{
	"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4,
	"F16": 2, "BF16": 2, "I16": 2, "U16": 2, "I8": 1, "U8": 1, "BOOL": 1,
}

// Size returns the bytes of one element of dtype, 0 if it isn't known.
func Size(dtype string) int { return sizes[dtype] }

// Find returns the tensor called name, or nil.
func (f *File) Find(name string) *Tensor {
	for i := range f.Tensors {
		if f.Tensors[i].Name == name {
			return &f.Tensors[i]
		}
	}
	return nil
}

// elements returns the number of elements of a shape, or an error if it is negative or more than
// the address space holds.
func elements(shape []int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("negative dimension %d", d)
		}
		if d > 0 && n > math.MaxInt/16/d {
			return 0, fmt.Errorf("shape %v is too large", shape)
		}
		n *= d
	}
	return n, nil
}

// Float32s returns the values of an F32, BF16 or F16 tensor, exactly; an error if it is none of them.
// F64 is refused: it would be rounded without a word.
func (t *Tensor) Float32s() ([]float32, error) {
	var value func(at []byte) float32
	switch t.DType {
	case "F32":
		value = func(at []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(at)) }
	case "BF16": // the upper half of a float32
		value = func(at []byte) float32 { return math.Float32frombits(uint32(binary.LittleEndian.Uint16(at)) << 16) }
	case "F16":
		value = func(at []byte) float32 { return half.Float32(binary.LittleEndian.Uint16(at)) }
	case "F64":
		return nil, fmt.Errorf("tensor %q is F64, want F32: save model.float().state_dict()", t.Name)
	default:
		return nil, fmt.Errorf("tensor %q is %s, want F32, BF16 or F16", t.Name, t.DType)
	}
	size := Size(t.DType)
	values := make([]float32, len(t.Data)/size)
	for i := range values {
		values[i] = value(t.Data[size*i:])
	}
	return values, nil
}

// Int64s returns the values of an I64 tensor; an error if it isn't one.
func (t *Tensor) Int64s() ([]int64, error) {
	if t.DType != "I64" {
		return nil, fmt.Errorf("tensor %q is %s, want I64", t.Name, t.DType)
	}
	values := make([]int64, len(t.Data)/8)
	for i := range values {
		values[i] = int64(binary.LittleEndian.Uint64(t.Data[8*i:]))
	}
	return values, nil
}

// FromFloat32s makes an F32 tensor. The product of shape must be len(values).
func FromFloat32s(name string, shape []int, values []float32) Tensor {
	data := make([]byte, 4*len(values))
	for i, v := range values {
		binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(v))
	}
	return Tensor{Name: name, DType: "F32", Shape: shape, Data: data}
}

// FromInt64s makes an I64 tensor. The product of shape must be len(values).
func FromInt64s(name string, shape []int, values []int64) Tensor {
	data := make([]byte, 8*len(values))
	for i, v := range values {
		binary.LittleEndian.PutUint64(data[8*i:], uint64(v))
	}
	return Tensor{Name: name, DType: "I64", Shape: shape, Data: data}
}
