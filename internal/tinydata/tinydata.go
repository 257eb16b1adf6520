// Package tinydata makes a small dataset for tests: a folder of images with one folder a class, as
// dataset.Load reads it by the name folder:PATH.
package tinydata

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"

	"shoal/internal/pngpool"
)

var encoder = pngpool.New(png.DefaultCompression)

// Side is the height and width of the images, in grey: those of MNIST, so that every network that
// reads MNIST reads them.
const Side = 28

// Classes are the names of the classes.
var Classes = []string{"bar", "dot", "ring"}

// Write makes the dataset below dir with train and test examples of each class. A bar is easy to
// recognise; dot and ring overlap, and a tenth of the labels of both splits are wrong, so that no
// model is right everywhere. Equal arguments give equal files.
func Write(dir string, train, test int) error {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, split := range []struct {
		name string
		n    int
	}{{"train", train}, {"test", test}} {
		for class, name := range Classes {
			folder := filepath.Join(dir, split.name, name)
			if err := os.MkdirAll(folder, 0o777); err != nil {
				return err
			}
			for i := range split.n {
				shape := class
				if i%10 == 9 {
					shape = (class + 1) % len(Classes)
				}
				if err := save(filepath.Join(folder, fmt.Sprintf("%04d.png", i)), draw(shape, rng)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// draw makes one noisy image.
func draw(shape int, rng *rand.Rand) image.Image {
	img := image.NewGray(image.Rect(0, 0, Side, Side))
	cx, cy, size := 9+float64(rng.Float64()*10), 9+float64(rng.Float64()*10), 2.5+float64(rng.Float64()*3)
	for y := range Side {
		for x := range Side {
			dx, dy := float64(x)-cx, float64(y)-cy
			r := float64(dx*dx) + float64(dy*dy)
			lit := false
			switch shape {
			case 0:
				lit = dy*dy < 4 && dx*dx < 4*size*size
			case 1:
				lit = r < size*size
			case 2:
				lit = r > .35*size*size && r < 1.6*size*size
			}
			v := rng.IntN(70)
			if lit {
				v += 150
			}
			img.SetGray(x, y, color.Gray{Y: uint8(v)})
		}
	}
	return img
}

func save(path string, img image.Image) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := encoder.Encode(f, img); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
