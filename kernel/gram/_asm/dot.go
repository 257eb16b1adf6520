package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var zmm = []reg.VecPhysical{
	reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
	reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
	reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
	reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
}

// vpdpbusd adds to every int32 of acc the four products of its unsigned and
// signed bytes. avo has no constructor for it.
func vpdpbusd(signed, unsigned, acc reg.VecPhysical) {
	Instruction(&ir.Instruction{
		Opcode:   "VPDPBUSD",
		Operands: []Op{signed, unsigned, acc},
		Inputs:   []Op{signed, unsigned, acc},
		Outputs:  []Op{acc},
		ISA:      []string{"AVX512F", "AVX512_VNNI"},
	})
}

// emitDot writes the product of a tile of rows with a panel of 32 lanes. Two
// accumulators a row, two vectors of the panel, two to broadcast into: with 14
// rows all 32 registers.
func emitDot(rows int) {
	TEXT(fmt.Sprintf("dot%dVNNI", rows), NOSPLIT, "func(acc *int32, tile, panel *byte, groups int)")
	Doc(fmt.Sprintf("dot%dVNNI is dotGo for %d rows.", rows, rows))
	Pragma("noescape")
	acc := Load(Param("acc"), GP64())
	tile := Load(Param("tile"), GP64())
	panel := Load(Param("panel"), GP64())
	groups := Load(Param("groups"), GP64())
	for r := range 2 * rows {
		VPXORD(zmm[r], zmm[r], zmm[r])
	}
	Label("loop")
	VMOVDQU32(Mem{Base: panel}, zmm[30])
	VMOVDQU32(Mem{Base: panel, Disp: 64}, zmm[31])
	for r := range rows {
		b := zmm[28+r%2]
		VPBROADCASTD(Mem{Base: tile, Disp: 4 * r}, b)
		vpdpbusd(b, zmm[30], zmm[2*r])
		vpdpbusd(b, zmm[31], zmm[2*r+1])
	}
	ADDQ(Imm(128), panel)
	ADDQ(Imm(uint64(4*rows)), tile)
	DECQ(groups)
	JNZ(LabelRef("loop"))
	for r := range 2 * rows {
		VMOVDQU32(zmm[r], Mem{Base: acc, Disp: 64 * r})
	}
	VZEROUPPER()
	RET()
}
