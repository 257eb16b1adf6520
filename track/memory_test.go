package track

import (
	"errors"
	"strings"
	"testing"

	"shoal/dataset"
	"shoal/record"
)

// A network that takes more memory than is free is refused before it is built.
func TestTooMuchMemory(t *testing.T) {
	set := &dataset.Set{Height: 224, Width: 224, Channels: 3, Classes: []string{"a", "b"}}
	set.Train = dataset.Split{Labels: make([]uint16, 100)}
	x := &training{study: defaultsFor("folder:none"), splits: &record.Splits{Set: set}}
	x.study.Network.Name, x.study.Training.Batch = "resnet20", 64
	need, err := x.study.memory(shapeOf(set), 2, 2)
	if err != nil || need < 1<<30 || need > 8<<30 {
		t.Fatalf("%d bytes, %v: want a few GB", need, err)
	}
	for _, free := range []int64{0, 64 << 30} {
		if err := x.fits(free); err != nil {
			t.Errorf("%d bytes free: %v", free, err)
		}
	}
	err = x.fits(1 << 30)
	if !errors.Is(err, ErrMemory) || !strings.Contains(err.Error(), `network "resnet20" on images of 224×224×3 in batches of 64 takes about `) {
		t.Errorf("error %v", err)
	}
	set.Train.Labels = set.Train.Labels[:1] // a batch of 1
	if err := x.fits(1 << 30); err != nil {
		t.Errorf("one image: %v", err)
	}
	x.study.Network.Name = "cnn2"
	if err := x.fits(0); err == nil || !strings.Contains(err.Error(), "those that read it: densenet-bc-40-12, ") {
		t.Errorf("a network that can't read them: %v", err)
	}
}
