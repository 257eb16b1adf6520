package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// emitAccumulate writes the update of float64 sums by four scaled float32 rows. Multiplication and
// addition are rounded apart: a fused product would force the portable twin into software.
func emitAccumulate(isa isa) {
	TEXT("accumulate4"+isa.name, NOSPLIT, "func(sum *float64, n int, rows **float32, column int, weights *float64)")
	Doc("accumulate4" + isa.name + " is accumulateGo for 4 rows, n a multiple of 16 and column in bytes.")
	Pragma("noescape")
	sum := Load(Param("sum"), GP64())
	n := Load(Param("n"), GP64())
	rows := Load(Param("rows"), GP64())
	column := Load(Param("column"), GP64())
	weights := Load(Param("weights"), GP64())
	vectors := 128 / isa.width // 16 columns
	sums, products, scales := isa.reg[:vectors], isa.reg[vectors:2*vectors], isa.reg[12:16]
	row := make([]reg.GPVirtual, 4)
	for r := range row {
		row[r] = GP64()
		MOVQ(Mem{Base: rows, Disp: 8 * r}, row[r])
		ADDQ(column, row[r])
		VBROADCASTSD(Mem{Base: weights, Disp: 8 * r}, scales[r])
	}
	i := GP64()
	XORQ(i, i)
	Label("loop")
	for v, s := range sums {
		VMOVUPD(Mem{Base: sum, Index: i, Scale: 8, Disp: isa.width * v}, s)
	}
	for r := range row {
		for v, p := range products {
			VCVTPS2PD(Mem{Base: row[r], Index: i, Scale: 4, Disp: isa.width / 2 * v}, p)
			VMULPD(scales[r], p, p)
		}
		for v, s := range sums {
			VADDPD(products[v], s, s)
		}
	}
	for v, s := range sums {
		VMOVUPD(s, Mem{Base: sum, Index: i, Scale: 8, Disp: isa.width * v})
	}
	ADDQ(Imm(16), i)
	CMPQ(i, n)
	JLT(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
