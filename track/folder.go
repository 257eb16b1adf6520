package track

import (
	"context"
	"fmt"
	"math"
	"strings"

	"shoal/dataset"
	"shoal/deep"
	"shoal/internal/usage"
)

// What the study of an image folder aims at: so many training steps, in at most so many passes.
const (
	folderSteps  = 600
	folderEpochs = 30
)

// FolderStudy is the study of an image folder, "folder:PATH", for whoever names no other: a network
// that reads images of that size, and as many passes as a small dataset needs to be learned from. It
// returns what it was chosen by, too: numbers and size of the images.
func FolderStudy(ctx context.Context, name string) (Study, string, error) {
	if path, ok := strings.CutPrefix(name, "folder:"); !ok || path == "" {
		return Study{}, "", usage.Errorf("dataset %q: want folder:PATH, with PATH/train/<class>/ and PATH/test/<class>/", name)
	}
	set, err := dataset.Contents(ctx, name, dataset.Source{})
	if err != nil {
		return Study{}, "", err
	}
	s := defaultsFor(name)
	shape := deep.Shape{Height: set.Height, Width: set.Width, Channels: set.Channels}
	t := &s.Training
	t.Batch, t.Momentum = 16, .9
	if set.Train.Len() >= 2000 {
		t.Batch = 64
	}
	switch {
	case deep.Check("cnn2", shape) == nil:
		s.Network.Name = "cnn2"
	case deep.Check("resnet20", shape) == nil:
		s.Network.Name, t.LearningRate, t.WeightDecay, t.Schedule = "resnet20", .05, 5e-4, "cosine"
		s.Evaluation.Schedule = "log:1.05"
	default:
		return Study{}, "", usage.Errorf("%s has images of %v, which no network reads: scale them to squares of 28, or of a multiple of 4, pixels", name, shape)
	}
	for range set.Channels { // pixels around 0, whatever the images are
		t.Mean, t.Std = append(t.Mean, .5), append(t.Std, .25)
	}
	perEpoch := float64(set.Train.Len()) / float64(t.Batch)
	t.Epochs = math.Min(folderEpochs, math.Max(1, math.Ceil(folderSteps/perEpoch)))
	s.fill()
	return s, fmt.Sprintf("%d training and %d test images of %v, %d classes", set.Train.Len(), set.Test.Len(), shape, len(set.Classes)), s.Check()
}
