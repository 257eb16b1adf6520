package track

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shoal/internal/longtest"
	"shoal/record"
)

// pictures writes an image folder of 2 classes whose images are of the size.
func pictures(t *testing.T, height, width int, colour bool) string {
	t.Helper()
	dir := t.TempDir()
	for _, split := range []string{"train", "test"} {
		for i := range 4 {
			path := filepath.Join(dir, split, fmt.Sprint("class", i%2), fmt.Sprint(i, ".png"))
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			var img image.Image = image.NewGray(image.Rect(0, 0, width, height))
			if colour {
				rgb := image.NewNRGBA(image.Rect(0, 0, width, height))
				for k := range rgb.Pix {
					rgb.Pix[k] = byte(k * i)
					if k%4 == 3 {
						rgb.Pix[k] = 255
					}
				}
				rgb.Set(0, 0, color.White)
				img = rgb
			}
			if err := png.Encode(f, img); err != nil {
				t.Fatal(err)
			}
			f.Close()
		}
	}
	return dir
}

// A folder of images of any size has a study that runs.
func TestFolderStudy(t *testing.T) {
	longtest.Only(t, "studies of folders of images")
	for _, c := range []struct {
		height, width int
		colour        bool
		want          string // the network, or what is wrong
		steps         int    // to run, 0 for not
	}{
		{28, 28, false, "cnn2", 2}, {28, 28, true, "cnn2", 2}, {32, 32, true, "resnet20", 1}, {8, 8, false, "resnet20", 2}, {30, 17, false, "resnet20", 2},
		{64, 20, true, "resnet20", 0}, {30, 137, false, "resnet20-stem4", 1}, {224, 224, true, "resnet20-stem4", 1}, {5, 224, false, "resnet20", 0},
		{2, 2, true, "no network reads", 0},
	} {
		what := fmt.Sprintf("%d×%d, colour %v", c.height, c.width, c.colour)
		dir := pictures(t, c.height, c.width, c.colour)
		made, err := NewFolderStudy(t.Context(), record.Data{Dataset: "folder:" + dir}, record.Options{})
		if err != nil {
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: error %v, want %s", what, err, c.want)
			}
			continue
		}
		s, plan := made.Study, made.Plan(made.Study, 1)
		channels := 1
		if c.colour {
			channels = 3
		}
		if s.Network.Name != c.want || s.Name != filepath.Base(dir) || len(s.Training.Mean) != channels || s.Training.Epochs != folderEpochs || !strings.Contains(plan, ": 4 training and 4 test images of ") {
			t.Errorf("%s: %+v (%s), want %s", what, s, plan, c.want)
		}
		if c.steps > 0 {
			s.Training.Epochs, s.References, s.Evaluation.Initialisations = float64(c.steps), record.References{}, 1
			if _, err := Run(t.Context(), s, Options{Out: filepath.Join(t.TempDir(), "run")}); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	for _, name := range []string{"folder:", "shapes", "folder:" + filepath.Join(t.TempDir(), "none")} {
		if _, err := NewFolderStudy(t.Context(), record.Data{Dataset: name}, record.Options{}); err == nil {
			t.Errorf("%q has a study", name)
		}
	}
}

// A study without a name has its folder's, however that is written.
func TestNameOfAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pets", "train")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for name, want := range map[string]string{
		"mnist": "mnist", "folder:a/shapes": "shapes", "folder:shapes/": "shapes", "folder:shapes//": "shapes", "folder:./shapes/.": "shapes",
		"folder:.": "train", "folder:..": "pets", "folder:../": "pets", "folder:a\nb": `a\x0ab`,
	} {
		s := Study{}
		s.Data.Dataset = name
		if s.fill(); s.Name != want {
			t.Errorf("%q names its study %q, want %q", name, s.Name, want)
		}
	}
}
