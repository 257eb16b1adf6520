package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// emitFold writes the function that folds the lanes of n > 0 accumulators. It serves AVX-512, too:
// one accumulator is only 16 lanes.
func emitFold() {
	TEXT("foldLanesAVX2", NOSPLIT, "func(dst, src *float32, n int)")
	Pragma("noescape")
	Doc("foldLanesAVX2 sets dst[i] to the sum of the 16 lanes at src[16·i]; see FoldLanes.")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	n := Load(Param("n"), GP64())
	Label("next")
	VMOVUPS(Mem{Base: src}, reg.Y0)
	VADDPS(Mem{Base: src, Disp: 32}, reg.Y0, reg.Y0)
	VEXTRACTF128(Imm(1), reg.Y0, reg.X1)
	VADDPS(reg.X1, reg.X0, reg.X0)
	VMOVHLPS(reg.X0, reg.X0, reg.X1)
	VADDPS(reg.X1, reg.X0, reg.X0)
	VMOVSHDUP(reg.X0, reg.X1)
	VADDSS(reg.X1, reg.X0, reg.X0)
	VMOVSS(reg.X0, Mem{Base: dst})
	ADDQ(Imm(64), src)
	ADDQ(Imm(4), dst)
	DECQ(n)
	JNZ(LabelRef("next"))
	VZEROUPPER()
	RET()
}
