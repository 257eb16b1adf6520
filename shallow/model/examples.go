package model

import (
	"bytes"
	"fmt"
	"math"
	"slices"
)

// Examples is n examples of d features each, one after another: bytes of images, or numbers of any
// kind.
type Examples struct {
	Pixels []byte // n×d, row-major
	// Values is n×d, row-major, instead of Pixels: finite numbers of at most MaxValue.
	Values   []float32
	Labels   []uint16 // n, each below Classes; nil where only predictions are wanted
	Features int      // d
	Classes  int      // c; 0 is allowed for prediction
	Names    []string // c, for messages; nil where classes have none
}

// MaxValue bounds the size of a number among Examples.Values: sums of squares of a million such
// numbers stay finite in float32.
const MaxValue = 1e15

// Floats reports whether the examples have Values.
func (e Examples) Floats() bool { return e.Values != nil }

// Len returns n.
func (e Examples) Len() int {
	if e.Features <= 0 {
		return 0
	}
	return (len(e.Pixels) + len(e.Values)) / e.Features
}

// Row returns the d bytes of example i, not a copy.
func (e Examples) Row(i int) []byte {
	return e.Pixels[i*e.Features : (i+1)*e.Features : (i+1)*e.Features]
}

// Point returns the d numbers of example i, not a copy.
func (e Examples) Point(i int) []float32 {
	return e.Values[i*e.Features : (i+1)*e.Features : (i+1)*e.Features]
}

// Bytes is what the examples take, labels left out.
func (e Examples) Bytes() int64 { return int64(len(e.Pixels)) + 4*int64(len(e.Values)) }

// Equal reports whether examples i and j have the same features.
func (e Examples) Equal(i, j int) bool {
	if e.Floats() {
		return slices.Equal(e.Point(i), e.Point(j))
	}
	return bytes.Equal(e.Row(i), e.Row(j))
}

// First returns the first n examples, not a copy; all of them when n is 0 or larger than their
// number.
func (e Examples) First(n int) Examples {
	if n <= 0 || n >= e.Len() {
		return e
	}
	if e.Floats() {
		e.Values = e.Values[:n*e.Features]
	} else {
		e.Pixels = e.Pixels[:n*e.Features]
	}
	if e.Labels != nil {
		e.Labels = e.Labels[:n]
	}
	return e
}

// Select returns a copy of the examples at the given indices, in that order.
func (e Examples) Select(index []int) Examples {
	out := e
	out.Pixels, out.Values = nil, nil
	if e.Floats() {
		out.Values = make([]float32, 0, len(index)*e.Features)
	} else {
		out.Pixels = make([]byte, 0, len(index)*e.Features)
	}
	for _, i := range index {
		if e.Floats() {
			out.Values = append(out.Values, e.Point(i)...)
		} else {
			out.Pixels = append(out.Pixels, e.Row(i)...)
		}
	}
	if e.Labels != nil {
		out.Labels = make([]uint16, len(index))
		for k, i := range index {
			out.Labels[k] = e.Labels[i]
		}
	}
	return out
}

// CheckTraining returns an error that says why no model can be fitted to e, or nil.
func (e Examples) CheckTraining() error {
	if err := e.CheckShape(e.Features); err != nil {
		return err
	}
	if e.Len() == 0 {
		return fmt.Errorf("no training examples: got 0, want at least 1")
	}
	if len(e.Labels) != e.Len() {
		return fmt.Errorf("training labels: got %d for %d examples, want one each", len(e.Labels), e.Len())
	}
	if e.Classes < 1 || e.Classes > 1<<16 {
		return fmt.Errorf("classes: got %d, want 1 to %d", e.Classes, 1<<16)
	}
	for i, label := range e.Labels {
		if int(label) >= e.Classes {
			return fmt.Errorf("label of training example %d: got %d, want below %d", i, label, e.Classes)
		}
	}
	return nil
}

// CheckShape reports why e can't be read as rows of the given number of features, that of the
// training, or nil.
func (e Examples) CheckShape(features int) error {
	if e.Features < 1 {
		return fmt.Errorf("features of an example: got %d, want at least 1", e.Features)
	}
	if e.Features != features {
		return fmt.Errorf("features of an example: got %d, want %d as in training (another dataset?)", e.Features, features)
	}
	if len(e.Pixels) > 0 && len(e.Values) > 0 {
		return fmt.Errorf("got %d bytes and %d numbers, want one or the other", len(e.Pixels), len(e.Values))
	}
	if len(e.Pixels)%e.Features != 0 {
		return fmt.Errorf("pixels: got %d bytes, want a multiple of %d features", len(e.Pixels), e.Features)
	}
	if len(e.Values)%e.Features != 0 {
		return fmt.Errorf("values: got %d numbers, want a multiple of %d features", len(e.Values), e.Features)
	}
	for i, v := range e.Values {
		if !(math.Abs(float64(v)) <= MaxValue) {
			return fmt.Errorf("feature %d of example %d: got %v, want a finite number of at most %g", i%e.Features, i/e.Features, v, MaxValue)
		}
	}
	return nil
}

// CheckPrediction returns an error, or nil, where a model of a kind can't predict e: before Fit, when
// the number of features is 0, and for examples of another shape. floats says what the model was
// fitted to.
func (e Examples) CheckPrediction(kind string, features int, floats bool) error {
	if features == 0 {
		return fmt.Errorf("%s: not fitted: call Fit first", kind)
	}
	if err := e.CheckShape(features); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	if e.Len() > 0 && e.Floats() != floats {
		return fmt.Errorf("%s: fitted to %s, got %s", kind, form(floats), form(e.Floats()))
	}
	return nil
}

// CheckBytes is the error of a kind for examples that are not bytes, or nil.
func (e Examples) CheckBytes() error {
	if e.Floats() {
		return fmt.Errorf("got %s, want %s: package shallow bins them", form(true), form(false))
	}
	return nil
}

func form(floats bool) string {
	if floats {
		return "numbers"
	}
	return "bytes"
}
