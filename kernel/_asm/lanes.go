package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// laneTile is the largest tile of accumulators: rows × columns, with a register for every column
// and at least one for a row beside them.
func (s isa) laneTile() (rows, columns int) {
	if s.wide() {
		return 5, 5
	}
	return 4, 3
}

// emitLanes writes the function that computes one tile of LaneProduct: for AVX2 half of its lanes.
func emitLanes(s isa) {
	rows, columns := s.laneTile()
	TEXT("lanes"+s.name, NOSPLIT,
		"func(c, a, b *float32, ci, cj int, taps *int, ntaps int, k, ai, ak, bj, bk int, rows, columns int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("lanes%s adds to a tile of up to %d×%d accumulators; see lanes_amd64.go.", s.name, rows, columns))
	shape := Load(Param("rows"), GP64())
	SHLQ(Imm(8), shape)
	low := Load(Param("columns"), GP64())
	ADDQ(low, shape)
	for i := rows; i > 0; i-- {
		for j := columns; j > 0; j-- {
			CMPQ(shape, U32(uint32(i<<8+j)))
			JEQ(LabelRef(fmt.Sprintf("tile%dx%d", i, j)))
		}
	}
	RET()
	for i := rows; i > 0; i-- {
		for j := columns; j > 0; j-- {
			s.laneTileBody(i, j)
		}
	}
}

// strided returns a function for the address of element i < 5 of a list.
func strided(base, step reg.Register, n int) func(i int) Mem {
	step3 := GP64()
	if n > 3 {
		LEAQ(Mem{Base: step, Index: step, Scale: 2}, step3)
	}
	return func(i int) Mem {
		if i == 4 {
			return Mem{Base: base, Index: step, Scale: 4}
		}
		return rowAt(base, step, step3, i)
	}
}

// laneTileBody writes the code for a tile.
func (s isa) laneTileBody(rows, columns int) {
	name := fmt.Sprintf("tile%dx%d", rows, columns)
	acc := func(i, j int) reg.VecPhysical { return s.register(i*columns + j) }
	b := func(j int) reg.VecPhysical { return s.register(rows*columns + j) }
	row := s.register(rows*columns + columns)

	Label(name)
	s.eachLane(rows, columns, func(i, j int, at Mem) { VMOVUPS(at, acc(i, j)) })
	taps := Load(Param("taps"), GP64())
	left := Load(Param("ntaps"), GP64())
	ai, bj := Load(Param("ai"), GP64()), Load(Param("bj"), GP64())
	ak, bk := Load(Param("ak"), GP64()), Load(Param("bk"), GP64())
	pa, pb := GP64(), GP64()
	aAt, bAt := strided(pa, ai, rows), strided(pb, bj, columns)
	Label(name + "tap")
	for i, p := range []struct {
		name string
		at   reg.Register
	}{{"a", pa}, {"b", pb}} {
		off := GP64()
		MOVQ(Mem{Base: taps, Disp: 8 * i}, off)
		Load(Param(p.name), p.at)
		LEAQ(Mem{Base: p.at, Index: off, Scale: 4}, p.at)
	}
	k := Load(Param("k"), GP64())
	Label(name + "k")
	for j := range columns {
		VMOVUPS(bAt(j), b(j))
	}
	for i := range rows {
		VMOVUPS(aAt(i), row)
		for j := range columns {
			VFMADD231PS(b(j), row, acc(i, j))
		}
	}
	ADDQ(ak, pa)
	ADDQ(bk, pb)
	DECQ(k)
	JNZ(LabelRef(name + "k"))
	ADDQ(Imm(16), taps)
	DECQ(left)
	JNZ(LabelRef(name + "tap"))
	s.eachLane(rows, columns, func(i, j int, at Mem) { VMOVUPS(acc(i, j), at) })
	VZEROUPPER()
	RET()
}

// eachLane calls f with the address of every accumulator of the tile.
func (s isa) eachLane(rows, columns int, f func(i, j int, at Mem)) {
	base := Load(Param("c"), GP64())
	ci, cj := Load(Param("ci"), GP64()), Load(Param("cj"), GP64())
	at := strided(base, cj, columns)
	for i := range rows {
		for j := range columns {
			f(i, j, at(j))
		}
		ADDQ(ci, base)
	}
}
