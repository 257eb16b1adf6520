package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// upperHalf are the bits of a float32 that are a bfloat16.
const upperHalf = 0xffff0000

// emitConversions writes the conversions between float32 and bfloat16, for AVX2. Their rows have a
// multiple of eight columns.
func emitConversions() {
	emitRows("widenAVX2", "is Widen", "func(dst *float32, dstPitch int, src *uint16, srcPitch int, rows, columns int)",
		func(dst, src, at reg.Register) {
			VPMOVZXWD(Mem{Base: src, Index: at, Scale: 2}, reg.Y0)
			VPSLLD(Imm(16), reg.Y0, reg.Y0)
			VMOVUPS(reg.Y0, Mem{Base: dst, Index: at, Scale: 4})
		})
	emitRows("narrowAVX2", "is Narrow", "func(dst *uint16, dstPitch int, src *float32, srcPitch int, rows, columns int)",
		func(dst, src, at reg.Register) {
			VMOVUPS(Mem{Base: src, Index: at, Scale: 4}, reg.Y0)
			roundToBF16()
			VPSRLD(Imm(16), reg.Y0, reg.Y0)
			VEXTRACTI128(Imm(1), reg.Y0, reg.X1)
			VPACKUSDW(reg.X1, reg.X0, reg.X0)
			VMOVDQU(reg.X0, Mem{Base: dst, Index: at, Scale: 2})
		})
	emitRound()
}

// emitRows writes a function over rows, by eight columns.
func emitRows(name, doc, signature string, eight func(dst, src, at reg.Register)) {
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(name + " " + doc + " for whole registers; see bfloat16_amd64.go.")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	dstPitch, srcPitch := Load(Param("dstPitch"), GP64()), Load(Param("srcPitch"), GP64())
	rows, columns := Load(Param("rows"), GP64()), Load(Param("columns"), GP64())
	at := GP64()
	Label("row")
	XORQ(at, at)
	Label("eight")
	eight(dst, src, at)
	ADDQ(Imm(8), at)
	CMPQ(at, columns)
	JLT(LabelRef("eight"))
	ADDQ(dstPitch, dst)
	ADDQ(srcPitch, src)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

func emitRound() {
	TEXT("roundAVX2", NOSPLIT, "func(dst, src *float32, n int)")
	Pragma("noescape")
	Doc("roundAVX2 is Round for whole registers; see bfloat16_amd64.go.")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())
	at := GP64()
	XORQ(at, at)
	Label("eight")
	VMOVUPS(Mem{Base: src, Index: at, Scale: 4}, reg.Y0)
	roundToBF16()
	VANDPS(word(upperHalf), reg.Y0, reg.Y0)
	VMOVUPS(reg.Y0, Mem{Base: dst, Index: at, Scale: 4})
	ADDQ(Imm(8), at)
	CMPQ(at, n)
	JLT(LabelRef("eight"))
	VZEROUPPER()
	RET()
}

// roundToBF16 leaves in the upper halves of Y0's words the bfloat16 next to each float32; the lower
// halves have no meaning. It spoils Y1 to Y4.
func roundToBF16() {
	x, abs, rounded, tmp, is := reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4
	VANDPS(word(0x7fffffff), x, abs)
	VPSRLD(Imm(16), x, rounded)
	VPAND(word(1), rounded, rounded)
	VPADDD(word(0x7fff), rounded, rounded)
	VPADDD(x, rounded, rounded)
	// NaN: quiet.
	VPCMPGTD(word(0x7f800000), abs, is)
	VPOR(word(0x00400000), x, tmp)
	VBLENDVPS(is, tmp, rounded, rounded)
	// Denormal: zero of the same sign.
	VPCMPGTD(word(0x007fffff), abs, is)
	VPAND(word(0x80000000), x, tmp)
	VBLENDVPS(is, rounded, tmp, x)
}
