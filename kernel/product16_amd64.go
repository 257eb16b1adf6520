//go:build !purego

package kernel

// pairBytes is a pair of bfloat16, which the assembly reads as one word.
const pairBytes = 2 * halfBytes

// assembled runs p on the assembly of the tier and reports whether there is any.
func (m Products) assembled(p *Product16, taps *Taps, c []float32, a, b []BF16, bias []float32) bool {
	if m.tier != Widened {
		m.byInstructions(p, taps, c, a, b, bias)
		return true
	}
	if m.level == Portable {
		return false
	}
	call := newCall16(p, taps, c, a, b, bias)
	var t tiler
	t.start(p.tiled(), groupAVX2, halfBytes)
	for t.fill() {
		for j := 0; j < p.N; j += PanelWidth {
			n := min(p.N-j, PanelWidth)
			at := j / PanelWidth * p.BPanel
			call.widened(&t, j, at, min(n, PanelWidth/2))
			if n > PanelWidth/2 {
				call.widened(&t, j+PanelWidth/2, at+PanelWidth, n-PanelWidth/2)
			}
		}
	}
	return true
}

// tiled is p as far as the tiler looks at it.
func (p *Product16) tiled() *Product {
	return &Product{Rows: p.Rows, Width: p.Width, ARow: p.ARow, ACol: p.ACol, CRow: p.CRow, CCol: p.CCol}
}

// call16 is what the calls for all tiles and panels of a product share.
type call16 struct {
	p       *Product16
	taps    []Tap
	c, bias []float32
	a, b    []BF16
}

func newCall16(p *Product16, taps *Taps, c []float32, a, b []BF16, bias []float32) call16 {
	q := call16{p: p, taps: taps.list, c: c, a: a, b: b}
	if p.Pairs == 0 {
		q.taps = nil
	}
	if p.Init == Bias {
		q.bias = bias
	}
	return q
}

// operands returns the addresses for columns from j on and the panel at bAt.
func (q *call16) operands(j, bAt int) (c *float32, a, b *uint16, bias *float32, taps *int) {
	if len(q.taps) > 0 {
		taps = &q.taps[0].A
	}
	return start(q.c, j), (*uint16)(start(q.a, 0)), (*uint16)(start(q.b, bAt)), start(q.bias, j), taps
}

// strides returns the distances in bytes: of rows of A, of rows of B and of rows of C.
func (q *call16) strides() (as, bk, cs int) {
	return q.p.ACol * halfBytes, q.p.BK * halfBytes, q.p.CCol * floatBytes
}

// widened computes columns j to j+n of the tiles, n <= 16, from the panel at bAt.
func (q *call16) widened(t *tiler, j, bAt, n int) {
	c, a, b, bias, taps := q.operands(j, bAt)
	as, bk, cs := q.strides()
	if n > maskWords {
		productWidenedAVX2x2(c, a, b, bias, &t.tiles[0], t.n, taps, len(q.taps), q.p.Pairs, as, pairBytes, bk, cs,
			&lastMask[2*maskWords-n], int(q.p.Init))
		return
	}
	productWidenedAVX2x1(c, a, b, bias, &t.tiles[0], t.n, taps, len(q.taps), q.p.Pairs, as, pairBytes, bk, cs,
		&lastMask[maskWords-n], int(q.p.Init))
}
