package model

import (
	"context"
	"encoding"
	"fmt"
)

// Model is a shallow classifier of byte pixels.
//
// A Model is used by one goroutine at a time while it is fitted. After Fit it is read only, and
// Predict may be called by several.
type Model interface {
	// Kind names the algorithm: "svm", "forest", "knn", "logistic" or "lda".
	Kind() string
	// Version counts the changes of the kind's code after which the same parameters fit a different
	// model. Caches are keyed by it.
	Version() int
	// Params returns everything that defines the fit except the examples and the seed. The values
	// can be marshalled to JSON.
	Params() map[string]any
	// Fit learns from examples with labels and replaces what was fitted before. When it fails, the
	// model counts as not fitted.
	Fit(ctx context.Context, train Examples, opt Options) error
	// Predict classifies examples, whose labels it ignores. Their number of features must be that
	// of the training.
	Predict(ctx context.Context, examples Examples, opt Options) (Prediction, error)
	// Facts describes the result of the fit: sizes, curves, convergence. Its "warnings", a []string,
	// is what a reader of the predictions has to know; it is saved with the model. The values can be
	// marshalled to JSON. Nil before Fit.
	Facts() map[string]any
	// Memory is what Fit and Predict will take beside the examples. Fit returns a *MemoryError where
	// there is less.
	Memory(train Examples, opt Options) Memory
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

// Examples is n examples of d bytes each, one after another.
type Examples struct {
	Pixels   []byte   // n×d, row-major
	Labels   []uint16 // n, each below Classes; nil where only predictions are wanted
	Features int      // d
	Classes  int      // c; 0 is allowed for prediction
	Names    []string // c, for messages; nil where classes have none
}

// Len returns n.
func (e Examples) Len() int {
	if e.Features <= 0 {
		return 0
	}
	return len(e.Pixels) / e.Features
}

// Row returns the d bytes of example i, not a copy.
func (e Examples) Row(i int) []byte {
	return e.Pixels[i*e.Features : (i+1)*e.Features : (i+1)*e.Features]
}

// First returns the first n examples, not a copy; all of them when n is 0 or larger than their
// number.
func (e Examples) First(n int) Examples {
	if n <= 0 || n >= e.Len() {
		return e
	}
	e.Pixels = e.Pixels[:n*e.Features]
	if e.Labels != nil {
		e.Labels = e.Labels[:n]
	}
	return e
}

// Select returns a copy of the examples at the given indices, in that order.
func (e Examples) Select(index []int) Examples {
	out := e
	out.Pixels = make([]byte, 0, len(index)*e.Features)
	for _, i := range index {
		out.Pixels = append(out.Pixels, e.Row(i)...)
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

// CheckShape reports why e's pixels cannot be read as rows of the given number of features, that of
// the training, or nil.
func (e Examples) CheckShape(features int) error {
	if e.Features < 1 {
		return fmt.Errorf("features of an example: got %d, want at least 1", e.Features)
	}
	if e.Features != features {
		return fmt.Errorf("features of an example: got %d, want %d as in training (another dataset?)", e.Features, features)
	}
	if len(e.Pixels)%e.Features != 0 {
		return fmt.Errorf("pixels: got %d bytes, want a multiple of %d features", len(e.Pixels), e.Features)
	}
	return nil
}

// CheckPrediction returns an error, or nil, where a model of a kind can't predict e: before Fit, when
// the number of features is 0, and for examples of another shape.
func (e Examples) CheckPrediction(kind string, features int) error {
	if features == 0 {
		return fmt.Errorf("%s: not fitted: call Fit first", kind)
	}
	if err := e.CheckShape(features); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	return nil
}

// Present returns the classes that occur, ascending, and the label of every example as an index
// into them. All labels must be below e.Classes.
func (e Examples) Present() (classes, index []uint16) {
	occurs := make([]bool, e.Classes)
	for _, label := range e.Labels {
		occurs[label] = true
	}
	place := make([]uint16, e.Classes)
	for class, is := range occurs {
		if is {
			place[class] = uint16(len(classes))
			classes = append(classes, uint16(class))
		}
	}
	index = make([]uint16, len(e.Labels))
	for i, label := range e.Labels {
		index[i] = place[label]
	}
	return classes, index
}

// CheckPresent reports why a list can't be the classes that occur of so many, or nil: it must have
// one or more, ascending.
func CheckPresent(present []uint16, classes int) error {
	if len(present) < 1 || classes < 1 || classes > 1<<16 {
		return fmt.Errorf("got %d classes, %d that occur, want at least 1", classes, len(present))
	}
	for i, class := range present {
		if int(class) >= classes || i > 0 && class <= present[i-1] {
			return fmt.Errorf("got classes %v, want them ascending and below %d", present, classes)
		}
	}
	return nil
}

// Options say how to compute, not what: apart from Seed they must not change any result.
type Options struct {
	Workers     int   // goroutines that compute at once; 0 means all cores
	MemoryBytes int64 // bound on caches; 0 lets the kind choose
	// Available is how many bytes there are to take; 0 asks the machine.
	Available int64
	// Scores has Predict return all scores, n×c, and not only the winners.
	Scores bool
	Seed   uint64 // of everything random
	// Progress is called now and then by one goroutine at a time, done out of total units of work;
	// total is 0 throughout a Fit that doesn't know it. May be nil.
	Progress func(done, total int, note string)
}

// Advance calls Progress where there is one.
func (o Options) Advance(done, total int, note string) {
	if o.Progress != nil {
		o.Progress(done, total, note)
	}
}
