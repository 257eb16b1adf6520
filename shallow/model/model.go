package model

import (
	"context"
	"encoding"
	"fmt"
)

// Model is a shallow classifier of bytes or of numbers.
//
// A Model is used by one goroutine at a time while it is fitted. After Fit it is read only, and
// Predict may be called by several.
type Model interface {
	// Kind names the algorithm: "svm", "forest", "boosting", "knn", "logistic" or "lda".
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
	// of the training, and they must be bytes or numbers as it was.
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
