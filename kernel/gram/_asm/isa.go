package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var zmm = []reg.VecPhysical{
	reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
	reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
	reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
	reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
}

var ymm = []reg.VecPhysical{
	reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
	reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
}

// isa is a set of vector registers of some width in bytes.
type isa struct {
	name  string
	width int
	reg   []reg.VecPhysical
}

var (
	avx512 = isa{"AVX512", 64, zmm}
	avx2   = isa{"AVX2", 32, ymm}
)

// broadcast32 and broadcast64 fill a vector with one constant.
func broadcast32(bits uint32, to reg.VecPhysical) {
	r, x := GP32(), to.AsX()
	MOVL(operand.U32(bits), r)
	VMOVD(r, x)
	VPBROADCASTD(x, to)
}

func broadcast64(bits uint64, to reg.VecPhysical) {
	r, x := GP64(), to.AsX()
	MOVQ(operand.U64(bits), r)
	VMOVQ(r, x)
	VPBROADCASTQ(x, to)
}

// load and store move a vector of integers.
func (i isa) load(from operand.Mem, to reg.VecPhysical) {
	if i.width == 64 {
		VMOVDQU32(from, to)
		return
	}
	VMOVDQU(from, to)
}

func (i isa) store(from reg.VecPhysical, to operand.Mem) {
	if i.width == 64 {
		VMOVDQU32(from, to)
		return
	}
	VMOVDQU(from, to)
}
