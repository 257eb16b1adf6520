package figure

import (
	"bytes"
	"fmt"
	"image/color"
	"io"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
)

// Figure is a drawing that can be written in two formats.
type Figure struct {
	Name        string // file name without extension: "ratio-svm"
	Title       string // dataset, network, reference
	Description string // one sentence for readers who cannot see it
	Width       vg.Length
	Height      vg.Length // without what a heading of more than two lines adds
	head        heading
	draw        func(*sheet)
	slim        *Figure // the same for a phone; nil: there is no other
}

// SVG writes a stand-alone SVG document.
func (f *Figure) SVG(w io.Writer) error {
	_, err := io.WriteString(w, f.render(false).document(f.Title, f.Description, true))
	return wrap(f, "SVG", err)
}

// Inline returns the SVG element for a page: no XML declaration, no background, and each colour
// #xxxxxx as var(--fig-xxxxxx,#xxxxxx), for the page's style sheet to change.
func (f *Figure) Inline() string { return f.render(true).document(f.Title, f.Description, false) }

// PNG writes the figure at the given resolution in dots per inch (200 is fit for print at half a
// page's width).
func (f *Figure) PNG(w io.Writer, dpi int) error {
	head := f.head.breakFor(f.Width)
	c := newRaster(f.Width, f.Height+head.more(), dpi)
	s := newSheet(c, f.Width, f.Height)
	head.draw(s)
	f.draw(s)
	return wrap(f, "PNG", c.png(w))
}

// Encode returns both formats.
func (f *Figure) Encode(dpi int) (svg, png []byte, err error) {
	var s, p bytes.Buffer
	if err := f.SVG(&s); err != nil {
		return nil, nil, err
	}
	if err := f.PNG(&p, dpi); err != nil {
		return nil, nil, err
	}
	return s.Bytes(), p.Bytes(), nil
}

// Slim is the same figure laid out for a narrow screen, nil where there is none: letters keep a
// size that can be read.
func (f *Figure) Slim() *Figure { return f.slim }

func (f *Figure) render(themed bool) *svgCanvas {
	head := f.head.breakFor(f.Width)
	height := f.Height + head.more()
	c := newSVG(f.Width, height, themed)
	s := newSheet(c, f.Width, f.Height)
	if !themed {
		s.fillBox(box{0, 0, float64(f.Width), float64(height)}, paper)
	}
	head.draw(s)
	f.draw(s)
	return c
}

func wrap(f *Figure, format string, err error) error {
	if err != nil {
		return fmt.Errorf("write figure %q as %s: %w", f.Name, format, err)
	}
	return nil
}

// sheet is a canvas with the few strokes that the figures need. Coordinates are points, y upwards
// from the lower edge.
type sheet struct {
	c     vg.Canvas
	w, h  float64
	fonts *font.Cache
}

func newSheet(c vg.Canvas, w, h vg.Length) *sheet {
	return &sheet{c: c, w: float64(w), h: float64(h), fonts: font.NewCache(liberation.Collection())}
}

// box is a rectangle: left, bottom, right, top.
type box struct{ x0, y0, x1, y1 float64 }

func (b box) width() float64  { return b.x1 - b.x0 }
func (b box) height() float64 { return b.y1 - b.y0 }

func at(x, y float64) vg.Point { return vg.Point{X: vg.Length(x), Y: vg.Length(y)} }

// series draws f inside a group that carries the series' name (SVG only).
func (s *sheet) series(name string, f func()) { s.group("series", name, f) }

func (s *sheet) group(class, name string, f func()) {
	if g, ok := s.c.(*svgCanvas); ok {
		g.begin(class, name, "")
		defer g.end()
	}
	f()
}

// through is the path along straight lines from point to point.
func through(pts []vg.Point) vg.Path {
	var p vg.Path
	p.Move(pts[0])
	for _, q := range pts[1:] {
		p.Line(q)
	}
	return p
}

func (s *sheet) polyline(pts []vg.Point, st stroke) {
	if len(pts) < 2 {
		return
	}
	s.c.SetColor(st.col)
	s.c.SetLineWidth(st.width)
	s.c.SetLineDash(st.dash, 0)
	s.c.Stroke(through(pts))
	s.c.SetLineDash(nil, 0)
}

func (s *sheet) segment(x0, y0, x1, y1 float64, st stroke) {
	s.polyline([]vg.Point{at(x0, y0), at(x1, y1)}, st)
}

func (s *sheet) polygon(pts []vg.Point, col color.NRGBA) {
	if len(pts) < 3 {
		return
	}
	p := through(pts)
	p.Close()
	s.c.SetColor(col)
	s.c.Fill(p)
}

func (s *sheet) fillBox(b box, col color.NRGBA) {
	s.polygon([]vg.Point{at(b.x0, b.y0), at(b.x1, b.y0), at(b.x1, b.y1), at(b.x0, b.y1)}, col)
}

func (s *sheet) dot(x, y, r float64, col color.NRGBA) {
	var p vg.Path
	p.Move(at(x+r, y))
	p.Arc(at(x, y), vg.Length(r), 0, 6.283185307179586)
	p.Close()
	s.c.SetColor(col)
	s.c.Fill(p)
}

// Horizontal alignment of text about its x.
const (
	left   = 0.0
	centre = 0.5
	right  = 1.0
)

type lettering struct {
	size float64
	bold bool
	col  color.NRGBA
}

func (s *sheet) face(l lettering) font.Face {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Length(l.size)}
	if l.bold {
		f.Weight = stdfont.WeightBold
	}
	return s.fonts.Lookup(f, vg.Length(l.size))
}

func (s *sheet) textWidth(txt string, l lettering) float64 {
	f := s.face(l)
	return float64(f.Width(txt))
}

// text sets one line with its baseline at y.
func (s *sheet) text(x, y, align float64, txt string, l lettering) {
	f := s.face(l)
	s.c.SetColor(l.col)
	s.c.FillString(f, at(x-align*float64(f.Width(txt)), y), txt)
}

// textMid sets one line whose lower-case letters are centred on y.
func (s *sheet) textMid(x, y, align float64, txt string, l lettering) {
	s.text(x, y-.34*l.size, align, txt, l)
}

// vertical sets one line that reads upwards, centred on y.
func (s *sheet) vertical(x, y float64, txt string, l lettering) {
	f := s.face(l)
	s.c.Push()
	s.c.Translate(at(x, y))
	s.c.Rotate(1.5707963267948966)
	s.c.SetColor(l.col)
	s.c.FillString(f, at(-float64(f.Width(txt))/2, 0), txt)
	s.c.Pop()
}

// fit shortens txt with an ellipsis until it is at most width points wide.
func (s *sheet) fit(txt string, width float64, l lettering) string {
	if s.textWidth(txt, l) <= width {
		return txt
	}
	r := []rune(txt)
	for len(r) > 1 && s.textWidth(string(r)+"…", l) > width {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}
