package track

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shoal/internal/usage"
)

// small writes a dataset of two classes of images of 4x4, n a class to train on.
func small(t *testing.T, n int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "small")
	for _, split := range []string{"train", "test"} {
		for class := range 2 {
			folder := filepath.Join(dir, split, fmt.Sprint(class))
			if err := os.MkdirAll(folder, 0o777); err != nil {
				t.Fatal(err)
			}
			for i := range n {
				file, err := os.Create(filepath.Join(folder, fmt.Sprintf("%d.png", i)))
				if err != nil {
					t.Fatal(err)
				}
				img := image.NewGray(image.Rect(0, 0, 4, 4))
				img.Pix[i%16] = uint8(255 - 90*class)
				if err := png.Encode(file, img); err != nil {
					t.Fatal(err)
				}
				if err := file.Close(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return dir
}

// A batch of one image whose planes shrink to one pixel can't be normalised: that is said before
// the training begins, not when it comes to that batch.
func TestBatchTooSmallForBatchNorm(t *testing.T) {
	s, o := tiny(t)
	s = defaultsFor("folder:" + small(t, 9)) // 18 examples
	s.Name, s.References, s.Network.Name = "small", nil, "resnet20"
	for _, c := range []struct {
		batch, limit int
		epochs       float64
		ok           bool
	}{
		{17, 0, 1, false}, {1, 0, 1, false}, {8, 17, 2, false}, {64, 1, 1, false},
		{17, 0, .5, true}, {16, 0, 1, true}, {64, 0, 1, true},
	} {
		s.Training.Batch, s.Data.LimitTrain, s.Training.Epochs = c.batch, c.limit, c.epochs
		_, err := newTraining(t.Context(), s, kept{}, o)
		switch {
		case c.ok && err != nil:
			t.Errorf("batches of %d of %d examples: %v", c.batch, c.limit, err)
		case !c.ok && (err == nil || !errors.As(err, new(*usage.Error)) || !strings.Contains(err.Error(), "BatchNorm") || !strings.Contains(err.Error(), fmt.Sprintf("batches of %d", c.batch))):
			t.Errorf("batches of %d of %d examples: got %v, want it refused by name", c.batch, c.limit, err)
		}
	}
}
