package track

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"shoal/dataset"
	"shoal/deep"
	"shoal/internal/machine"
	"shoal/internal/textfmt"
	"shoal/internal/usage"
	"shoal/record"
)

// What the study of an image folder aims at: so many training steps, in at most so many passes.
const (
	folderSteps  = 600
	folderEpochs = 30
)

// Sizes by which the study of an image folder is chosen.
const (
	smallImages = 64 * 64 // pixels that resnet20 reads in full
	largeBatch  = 2000    // training images from which a batch is of 64, not 16
	manyImages  = 60000   // training images beyond which an SVM takes hours
)

// A FolderStudy is the study of an image folder for whoever names no other.
type FolderStudy struct {
	Study
	Set *dataset.Set // the images

	savings []saving // how it was made shorter
}

// NewFolderStudy reads an image folder, "folder:PATH", and makes its study: a network that reads
// images of that size, references that can be fitted to as many, and as many passes as a small dataset
// needs to be learned from, or fewer where those take longer than minutes.
func NewFolderStudy(ctx context.Context, data record.Data, o record.Options) (*FolderStudy, error) {
	if path, ok := strings.CutPrefix(data.Dataset, "folder:"); !ok || path == "" {
		return nil, usage.Errorf("dataset %q: want folder:PATH, with the images in PATH/<class>/, or in PATH/train/<class>/ and PATH/test/<class>/", data.Dataset)
	}
	splits, err := data.Load(ctx, o)
	if err != nil {
		return nil, err
	}
	out := &FolderStudy{Study: defaultsFor(data.Dataset), Set: splits.Set}
	s, t, n := &out.Study, &out.Training, splits.Train.Len()
	s.Data = splits.Chosen(data)
	t.Batch, t.Momentum = 16, .9
	if n >= largeBatch {
		t.Batch = 64
	}
	shape := shapeOf(splits.Set)
	if err := s.chooseNetwork(shape); err != nil {
		return nil, err
	}
	if n > manyImages {
		s.References = record.References{{Name: "forest", Kind: "forest"}, {Name: "logistic", Kind: "logistic"}}
	}
	for range splits.Channels { // pixels around 0, whatever the images are
		t.Mean, t.Std = append(t.Mean, .5), append(t.Std, .25)
	}
	t.Epochs = folderPasses(n, t.Batch, folderSteps)
	if out.savings, err = s.shorten(shape, len(splits.Classes), n, splits.Test.Len(), folderWork); err != nil {
		return nil, err
	}
	s.fill()
	return out, s.Check()
}

// ErrImageSize is wrapped when no network reads images of a size.
var ErrImageSize = errors.New("too few pixels a side")

// chooseNetwork takes the first network that reads images of the shape.
func (s *Study) chooseNetwork(shape deep.Shape) error {
	t := &s.Training
	names := []string{"cnn2", "resnet20", "resnet20-stem4"}
	if shape.Height*shape.Width > smallImages {
		names = []string{"resnet20-stem4", "resnet20"}
	}
	for _, name := range names {
		if deep.Check(name, shape) != nil {
			continue
		}
		if s.Network.Name = name; name != "cnn2" {
			t.LearningRate, t.WeightDecay, t.Schedule = .05, 5e-4, "cosine"
			s.Evaluation.Schedule = "log:1.05"
		}
		if name == "resnet20-stem4" { // scoring takes as long as training otherwise
			s.Evaluation.Schedule = "log:1.1"
		}
		return nil
	}
	return usage.Errorf("%s has images of %v, which no network reads: %w", s.Data.Dataset, shape, ErrImageSize)
}

// Plan says what a study of images will train, for a person.
func (f *FolderStudy) Plan(s Study, workers int) string {
	shape := shapeOf(f.Set)
	text := fmt.Sprintf("%s: %d training and %d test images of %v, %d classes: training %s for %s", s.Name,
		f.Set.Train.First(s.Data.LimitTrain).Len(), f.Set.Test.First(s.Data.LimitTest).Len(), shape, len(f.Set.Classes), s.Network.Name, textfmt.Passes(s.Training.Epochs))
	if need, err := s.memory(shape, len(f.Set.Classes), workers); err == nil {
		text += " in about " + textfmt.Bytes(machine.Resident(need+int64(len(f.Set.Train.Pixels)+len(f.Set.Test.Pixels)))) + " of memory"
	}
	var names []string
	for _, r := range s.References {
		names = append(names, r.Name)
	}
	if len(names) > 0 {
		text += ", beside " + textfmt.List(names)
		if small := record.ReferenceSize(f.Set.Height, f.Set.Width); small != "" {
			text += " on copies of " + small
		}
	}
	return text
}
