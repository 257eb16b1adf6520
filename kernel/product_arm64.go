//go:build !purego

package kernel

// neonLanes is the number of float32 in a register.
const neonLanes = 4

// vector runs p on the assembly. A panel is up to two times 16 columns; where the second part would
// have fewer than a register, both are about half.
func (p *Product) vector(_ Level, taps *Taps, c, a, b, bias []float32) {
	const most = PanelWidth / 2
	call := newProductCall(p, taps, c, a, b, bias)
	var t tiler
	t.start(p, groupNEON, floatBytes)
	w := p.panel()
	for t.fill() {
		for j := 0; j < p.N; j += w {
			n := min(p.N-j, w)
			at := j / w * p.BPanel
			first := min(n, most)
			if n > most {
				first = (n/2 + neonLanes - 1) &^ (neonLanes - 1)
			}
			call.neon(&t, j, at, first)
			if n > first {
				call.neon(&t, j+first, at+first, n-first)
			}
		}
	}
}

// neon computes columns j to j+n of the tiles, n <= 16, from the panel at bAt.
func (q *productCall) neon(t *tiler, j, bAt, n int) {
	if n < neonLanes {
		for i := range n {
			q.column(t, j+i, bAt+i)
		}
		return
	}
	p := q.p
	c, a, b, bias, taps := start(q.c, j), start(q.a, 0), start(q.b, bAt), start(q.bias, j), q.firstTap()
	as, ak, bk, cs := p.ACol*floatBytes, p.AK*floatBytes, p.BK*floatBytes, p.CCol*floatBytes
	last := (n - neonLanes) * floatBytes
	switch (n + neonLanes - 1) / neonLanes {
	case 1:
		productNEONx1(c, a, b, bias, &t.tiles[0], t.n, taps, len(q.taps), p.K, as, ak, bk, cs, last, int(p.Init))
	case 2:
		productNEONx2(c, a, b, bias, &t.tiles[0], t.n, taps, len(q.taps), p.K, as, ak, bk, cs, last, int(p.Init))
	case 3:
		productNEONx3(c, a, b, bias, &t.tiles[0], t.n, taps, len(q.taps), p.K, as, ak, bk, cs, last, int(p.Init))
	default:
		productNEONx4(c, a, b, bias, &t.tiles[0], t.n, taps, len(q.taps), p.K, as, ak, bk, cs, last, int(p.Init))
	}
}

// column computes one column.
func (q *productCall) column(t *tiler, j, bAt int) {
	p := q.p
	productNEONone(start(q.c, j), start(q.a, 0), start(q.b, bAt), start(q.bias, j), &t.tiles[0], t.n, q.firstTap(),
		len(q.taps), p.K, p.ACol*floatBytes, p.AK*floatBytes, p.BK*floatBytes, p.CCol*floatBytes, 0, int(p.Init))
}
