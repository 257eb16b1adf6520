package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// emitAccumulate writes the update of float64 sums by four scaled float32
// rows. Multiplication and addition are rounded apart: a fused product would
// force the portable twin into software.
func emitAccumulate() {
	TEXT("accumulate4AVX512", NOSPLIT, "func(sum *float64, n int, rows **float32, column int, weights *float64)")
	Doc("accumulate4AVX512 is accumulateGo for 4 rows, n a multiple of 16 and column in bytes.")
	Pragma("noescape")
	sum := Load(Param("sum"), GP64())
	n := Load(Param("n"), GP64())
	rows := Load(Param("rows"), GP64())
	column := Load(Param("column"), GP64())
	weights := Load(Param("weights"), GP64())
	row := make([]reg.GPVirtual, 4)
	for r := range row {
		row[r] = GP64()
		MOVQ(Mem{Base: rows, Disp: 8 * r}, row[r])
		ADDQ(column, row[r])
		VBROADCASTSD(Mem{Base: weights, Disp: 8 * r}, zmm[28+r])
	}
	i := GP64()
	XORQ(i, i)
	Label("loop")
	for v := range 2 {
		VMOVUPD(Mem{Base: sum, Index: i, Scale: 8, Disp: 64 * v}, zmm[v])
	}
	for r := range row {
		for v := range 2 {
			VCVTPS2PD(Mem{Base: row[r], Index: i, Scale: 4, Disp: 32 * v}, zmm[2+2*r+v])
			VMULPD(zmm[28+r], zmm[2+2*r+v], zmm[2+2*r+v])
		}
		for v := range 2 {
			VADDPD(zmm[2+2*r+v], zmm[v], zmm[v])
		}
	}
	for v := range 2 {
		VMOVUPD(zmm[v], Mem{Base: sum, Index: i, Scale: 8, Disp: 64 * v})
	}
	ADDQ(Imm(16), i)
	CMPQ(i, n)
	JLT(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
