//go:build (amd64 || arm64) && !purego

package kernel

const (
	tileWords = 1 + 2*tileGroups // rows; offsets of the groups in A; in C
	maxTiles  = 12               // tiles handed to the assembly at once
)

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

// productCall is what the calls for all tiles and panels of a product share.
type productCall struct {
	p             *Product
	taps          []Tap
	c, a, b, bias []float32
}

func newProductCall(p *Product, taps *Taps, c, a, b, bias []float32) productCall {
	q := productCall{p: p, taps: taps.list, c: c, a: a, b: b}
	if p.K == 0 {
		q.taps = nil
	}
	if p.Init == Bias {
		q.bias = bias
	}
	return q
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
