package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is an instruction set as far as the kernels differ by it.
type isa struct {
	name  string
	lanes int // float32 in a register
	group int // rows of a tile that share a base pointer
}

var (
	avx512 = isa{name: "AVX512", lanes: 16, group: 4}
	avx2   = isa{name: "AVX2", lanes: 8, group: 2}
	// bf16 is AVX-512 with AVX512_BF16.
	bf16 = isa{name: "BF16", lanes: 16, group: 4}
)

// wide reports whether s is AVX-512.
func (s isa) wide() bool { return s.lanes == 16 }

// bytes is the size of a register.
func (s isa) bytes() int { return 4 * s.lanes }

// registers is the number of vector registers.
func (s isa) registers() int { return 2 * s.lanes }

// register returns vector register i. The kernels name their registers themselves: avo can't see
// that xor of a register with itself reads nothing.
func (s isa) register(i int) reg.VecPhysical {
	if s.wide() {
		return zmm[i]
	}
	return ymm[i]
}

var (
	zmm = [...]reg.VecPhysical{
		reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
		reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
		reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
		reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
	}
	ymm = [...]reg.VecPhysical{
		reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
		reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
	}
)

// zero clears v.
func (s isa) zero(v reg.VecPhysical) {
	if s.wide() {
		VPXORD(v, v, v)
		return
	}
	VXORPS(v, v, v)
}

// mask is what hides the columns beyond the last one: an opmask register, or the address of eight
// words of all or no bits.
type mask struct {
	k   reg.OpmaskVirtual
	row reg.GPVirtual
}

// loadMask reads the mask parameter.
func (s isa) loadMask() mask {
	if !s.wide() {
		return mask{row: Load(Param("mask"), GP64()).(reg.GPVirtual)}
	}
	m := mask{k: K()}
	bits := Load(Param("mask"), GP64())
	KMOVW(bits.(reg.GPVirtual).As32(), m.k)
	return m
}

// load reads a vector, its hidden lanes as zeros. AVX2 keeps the mask in dst itself until the load.
func (s isa) load(m *mask, from Mem, dst reg.VecPhysical) {
	switch {
	case m == nil:
		VMOVUPS(from, dst)
	case s.wide():
		VMOVUPS_Z(from, m.k, dst)
	default:
		VMOVUPS(Mem{Base: m.row}, dst)
		VMASKMOVPS(from, dst, dst)
	}
}

// store writes the lanes that aren't hidden; spare is a register to lose.
func (s isa) store(m *mask, src reg.VecPhysical, to Mem, spare reg.VecPhysical) {
	switch {
	case m == nil:
		VMOVUPS(src, to)
	case s.wide():
		VMOVUPS(src, m.k, to)
	default:
		VMOVUPS(Mem{Base: m.row}, spare)
		VMASKMOVPS(src, spare, to)
	}
}

// maskFor returns the mask that shows min(n, lanes) lanes, n > 0.
func (s isa) maskFor(n reg.Register) mask {
	shown := GP64()
	MOVQ(U64(uint64(s.lanes)), shown)
	CMPQ(n, shown)
	CMOVQLT(n, shown)
	if s.wide() {
		bits := GP64()
		MOVQ(I64(-1), bits)
		BZHIQ(shown, bits, bits)
		m := mask{k: K()}
		KMOVW(bits.As32(), m.k)
		return m
	}
	m := mask{row: GP64()}
	NEGQ(shown)
	LEAQ(hidden(), m.row)
	LEAQ(Mem{Base: m.row, Index: shown, Scale: 4, Disp: 4 * s.lanes}, m.row)
	return m
}

var hiddenData *Mem

// hidden is a table of words: eight of all bits, then eight of none.
func hidden() Mem {
	if hiddenData == nil {
		at := GLOBL("hidden", RODATA|NOPTR)
		for i := range 16 {
			word := ^uint32(0)
			if i >= 8 {
				word = 0
			}
			DATA(4*i, U32(word))
		}
		hiddenData = &at
	}
	return *hiddenData
}
