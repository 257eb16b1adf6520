package report

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/jpeg" // a run keeps JPEG or PNG
	_ "image/png"
)

// imagesOf decodes the pictures that a run keeps. Where they differ in size they are put in the
// middle of the smallest frame that takes all of them, since the page has them on sheets of one grid.
func imagesOf(pictures [][]byte) (func(i int) (image.Image, error), error) {
	var frame image.Point
	same, grey := true, true
	for i, p := range pictures {
		c, _, err := image.DecodeConfig(bytes.NewReader(p))
		if err != nil {
			return nil, fmt.Errorf("image of example %d: %w", i, notPicture(err))
		}
		same = same && (i == 0 || frame == image.Pt(c.Width, c.Height))
		grey = grey && (c.ColorModel == color.GrayModel || c.ColorModel == color.Gray16Model)
		frame = image.Pt(max(frame.X, c.Width), max(frame.Y, c.Height))
	}
	return func(i int) (image.Image, error) {
		img, _, err := image.Decode(bytes.NewReader(pictures[i]))
		if err != nil {
			return nil, notPicture(err)
		}
		if same && (grey || !isGrey(img)) {
			return img, nil
		}
		return framed(img, frame, grey), nil
	}, nil
}

func notPicture(err error) error {
	return fmt.Errorf("the picture that the run keeps is no PNG or JPEG: %w", err)
}

// framed is a picture in the middle of a frame.
func framed(img image.Image, frame image.Point, grey bool) image.Image {
	bounds := image.Rectangle{Max: frame}
	var out draw.Image = image.NewRGBA(bounds)
	if grey {
		out = image.NewGray(bounds)
	}
	draw.Draw(out, bounds, image.NewUniform(color.Gray{Y: 0x80}), image.Point{}, draw.Src)
	size := img.Bounds().Size()
	at := image.Pt((frame.X-size.X)/2, (frame.Y-size.Y)/2)
	draw.Draw(out, image.Rectangle{at, at.Add(size)}, img, img.Bounds().Min, draw.Over)
	return out
}
