package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// groups is the number of base pointers, so of groups of rows, in a tile; tileWords is the length
// of a tile's record.
const (
	groups    = 3
	tileWords = 1 + 2*groups
)

// operands are what a product multiplies.
type operands struct {
	name    string
	bytes   int    // of an element, by which taps count
	pointer string // of Go
}

var (
	floats  = operands{"", 4, "*float32"}
	widened = operands{"Widened", 2, "*uint16"} // pairs of bfloat16, multiplied as float32
	pairs   = operands{"Pairs", 2, "*uint16"}   // pairs of bfloat16, for VDPBF16PS
)

// product is the state of the generator while it writes one function.
type product struct {
	isa
	of      operands
	name    string
	vectors int
	mask    *mask // of the last vector; nil: all its columns are there

	tile   reg.Register // the record of the current tile
	a1, a3 reg.Register // A's row stride and three times that
	ak, bk reg.Register
	p      [groups]reg.Register
	b      reg.Register
	acc    [][]reg.VecPhysical
	bv     []reg.VecPhysical
	av     []reg.VecPhysical
	label  string
}

// emitProduct writes the function that computes all tiles of one panel, with the given number of
// vectors a row, the last of which may be masked or is full.
//
// A tile is a record of seven words: its number of rows, then the offsets in bytes of its groups in
// A and in C. A group is isa.group rows at the strides as and cs; only the last one may have fewer.
func emitProduct(s isa, of operands, vectors int, masked bool) {
	g := &product{isa: s, of: of, vectors: vectors, name: fmt.Sprintf("product%s%sx%d", of.name, s.name, vectors)}
	columns, maskParam := "up to", "mask *int32, "
	switch {
	case !masked:
		g.name += "Full"
		columns, maskParam = "all", ""
	case s.wide():
		maskParam = "mask uint64, "
	}
	TEXT(g.name, NOSPLIT, "func(c *float32, a, b "+of.pointer+", bias *float32, tiles *int, ntiles int, taps *int, ntaps int, "+
		"k, as, ak, bk, cs int, "+maskParam+"init int)")
	Doc(fmt.Sprintf("%s computes tiles of up to %d rows and %s %d columns; see product_amd64.go.",
		g.name, groups*s.group, columns, vectors*s.lanes))
	Pragma("noescape")
	if masked {
		m := s.loadMask()
		g.mask = &m
	}
	g.tile = Load(Param("tiles"), GP64())
	left := Load(Param("ntiles"), GP64())
	g.ak = Load(Param("ak"), GP64())
	g.bk = Load(Param("bk"), GP64())
	g.a1 = Load(Param("as"), GP64())
	g.a3 = GP64()
	if s.group > 3 {
		LEAQ(Mem{Base: g.a1, Index: g.a1, Scale: 2}, g.a3)
	}
	top := groups * s.group
	Label("next")
	for h := top; h > 0; h-- {
		CMPQ(Mem{Base: g.tile}, Imm(uint64(h)))
		JEQ(LabelRef(fmt.Sprintf("rows%d", h)))
	}
	Label("done")
	VZEROUPPER()
	RET()
	for h := top; h > 0; h-- {
		g.rows(h)
		ADDQ(Imm(8*tileWords), g.tile)
		DECQ(left)
		JNZ(LabelRef("next"))
		JMP(LabelRef("done"))
	}
}

// rows writes the code for a tile of h rows.
func (g *product) rows(h int) {
	g.label = fmt.Sprintf("rows%d", h)
	Label(g.label)
	next := 0
	vector := func() reg.VecPhysical { next++; return g.register(next - 1) }
	g.acc = make([][]reg.VecPhysical, h)
	for i := range g.acc {
		for range g.vectors {
			g.acc[i] = append(g.acc[i], vector())
		}
	}
	g.bv, g.av = nil, nil
	for range g.vectors {
		g.bv = append(g.bv, vector())
	}
	for range min(6, g.registers()-next) {
		g.av = append(g.av, vector())
	}
	g.start(h)
	g.sum(h)
	g.finish(h)
}

// start sets the accumulators: to zero, to C or to the bias.
func (g *product) start(h int) {
	init := Load(Param("init"), GP64())
	CMPQ(init, Imm(1))
	JEQ(LabelRef(g.label + "c"))
	JA(LabelRef(g.label + "bias"))
	for i := range h {
		for _, v := range g.acc[i] {
			g.zero(v)
		}
	}
	JMP(LabelRef(g.label + "sum"))

	Label(g.label + "bias")
	bias := Load(Param("bias"), GP64())
	for j := range g.vectors {
		g.load(g.maskOf(j), Mem{Base: bias, Disp: j * g.bytes()}, g.acc[0][j])
		for i := 1; i < h; i++ {
			VMOVAPS(g.acc[0][j], g.acc[i][j])
		}
	}
	JMP(LabelRef(g.label + "sum"))

	Label(g.label + "c")
	g.eachC(h, 0, func(i, j int, at Mem) { g.load(g.maskOf(j), at, g.acc[i][j]) })
	// Gradients of weights are larger than the cache, and no prefetcher of the processor's follows
	// them: have the next tile's C come during this one's sum.
	g.eachC(h, 1, func(_, _ int, at Mem) { PREFETCHT0(at) })
}

