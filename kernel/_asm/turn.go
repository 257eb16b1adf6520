package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The layouts of bfloat16 that products of pairs read.

var couplingData *Mem

// coupling is a table for VPERMW that makes pairs of the words of the lower half and of the upper one.
func coupling() Mem {
	if couplingData == nil {
		at := GLOBL("coupling", RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, U32(uint32(i|(i+16)<<16)))
		}
		couplingData = &at
	}
	return *couplingData
}

// maskWords returns the mask that shows min(n, 16) words.
func maskWords(n reg.Register) reg.OpmaskVirtual { return bf16.maskFor(n).k }

// pairRows leaves in to the words of two rows of up to 16, in pairs; it spoils spare.
func pairRows(first, second Mem, k reg.OpmaskVirtual, table, to, spare reg.VecPhysical) {
	VMOVDQU16_Z(first, k, bf16.half(to))
	VMOVDQU16_Z(second, k, bf16.half(spare))
	VINSERTI64X4(Imm(1), bf16.half(spare), to, to)
	VPERMW(to, table, to)
}

// emitCouple writes the function that couples the rows of pixels that follow each other.
func emitCouple() {
	TEXT("couplePixels", NOSPLIT, "func(dst *uint16, panel int, src *uint16, pitch, pairs, channels int)")
	Pragma("noescape")
	Doc("couplePixels is Couple for whole pairs of pixels; panel and pitch are in bytes.")
	table := zmm[0]
	VMOVDQU64(coupling(), table)
	dst, panel := Load(Param("dst"), GP64()), Load(Param("panel"), GP64())
	src, pitch := Load(Param("src"), GP64()), Load(Param("pitch"), GP64())
	pairs, channels := Load(Param("pairs"), GP64()), Load(Param("channels"), GP64())
	from, to, left := GP64(), GP64(), GP64()
	Label("panel")
	MOVQ(src, from)
	MOVQ(dst, to)
	MOVQ(pairs, left)
	low := maskWords(channels)
	rest := GP64()
	MOVQ(channels, rest)
	SUBQ(Imm(16), rest)
	zero := GP64()
	XORQ(zero, zero)
	CMPQ(rest, zero)
	CMOVQLT(zero, rest)
	high := maskWords(rest)
	Label("pair")
	for i, k := range []reg.OpmaskVirtual{low, high} {
		pairRows(Mem{Base: from, Disp: 32 * i}, Mem{Base: from, Index: pitch, Scale: 1, Disp: 32 * i}, k, table, zmm[1+2*i], zmm[2+2*i])
		VMOVDQU64(zmm[1+2*i], Mem{Base: to, Disp: 64 * i})
	}
	LEAQ(Mem{Base: from, Index: pitch, Scale: 2}, from)
	ADDQ(U32(128), to)
	DECQ(left)
	JNZ(LabelRef("pair"))
	ADDQ(Imm(64), src)
	ADDQ(panel, dst)
	SUBQ(Imm(32), channels)
	JG(LabelRef("panel"))
	VZEROUPPER()
	RET()
}

// turnBlock is how many pixels turnPixels takes at once.
const turnBlock = 32

// emitTurn writes the function that turns pixels of channels to channels of pixels: 32 pixels of 16
// channels at a time, as 16×16 pairs.
func emitTurn() {
	TEXT("turnPixels", NOSPLIT, "func(dst *uint16, dstPitch int, src *uint16, srcPitch, pixels, channels int)")
	Pragma("noescape")
	Doc("turnPixels is Turn; pitches are in bytes.")
	zeros := GLOBL("noPixel", RODATA|NOPTR)
	for i := range 4 {
		DATA(8*i, U64(0))
	}
	table := coupling()
	none := GP64()
	LEAQ(zeros, none)
	dstPitch, srcPitch := Load(Param("dstPitch"), GP64()), Load(Param("srcPitch"), GP64())
	channels := Load(Param("channels"), GP64())
	end, src := GP64(), Load(Param("src"), GP64())
	Load(Param("pixels"), end)
	IMULQ(srcPitch, end)
	ADDQ(src, end)
	Label("channels")
	shown := maskWords(channels)
	from, to := GP64(), GP64()
	MOVQ(src, from)
	Load(Param("dst"), to)
	Label("pixels")
	VMOVDQU64(table, zmm[31])
	for q := range 16 {
		var at [2]reg.Register
		for i := range at {
			at[i] = GP64()
			MOVQ(from, at[i])
			CMPQ(from, end)
			CMOVQCC(none, at[i])
			ADDQ(srcPitch, from)
		}
		pairRows(Mem{Base: at[0]}, Mem{Base: at[1]}, shown, zmm[31], zmm[q], zmm[16])
	}
	out := transpose16()
	line := GP64()
	MOVQ(to, line)
	for c, r := range out {
		VMOVDQU64(r, Mem{Base: line})
		if c == 15 {
			break
		}
		CMPQ(channels, Imm(uint64(c+1)))
		JLE(LabelRef("stored"))
		ADDQ(dstPitch, line)
	}
	Label("stored")
	ADDQ(Imm(2*turnBlock), to)
	CMPQ(from, end)
	JCS(LabelRef("pixels"))
	ADDQ(Imm(32), src)
	ADDQ(Imm(32), end)
	line = GP64()
	MOVQ(dstPitch, line)
	SHLQ(Imm(4), line)
	next := Load(Param("dst"), GP64())
	ADDQ(line, next)
	Store(next, Param("dst"))
	SUBQ(Imm(16), channels)
	JG(LabelRef("channels"))
	VZEROUPPER()
	RET()
}

