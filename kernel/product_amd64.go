//go:build !purego

package kernel

//go:generate go run -C _asm . -out ../kernel_amd64.s -stubs ../stubs_amd64.go -pkg kernel
//go:generate go run -C _asm . -tiers -out ../bfloat16_amd64.s -stubs ../stubs_bfloat16_amd64.go -pkg kernel

const maskWords = 8 // float32 in an AVX2 register

// lastMask holds AVX2's masks: the one that shows n of 8 columns starts at 8-n.
var lastMask = [2 * maskWords]int32{-1, -1, -1, -1, -1, -1, -1, -1}

// vector runs p on the assembly of level l.
func (p *Product) vector(l Level, taps *Taps, c, a, b, bias []float32) {
	call := newProductCall(p, taps, c, a, b, bias)
	group := groupAVX512
	if l == AVX2 {
		group = groupAVX2
	}
	var t tiler
	t.start(p, group, floatBytes)
	w := p.panel()
	for t.fill() {
		for j := 0; j < p.N; j += w {
			n := min(p.N-j, w)
			at := j / w * p.BPanel
			if l == AVX512 {
				call.avx512(&t, j, at, n)
				continue
			}
			call.avx2(&t, j, at, min(n, PanelWidth/2))
			if n > PanelWidth/2 {
				call.avx2(&t, j+PanelWidth/2, at+PanelWidth/2, n-PanelWidth/2)
			}
		}
	}
}

// avx512 computes columns j to j+n of the tiles, n <= 32, from the panel at bAt. The two calls stay
// apart: through a variable, the tiles would escape.
func (q *productCall) avx512(t *tiler, j, bAt, n int) {
	p := q.p
	c, a, b, bias, taps := start(q.c, j), start(q.a, 0), start(q.b, bAt), start(q.bias, j), q.firstTap()
	as, ak, bk, cs := p.ACol*floatBytes, p.AK*floatBytes, p.BK*floatBytes, p.CCol*floatBytes
	if n > PanelWidth/2 {
		productAVX512x2(c, a, b, bias, &t.tiles[0], t.n, taps, len(q.taps), p.K, as, ak, bk, cs,
			1<<(n-PanelWidth/2)-1, int(p.Init))
		return
	}
	productAVX512x1(c, a, b, bias, &t.tiles[0], t.n, taps, len(q.taps), p.K, as, ak, bk, cs, 1<<n-1, int(p.Init))
}

// avx2 does the same for n <= 16; full vectors need no masks, which are slow there.
func (q *productCall) avx2(t *tiler, j, bAt, n int) {
	p := q.p
	c, a, b, bias, taps := start(q.c, j), start(q.a, 0), start(q.b, bAt), start(q.bias, j), q.firstTap()
	as, ak, bk, cs := p.ACol*floatBytes, p.AK*floatBytes, p.BK*floatBytes, p.CCol*floatBytes
	switch {
	case n == 2*maskWords:
		productAVX2x2Full(c, a, b, bias, &t.tiles[0], t.n, taps, len(q.taps), p.K, as, ak, bk, cs, int(p.Init))
	case n > maskWords:
		productAVX2x2(c, a, b, bias, &t.tiles[0], t.n, taps, len(q.taps), p.K, as, ak, bk, cs,
			&lastMask[2*maskWords-n], int(p.Init))
	case n == maskWords:
		productAVX2x1Full(c, a, b, bias, &t.tiles[0], t.n, taps, len(q.taps), p.K, as, ak, bk, cs, int(p.Init))
	default:
		productAVX2x1(c, a, b, bias, &t.tiles[0], t.n, taps, len(q.taps), p.K, as, ak, bk, cs,
			&lastMask[maskWords-n], int(p.Init))
	}
}
