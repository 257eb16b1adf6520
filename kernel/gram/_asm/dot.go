package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vpdpbusd adds to every int32 of acc the four products of its unsigned and signed bytes. avo has
// no constructor for it.
func vpdpbusd(signed, unsigned, acc reg.VecPhysical) {
	Instruction(&ir.Instruction{
		Opcode:   "VPDPBUSD",
		Operands: []Op{signed, unsigned, acc},
		Inputs:   []Op{signed, unsigned, acc},
		Outputs:  []Op{acc},
		ISA:      []string{"AVX512F", "AVX512_VNNI"},
	})
}

// emitDotVNNI writes the product of a tile of rows with a panel of 32 lanes. Two accumulators a
// row, two vectors of the panel, two to broadcast into: with 14 rows all 32 registers.
func emitDotVNNI(rows int) {
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

// emitDotAVX2 writes the product of a few rows of a tile with half a panel, 16 lanes. Bytes are
// widened to 16 bits, even and odd ones apart, because the product of bytes (VPMADDUBSW) would
// saturate: the sums are those of VNNI.
func emitDotAVX2(rows int) {
	TEXT(fmt.Sprintf("dot%dAVX2", rows), NOSPLIT, "func(acc *int32, tile, panel *byte, groups, stride int)")
	Doc(fmt.Sprintf("dot%dAVX2 is dotGo for %d rows and 16 lanes; stride is the bytes of a group of the tile.", rows, rows))
	Pragma("noescape")
	acc := Load(Param("acc"), GP64())
	tile := Load(Param("tile"), GP64())
	panel := Load(Param("panel"), GP64())
	groups := Load(Param("groups"), GP64())
	stride := Load(Param("stride"), GP64())
	even, odd, mask := ymm[8:10], ymm[10:12], reg.Y15
	rowEven, rowOdd, product := reg.Y12, reg.Y13, reg.Y14
	for r := range 2 * rows {
		VPXOR(ymm[r], ymm[r], ymm[r])
	}
	broadcast32(0x00ff00ff, mask)
	Label("loop")
	for v := range 2 {
		VMOVDQU(Mem{Base: panel, Disp: 32 * v}, odd[v])
		VPAND(mask, odd[v], even[v])
		VPSRLW(Imm(8), odd[v], odd[v])
	}
	for r := range rows {
		VPBROADCASTD(Mem{Base: tile, Disp: 4 * r}, rowOdd)
		VPSLLW(Imm(8), rowOdd, rowEven)
		VPSRAW(Imm(8), rowEven, rowEven)
		VPSRAW(Imm(8), rowOdd, rowOdd)
		for v := range 2 {
			VPMADDWD(rowEven, even[v], product)
			VPADDD(product, ymm[2*r+v], ymm[2*r+v])
			VPMADDWD(rowOdd, odd[v], product)
			VPADDD(product, ymm[2*r+v], ymm[2*r+v])
		}
	}
	ADDQ(Imm(128), panel)
	ADDQ(stride, tile)
	DECQ(groups)
	JNZ(LabelRef("loop"))
	for r := range rows {
		for v := range 2 {
			VMOVDQU(ymm[2*r+v], Mem{Base: acc, Disp: 128*r + 32*v})
		}
	}
	VZEROUPPER()
	RET()
}
