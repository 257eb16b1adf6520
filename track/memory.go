package track

import (
	"errors"
	"fmt"
	"strings"

	"shoal/dataset"
	"shoal/deep"
	"shoal/internal/textfmt"
	"shoal/internal/usage"
)

// ErrMemory is wrapped when a network would take more memory than there is.
var ErrMemory = errors.New("more than is free")

// memory is about what a study's network takes on images of the shape, in bytes, with all that
// trains it.
func (s Study) memory(shape deep.Shape, classes int, workers int) (int64, error) {
	precision, err := deep.ParsePrecision(s.Training.Precision)
	if err != nil {
		return 0, err
	}
	return deep.Bytes(s.Network.Name, shape, classes, deep.Options{Batch: s.Training.Batch, Workers: workers, Precision: precision})
}

func shapeOf(set *dataset.Set) deep.Shape {
	return deep.Shape{Height: set.Height, Width: set.Width, Channels: set.Channels}
}

// fits refuses a network that takes more than the free bytes, 0 for unknown, before any of it is
// allocated: on images of 224 pixels a network meant for 32 takes 49 times as much.
func (x *training) fits(free int64) error {
	shape := shapeOf(x.splits.Set)
	s := x.study
	s.Training.Batch = min(s.Training.Batch, x.splits.Train.Len())
	need, err := s.memory(shape, len(x.splits.Classes), x.options.Workers)
	if err != nil {
		if able := deep.Reading(shape); len(able) > 0 {
			err = fmt.Errorf("%w; those that read it: %s", err, strings.Join(able, ", "))
		}
		return &usage.Error{Err: err}
	}
	if free > 0 && need > free {
		return fmt.Errorf("network %q on images of %v in batches of %d takes about %s, %w (%s)",
			s.Network.Name, shape, s.Training.Batch, textfmt.Bytes(need), ErrMemory, textfmt.Bytes(free))
	}
	return nil
}
