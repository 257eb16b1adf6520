package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// exp2 are the coefficients of f, f², ... f⁶ of 2^f on [-½, ½]; those of portable.go, in bits.
// Relative error 2e-9 before rounding.
var exp2 = []uint32{0x3f317218, 0x3e75fdee, 0x3d635774, 0x3c1d96a6, 0x3aaf9f2a, 0x3920fdde}

// emitExpAVX512 writes the step from inner products to RBF kernel values of one tile.
func emitExpAVX512() {
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

// expVector turns 16 inner products into kernel values. The exponent is split in float64, so that
// its integer part costs no precision.
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

// emitExpAVX2 writes the same in vectors of 8.
func emitExpAVX2() {
	TEXT("expAVX2", NOSPLIT, "func(dst **float32, column int, acc *int32, rows int, bias, norms *int32, scale float64)")
	Doc("expAVX2 is expGo with column in bytes.")
	Pragma("noescape")
	dst := Load(Param("dst"), GP64())
	column := Load(Param("column"), GP64())
	acc := Load(Param("acc"), GP64())
	rows := Load(Param("rows"), GP64())
	bias := Load(Param("bias"), GP64())
	norms := Load(Param("norms"), GP64())
	scale, _ := Param("scale").Resolve()
	VBROADCASTSD(scale.Addr, reg.Y15)
	broadcast64(0xc05f800000000000, reg.Y14) // -126.0
	broadcast32(127, reg.Y13)
	broadcast32(0x3f800000, reg.Y12) // 1.0
	for k, c := range exp2 {
		broadcast32(c, ymm[6+k])
	}
	Label("row")
	out := GP64()
	MOVQ(Mem{Base: dst}, out)
	ADDQ(column, out)
	for v := range 4 {
		VPBROADCASTD(Mem{Base: norms}, reg.Y5)
		expVectorAVX2(Mem{Base: acc, Disp: 32 * v}, Mem{Base: bias, Disp: 32 * v}, Mem{Base: out, Disp: 32 * v})
	}
	ADDQ(Imm(8), dst)
	ADDQ(Imm(4), norms)
	ADDQ(Imm(128), acc)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

func expVectorAVX2(acc, bias, out Mem) {
	VMOVDQU(acc, reg.Y0)
	VPADDD(reg.Y0, reg.Y0, reg.Y0)
	VPADDD(bias, reg.Y5, reg.Y5)
	VPSUBD(reg.Y0, reg.Y5, reg.Y0) // squared distances
	VEXTRACTI128(Imm(1), reg.Y0, reg.X2)
	VCVTDQ2PD(reg.X0, reg.Y1)
	VCVTDQ2PD(reg.X2, reg.Y2)
	for _, y := range []reg.VecPhysical{reg.Y1, reg.Y2} {
		VMULPD(reg.Y15, y, y)
		VMAXPD(reg.Y14, y, y)
	}
	VROUNDPD(Imm(0), reg.Y1, reg.Y3)
	VROUNDPD(Imm(0), reg.Y2, reg.Y4)
	VSUBPD(reg.Y3, reg.Y1, reg.Y1)
	VSUBPD(reg.Y4, reg.Y2, reg.Y2)
	VCVTPD2PSY(reg.Y1, reg.X1)
	VCVTPD2PSY(reg.Y2, reg.X2)
	VCVTPD2DQY(reg.Y3, reg.X3)
	VCVTPD2DQY(reg.Y4, reg.X4)
	VINSERTF128(Imm(1), reg.X2, reg.Y1, reg.Y1) // f
	VINSERTI128(Imm(1), reg.X4, reg.Y3, reg.Y3) // n
	VMOVAPS(ymm[6+5], reg.Y0)
	for k := 4; k >= 0; k-- {
		VMULPS(reg.Y1, reg.Y0, reg.Y0)
		VADDPS(ymm[6+k], reg.Y0, reg.Y0)
	}
	VMULPS(reg.Y1, reg.Y0, reg.Y0)
	VADDPS(reg.Y12, reg.Y0, reg.Y0)
	VPADDD(reg.Y13, reg.Y3, reg.Y3)
	VPSLLD(Imm(23), reg.Y3, reg.Y3)
	VMULPS(reg.Y3, reg.Y0, reg.Y0)
	VMOVUPS(reg.Y0, out)
}
