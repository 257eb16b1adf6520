package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// normLanes is the number of partial sums of SquaredNorm.
const normLanes = 64

// emitNorm writes SquaredNorm: partial sums in normLanes/lanes registers.
func emitNorm(s isa) {
	TEXT("squaredNorm"+s.name, NOSPLIT, "func(x *float32, n int) float32")
	Pragma("noescape")
	Doc("squaredNorm" + s.name + " is SquaredNorm.")
	x := Load(Param("x"), GP64())
	n := Load(Param("n"), GP64())
	sums := normLanes / s.lanes
	value := s.register(sums)
	for i := range sums {
		s.zero(s.register(i))
	}
	Label("loop")
	CMPQ(n, U32(normLanes))
	JLT(LabelRef("tail"))
	for i := range sums {
		VMOVUPS(Mem{Base: x, Disp: i * s.bytes()}, value)
		VFMADD231PS(value, value, s.register(i))
	}
	ADDQ(U32(4*normLanes), x)
	SUBQ(U32(normLanes), n)
	JMP(LabelRef("loop"))
	Label("tail")
	for i := range sums {
		TESTQ(n, n)
		JLE(LabelRef("fold"))
		m := s.maskFor(n)
		s.load(&m, Mem{Base: x, Disp: i * s.bytes()}, value)
		VFMADD231PS(value, value, s.register(i))
		SUBQ(U32(uint32(s.lanes)), n)
	}
	Label("fold")
	for h := sums / 2; h > 0; h /= 2 {
		for i := range h {
			VADDPS(s.register(i+h), s.register(i), s.register(i))
		}
	}
	s.foldRegister(value)
	VZEROUPPER()
	Store(reg.X0, ReturnIndex(0))
	RET()
}

// foldRegister leaves the sum of the lanes of register 0 in its first lane: each step adds the
// upper half to the lower.
func (s isa) foldRegister(spare reg.VecPhysical) {
	if s.wide() {
		VEXTRACTF64X4(Imm(1), reg.Z0, s.half(spare))
		VADDPS(s.half(spare), reg.Y0, reg.Y0)
	}
	VEXTRACTF128(Imm(1), reg.Y0, reg.X1)
	VADDPS(reg.X1, reg.X0, reg.X0)
	VPERMILPS(Imm(0x0e), reg.X0, reg.X1)
	VADDPS(reg.X1, reg.X0, reg.X0)
	VPERMILPS(Imm(1), reg.X0, reg.X1)
	VADDPS(reg.X1, reg.X0, reg.X0)
}

// emitFromBytes writes a run of whole periods of FromBytes: rows of columns that are a multiple of
// the lanes, with a scale and a shift for each column.
func emitFromBytes(s isa) {
	TEXT("fromBytes"+s.name, NOSPLIT, "func(dst *float32, src *byte, scale, shift *float32, rows, columns int)")
	Pragma("noescape")
	Doc("fromBytes" + s.name + " is FromBytes for whole rows; see assembly.go.")
	columns := Load(Param("columns"), GP64())
	at := GP64()
	XORQ(at, at)
	value, scale, shift := s.register(0), s.register(1), s.register(2)
	Label("columns")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	line := Load(Param("scale"), GP64())
	VMOVUPS(Mem{Base: line, Index: at, Scale: 4}, scale)
	Load(Param("shift"), line)
	VMOVUPS(Mem{Base: line, Index: at, Scale: 4}, shift)
	LEAQ(Mem{Base: dst, Index: at, Scale: 4}, dst)
	ADDQ(at, src)
	rows := Load(Param("rows"), GP64())
	Label("rows")
	VPMOVZXBD(Mem{Base: src}, value)
	VCVTDQ2PS(value, value)
	VFMADD213PS(shift, scale, value)
	VMOVUPS(value, Mem{Base: dst})
	ADDQ(columns, src)
	LEAQ(Mem{Base: dst, Index: columns, Scale: 4}, dst)
	DECQ(rows)
	JNZ(LabelRef("rows"))
	ADDQ(U32(uint32(s.lanes)), at)
	CMPQ(at, columns)
	JLT(LabelRef("columns"))
	VZEROUPPER()
	RET()
}
