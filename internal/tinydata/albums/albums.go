// Package albums makes twelve folders of images as people have them, for tests and measurements:
// many sizes, colours and formats, junk among them, with and without a test split. Equal arguments give
// equal files.
package albums

import (
	"bytes"
	_ "embed" // a WebP: no library writes one
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

//go:embed picture.webp
var webp []byte

// An Album is one folder.
type Album struct {
	Name, About string
	// Train and Test are the images of each class that a whole album has; without Test there is no
	// test split.
	Train, Test int
	Classes     int
	least, most image.Point            // sizes
	as          []encoding             // taken in turn
	around      func(dir string) error // what else lies there
	nested      bool
	test        string // the test split's folder, "" for test
	photo       bool   // JPEGs lie on their side, as EXIF says
}

// encoding is how a picture is written.
type encoding struct {
	ending string
	turn   func(img *image.NRGBA) image.Image
	write  func(w io.Writer, img image.Image) error
}

// All lists the albums.
func All() []Album {
	same := func(w, h int) (a, b image.Point) { return image.Pt(w, h), image.Pt(w, h) }
	albums := []Album{
		{Name: "grey28", About: "grey PNGs of 28x28, train and test", Train: 200, Test: 50, Classes: 3, as: []encoding{greyPNG}},
		{Name: "colour32", About: "JPEGs of 32x32, train and val", Train: 150, Test: 30, Classes: 4, as: []encoding{asJPEG}, test: "val"},
		{Name: "sizes", About: "JPEGs from 20 to 300 pixels a side, one folder a class", Train: 150, Classes: 3, as: []encoding{asJPEG}},
		{Name: "modes", About: "grey, colour, palette, 16 bits, transparent, 48x48", Train: 150, Classes: 3, as: []encoding{greyPNG, asPNG, palettePNG, deepPNG, clearPNG}},
		{Name: "formats", About: "PNG, JPEG, GIF, BMP, TIFF, WebP, 40x40 but for the last", Train: 120, Classes: 3, as: []encoding{asPNG, asJPEG, asGIF, asBMP, asTIFF, asWebP}},
		{Name: "junk", About: "Thumbs.db, notes, empty and damaged images, dead links, 32x32", Train: 150, Classes: 3, as: []encoding{asPNG}, around: junk},
		{Name: "tinyclass", About: "one class of 2 images beside two of 200, 32x32", Train: 200, Classes: 2, as: []encoding{asPNG}, around: tinyClass},
		{Name: "wide", About: "40 high, 96 wide", Train: 100, Test: 25, Classes: 3, as: []encoding{asPNG}},
		{Name: "photos", About: "JPEGs of 1600x1200, turned by EXIF, in folders of folders", Train: 20, Classes: 3, as: []encoding{asJPEG}, nested: true, photo: true},
		{Name: "manyclasses", About: "100 classes of 12 images, 24x24", Train: 12, Classes: 100, as: []encoding{asPNG}},
		{Name: "large224", About: "3,000 JPEGs of 224x224", Train: 1000, Classes: 3, as: []encoding{asJPEG}},
		{Name: "three-thousand", About: "3,000 PNGs of 64x64, 10 classes", Train: 300, Classes: 10, as: []encoding{asPNG}},
	}
	for i, size := range [][2]int{{28, 28}, {32, 32}, {}, {48, 48}, {40, 40}, {32, 32}, {32, 32}, {96, 40}, {1600, 1200}, {24, 24}, {224, 224}, {64, 64}} {
		albums[i].least, albums[i].most = same(size[0], size[1])
	}
	albums[2].least, albums[2].most = image.Pt(20, 20), image.Pt(300, 300)
	return albums
}

// Write makes the album's folder, with a part of its images of each class, at least 4; 1 is all of
// them. A small part has small photos, for tests.
func (a Album) Write(dir string, part float64) error {
	if a.photo && part < .5 {
		a.least, a.most = a.least.Div(4), a.most.Div(4)
	}
	rng := rand.New(rand.NewPCG(3, uint64(len(a.Name))))
	splits := map[string]int{"": a.Train}
	if a.Test > 0 {
		name := a.test
		if name == "" {
			name = "test"
		}
		splits = map[string]int{"train": a.Train, name: a.Test}
	}
	for _, split := range []string{"", "train", "test", "val"} {
		n := int(part * float64(splits[split]))
		if splits[split] > 0 {
			n = max(n, 4)
		}
		for class := range a.Classes {
			for i := range n {
				if err := a.save(filepath.Join(dir, split), class, i, rng); err != nil {
					return err
				}
			}
		}
	}
	if a.around != nil {
		return a.around(dir)
	}
	return nil
}

// save draws and writes one image.
func (a Album) save(dir string, class, i int, rng *rand.Rand) error {
	size := image.Pt(a.least.X+rng.IntN(a.most.X-a.least.X+1), a.least.Y+rng.IntN(a.most.Y-a.least.Y+1))
	as := a.as[i%len(a.as)]
	folder := filepath.Join(dir, fmt.Sprintf("class%02d", class))
	if a.nested {
		folder = filepath.Join(folder, fmt.Sprint("day ", i%3), "camera")
	}
	var b bytes.Buffer
	img := Draw(class, size, rng)
	if err := as.write(&b, as.turn(img)); err != nil {
		return err
	}
	data := b.Bytes()
	if a.photo && i%2 == 1 {
		data = onItsSide(data)
	}
	return put(filepath.Join(folder, fmt.Sprintf("%04d%s", i, as.ending)), data)
}

func put(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o666)
}

