package record

import (
	"cmp"
	"fmt"
	"math"

	"shoal/dataset"
	"shoal/internal/usage"
)

// Images is how the files of an image folder become examples.
func (d Data) Images() (dataset.Images, error) {
	im := dataset.Images{Colour: d.Colour, Split: d.Split, SplitSeed: d.SplitSeed, Together: d.GroupDuplicates}
	var err error
	if d.Resize != "" {
		im.Height, im.Width, err = dataset.ParseSize(d.Resize)
	}
	if err == nil {
		err = im.Check()
	}
	if err != nil {
		return im, &usage.Error{Err: err}
	}
	return im, nil
}

// Check reports what is invalid about the reading of images.
func (d Data) Check() error {
	if d.SplitSeed > math.MaxInt64 {
		return usage.Errorf("split_seed is %d: want at most %d, which is what a study file can hold", d.SplitSeed, math.MaxInt64)
	}
	_, err := d.Images()
	return err
}

// Filled is d with what was chosen for run where d doesn't say.
func (d Data) Filled(run Data) Data {
	d.Resize, d.Colour = cmp.Or(d.Resize, run.Resize), cmp.Or(d.Colour, run.Colour)
	d.Split, d.SplitSeed = cmp.Or(d.Split, run.Split), cmp.Or(d.SplitSeed, run.SplitSeed)
	return d
}

// Chosen is d with all that was chosen when its images were read, so that they are read in the same
// way again.
func (s *Splits) Chosen(d Data) Data {
	im := s.Images
	d.Resize, d.Colour, d.Split, d.SplitSeed, d.GroupDuplicates = im.Size(), im.Colour, im.Split, im.SplitSeed, im.Together
	return d
}

// Images of more than largeImage pixels are a burden to shallow models, whose time and memory grow with
// the pixels: those see a copy whose longer side has smallSide.
const (
	largeImage = 64 * 64
	smallSide  = 32
)

// ForReferences are the splits that shallow models are fitted to: s, or a copy with smaller images,
// which has hashes of its own.
func (s *Splits) ForReferences() *Splits {
	if s.Train.Values != nil || ReferenceSize(s.Height, s.Width) == "" { // numbers are no images
		return s
	}
	// Splits may have been copied and changed since.
	if of := s.small; of == nil || of.from.TrainHash != s.TrainHash || of.from.TestHash != s.TestHash {
		set := s.Set.Shrunk(smallSide)
		from := *s
		from.small = nil
		s.small = &Splits{Set: set, TrainHash: set.Train.Hash(), TestHash: set.Test.Hash(), whole: s.whole, from: &from, features: s.features}
	}
	return s.small
}

// ReferenceSize is the size of the images that shallow models see, "" where it is their own.
func ReferenceSize(height, width int) string {
	if height*width <= largeImage {
		return ""
	}
	h, w := dataset.ShrunkSize(height, width, smallSide)
	return fmt.Sprintf("%dx%d", h, w)
}

// noteSize adds the size of the images to the parameters of a model that saw smaller ones.
func (s *Splits) noteSize(params map[string]any) {
	if s.from != nil {
		params["images"] = fmt.Sprintf("%dx%d, resized from %dx%d", s.Height, s.Width, s.from.Height, s.from.Width)
	}
}
