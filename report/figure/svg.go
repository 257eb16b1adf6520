package figure

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// svgCanvas is a vg.Canvas that writes SVG. Points are transformed here rather than by nested
// groups, so that the file holds plain coordinates in points, y downwards, with two decimals.
type svgCanvas struct {
	w, h   vg.Length
	body   bytes.Buffer
	state  svgState
	stack  []svgState
	themed bool // colours become var(--fig-xxxxxx,#xxxxxx)
}

type svgState struct {
	width vg.Length
	dash  []vg.Length
	col   color.Color
	m     [6]float64 // x' = m0 x + m2 y + m4, y' = m1 x + m3 y + m5
}

func newSVG(w, h vg.Length, themed bool) *svgCanvas {
	c := &svgCanvas{w: w, h: h, themed: themed}
	c.state.m = [6]float64{1, 0, 0, 1, 0, 0}
	vg.Initialize(c)
	return c
}

func (c *svgCanvas) Size() (x, y vg.Length)   { return c.w, c.h }
func (c *svgCanvas) SetLineWidth(w vg.Length) { c.state.width = w }
func (c *svgCanvas) SetColor(col color.Color) { c.state.col = col }
func (c *svgCanvas) Push()                    { c.stack = append(c.stack, c.state) }
func (c *svgCanvas) Scale(x, y float64)       { c.concat([6]float64{x, 0, 0, y, 0, 0}) }
func (c *svgCanvas) Translate(p vg.Point) {
	c.concat([6]float64{1, 0, 0, 1, float64(p.X), float64(p.Y)})
}

// SetLineDash leaves the offset out: no figure has one.
func (c *svgCanvas) SetLineDash(d []vg.Length, _ vg.Length) { c.state.dash = d }

func (c *svgCanvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	c.concat([6]float64{cos, sin, -sin, cos, 0, 0})
}

func (c *svgCanvas) Pop() {
	c.state = c.stack[len(c.stack)-1]
	c.stack = c.stack[:len(c.stack)-1]
}

// concat applies n before the current transform, as in PostScript.
func (c *svgCanvas) concat(n [6]float64) {
	m := c.state.m
	c.state.m = [6]float64{
		m[0]*n[0] + m[2]*n[1], m[1]*n[0] + m[3]*n[1],
		m[0]*n[2] + m[2]*n[3], m[1]*n[2] + m[3]*n[3],
		m[0]*n[4] + m[2]*n[5] + m[4], m[1]*n[4] + m[3]*n[5] + m[5],
	}
}

// device turns a point of the canvas (y upwards) into SVG's coordinates (y downwards).
func (c *svgCanvas) device(p vg.Point) (x, y float64) {
	m := c.state.m
	x = m[0]*float64(p.X) + m[2]*float64(p.Y) + m[4]
	y = m[1]*float64(p.X) + m[3]*float64(p.Y) + m[5]
	return x, float64(c.h) - y
}