// Draw makes a noisy picture of a class: a bar, a disc or a ring in a colour of the class, somewhere
// before grey. A tenth show another class.
func Draw(class int, size image.Point, rng *rand.Rand) *image.NRGBA {
	if rng.IntN(10) == 0 {
		class++
	}
	img := image.NewNRGBA(image.Rectangle{Max: size})
	side := float64(min(size.X, size.Y))
	cx, cy := float64(size.X)*(.3+.4*rng.Float64()), float64(size.Y)*(.3+.4*rng.Float64())
	r := side * (.12 + .12*rng.Float64())
	hue := [3]int{40 + 37*class%160, 60 + 71*class%150, 50 + 113*class%170}
	for y := range size.Y {
		for x := range size.X {
			dx, dy := (float64(x)-cx)/r, (float64(y)-cy)/r
			d := float64(dx*dx) + float64(dy*dy)
			lit := false
			switch class % 3 {
			case 0:
				lit = dy*dy < .3 && dx*dx < 4
			case 1:
				lit = d < 1
			case 2:
				lit = d > .4 && d < 1.6
			}
			noise := rng.IntN(60)
			px := img.Pix[img.PixOffset(x, y):]
			for k := range 3 {
				v := 60 + noise
				if lit {
					v = hue[k] + noise
				}
				px[k] = uint8(min(v, 255))
			}
			px[3] = 255
		}
	}
	return img
}

// The encodings.
var (
	asIs  = func(img *image.NRGBA) image.Image { return img }
	toPNG = func(w io.Writer, img image.Image) error {
		return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(w, img)
	}
	asPNG  = encoding{".png", asIs, toPNG}
	asJPEG = encoding{".jpg", asIs, func(w io.Writer, img image.Image) error { return jpeg.Encode(w, img, &jpeg.Options{Quality: 85}) }}
	asGIF  = encoding{".gif", asIs, func(w io.Writer, img image.Image) error { return gif.Encode(w, img, nil) }}
	asBMP  = encoding{".bmp", asIs, bmp.Encode}
	asTIFF = encoding{".tif", asIs, func(w io.Writer, img image.Image) error {
		return tiff.Encode(w, img, &tiff.Options{Compression: tiff.Deflate})
	}}
	asWebP     = encoding{".webp", asIs, func(w io.Writer, _ image.Image) error { _, err := w.Write(webp); return err }}
	greyPNG    = encoding{".png", convert(func(b image.Rectangle) drawable { return image.NewGray(b) }), toPNG}
	deepPNG    = encoding{".png", convert(func(b image.Rectangle) drawable { return image.NewNRGBA64(b) }), toPNG}
	palettePNG = encoding{".png", convert(func(b image.Rectangle) drawable {
		var greys color.Palette
		for v := range 64 {
			greys = append(greys, color.NRGBA{uint8(4 * v), uint8(4 * v), uint8(255 - 4*v), 255})
		}
		return image.NewPaletted(b, greys)
	}), toPNG}
	clearPNG = encoding{".png", func(img *image.NRGBA) image.Image {
		for i := 3; i < len(img.Pix); i += 4 * 3 {
			img.Pix[i] = 100
		}
		return img
	}, toPNG}
)

type drawable interface {
	image.Image
	Set(x, y int, c color.Color)
}

func convert(to func(image.Rectangle) drawable) func(*image.NRGBA) image.Image {
	return func(img *image.NRGBA) image.Image {
		out := to(img.Rect)
		for y := range img.Rect.Dy() {
			for x := range img.Rect.Dx() {
				out.Set(x, y, img.At(x, y))
			}
		}
		return out
	}
}

// onItsSide gives a JPEG EXIF data that say that it has to be turned.
func onItsSide(data []byte) []byte {
	const exif = "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00"
	segment := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return append(append(append([]byte{}, data[:2]...), segment...), data[2:]...)
}

// junk is what lies beside images.
func junk(dir string) error {
	for path, data := range map[string]string{
		"README": "photos of mine", "labels.csv": "a,b", ".DS_Store": "x", "class00/Thumbs.db": "x", "class00/notes.txt": "x", "class01/empty.png": "",
		"class01/cut.jpg": "\xff\xd8\xff\xe0\x00\x10JFIF", "class02/page.png": "<!DOCTYPE html>", "class02/phone.heic": "\x00\x00\x00\x1cftypheic", "__MACOSX/._x.png": "x",
	} {
		if err := put(filepath.Join(dir, path), []byte(data)); err != nil {
			return err
		}
	}
	for path, to := range map[string]string{"class00/gone.png": "nowhere", "class01/loop": ".."} {
		if err := os.Symlink(to, filepath.Join(dir, path)); err != nil && !strings.Contains(err.Error(), "privilege") {
			return err
		}
	}
	return nil
}

// tinyClass adds a class of two images.
func tinyClass(dir string) error {
	rng := rand.New(rand.NewPCG(5, 5))
	few := Album{least: image.Pt(32, 32), most: image.Pt(32, 32), as: []encoding{asPNG}}
	for i := range 2 {
		if err := few.save(dir, 2, i, rng); err != nil {
			return err
		}
	}
	return nil
}