// transpose16 transposes the 16×16 words of 32 bits of registers 0 to 15 by way of the other 16
// and returns where the rows are.
func transpose16() []reg.VecPhysical {
	r, t := zmm[:16], zmm[16:]
	for i := 0; i < 16; i += 2 {
		VPUNPCKLDQ(r[i+1], r[i], t[i])
		VPUNPCKHDQ(r[i+1], r[i], t[i+1])
	}
	// Afterwards lane l of r[4g+m] has rows 4g to 4g+3 of column 4l+m.
	for g := 0; g < 16; g += 4 {
		VPUNPCKLQDQ(t[g+2], t[g], r[g])
		VPUNPCKHQDQ(t[g+2], t[g], r[g+1])
		VPUNPCKLQDQ(t[g+3], t[g+1], r[g+2])
		VPUNPCKHQDQ(t[g+3], t[g+1], r[g+3])
	}
	const even, odd = 0x88, 0xdd // lanes
	for m := range 4 {
		VSHUFI32X4(Imm(even), r[4+m], r[m], t[m])
		VSHUFI32X4(Imm(odd), r[4+m], r[m], t[4+m])
		VSHUFI32X4(Imm(even), r[12+m], r[8+m], t[8+m])
		VSHUFI32X4(Imm(odd), r[12+m], r[8+m], t[12+m])
	}
	for m := range 4 {
		VSHUFI32X4(Imm(even), t[8+m], t[m], r[m])
		VSHUFI32X4(Imm(even), t[12+m], t[4+m], r[4+m])
		VSHUFI32X4(Imm(odd), t[8+m], t[m], r[8+m])
		VSHUFI32X4(Imm(odd), t[12+m], t[4+m], r[12+m])
	}
	return r
}

// emitTransposePairs writes the function that rounds and transposes blocks of 32 rows of 32 floats, of
// pairs of columns.
func emitTransposePairs() {
	TEXT("transposePairs", NOSPLIT, "func(dst *uint16, src *float32)")
	Pragma("noescape")
	Doc("transposePairs is TransposePairs for 32 rows and columns.")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	for half := range 2 {
		for i := range 16 {
			at := 128 * (16*half + i)
			VMOVUPS(Mem{Base: src, Disp: at}, zmm[16])
			VMOVUPS(Mem{Base: src, Disp: at + 64}, zmm[17])
			emitBytes(vcvtne2ps2bf16(zmm[i], zmm[17], zmm[16]))
		}
		for q, r := range transpose16() {
			VMOVDQU64(r, Mem{Base: dst, Disp: 128*q + 64*half})
		}
	}
	VZEROUPPER()
	RET()
}

// emitPackPairs writes the function that rounds and couples rows of 32 floats.
func emitPackPairs() {
	TEXT("packPairs", NOSPLIT, "func(dst *uint16, src *float32, pairs int)")
	Pragma("noescape")
	Doc("packPairs is PackPairs for whole pairs of rows.")
	table, low, high := zmm[0], zmm[1], zmm[2]
	VMOVDQU64(coupling(), table)
	dst, src, pairs := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("pairs"), GP64())
	Label("pair")
	for i := range 2 {
		VMOVUPS(Mem{Base: src, Disp: 64 * i}, low)
		VMOVUPS(Mem{Base: src, Disp: 128 + 64*i}, high)
		emitBytes(vcvtne2ps2bf16(low, high, low))
		VPERMW(low, table, low)
		VMOVDQU64(low, Mem{Base: dst, Disp: 64 * i})
	}
	ADDQ(U32(256), src)
	ADDQ(U32(128), dst)
	DECQ(pairs)
	JNZ(LabelRef("pair"))
	VZEROUPPER()
	RET()
}
