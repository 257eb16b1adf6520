package table

import (
	"fmt"
	"math"
	"slices"
)

// span is where the numbers of a feature lie before they are float32.
type span struct {
	low, high float64
	rounded   bool // float32 doesn't have all of them
}

// mostSpans is how many features have a span: beyond them memory would count.
const mostSpans = 1 << 20

func newTable(features int) *Table {
	t := &Table{Features: features, spans: make([]span, min(features, mostSpans))}
	for f := range t.spans {
		t.spans[f] = span{low: math.Inf(1), high: math.Inf(-1)}
	}
	return t
}

// take returns a number of a feature as it is kept, or an error for what no model can take.
func (t *Table) take(feature int, v float64) (float32, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("got %v, want a finite number: drop such rows, or put something in its place", v)
	}
	if math.Abs(v) > MaxValue {
		return 0, fmt.Errorf("got %v, want at most %g: is it an id?", v, MaxValue)
	}
	kept := float32(v)
	if feature < len(t.spans) {
		s := &t.spans[feature]
		s.low, s.high = min(s.low, v), max(s.high, v)
		s.rounded = s.rounded || float64(kept) != v
	}
	return kept, nil
}

// fewSteps is how many different float32 there have to be from the least number of a feature to its
// largest.
const fewSteps = 256

// Blurred returns the features of which float32 tells few numbers apart, such as seconds since 1970
// within an hour: those that are rounded, and all within so few steps of float32.
func (t *Table) Blurred() (features []int) {
	for f, s := range t.spans {
		largest := float32(max(math.Abs(s.low), math.Abs(s.high)))
		step := float64(math.Nextafter32(largest, math.MaxFloat32)) - float64(largest)
		if s.rounded && s.high > s.low && s.high-s.low < fewSteps*step {
			features = append(features, f)
		}
	}
	return features
}

// Comparable returns an error unless the test examples can be of the same features as the training
// examples: as many and, of arrays, of one shape, and both of whole numbers or both not. Bytes beside
// the same divided by 255 would be read without a word.
func Comparable(train, test *Table) error {
	whole := func(t *Table) bool { return t.kind[0] != 'f' }
	switch {
	case train.Features != test.Features:
		return fmt.Errorf("training examples have %d features, test examples %d", train.Features, test.Features)
	case train.kind == "" || test.kind == "": // columns, which have names
		return nil
	case !slices.Equal(train.shape, test.shape):
		return fmt.Errorf("training examples are of shape %v, test examples of %v: want the same of both", train.shape, test.shape)
	case whole(train) != whole(test):
		return fmt.Errorf("training examples are of type %s, test examples of %s: want numbers of one scale, both saved as astype(\"float32\")", train.kind, test.kind)
	}
	return nil
}