// maskOf returns the mask of vector j: only the last one may have hidden lanes.
func (g *product) maskOf(j int) *mask {
	if j < g.vectors-1 {
		return nil
	}
	return g.mask
}

// eachC calls f with the address of every vector of C in the tile that is so many after the current
// one.
func (g *product) eachC(h, after int, f func(i, j int, at Mem)) {
	c := Load(Param("c"), GP64())
	cs := Load(Param("cs"), GP64())
	c3 := GP64()
	if g.group > 3 {
		LEAQ(Mem{Base: cs, Index: cs, Scale: 2}, c3)
	}
	base := GP64()
	for i := range h {
		if i%g.group == 0 {
			MOVQ(Mem{Base: g.tile, Disp: 8 * (after*tileWords + 1 + groups + i/g.group)}, base)
			ADDQ(c, base)
		}
		for j := range g.vectors {
			at := rowAt(base, cs, c3, i%g.group)
			at.Disp = j * g.bytes()
			f(i, j, at)
		}
	}
}

// rowAt is the address of row i < 4 of a group.
func rowAt(base, stride, stride3 reg.Register, i int) Mem {
	switch i {
	case 0:
		return Mem{Base: base}
	case 3:
		return Mem{Base: base, Index: stride3, Scale: 1}
	}
	return Mem{Base: base, Index: stride, Scale: uint8(i)}
}

// sum writes the loops over taps and over k.
func (g *product) sum(h int) {
	Label(g.label + "sum")
	taps := Load(Param("taps"), GP64())
	left := Load(Param("ntaps"), GP64())
	TESTQ(left, left)
	JZ(LabelRef(g.label + "store"))
	Label(g.label + "tap")
	g.b = GP64()
	a := GP64()
	off := GP64()
	MOVQ(Mem{Base: taps}, off)
	Load(Param("a"), a)
	LEAQ(Mem{Base: a, Index: off, Scale: uint8(g.of.bytes)}, a)
	for i := 0; i*g.group < h; i++ {
		g.p[i] = GP64()
		MOVQ(Mem{Base: g.tile, Disp: 8 * (1 + i)}, g.p[i])
		ADDQ(a, g.p[i])
	}
	MOVQ(Mem{Base: taps, Disp: 8}, off)
	Load(Param("b"), g.b)
	LEAQ(Mem{Base: g.b, Index: off, Scale: uint8(g.of.bytes)}, g.b)
	k := Load(Param("k"), GP64())
	Label(g.label + "k")
	if g.of == widened {
		g.pair(h)
	} else {
		g.step(h)
	}
	DECQ(k)
	JNZ(LabelRef(g.label + "k"))
	ADDQ(Imm(16), taps)
	DECQ(left)
	JNZ(LabelRef(g.label + "tap"))
}

// step writes one k, or with VDPBF16PS a pair of them: a row of B times a column of A.
func (g *product) step(h int) {
	for j, v := range g.bv {
		g.load(g.maskOf(j), Mem{Base: g.b, Disp: j * g.bytes()}, v)
	}
	ADDQ(g.bk, g.b)
	for i := range h {
		a := g.av[i%len(g.av)]
		VBROADCASTSS(rowAt(g.p[i/g.group], g.a1, g.a3, i%g.group), a)
		for j, b := range g.bv {
			if g.of == pairs {
				emitBytes(vdpbf16ps(g.acc[i][j], a, b))
			} else {
				VFMADD231PS(b, a, g.acc[i][j])
			}
		}
		g.advance(h, i)
	}
}

// advance moves the base pointer of row i to the next k after the last row that uses it.
func (g *product) advance(h, i int) {
	if i%g.group == g.group-1 || i == h-1 {
		ADDQ(g.ak, g.p[i/g.group])
	}
}

// pair writes one pair of k: first the lower halves of the words of A and B, then the upper ones,
// each half read as a float32.
func (g *product) pair(h int) {
	for _, half := range []func(v reg.VecPhysical){
		func(v reg.VecPhysical) { VPSLLD(Imm(16), v, v) },
		func(v reg.VecPhysical) { VANDPS(word(upperHalf), v, v) },
	} {
		for j, v := range g.bv {
			g.load(g.maskOf(j), Mem{Base: g.b, Disp: j * g.bytes()}, v)
			half(v)
		}
		for i := range h {
			a := g.av[i%len(g.av)]
			VBROADCASTSS(rowAt(g.p[i/g.group], g.a1, g.a3, i%g.group), a)
			half(a)
			for j, b := range g.bv {
				VFMADD231PS(b, a, g.acc[i][j])
			}
		}
	}
	ADDQ(g.bk, g.b)
	for i := range h {
		g.advance(h, i)
	}
}

// finish stores the tile.
func (g *product) finish(h int) {
	Label(g.label + "store")
	g.eachC(h, 0, func(i, j int, at Mem) { g.store(g.maskOf(j), g.acc[i][j], at, g.bv[0]) })
}
