package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// emitDistances writes the step from inner products to squared distances.
func emitDistances(i isa) {
	TEXT("distances"+i.name, NOSPLIT, "func(dst **int32, column int, acc *int32, rows int, bias, norms *int32)")
	Doc("distances" + i.name + " is distancesGo with column in bytes.")
	Pragma("noescape")
	dst := Load(Param("dst"), GP64())
	column := Load(Param("column"), GP64())
	acc := Load(Param("acc"), GP64())
	rows := Load(Param("rows"), GP64())
	bias := Load(Param("bias"), GP64())
	norms := Load(Param("norms"), GP64())
	parts := 128 / i.width
	norm, sum, twice := i.reg[4], i.reg[5], i.reg[6]
	Label("row")
	out := GP64()
	MOVQ(Mem{Base: dst}, out)
	ADDQ(column, out)
	VPBROADCASTD(Mem{Base: norms}, norm)
	for v := range parts {
		i.load(Mem{Base: acc, Disp: i.width * v}, twice)
		VPADDD(twice, twice, twice)
		VPADDD(Mem{Base: bias, Disp: i.width * v}, norm, sum)
		VPSUBD(twice, sum, sum)
		i.store(sum, Mem{Base: out, Disp: i.width * v})
	}
	ADDQ(Imm(8), dst)
	ADDQ(Imm(4), norms)
	ADDQ(Imm(128), acc)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}
