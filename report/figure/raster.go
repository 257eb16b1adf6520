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
type raster struct{ *vgimg.Canvas }

func newRaster(w, h vg.Length, dpi int) raster {
	return raster{vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(paper))}
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

// sign covers each pixel by the part of its area that lies in a bar.
func (c raster) sign(m *signs) {
	img := c.pixels()
	b := img.Bounds()
	cover := make([]uint16, b.Dx()*b.Dy()) // in 1/grain² of a pixel
	scale := c.DPI() / float64(vg.Inch) * grain
	edge := func(v vg.Length) int { return int(math.Round(float64(float64(v) * scale))) }
	height := b.Dy() * grain
	for _, q := range m.at {
		left, right, low, high := edge(q.X-m.half), edge(q.X+m.half), height-edge(q.Y-m.width/2), height-edge(q.Y+m.width/2)
		addBox(cover, b.Dx(), left, high, right, low)
		if m.plus { // above and beneath the horizontal bar
			left, right := edge(q.X-m.width/2), edge(q.X+m.width/2)
			addBox(cover, b.Dx(), left, height-edge(q.Y+m.half), right, high)
			addBox(cover, b.Dx(), left, low, right, height-edge(q.Y-m.half))
		}
	}
	paint(img, cover, m.col)
}

// addBox adds what a box covers of each pixel of an image so many pixels wide, which the box lies in.
// Its sides are in grains.
func addBox(cover []uint16, width, left, top, right, bottom int) {
	overlap := func(k, from, to int) int { return max(min((k+1)*grain, to)-max(k*grain, from), 0) }
	for y := max(top/grain, 0); y*grain < bottom && y < len(cover)/width; y++ {
		tall := overlap(y, top, bottom)
		for x := max(left/grain, 0); x*grain < right && x < width; x++ {
			cover[y*width+x] += uint16(tall * overlap(x, left, right))
		}
	}
}

// paint lays an opaque colour over an opaque image.
func paint(img *image.RGBA, cover []uint16, col color.NRGBA) {
	const whole = grain * grain
	for k, part := range cover {
		if part == 0 {
			continue
		}
		on := int(min(part, whole))
		pix := img.Pix[4*k : 4*k+3]
		for j, ink := range [3]uint8{col.R, col.G, col.B} {
			pix[j] = uint8((int(pix[j])*(whole-on) + int(ink)*on + whole/2) / whole)
		}
	}
}
