package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// expOf replaces t[0] by its exponential, step by step as exp32 in ../exp.go.
func (b *block) expOf(t []reg.VecPhysical) {
	x, n, s, h, scale := t[0], t[1], t[2], t[3], t[4]
	VMOVUPS(number(expHigh), h)
	VMINPS(x, h, x) // NaN, as the second source, stays
	VMOVUPS(number(expLow), h)
	VMAXPS(x, h, x)
	VMULPS(number(log2e), x, n)
	b.round(n)
	VFMADD231PS(number(-ln2Hi), n, x)
	VFMADD231PS(number(-ln2Lo), n, x)
	VMOVUPS(number(expPoly[0]), s)
	for _, c := range append(expPoly[1:len(expPoly):len(expPoly)], 1, 1) {
		VFMADD213PS(number(c), x, s)
	}
	VCVTPS2DQ(n, n)
	VPSRAD(Imm(1), n, h)
	VPSUBD(h, n, n)
	for _, power := range []reg.VecPhysical{h, n} {
		VPADDD(word(127), power, scale)
		VPSLLD(Imm(23), scale, scale)
		VMULPS(scale, s, s)
	}
	VMOVAPS(s, x)
}

// round rounds to the nearest integer, ties to even.
func (b *block) round(r reg.VecPhysical) {
	if b.wide() {
		VRNDSCALEPS(Imm(0), r, r)
		return
	}
	VROUNDPS(Imm(0), r, r)
}
