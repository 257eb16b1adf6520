package dataset

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/png" // beside JPEG
)

// flatten returns an image's pixels row by row, 1 byte each for a grey image and red, green, blue
// for any other.
func flatten(img image.Image) (pixels []byte, channels int, err error) {
	b := img.Bounds()
	if grey, ok := img.(*image.Gray); ok {
		for y := b.Min.Y; y < b.Max.Y; y++ {
			start := grey.PixOffset(b.Min.X, y)
			pixels = append(pixels, grey.Pix[start:start+b.Dx()]...)
		}
		return pixels, 1, nil
	}
	if jpeg, ok := img.(*image.YCbCr); ok {
		return rgb(jpeg), 3, nil
	}
	at, err := colourAt(img)
	if err != nil {
		return nil, 0, err
	}
	pixels = make([]byte, 0, 3*b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := at(x, y)
			if c.A != 255 {
				return nil, 0, errors.New("transparent pixels: put the image on a background first")
			}
			pixels = append(pixels, c.R, c.G, c.B)
		}
	}
	return pixels, 3, nil
}

// colourAt returns the look-up of one pixel's 8-bit colour. Going through color.Color instead would
// allocate for every pixel.
func colourAt(img image.Image) (func(x, y int) color.NRGBA, error) {
	switch img := img.(type) {
	case *image.NRGBA:
		return img.NRGBAAt, nil
	case *image.RGBA: // opaque or refused, so not premultiplied
		return func(x, y int) color.NRGBA { return color.NRGBA(img.RGBAAt(x, y)) }, nil
	case *image.Paletted:
		palette := make([]color.NRGBA, len(img.Palette))
		for i, c := range img.Palette {
			palette[i], _ = color.NRGBAModel.Convert(c).(color.NRGBA)
		}
		return func(x, y int) color.NRGBA { return palette[img.ColorIndexAt(x, y)] }, nil
	case *image.Gray16, *image.RGBA64, *image.NRGBA64:
		return nil, errors.New("16 bits a colour, want 8: convert it")
	case *image.CMYK:
		return nil, errors.New("CMYK colours, want grey or RGB: save it again as RGB")
	}
	return nil, fmt.Errorf("colour model of %T, want grey or RGB: convert it", img)
}
