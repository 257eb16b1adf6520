//go:build !purego

package kernel

// tiersBuilt says whether this build has assembly for AVX512BF16 and AMX.
const tiersBuilt = true

// byInstructions runs p on the instructions of the tier, AVX512BF16 or AMX.
func (m Products) byInstructions(p *Product16, taps *Taps, c []float32, a, b []BF16, bias []float32) {
	call := newCall16(p, taps, c, a, b, bias)
	if m.tier == AMX {
		call.amx()
		return
	}
	var t tiler
	t.start(p.tiled(), groupAVX512, halfBytes)
	for t.fill() {
		for j := 0; j < p.N; j += PanelWidth {
			call.pairs(&t, j, j/PanelWidth*p.BPanel, min(p.N-j, PanelWidth))
		}
	}
}

// pairs computes columns j to j+n of the tiles, n <= 32, from the panel at bAt.
func (q *call16) pairs(t *tiler, j, bAt, n int) {
	c, a, b, bias, taps := q.operands(j, bAt)
	as, bk, cs := q.strides()
	if n > PanelWidth/2 {
		productPairsAVX512x2(c, a, b, bias, &t.tiles[0], t.n, taps, len(q.taps), q.p.Pairs, as, pairBytes, bk, cs,
			1<<(n-PanelWidth/2)-1, int(q.p.Init))
		return
	}
	productPairsAVX512x1(c, a, b, bias, &t.tiles[0], t.n, taps, len(q.taps), q.p.Pairs, as, pairBytes, bk, cs,
		1<<n-1, int(q.p.Init))
}

// peakLoop runs n rounds of the tier's products and returns the operations of a round.
func (m Products) peakLoop(n int) int {
	if m.tier == AMX {
		config := configure(amxRows, PanelWidth, chunkPairs)
		return peakTiles(n, &config[0])
	}
	return peakPairs(n)
}
