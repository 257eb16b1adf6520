package dataset

import (
	"bytes"
	"image"
	"image/color"
	"image/png"

	"shoal/internal/pngpool"
)

var encoder = pngpool.New(png.BestSpeed)

// PNG encodes one example, whose bytes Split.Image returns, losslessly as a PNG: grey for a set of
// 1 channel, in colour for one of 3. The same pixels give the same bytes.
func (s *Set) PNG(pixels []byte) ([]byte, error) {
	bounds := image.Rect(0, 0, s.Width, s.Height)
	var img image.Image = &image.Gray{Pix: pixels, Stride: s.Width, Rect: bounds}
	if s.Channels != 1 {
		rgba := image.NewRGBA(bounds)
		for p := range s.Width * s.Height {
			c := pixels[p*s.Channels:]
			rgba.SetRGBA(p%s.Width, p/s.Width, color.RGBA{c[0], c[1], c[2], 255})
		}
		img = rgba
	}
	var b bytes.Buffer
	err := encoder.Encode(&b, img)
	return b.Bytes(), err
}
