package main

import (
	"fmt"

	"shoal/kernel/asm/arm64"
)

// A tile of NEON is three groups of two rows times up to four registers of four columns: 24
// registers of sums, so that there is room for a row of B and, two at a time, for A.
const (
	neonGroup   = 2
	neonVectors = 4
	neonLanes   = 4
	neonRows    = groups * neonGroup
)

// neonProduct is the state of the generator while it writes one function.
type neonProduct struct {
	*arm64.Func
	vectors int
	single  bool // one column instead of registers of four

	tile, left, last   arm64.R
	as, ak, bk         arm64.R
	b, at              arm64.R           // the current row of B; the offset of the current k in rows of A
	row                [neonRows]arm64.R // of A, for the current tap
	acc                [][]arm64.V
	tmp                []arm64.V // what acc leaves
	label              string
	taps, tapsLeft, kk arm64.R
}

// emitNEONProduct writes the function that computes all tiles of one panel. See emitProduct for the
// record of a tile.
//
// There are no masks. Columns that don't fill the last register are computed by a register that ends
// with the last column and so overlaps the one before it: both have the same sums in the same order,
// and store the same bits. Fewer than four columns are computed one by one.
func emitNEONProduct(file *arm64.File, vectors int) {
	g := &neonProduct{vectors: vectors, single: vectors == 0}
	name, columns := fmt.Sprintf("productNEONx%d", vectors), fmt.Sprintf("%d columns; last is where the last four begin", vectors*neonLanes)
	if g.single {
		g.vectors, name, columns = 1, "productNEONone", "one column"
	}
	g.Func = file.Func(name, "func(c, a, b, bias *float32, tiles *int, ntiles int, taps *int, ntaps int, k, as, ak, bk, cs, last, init int)",
		fmt.Sprintf("%s computes tiles of up to %d rows and %s, in bytes; see product_arm64.go.", name, neonRows, columns))
	g.tile, g.left, g.last = g.Load("tiles"), g.Load("ntiles"), g.Load("last")
	g.as, g.ak, g.bk = g.Load("as"), g.Load("ak"), g.Load("bk")
	g.Label("next")
	g.Scope(func() {
		h := g.Reg()
		g.Ins("MOVD", arm64.At(g.tile, 0), h)
		for i := neonRows; i > 1; i-- {
			g.Ins("CMP", arm64.Imm(i), h)
			g.Branch("BEQ", fmt.Sprintf("rows%d", i))
		}
	})
	for h := 1; h <= neonRows; h++ {
		g.Scope(func() { g.rows(h) })
		g.Ins("ADD", arm64.Imm(8*tileWords), g.tile)
		g.Ins("SUB", arm64.Imm(1), g.left)
		g.Branch("CBNZ", "next", g.left)
		g.Return(-1)
	}
}

// rows writes the code for a tile of h rows.
func (g *neonProduct) rows(h int) {
	g.label = fmt.Sprintf("rows%d", h)
	g.Label(g.label)
	g.acc = nil
	for range h {
		g.acc = append(g.acc, g.Vec(g.vectors))
	}
	g.tmp = g.Vec(g.Left())
	g.Scope(func() { g.start(h) })
	g.Scope(func() { g.sum(h) })
	g.Label(g.label + "store")
	g.eachC(h, 0, func(i int, base arm64.R) {
		for j, v := range g.acc[i] {
			g.move(false, j, v, base)
		}
	})
}

// move loads or stores vector j of a row of B, C or the bias.
func (g *neonProduct) move(load bool, j int, v arm64.V, base arm64.R) {
	size, at := arm64.Q, arm64.Size.StoreAt
	straight := arm64.Size.Store
	if load {
		at, straight = arm64.Size.LoadAt, arm64.Size.Load
	}
	switch {
	case g.single:
		g.Emit(straight(arm64.S, v, base, 0))
	case j == g.vectors-1:
		g.Emit(at(size, v, base, g.last))
	default:
		g.Emit(straight(size, v, base, 16*j))
	}
}

// start sets the accumulators: to zero, to C or to the bias.
func (g *neonProduct) start(h int) {
	init := g.Load("init")
	g.Ins("CMP", arm64.Imm(1), init)
	g.Branch("BEQ", g.label+"c")
	g.Branch("BGT", g.label+"bias")
	for _, row := range g.acc {
		for _, v := range row {
			g.Emit(arm64.Zero(v))
		}
	}
	g.Branch("B", g.label+"sum")

	g.Label(g.label + "bias")
	g.LoadTo("bias", init)
	for j, v := range g.acc[0] {
		g.move(true, j, v, init)
		for i := 1; i < h; i++ {
			g.Emit(arm64.Mov(g.acc[i][j], v))
		}
	}
	g.Branch("B", g.label+"sum")

	g.Label(g.label + "c")
	g.eachC(h, 0, func(i int, base arm64.R) {
		for j, v := range g.acc[i] {
			g.move(true, j, v, base)
		}
	})
	// See start of the other architecture: the next tile's C comes during this one's sum.
	g.eachC(h, 1, func(_ int, base arm64.R) { g.Prefetch(base) })
}

// eachC calls f with the address of every row of C in the tile that is so many after the current one.
func (g *neonProduct) eachC(h, after int, f func(i int, base arm64.R)) {
	g.Scope(func() {
		c, cs, base := g.Load("c"), g.Load("cs"), g.Reg()
		for i := range h {
			if i%neonGroup == 0 {
				g.Ins("MOVD", arm64.At(g.tile, 8*(after*tileWords+1+groups+i/neonGroup)), base)
				g.Ins("ADD", c, base)
			} else {
				g.Ins("ADD", cs, base)
			}
			f(i, base)
		}
	})
}

