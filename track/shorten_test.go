package track

import (
	"testing"

	"shoal/deep"
)

// The study of a folder takes minutes, whatever its images are, and one that takes fewer isn't touched.
func TestShorten(t *testing.T) {
	for _, c := range []struct {
		shape       deep.Shape
		train, test int
		network     string
		savings     int // at least; 0 is none
	}{
		{deep.Shape{Height: 28, Width: 28, Channels: 1}, 600, 150, "cnn2", 0},
		{deep.Shape{Height: 32, Width: 32, Channels: 3}, 600, 120, "resnet20", 0},
		{deep.Shape{Height: 40, Width: 96, Channels: 3}, 300, 75, "resnet20", 0},
		{deep.Shape{Height: 64, Width: 64, Channels: 3}, 2400, 600, "resnet20-stem4", 1},
		{deep.Shape{Height: 224, Width: 224, Channels: 3}, 2400, 600, "resnet20-stem4", 3},
		{deep.Shape{Height: 224, Width: 224, Channels: 3}, 100, 25, "resnet20-stem4", 0},
	} {
		s := defaultsFor("folder:x")
		s.Training.Batch = 16
		if c.train >= largeBatch {
			s.Training.Batch = 64
		}
		if err := s.chooseNetwork(c.shape); err != nil {
			t.Fatal(err)
		}
		s.Training.Epochs = folderPasses(c.train, s.Training.Batch, folderSteps)
		before, err := s.work(c.shape, 10, c.train, c.test)
		if err != nil {
			t.Fatal(err)
		}
		savings, err := s.shorten(c.shape, 10, c.train, c.test, folderWork)
		if err != nil {
			t.Fatal(err)
		}
		after, err := s.work(c.shape, 10, c.train, c.test)
		if err != nil {
			t.Fatal(err)
		}
		if s.Network.Name != c.network || len(savings) < c.savings || (len(savings) > 0) != (c.savings > 0) || !(after <= folderWork) || !(after <= before) {
			t.Errorf("%v, %d and %d images: %s, %d savings, %.1e of %.1e multiply-adds; want %s, %d savings, at most %.1e",
				c.shape, c.train, c.test, s.Network.Name, len(savings), after, before, c.network, c.savings, folderWork)
		}
		for _, saving := range savings {
			if !saving.holds(s) {
				t.Errorf("%v: the study isn't as %q left it", c.shape, saving.what)
			}
		}
		t.Logf("%v, %d and %d images: %.1e of %.1e multiply-adds, %d savings", c.shape, c.train, c.test, after, before, len(savings))
	}
}
