package figure

import (
	"image"
	"image/color"
	"image/png"
	"io"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"

	"shoal/internal/pngpool"
)

// raster is a canvas of pixels. Beside what vgimg draws it has marks, which come by the thousand: a
// rasteriser of general paths spends most of its time on sorting their edges.
type raster struct {
	*vgimg.Canvas
	cover *[]uint16 // what signs cover of each pixel, in 1/grain² of it; 0 but while some are drawn
}

func newRaster(w, h vg.Length, dpi int) raster {
	return raster{vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(paper)), new([]uint16)}
}

func (c raster) pixels() *image.RGBA { return c.Image().(*image.RGBA) } // vgimg makes no other

var pngs = pngpool.New(png.DefaultCompression)

func (c raster) png(w io.Writer) error { return pngs.Encode(w, c.pixels()) }

// signs are marks of one look: a horizontal bar each, and with plus a vertical one. No two overlap.
type signs struct {
	at    []vg.Point
	plus  bool
	half  vg.Length // of a bar's length
	width vg.Length // of a bar
	col   color.NRGBA
}

// path is the signs as one path to stroke.
func (m *signs) path() vg.Path {
	var p vg.Path
	for _, q := range m.at {
		p.Move(q.Sub(vg.Point{X: m.half}))
		p.Line(q.Add(vg.Point{X: m.half}))
		if m.plus {
			p.Move(q.Sub(vg.Point{Y: m.half}))
			p.Line(q.Add(vg.Point{Y: m.half}))
		}
	}
	return p
}

// sign draws signs on the canvas, whose transform must be the one that it began with.
func (s *sheet) sign(m *signs) {
	if c, ok := s.c.(raster); ok {
		c.sign(m)
		return
	}
	s.c.SetColor(m.col)
	s.c.SetLineWidth(m.width)
	s.c.SetLineDash(nil, 0)
	s.c.Stroke(m.path())
}

// grain is the number of steps in a pixel's side at which edges of signs lie. Whole numbers from
// there on give every machine the same pixels.
const grain = 64

// sign covers each pixel by the part of its area that lies in a bar. What all bars cover is known before
// any pixel is painted, since bars may share one.
func (c raster) sign(m *signs) {
	img := c.pixels()
	if *c.cover == nil {
		*c.cover = make([]uint16, img.Bounds().Dx()*img.Bounds().Dy())
	}
	p := plate{img, *c.cover}
	boxes := m.boxes(c.DPI()/float64(vg.Inch)*grain, img.Bounds().Dy()*grain)
	for _, b := range boxes {
		p.add(b)
	}
	for _, b := range boxes {
		p.paint(b, m.col)
	}
}

// grains is a box of an image. Its sides are in grains, from the top left corner.
type grains struct{ left, top, right, bottom int }

// boxes are the bars of signs on an image of a height, scale being the grains of a unit of length.
func (m *signs) boxes(scale float64, height int) []grains {
	edge := func(v vg.Length) int { return int(math.Round(float64(float64(v) * scale))) }
	out := make([]grains, 0, 3*len(m.at))
	for _, q := range m.at {
		left, right, low, high := edge(q.X-m.half), edge(q.X+m.half), height-edge(q.Y-m.width/2), height-edge(q.Y+m.width/2)
		out = append(out, grains{left, high, right, low})
		if m.plus { // above and beneath the horizontal bar
			left, right := edge(q.X-m.width/2), edge(q.X+m.width/2)
			out = append(out, grains{left, height - edge(q.Y+m.half), right, high}, grains{left, low, right, height - edge(q.Y-m.half)})
		}
	}
	return out
}

// plate is an opaque image with what is to be painted of each of its pixels.
type plate struct {
	img   *image.RGBA
	cover []uint16
}

// touched are the pixels that a side of a box lies in, of so many.
func touched(from, to, pixels int) (first, end int) {
	return max(from/grain, 0), min((to+grain-1)/grain, pixels)
}

// add adds what a box covers of each pixel.
func (p plate) add(b grains) {
	overlap := func(k, from, to int) int { return max(min((k+1)*grain, to)-max(k*grain, from), 0) }
	width, height := p.img.Bounds().Dx(), p.img.Bounds().Dy()
	x0, x1 := touched(b.left, b.right, width)
	y0, y1 := touched(b.top, b.bottom, height)
	for y := y0; y < y1; y++ {
		tall := overlap(y, b.top, b.bottom)
		for x := x0; x < x1; x++ {
			p.cover[y*width+x] += uint16(tall * overlap(x, b.left, b.right))
		}
	}
}

// paint lays an opaque colour over the covered pixels of a box, which are no longer covered then.
func (p plate) paint(b grains, col color.NRGBA) {
	const whole = grain * grain
	width, height := p.img.Bounds().Dx(), p.img.Bounds().Dy()
	x0, x1 := touched(b.left, b.right, width)
	y0, y1 := touched(b.top, b.bottom, height)
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			k := y*width + x
			on := int(min(p.cover[k], whole))
			if on == 0 {
				continue
			}
			p.cover[k] = 0
			pix := p.img.Pix[4*k : 4*k+3]
			for j, ink := range [3]uint8{col.R, col.G, col.B} {
				pix[j] = uint8((int(pix[j])*(whole-on) + int(ink)*on + whole/2) / whole)
			}
		}
	}
}
