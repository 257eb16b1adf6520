package dataset

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"testing"

	"golang.org/x/image/bmp"
)

// A file is grey whatever its format keeps grey in: the decoders make colours of a palette, and of grey with transparency.
func TestGreyFiles(t *testing.T) {
	encoded := func(encode func(*bytes.Buffer) error) []byte {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	grey := image.NewGray(image.Rect(0, 0, 2, 3))
	palette := func(c color.Color) image.Image {
		return image.NewPaletted(grey.Rect, color.Palette{color.Black, color.NRGBA{}, c})
	}
	asPNG := func(m image.Image) []byte { return encoded(func(b *bytes.Buffer) error { return png.Encode(b, m) }) }
	withAlpha, err := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAQAAAAT4xYKAAAAEUlEQVR4nGOMOsHAwMTAACUAD1ABKOuBFcUAAAAASUVORK5CYII=")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file     []byte
		channels int
	}{
		"grey.png": {asPNG(grey), 1}, "greys.png": {asPNG(palette(color.Gray{90})), 1}, "alpha.png": {withAlpha, 1},
		"grey.bmp":    {encoded(func(b *bytes.Buffer) error { return bmp.Encode(b, grey) }), 1},
		"colours.png": {asPNG(palette(color.NRGBA{90, 90, 91, 255})), 3}, "rgba.png": {asPNG(paint("rgba16", color.NRGBA{A: 99})), 3},
		"local.gif": {encoded(func(b *bytes.Buffer) error { return gif.Encode(b, grey, nil) }), 3},
	} {
		got, err := probeFile(name, bytes.NewReader(c.file))
		if err != nil || got.channels != c.channels {
			t.Errorf("%s: %d channels, %v, want %d", name, got.channels, err, c.channels)
		}
		p, err := decodePicture(name, bytes.NewReader(c.file))
		if err != nil || len(p.as(c.channels)) != 6*c.channels {
			t.Errorf("%s: %v", name, err)
		}
	}
}
