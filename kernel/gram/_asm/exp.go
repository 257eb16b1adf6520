package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// exp2 are the coefficients of f, f², ... f⁶ of 2^f on [-½, ½]; those of
// portable.go, in bits. Relative error 2e-9 before rounding.
var exp2 = []uint32{0x3f317218, 0x3e75fdee, 0x3d635774, 0x3c1d96a6, 0x3aaf9f2a, 0x3920fdde}

// emitExp writes the step from inner products to RBF kernel values of one tile.
func emitExp() {
	TEXT("expAVX512", NOSPLIT, "func(dst **float32, column int, acc *int32, rows int, bias, norms *int32, scale float64)")
	Doc("expAVX512 is expGo with column in bytes.")
	Pragma("noescape")
	dst := Load(Param("dst"), GP64())
	column := Load(Param("column"), GP64())
	acc := Load(Param("acc"), GP64())
	rows := Load(Param("rows"), GP64())
	bias := Load(Param("bias"), GP64())
	norms := Load(Param("norms"), GP64())
	scale, _ := Param("scale").Resolve()
	VBROADCASTSD(scale.Addr, reg.Z31)
	broadcast64(0xc05f800000000000, reg.Z30) // -126.0
	broadcast32(127, reg.Z29)
	broadcast32(0x3f800000, reg.Z28) // 1.0
	for k, c := range exp2 {
		broadcast32(c, zmm[22+k])
	}
	VMOVDQU32(Mem{Base: bias}, reg.Z20)
	VMOVDQU32(Mem{Base: bias, Disp: 64}, reg.Z21)
	Label("row")
	out := GP64()
	MOVQ(Mem{Base: dst}, out)
	ADDQ(column, out)
	VPBROADCASTD(Mem{Base: norms}, reg.Z19)
	for half := range 2 {
		expVector(Mem{Base: acc, Disp: 64 * half}, zmm[20+half], Mem{Base: out, Disp: 64 * half})
	}
	ADDQ(Imm(8), dst)
	ADDQ(Imm(4), norms)
	ADDQ(Imm(128), acc)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

func broadcast32(bits uint32, to reg.VecPhysical) {
	r := GP32()
	MOVL(U32(bits), r)
	VPBROADCASTD(r, to)
}

func broadcast64(bits uint64, to reg.VecPhysical) {
	r := GP64()
	MOVQ(U64(bits), r)
	VPBROADCASTQ(r, to)
}

// expVector turns 16 inner products into kernel values. The exponent is split
// in float64, so that its integer part costs no precision.
func expVector(acc Mem, bias reg.VecPhysical, out Mem) {
	VMOVDQU32(acc, reg.Z0)
	VPADDD(reg.Z0, reg.Z0, reg.Z0)
	VPADDD(reg.Z19, bias, reg.Z1)
	VPSUBD(reg.Z0, reg.Z1, reg.Z1) // squared distances
	VEXTRACTI64X4(Imm(1), reg.Z1, reg.Y2)
	VCVTDQ2PD(reg.Y1, reg.Z3)
	VCVTDQ2PD(reg.Y2, reg.Z4)
	for _, z := range []reg.VecPhysical{reg.Z3, reg.Z4} {
		VMULPD(reg.Z31, z, z)
		VMAXPD(reg.Z30, z, z)
	}
	VRNDSCALEPD(Imm(0), reg.Z3, reg.Z5)
	VRNDSCALEPD(Imm(0), reg.Z4, reg.Z6)
	VSUBPD(reg.Z5, reg.Z3, reg.Z3)
	VSUBPD(reg.Z6, reg.Z4, reg.Z4)
	VCVTPD2PS(reg.Z3, reg.Y3)
	VCVTPD2PS(reg.Z4, reg.Y4)
	VCVTPD2DQ(reg.Z5, reg.Y5)
	VCVTPD2DQ(reg.Z6, reg.Y6)
	VINSERTF64X4(Imm(1), reg.Y4, reg.Z3, reg.Z3) // f
	VINSERTI64X4(Imm(1), reg.Y6, reg.Z5, reg.Z5) // n
	VMOVAPS(zmm[22+5], reg.Z7)
	for k := 4; k >= 0; k-- {
		VMULPS(reg.Z3, reg.Z7, reg.Z7)
		VADDPS(zmm[22+k], reg.Z7, reg.Z7)
	}
	VMULPS(reg.Z3, reg.Z7, reg.Z7)
	VADDPS(reg.Z28, reg.Z7, reg.Z7)
	VPADDD(reg.Z29, reg.Z5, reg.Z5)
	VPSLLD(Imm(23), reg.Z5, reg.Z5)
	VMULPS(reg.Z5, reg.Z7, reg.Z7)
	VMOVUPS(reg.Z7, out)
}