// short prints a coordinate with at most two decimals and no trailing zeros.
func short(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

func (c *svgCanvas) path(p vg.Path) string {
	var b strings.Builder
	for _, e := range p {
		x, y := c.device(e.Pos)
		switch e.Type {
		case vg.MoveComp:
			fmt.Fprintf(&b, "M%s %s", short(x), short(y))
		case vg.LineComp:
			fmt.Fprintf(&b, "L%s %s", short(x), short(y))
		case vg.CurveComp:
			b.WriteByte("QC"[len(e.Control)-1])
			for _, q := range e.Control {
				qx, qy := c.device(q)
				fmt.Fprintf(&b, "%s %s ", short(qx), short(qy))
			}
			fmt.Fprintf(&b, "%s %s", short(x), short(y))
		case vg.ArcComp:
			c.arc(&b, e)
		case vg.CloseComp:
			b.WriteByte('Z')
		}
	}
	return b.String()
}

// arc writes a circular arc; a full circle needs two, since SVG draws none between equal points.
func (c *svgCanvas) arc(b *strings.Builder, e vg.PathComp) {
	at := func(a float64) (string, string) {
		x, y := c.device(vg.Point{
			X: e.Pos.X + e.Radius*vg.Length(math.Cos(a)),
			Y: e.Pos.Y + e.Radius*vg.Length(math.Sin(a)),
		})
		return short(x), short(y)
	}
	x, y := at(e.Start)
	op := "L"
	if b.Len() == 0 {
		op = "M"
	}
	fmt.Fprintf(b, "%s%s %s", op, x, y)
	r, sweep := short(float64(e.Radius)), 0
	if e.Angle < 0 {
		sweep = 1
	}
	for _, part := range []float64{.5, 1} {
		x, y = at(e.Start + part*e.Angle)
		fmt.Fprintf(b, "A%s %s 0 0 %d %s %s", r, r, sweep, x, y)
	}
}

// paint returns the colour and, where it is not opaque, the opacity attribute.
func (c *svgCanvas) paint(attr string) string {
	col := c.state.col
	if col == nil {
		col = color.Black
	}
	n := color.NRGBAModel.Convert(col).(color.NRGBA)
	hex := fmt.Sprintf("#%02x%02x%02x", n.R, n.G, n.B)
	s := fmt.Sprintf(` %s="%s"`, attr, hex)
	if c.themed {
		s = fmt.Sprintf(` style="%s:var(--fig-%s,%s)"`, attr, hex[1:], hex)
	}
	if n.A != 255 {
		s += fmt.Sprintf(` %s-opacity="%s"`, attr, short(float64(n.A)/255))
	}
	return s
}

func (c *svgCanvas) Stroke(p vg.Path) {
	if c.state.width <= 0 || len(p) == 0 {
		return
	}
	fmt.Fprintf(&c.body, `<path d="%s" fill="none"%s stroke-width="%s" stroke-linejoin="round"`,
		c.path(p), c.paint("stroke"), short(float64(c.state.width)))
	if len(c.state.dash) > 0 {
		parts := make([]string, len(c.state.dash))
		for i, d := range c.state.dash {
			parts[i] = short(float64(d))
		}
		fmt.Fprintf(&c.body, ` stroke-dasharray="%s"`, strings.Join(parts, " "))
	}
	c.body.WriteString("/>\n")
}

func (c *svgCanvas) Fill(p vg.Path) {
	if len(p) == 0 {
		return
	}
	fmt.Fprintf(&c.body, "<path d=\"%s\"%s/>\n", c.path(p), c.paint("fill"))
}

func (c *svgCanvas) FillString(f font.Face, pt vg.Point, text string) {
	if f.Font.Size == 0 || text == "" {
		return
	}
	x, y := c.device(pt)
	fmt.Fprintf(&c.body, `<text x="%s" y="%s" font-size="%s"`, short(x), short(y), short(float64(f.Font.Size)))
	if f.Font.Weight >= 2 {
		c.body.WriteString(` font-weight="bold"`)
	}
	if angle := -math.Atan2(c.state.m[1], c.state.m[0]) * 180 / math.Pi; math.Abs(angle) > 1e-9 {
		fmt.Fprintf(&c.body, ` transform="rotate(%s %s %s)"`, short(angle), short(x), short(y))
	}
	fmt.Fprintf(&c.body, "%s>%s</text>\n", c.paint("fill"), html.EscapeString(text))
}

func (c *svgCanvas) DrawImage(r vg.Rectangle, img image.Image) {
	var buf bytes.Buffer
	if png.Encode(&buf, img) != nil {
		return // a bytes.Buffer takes every write; an empty image has nothing to show
	}
	x, y := c.device(vg.Point{X: r.Min.X, Y: r.Max.Y})
	s := r.Size()
	fmt.Fprintf(&c.body, `<image x="%s" y="%s" width="%s" height="%s" href="data:image/png;base64,%s"/>`+"\n",
		short(x), short(y), short(float64(s.X)), short(float64(s.Y)), base64.StdEncoding.EncodeToString(buf.Bytes()))
}

// begin opens a named group: attrs are further attributes, already escaped.
func (c *svgCanvas) begin(class, name, attrs string) {
	fmt.Fprintf(&c.body, `<g class="%s"`, html.EscapeString(class))
	if name != "" {
		fmt.Fprintf(&c.body, ` data-series="%s"`, html.EscapeString(name))
	}
	c.body.WriteString(attrs + ">\n")
}

func (c *svgCanvas) end() { c.body.WriteString("</g>\n") }

func (c *svgCanvas) document(title, desc string, standalone bool) string {
	var b strings.Builder
	if standalone {
		b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
	}
	w, h := short(float64(c.w)), short(float64(c.h))
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ` + w + " " + h + `" role="img"`)
	if standalone {
		b.WriteString(` width="` + w + `pt" height="` + h + `pt"`)
	}
	b.WriteString(` font-family="'Liberation Sans',Helvetica,Arial,sans-serif">` + "\n")
	fmt.Fprintf(&b, "<title>%s</title>\n<desc>%s</desc>\n", html.EscapeString(title), html.EscapeString(desc))
	b.Write(c.body.Bytes())
	b.WriteString("</svg>\n")
	return b.String()
}
