package dataset

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"sync"
)

// encoders are kept between examples: a compressor takes more time and memory to make than such a small
// image to compress.
var encoders = png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: &encoderPool{}}

type encoderPool struct{ sync.Pool }

func (p *encoderPool) Get() *png.EncoderBuffer {
	b, _ := p.Pool.Get().(*png.EncoderBuffer)
	return b // nil has png make one
}

func (p *encoderPool) Put(b *png.EncoderBuffer) { p.Pool.Put(b) }

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
	err := encoders.Encode(&b, img)
	return b.Bytes(), err
}
