package dataset

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	_ "image/jpeg" // the formats that are read
	_ "image/png"
	"io"
	"slices"
	"strings"
	"sync"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"shoal/internal/atomicfile"
)

// A picture is one decoded image, upright.
type picture struct {
	look
	pixels []byte
}

// A look is what is known of an image before its pixels are decoded, and where they must be for the
// rest.
type look struct {
	kind                    string // of image.Decode: "png", "jpeg", "gif", ...
	height, width, channels int    // upright; 1 channel is grey, 3 are red, green, blue
	turn                    int    // the orientation of EXIF, 1 to 8; 1 is upright
	transparent             bool   // put on white; known once decoded
	deep, cmyk              bool   // 16 bits a sample; ink colours; known once decoded
}

// Images of more pixels than these are decoded one at a time, or not at all: a small file can ask
// for much memory.
const (
	largePicture = 16 << 20
	maxPicture   = 64 << 20
)

var largeOnes sync.Mutex

// probe reads what comes before the pixels of an image file.
func probe(path string) (look, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return look{}, err
	}
	defer f.Close()
	return probeFile(path, f)
}

func probeFile(path string, f io.ReadSeeker) (look, error) {
	config, kind, err := image.DecodeConfig(f)
	if err != nil {
		return look{}, unreadable(path, f, "not a whole image", err)
	}
	l := look{kind: kind, height: config.Height, width: config.Width, channels: 3, turn: 1}
	if config.Width < 1 || config.Height < 1 || config.Width > maxPicture/config.Height {
		return look{}, fmt.Errorf("%q: %d×%d pixels, want at least 1 and at most %d million", path, config.Height, config.Width, maxPicture>>20)
	}
	if isGrey(kind, config.ColorModel, f) {
		l.channels = 1
	}
	if kind == "jpeg" {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return look{}, err
		}
		if l.turn = orientation(f); l.turn > 4 {
			l.height, l.width = l.width, l.height
		}
	}
	return l, nil
}

// isGrey reports whether an image file is grey by its header: in a grey mode, also with transparency, or with a palette
// of greys, which is how BMP and many PNG files keep them. A GIF isn't, whose first frame may have a palette of its own.
func isGrey(kind string, model color.Model, f io.ReadSeeker) bool {
	if palette, ok := model.(color.Palette); ok && kind != "gif" {
		return !slices.ContainsFunc(palette, func(c color.Color) bool {
			r, g, b, _ := c.RGBA()
			return r != g || g != b
		})
	}
	if kind == "png" && (model == color.NRGBAModel || model == color.NRGBA64Model) {
		const colourType, greyAlpha = 25, 4 // where the type is in the file; the decoder makes colours of grey with transparency
		head := make([]byte, colourType+1)
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return false
		}
		_, err := io.ReadFull(f, head)
		return err == nil && head[colourType] == greyAlpha
	}
	return model == color.GrayModel || model == color.Gray16Model
}

// readPicture decodes an image file.
func readPicture(path string) (*picture, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return decodePicture(path, f)
}

// decodePicture is readPicture of the open file f. A decoder that panics has found a damaged image:
// most of them are not ours, and one file must not end the program.
func decodePicture(path string, f io.ReadSeeker) (p *picture, err error) {
	l, err := probeFile(path, f)
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if l.height*l.width > largePicture {
		largeOnes.Lock()
		defer largeOnes.Unlock()
	}
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("%q: damaged %s image (%v)", path, strings.ToUpper(l.kind), r)
		}
	}()
	img, err := l.decode(f)
	if err != nil {
		return nil, unreadable(path, f, "damaged "+strings.ToUpper(l.kind)+" image", err)
	}
	p = &picture{look: l}
	p.flatten(img)
	if len(p.pixels) != p.height*p.width*p.channels {
		return nil, fmt.Errorf("%q: damaged %s image (%d bytes of pixels for %d×%d)", path, strings.ToUpper(l.kind), len(p.pixels), p.height, p.width)
	}
	p.turnUpright()
	return p, nil
}

// decode is image.Decode, but for the first frame of a GIF, which may be a part of its screen.
func (l look) decode(r io.Reader) (image.Image, error) {
	if l.kind != "gif" {
		img, _, err := image.Decode(r)
		return img, err
	}
	first, err := gif.Decode(r)
	screen := image.Rect(0, 0, l.width, l.height)
	if err != nil || first.Bounds() == screen {
		return first, err
	}
	whole := image.NewNRGBA(screen)
	draw.Draw(whole, screen, first, image.Point{}, draw.Src)
	return whole, nil
}

