//go:build !purego

package kernel

import "encoding/binary"

// Sizes of a tile: 16 rows of 64 bytes.
const (
	amxRows    = 16
	amxColumns = 16 // float32, or pairs of bfloat16
	squareRows = 2 * amxRows
)

// tileConfig is what LDTILECFG reads: the palette, then at 16 the bytes of a row of each tile (two
// bytes each) and at 48 its rows.
type tileConfig [64]byte

// set gives tile t its size; 0 rows of 0 bytes where it isn't used.
func (g *tileConfig) set(t, rows, words int) {
	if rows == 0 || words == 0 {
		return
	}
	g[0] = 1
	binary.LittleEndian.PutUint16(g[16+2*t:], uint16(4*words))
	g[48+t] = byte(rows)
}

// configure returns the tiles of blocks of so many rows and n <= 32 columns whose last chunk has
// tail pairs. The roles of the tiles are in _asm/tiles.go.
func configure(rows, n, tail int) (g tileConfig) {
	const c, a, b, tailA, tailB = 0, 2, 3, 5, 6
	g.set(a, rows, chunkPairs)
	g.set(tailA, rows, tail)
	for i := range 2 {
		columns := min(n-i*amxColumns, amxColumns)
		if columns <= 0 {
			break
		}
		g.set(c+i, rows, columns)
		g.set(b+i, chunkPairs, columns)
		g.set(tailB+i, tail, columns)
	}
	return g
}

// configureSquares returns the tiles of blocks of 32 rows and 16 < n <= 32 columns; see emitSquares.
func configureSquares(n int) (g tileConfig) {
	const c, a, b = 0, 4, 6
	for i := range 2 {
		columns := min(n-i*amxColumns, amxColumns)
		g.set(c+i, amxRows, columns)
		g.set(c+2+i, amxRows, columns)
		g.set(a+i, amxRows, chunkPairs)
		g.set(b+i, chunkPairs, columns)
	}
	return g
}

// amx computes the product row of positions by row, 16 or twice 16 of them at a time.
func (q *call16) amx() {
	p := q.p
	rows, width := p.Rows, p.Width
	if p.ARow == p.Width*p.ACol && p.CRow == p.Width*p.CCol {
		rows, width = 1, p.Rows*p.Width
	}
	for j := 0; j < p.N; j += PanelWidth {
		n := min(p.N-j, PanelWidth)
		whole := n > amxColumns && p.Pairs%chunkPairs == 0 && p.Pairs > 0
		done := 0
		if whole {
			done = q.lines(rows, width, j, n)
		}
		for r := done; r < rows; r++ {
			squares := 0
			if whole {
				squares = width / squareRows
			}
			left := width - squares*squareRows
			if squares > 0 {
				q.squares(r, 0, j, n, q.along(1, squares, 0))
			}
			if squares > 0 && left > amxRows && p.Init != Accumulate {
				q.squares(r, width-squareRows, j, n, q.along(1, 1, 0)) // some rows a second time: fewer tiles are loaded
				continue
			}
			if full := left / amxRows; full > 0 {
				q.blocks(r, squares*squareRows, j, n, amxRows, full)
			}
			if last := left % amxRows; last > 0 {
				q.blocks(r, width-last, j, n, last, 1)
			}
		}
	}
}

// lines computes columns j to j+n of all rows at once where blocks of twice 16 positions fill them, and
// returns how many rows it did.
func (q *call16) lines(rows, width, j, n int) int {
	switch {
	case rows > 1 && width%squareRows == 0:
		q.squares(0, 0, j, n, q.along(rows, width/squareRows, width))
		return rows
	case rows > 1 && width == amxRows:
		q.squares(0, 0, j, n, q.under(rows/2))
		return rows &^ 1
	}
	return 0
}

// squareWalk is the way of productSquares from block to block: bytes in A and C.
type squareWalk struct{ lines, blocks, lowA, lowC, nextA, nextC, skipA, skipC int }

// along is the way along rows of so many blocks of 32 positions, which are width positions; 0 for one row.
func (q *call16) along(rows, blocks, width int) squareWalk {
	p := q.p
	a, c := halfBytes*p.ACol, floatBytes*p.CCol
	return squareWalk{
		rows, blocks, amxRows * a, amxRows * c, squareRows * a, squareRows * c,
		halfBytes*p.ARow - width*a, floatBytes*p.CRow - width*c,
	}
}

// under is the way down rows of 16 positions, two at a time.
func (q *call16) under(blocks int) squareWalk {
	a, c := halfBytes*q.p.ARow, floatBytes*q.p.CRow
	return squareWalk{1, blocks, a, c, 2 * a, 2 * c, 0, 0}
}

// squares computes blocks of twice 16 rows from position (r, x) on, columns j to j+n.
func (q *call16) squares(r, x, j, n int, walk squareWalk) {
	p := q.p
	_, _, b, bias, taps := q.operands(j, j/PanelWidth*p.BPanel)
	as, bk, cs := q.strides()
	config := configureSquares(n)
	productSquares(start(q.c, r*p.CRow+x*p.CCol+j), (*uint16)(start(q.a, r*p.ARow+x*p.ACol)), b, bias, &config[0], taps, len(q.taps),
		p.Pairs/chunkPairs, as, bk, cs, int(p.Init), &walk.lines)
}

// blocks computes blocks of the given rows from position (r, x) on, columns j to j+n.
func (q *call16) blocks(r, x, j, n, rows, blocks int) {
	p := q.p
	_, _, b, bias, taps := q.operands(j, j/PanelWidth*p.BPanel)
	c := start(q.c, r*p.CRow+x*p.CCol+j)
	a := (*uint16)(start(q.a, r*p.ARow+x*p.ACol))
	as, bk, cs := q.strides()
	full, tail := p.Pairs/chunkPairs, p.Pairs%chunkPairs
	config := configure(rows, n, tail)
	if n > amxColumns {
		productTiles2(c, a, b, bias, &config[0], taps, len(q.taps), full, tail, as, bk, cs, blocks, int(p.Init))
		return
	}
	productTiles1(c, a, b, bias, &config[0], taps, len(q.taps), full, tail, as, bk, cs, blocks, int(p.Init))
}