// sum writes the loops over taps and over k: for an A whose k lie side by side four at a time, for
// one whose rows do two rows at a time.
func (g *neonProduct) sum(h int) {
	g.Label(g.label + "sum")
	g.taps, g.tapsLeft = g.Load("taps"), g.Load("ntaps")
	g.Branch("CBZ", g.label+"store", g.tapsLeft)
	g.b, g.at, g.kk = g.Reg(), g.Reg(), g.Reg()
	for i := range h {
		g.row[i] = g.Reg()
	}
	g.Label(g.label + "tap")
	g.tap(h)
	g.LoadTo("k", g.kk)
	g.Ins("MOVD", arm64.Imm(0), g.at)
	g.Ins("CMP", arm64.Imm(4), g.ak)
	g.Branch("BEQ", g.label+"four")
	if h > 1 {
		g.Ins("CMP", arm64.Imm(4), g.as)
		g.Branch("BEQ", g.label+"pairs")
	}
	g.loop("k", 1, func() { g.step(h, g.scalars(h)) })
	g.Branch("B", g.label+"end")
	if h > 1 {
		g.loop("pairs", 1, func() { g.step(h, g.pairs(h)) })
		g.Branch("B", g.label+"end")
	}
	g.Label(g.label + "four")
	g.Ins("SUBS", arm64.Imm(4), g.kk)
	g.Branch("BLT", g.label+"rest")
	g.loop("fours", 4, func() { g.four(h) })
	g.Label(g.label + "rest")
	g.Ins("ADDS", arm64.Imm(4), g.kk)
	g.Branch("BNE", g.label+"k")
	g.Label(g.label + "end")
	g.Ins("ADD", arm64.Imm(16), g.taps)
	g.Ins("SUB", arm64.Imm(1), g.tapsLeft)
	g.Branch("CBNZ", g.label+"tap", g.tapsLeft)
}

// loop writes the loop whose body takes so many k; with several, kk is that many less than what is
// left.
func (g *neonProduct) loop(name string, k int, body func()) {
	g.Label(g.label + name)
	body()
	g.Ins("SUBS", arm64.Imm(k), g.kk)
	if k > 1 {
		g.Branch("BGE", g.label+name)
		return
	}
	g.Branch("BNE", g.label+name)
}

// tap sets the addresses of a tap's rows of A and its B.
func (g *neonProduct) tap(h int) {
	g.Scope(func() {
		a, off := g.Load("a"), g.Reg()
		g.Ins("MOVD", arm64.At(g.taps, 0), off)
		g.Ins("ADD", arm64.Shifted(off, 2), a)
		for i := range h {
			if i%neonGroup == 0 {
				g.Ins("MOVD", arm64.At(g.tile, 8*(1+i/neonGroup)), off)
				g.Ins("ADD", a, off, g.row[i])
			} else {
				g.Ins("ADD", g.as, g.row[i-1], g.row[i])
			}
		}
		g.Ins("MOVD", arm64.At(g.taps, 8), off)
		g.LoadTo("b", g.b)
		g.Ins("ADD", arm64.Shifted(off, 2), g.b)
	})
}

// lane is one number in a register.
type lane struct {
	v arm64.V
	i int
}

// scalars returns a function that loads row i of A at the current k.
func (g *neonProduct) scalars(h int) func(i int) lane {
	a := g.tmp[g.vectors:]
	return func(i int) lane {
		v := a[i%len(a)]
		g.Emit(arm64.S.LoadAt(v, g.row[i], g.at))
		return lane{v, 0}
	}
}

// pairs is scalars where the second row of a group follows the first in memory.
func (g *neonProduct) pairs(h int) func(i int) lane {
	a := g.tmp[g.vectors:]
	return func(i int) lane {
		v := a[i/neonGroup%len(a)]
		switch {
		case i%neonGroup == 1:
		case i == h-1:
			g.Emit(arm64.S.LoadAt(v, g.row[i], g.at))
		default:
			g.Emit(arm64.D.LoadAt(v, g.row[i], g.at))
		}
		return lane{v, i % neonGroup}
	}
}

// step writes one k: a row of B times a column of A.
func (g *neonProduct) step(h int, a func(i int) lane) {
	b := g.tmp[:g.vectors]
	g.loadB(b)
	g.Ins("ADD", g.bk, g.b)
	for i := range h {
		x := a(i)
		for j, v := range b {
			g.Emit(arm64.FMLALane(g.acc[i][j], v, x.v, x.i))
		}
	}
	g.Ins("ADD", g.ak, g.at)
}

// loadB loads the current row of B, the first two registers at once.
func (g *neonProduct) loadB(b []arm64.V) {
	from := 0
	if len(b) > 2 {
		g.Emit(arm64.LoadPair(b[0], b[1], g.b, 0))
		from = 2
	}
	for j := from; j < len(b); j++ {
		g.move(true, j, b[j], g.b)
	}
}

// four writes four k: a register holds those of a row of A. They leave two registers for B.
func (g *neonProduct) four(h int) {
	a, b := g.tmp[:h], g.tmp[h:]
	for i, v := range a {
		g.Emit(arm64.Q.LoadAt(v, g.row[i], g.at))
	}
	g.Ins("ADD", arm64.Imm(16), g.at)
	next := 0
	for k := range 4 {
		for j := range g.vectors {
			v := b[next%len(b)]
			if next++; j == 0 && g.vectors > 2 {
				w := b[next%len(b)]
				g.Emit(arm64.LoadPair(v, w, g.b, 0))
			} else if j != 1 || g.vectors <= 2 {
				g.move(true, j, v, g.b)
			}
			if j == g.vectors-1 {
				g.Ins("ADD", g.bk, g.b)
			}
			for i, x := range a {
				g.Emit(arm64.FMLALane(g.acc[i][j], v, x, k))
			}
		}
	}
}
