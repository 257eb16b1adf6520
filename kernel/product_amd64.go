//go:build !purego

package kernel

//go:generate go run -C _asm . -out ../kernel_amd64.s -stubs ../stubs_amd64.go -pkg kernel
//go:generate go run -C _asm . -switched-off -out ../bfloat16_amd64.s -stubs ../stubs_bfloat16_amd64.go -pkg kernel

const (
	tileWords  = 1 + 2*tileGroups // rows; offsets of the groups in A; in C
	maxTiles   = 12               // tiles handed to the assembly at once
	maskWords  = 8                // float32 in an AVX2 register
	floatBytes = 4
)

// lastMask holds AVX2's masks: the one that shows n of 8 columns starts at 8-n.
var lastMask = [2 * maskWords]int32{-1, -1, -1, -1, -1, -1, -1, -1}

// tiler cuts the positions (r, x) of a product into tiles. A tile is up to three groups of rows of
// C; the rows of a group follow each other in one image row (their distances are ACol and CCol) and
// groups may lie anywhere, so that a tile can take pixels from several rows of a narrow image. Only
// the last group of a tile may be short.
type tiler struct {
	p     Product
	bytes int // of an element of A
	group int // rows in a full group
	r, x  int // the next position
	left  int // groups until the end of the run of which tiles are cut
	flat  bool
	n     int
	tiles [(maxTiles + 1) * tileWords]int // one more: the last tile's next, read to prefetch its C
}

// start prepares the cut of p for groups of the given size and elements of A of so many bytes.
func (t *tiler) start(p *Product, group, bytes int) {
	t.p, t.group, t.bytes = *p, group, bytes
	q := &t.p
	if q.ARow == q.Width*q.ACol && q.CRow == q.Width*q.CCol {
		q.Rows, q.Width = 1, q.Rows*q.Width
	}
	t.flat = q.Width%group == 0
	t.left = (q.Width + group - 1) / group
	if t.flat {
		t.left *= q.Rows
	}
}

// fill cuts the next tiles; it reports whether there are any.
func (t *tiler) fill() bool {
	t.n = 0
	q := &t.p
	for t.n < maxTiles && t.r < q.Rows {
		tile := t.tiles[t.n*tileWords:][:tileWords]
		take := min(t.left, tileGroups)
		if t.left == 4 {
			take = 2 // two halves are faster than three quarters and one
		}
		tile[0] = 0
		for g := range take {
			tile[0] += min(t.group, q.Width-t.x)
			tile[1+g] = (t.r*q.ARow + t.x*q.ACol) * t.bytes
			tile[1+tileGroups+g] = (t.r*q.CRow + t.x*q.CCol) * floatBytes
			if t.x += t.group; t.x >= q.Width {
				t.x = 0
				t.r++
			}
		}
		if t.left -= take; t.left == 0 {
			t.left = (q.Width + t.group - 1) / t.group
		}
		t.n++
	}
	return t.n > 0
}

// vector runs p on the assembly of level l.
func (p *Product) vector(l Level, taps *Taps, c, a, b, bias []float32) {
	ntaps := len(taps.list)
	if p.K == 0 {
		ntaps = 0
	}
	call := productCall{p: p, taps: taps.list[:ntaps], c: c, a: a, b: b}
	if p.Init == Bias {
		call.bias = bias
	}
	group := groupAVX512
	if l == AVX2 {
		group = groupAVX2
	}
	var t tiler
	t.start(p, group, floatBytes)
	for t.fill() {
		for j := 0; j < p.N; j += PanelWidth {
			n := min(p.N-j, PanelWidth)
			at := j / PanelWidth * p.BPanel
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

// productCall is what the calls for all tiles and panels of a product share.
type productCall struct {
	p             *Product
	taps          []Tap
	c, a, b, bias []float32
}

// start returns the first element of s from i on, or nil if there is none.
func start[T any](s []T, i int) *T {
	if i >= len(s) {
		return nil
	}
	return &s[i]
}

// firstTap returns the address of the list of taps.
func (q *productCall) firstTap() *int {
	if len(q.taps) == 0 {
		return nil
	}
	return &q.taps[0].A
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

// avx2 does the same for n <= 16.
func (q *productCall) avx2(t *tiler, j, bAt, n int) {
	p := q.p
	c, a, b, bias, taps := start(q.c, j), start(q.a, 0), start(q.b, bAt), start(q.bias, j), q.firstTap()
	as, ak, bk, cs := p.ACol*floatBytes, p.AK*floatBytes, p.BK*floatBytes, p.CCol*floatBytes
	if n > maskWords {
		productAVX2x2(c, a, b, bias, &t.tiles[0], t.n, taps, len(q.taps), p.K, as, ak, bk, cs,
			&lastMask[2*maskWords-n], int(p.Init))
		return
	}
	productAVX2x1(c, a, b, bias, &t.tiles[0], t.n, taps, len(q.taps), p.K, as, ak, bk, cs,
		&lastMask[maskWords-n], int(p.Init))
}
