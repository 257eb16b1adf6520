package track

import (
	"fmt"
	"math"
	"strings"

	"shoal/deep"
	"shoal/internal/textfmt"
)

// folderWork is how many multiply-adds of the network the study of an image folder may take: a few
// minutes on two cores. It is counted, not timed, so that equal folders have equal studies everywhere.
const folderWork = 8e12

// manyWork is so much that whoever starts the study wants to know how long it takes.
const manyWork = folderWork / 8

// A saving is one way in which a study was made shorter.
type saving struct {
	what  string             // instead of what, for a person
	holds func(s Study) bool // whether the study is still as that left it
}

// A shortening tries to make a study shorter.
type shortening func(s *Study, shape deep.Shape, train int) saving

// shortenings are tried in this order, those first that cost least of what a run shows.
var shortenings = []shortening{
	func(s *Study, shape deep.Shape, _ int) saving {
		was, is := s.Network.Name, "resnet20-stem4"
		if was == "resnet20" && deep.Check(is, shape) == nil {
			s.Network.Name = is
		}
		return saving{is + " instead of " + was, func(s Study) bool { return s.Network.Name == is }}
	},
	func(s *Study, _ deep.Shape, train int) saving {
		was, is := s.Training.Batch, 16
		s.Training.Batch = is
		s.Training.Epochs = folderPasses(train, is, folderSteps)
		return saving{fmt.Sprintf("batches of %d instead of %d", is, was), func(s Study) bool { return s.Training.Batch == is }}
	},
	func(s *Study, _ deep.Shape, _ int) saving {
		was, is := s.Evaluation.Schedule, "log:1.2"
		s.Evaluation.Schedule = is
		return saving{"evaluations " + is + " instead of " + was, func(s Study) bool { return s.Evaluation.Schedule == is }}
	},
	func(s *Study, _ deep.Shape, _ int) saving {
		was, is := s.Evaluation.Initialisations, 20
		s.Evaluation.Initialisations = is
		return saving{fmt.Sprintf("%d random initialisations instead of %d", is, was), func(s Study) bool { return s.Evaluation.Initialisations == is }}
	},
	func(s *Study, _ deep.Shape, train int) saving {
		was := s.Training.Epochs
		is := folderPasses(train, s.Training.Batch, folderSteps/2)
		s.Training.Epochs = is
		return saving{fmt.Sprintf("%s instead of %.4g", textfmt.Passes(is), was), func(s Study) bool { return s.Training.Epochs == is }}
	},
}

// folderPasses is how many epochs of n training images in batches make so many steps.
func folderPasses(n, batch, steps int) float64 {
	return math.Min(folderEpochs, math.Max(1, math.Ceil(float64(steps)*float64(batch)/float64(n))))
}

// shorten makes the study of an image folder shorter until it takes at most so many multiply-adds, as far
// as it can, and returns how.
func (s *Study) shorten(shape deep.Shape, classes, train, test int, most float64) ([]saving, error) {
	var savings []saving
	work, err := s.work(shape, classes, train, test)
	for _, try := range shortenings {
		if err != nil || work <= most {
			break
		}
		short := s.clone()
		c := try(&short, shape, train)
		less, err := short.work(shape, classes, train, test)
		if err != nil {
			return nil, err
		}
		if less < work {
			*s, work, savings = short, less, append(savings, c)
		}
	}
	return savings, err
}

// work is the multiply-adds of the study's network: a training step takes three times what scoring its
// batch does.
func (s Study) work(shape deep.Shape, classes, train, test int) (float64, error) {
	one, err := deep.MultiplyAdds(s.Network.Name, shape, classes)
	if err != nil {
		return 0, err
	}
	loop, err := s.loop(train)
	if err != nil {
		return 0, err
	}
	trained := loop.Total * min(s.Training.Batch, train)
	images := float64(3*trained + len(loop.Scored)*test + s.initialWork(test))
	return images * float64(one), nil
}

// Shortened says how the study that NewFolderStudy made was kept short, as far as s still is so; ""
// where it was not.
func (f *FolderStudy) Shortened(s Study) string {
	var said []string
	for _, c := range f.savings {
		if c.holds(s) {
			said = append(said, c.what)
		}
	}
	return strings.Join(said, ", ")
}

// Long reports whether a study of these images takes so long that an estimate is worth its time.
func (f *FolderStudy) Long(s Study) bool {
	train, test := f.Set.Train.First(s.Data.LimitTrain).Len(), f.Set.Test.First(s.Data.LimitTest).Len()
	work, err := s.work(shapeOf(f.Set), len(f.Set.Classes), train, test)
	return err == nil && work > manyWork
}
