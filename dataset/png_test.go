package dataset

import (
	"bytes"
	"image/color"
	"image/png"
	"testing"
)

// Every pixel of a decoded picture is that of the example, and nothing is lost.
func TestPNG(t *testing.T) {
	for _, channels := range []int{1, 3} {
		set := &Set{Height: 2, Width: 3, Channels: channels}
		pixels := make([]byte, set.Features())
		for i := range pixels {
			pixels[i] = byte(37*i + 5)
		}
		text, err := set.PNG(pixels)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if b := img.Bounds(); b.Dx() != set.Width || b.Dy() != set.Height {
			t.Fatalf("a picture of %v, want %d by %d", b, set.Width, set.Height)
		}
		for p := range set.Height * set.Width {
			c := pixels[p*channels : (p+1)*channels]
			var want color.Color = color.Gray{Y: c[0]}
			if channels == 3 {
				want = color.RGBA{c[0], c[1], c[2], 255}
			}
			r, g, b, a := img.At(p%set.Width, p/set.Width).RGBA()
			if wr, wg, wb, wa := want.RGBA(); r != wr || g != wg || b != wb || a != wa {
				t.Errorf("%d channels, pixel %d: got %v, want %v", channels, p, img.At(p%set.Width, p/set.Width), want)
			}
		}
	}
}

func BenchmarkPNG(b *testing.B) {
	set := &Set{Height: 28, Width: 28, Channels: 1}
	pixels := make([]byte, set.Features())
	for b.Loop() {
		if _, err := set.PNG(pixels); err != nil {
			b.Fatal(err)
		}
	}
}
