package dataset

import (
	"image"
	"runtime"

	"golang.org/x/image/draw"

	"shoal/internal/parallel"
)

// scaler names what resizes images, for the same purpose as JPEGDecoder. Its sums are fused on some
// processors and rounded twice on others.
func scaler() string {
	return "resized by CatmullRom of golang.org/x/image/draw on " + runtime.GOARCH
}

// scaled resizes an image of row after row of interleaved channels, 1 or 3. Where it shrinks, every
// pixel is a weighted mean of all that it covers, so nothing is skipped over (no aliasing). The whole
// image stays: other proportions stretch it.
func scaled(pixels []byte, height, width, channels, toHeight, toWidth int) []byte {
	if height == toHeight && width == toWidth {
		return pixels
	}
	from := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range height * width {
		px, in := from.Pix[4*i:][:4], pixels[channels*i:]
		px[0], px[1], px[2], px[3] = in[0], in[channels/2], in[channels-1], 255
	}
	to := image.NewRGBA(image.Rect(0, 0, toWidth, toHeight))
	draw.CatmullRom.Scale(to, to.Rect, from, from.Rect, draw.Src, nil)
	out := make([]byte, 0, toHeight*toWidth*channels)
	for i := range toHeight * toWidth {
		out = append(out, to.Pix[4*i:][:channels]...)
	}
	return out
}

// ShrunkSize is the size of an image scaled so that its longer side has so many pixels, rounded.
func ShrunkSize(height, width, side int) (h, w int) {
	longer := max(height, width)
	return max(1, (height*side+longer/2)/longer), max(1, (width*side+longer/2)/longer)
}

// Shrunk is the set with its images scaled so that the longer side has so many pixels, for models to
// which large images are a burden; the set itself where it isn't longer. It keeps names and labels.
func (s *Set) Shrunk(side int) *Set {
	if max(s.Height, s.Width) <= side {
		return s
	}
	out := *s
	out.Height, out.Width = ShrunkSize(s.Height, s.Width, side)
	for _, split := range []*Split{&out.Train, &out.Test} {
		split.Pixels = s.shrink(*split, out.Height, out.Width)
	}
	return &out
}

func (s *Set) shrink(split Split, height, width int) []byte {
	size := height * width * s.Channels
	pixels := make([]byte, split.Len()*size)
	parallel.For(parallel.Workers(0), split.Len(), func(_, i int) {
		copy(pixels[i*size:][:size], scaled(split.Image(i), s.Height, s.Width, s.Channels, height, width))
	})
	return pixels
}