// flatten takes an image's pixels row by row: 1 byte each of a grey image; red, green, blue of any
// other, what is transparent put on white.
func (p *picture) flatten(img image.Image) {
	b := img.Bounds()
	p.channels = 3
	switch img := img.(type) {
	case *image.Gray:
		p.channels = 1
		for y := b.Min.Y; y < b.Max.Y; y++ {
			start := img.PixOffset(b.Min.X, y)
			p.pixels = append(p.pixels, img.Pix[start:start+b.Dx()]...)
		}
		return
	case *image.Gray16:
		p.channels, p.deep = 1, true
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				p.pixels = append(p.pixels, eightBits(img.Gray16At(x, y).Y))
			}
		}
		return
	case *image.YCbCr:
		p.pixels = planesToRGB(img, p.kind)
		return
	case *image.NYCbCrA:
		p.pixels = planesToRGB(&img.YCbCr, p.kind)
		p.ontoWhite(func(x, y int) byte { return img.A[img.AOffset(b.Min.X+x, b.Min.Y+y)] })
		return
	}
	at := p.colourAt(img)
	p.pixels = make([]byte, 0, 3*b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := at(x, y)
			if c.A != 255 {
				p.transparent = true
				c.R, c.G, c.B = onWhite(c.R, c.A), onWhite(c.G, c.A), onWhite(c.B, c.A)
			}
			p.pixels = append(p.pixels, c.R, c.G, c.B)
		}
	}
}

// ontoWhite puts pixels on white by their alpha.
func (p *picture) ontoWhite(alpha func(x, y int) byte) {
	for i := 0; i < len(p.pixels); i += 3 {
		x, y := i/3%p.storedWidth(), i/3/p.storedWidth()
		if a := alpha(x, y); a != 255 {
			p.transparent = true
			for k := i; k < i+3; k++ {
				p.pixels[k] = onWhite(p.pixels[k], a)
			}
		}
	}
}

// storedWidth is the width before the image is turned upright.
func (p *picture) storedWidth() int {
	if p.turn > 4 {
		return p.height
	}
	return p.width
}

// onWhite is a colour of opacity a, rounded, in front of white.
func onWhite(v, a byte) byte {
	return byte((uint32(v)*uint32(a) + 255*(255-uint32(a)) + 127) / 255)
}

// eightBits is a sample of 16 bits, rounded.
func eightBits(v uint16) byte { return byte((uint32(v)*255 + 32767) / 65535) }

// colourAt returns the look-up of one pixel's 8-bit colour. Going through color.Color instead would
// allocate for every pixel; what is rare does.
func (p *picture) colourAt(img image.Image) func(x, y int) color.NRGBA {
	switch img := img.(type) {
	case *image.NRGBA:
		return img.NRGBAAt
	case *image.RGBA:
		return func(x, y int) color.NRGBA {
			c := img.RGBAAt(x, y)
			if c.A == 255 {
				return color.NRGBA(c)
			}
			return eightBitColour(c)
		}
	case *image.Paletted:
		palette := make([]color.NRGBA, 256) // an index beyond the palette is black
		for i := range palette {
			palette[i] = color.NRGBA{A: 255}
		}
		for i, c := range img.Palette {
			palette[i] = eightBitColour(c)
		}
		return func(x, y int) color.NRGBA { return palette[img.ColorIndexAt(x, y)] }
	case *image.NRGBA64, *image.RGBA64:
		p.deep = true
	case *image.CMYK:
		p.cmyk = true
	}
	return func(x, y int) color.NRGBA { return eightBitColour(img.At(x, y)) }
}

// eightBitColour is any colour, its samples rounded to 8 bits.
func eightBitColour(c color.Color) color.NRGBA {
	if small, ok := c.(color.NRGBA); ok {
		return small
	}
	wide, _ := color.NRGBA64Model.Convert(c).(color.NRGBA64)
	return color.NRGBA{eightBits(wide.R), eightBits(wide.G), eightBits(wide.B), eightBits(wide.A)}
}

// luma is the grey of a colour: ITU-R BT.601, rounded as by image/color and by Pillow.
func luma(r, g, b byte) byte {
	return byte((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}

// as returns the picture's pixels with so many channels.
func (p *picture) as(channels int) []byte {
	if p.channels == channels {
		return p.pixels
	}
	if channels == 3 {
		out := make([]byte, 0, 3*len(p.pixels))
		for _, v := range p.pixels {
			out = append(out, v, v, v)
		}
		return out
	}
	out := make([]byte, 0, len(p.pixels)/3)
	for i := 0; i < len(p.pixels); i += 3 {
		out = append(out, luma(p.pixels[i], p.pixels[i+1], p.pixels[i+2]))
	}
	return out
}
