package figure

import (
	"testing"

	"gonum.org/v1/plot/vg"
)

// Signs cover the pixels that the strokes of their path cover, to a few shades: the rasteriser of paths
// rounds their edges, and counts twice where the bars of a plus cross.
func TestSigns(t *testing.T) {
	const w, h = 60, 40
	for plus, shades := range map[bool]int{false: 16, true: 48} {
		m := &signs{plus: plus, half: 3.3, width: 1.7, col: gold}
		for k := range 12 {
			m.at = append(m.at, at(5.1+8.37*float64(k%6), 6.2+11.13*float64(k/6)))
		}
		got, want := newRaster(w, h, 110), newRaster(w, h, 110)
		newSheet(got, w, h).sign(m)
		newSheet(want.Canvas, w, h).sign(m) // a canvas that knows paths alone
		inked := 0
		for i, p := range got.pixels().Pix {
			q := want.pixels().Pix[i]
			if d := int(p) - int(q); d < -shades || d > shades {
				t.Fatalf("plus %v: channel %d of pixel %d is %d, %d by the path", plus, i%4, i/4, p, q)
			}
			if p != 255 {
				inked++
			}
		}
		if inked < 1000 {
			t.Errorf("plus %v: %d channels are inked, want over 1000", plus, inked)
		}
	}
}

// Signs across the edges of a canvas are cut.
func TestSignsAtTheEdge(t *testing.T) {
	c := newRaster(20, 20, 72)
	m := &signs{plus: true, half: 4, width: 2, col: gold, at: []vg.Point{at(0, 0), at(20, 20), at(-1, 10), at(10, 23)}}
	newSheet(c, 20, 20).sign(m)
	for _, p := range [][2]int{{0, 19}, {19, 0}, {0, 10}, {10, 0}} {
		if r, g, b, _ := c.pixels().At(p[0], p[1]).RGBA(); r>>8 != 0xc0 || g>>8 != 0x83 || b>>8 != 0 {
			t.Errorf("pixel %v is %x %x %x, want the signs' colour", p, r>>8, g>>8, b>>8)
		}
	}
}
