package main

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A pass is a function over rows × columns of some views, with values for each column. Its columns
// are cut into blocks that fit the registers; within a block it goes over all rows. Flat passes
// have a single row.
type pass struct {
	name    string
	doc     string
	views   []string // parameters name *float32 (of halves *uint16), namePitch int (bytes)
	halves  []string // the views that are in bfloat16; they need AVX512_BF16
	lines   []string // *float32: one value a column, read once a block
	sums    []string // *float64: one sum a column, read and written once a block
	scalars []string // float32, in all lanes of a register
	flat    bool     // one row: no pitches, no count of rows
	row     func(b *block)
	neon    func(b *neonBlock)
	vectors func(s isa) int // in a full block; nil: 4, with AVX2 2
	// constants are words that NEON keeps in registers; the others read them from memory.
	constants []uint32
}

// block is the state of the generator within one block of columns.
type block struct {
	isa
	pass    *pass
	vectors int
	mask    *mask // nil in a full block
	at      map[string]reg.Register
	line    map[string][]reg.VecPhysical
	scalar  map[string]reg.VecPhysical
	sum     map[string][]reg.VecPhysical // two for each vector of columns
	free    int                          // the first vector register that isn't taken
	flags   reg.Register
	labels  int
}

// signature of the pass in Go.
func (p *pass) signature() string {
	var args []string
	for _, v := range p.views {
		if slices.Contains(p.halves, v) {
			args = append(args, v+" *uint16")
		} else {
			args = append(args, v+" *float32")
		}
		if !p.flat {
			args = append(args, v+"Pitch int")
		}
	}
	for _, l := range p.lines {
		args = append(args, l+" *float32")
	}
	for _, l := range p.sums {
		args = append(args, l+" *float64")
	}
	for _, l := range p.scalars {
		args = append(args, l+" float32")
	}
	if !p.flat {
		args = append(args, "rows int")
	}
	return "func(" + strings.Join(append(args, "columns int", "flags int"), ", ") + ")"
}

// emit writes the function for s.
func (p *pass) emit(s isa) {
	TEXT(p.name+s.name, NOSPLIT, p.signature())
	Pragma("noescape")
	Doc(p.name + s.name + " " + p.doc)
	wide := 4
	if !s.wide() {
		wide = 2
	}
	if p.vectors != nil {
		wide = p.vectors(s)
	}
	columns := Load(Param("columns"), GP64())
	flags := Load(Param("flags"), GP64())
	offset := GP64()
	XORQ(offset, offset)
	scalars := map[string]reg.VecPhysical{}
	for i, name := range p.scalars {
		scalars[name] = s.register(i)
		at, err := Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		VBROADCASTSS(at.Addr, s.register(i))
	}
	full := &block{isa: s, pass: p, vectors: wide, flags: flags, scalar: scalars, free: len(scalars)}
	Label("wide")
	CMPQ(columns, U32(uint32(wide*s.lanes)))
	JLT(LabelRef("rest"))
	full.emit("Wide", offset)
	ADDQ(U32(uint32(wide*s.bytes())), offset)
	SUBQ(U32(uint32(wide*s.lanes)), columns)
	JMP(LabelRef("wide"))
	Label("rest")
	if p.halves != nil && wide == 4 {
		// What is left of DenseNet's widths are 32 columns.
		p.emitOnce(s, "Pair", wide/2, columns, offset, flags, scalars)
	}
	Label("narrow")
	TESTQ(columns, columns)
	JLE(LabelRef("done"))
	m := s.maskFor(columns)
	one := &block{isa: s, pass: p, vectors: 1, mask: &m, flags: flags, scalar: scalars, free: len(scalars)}
	one.emit("Narrow", offset)
	ADDQ(U32(uint32(s.bytes())), offset)
	SUBQ(U32(uint32(s.lanes)), columns)
	JMP(LabelRef("narrow"))
	Label("done")
	VZEROUPPER()
	RET()
}

// emitOnce writes the code for one full block of so many vectors, if there are as many columns.
func (p *pass) emitOnce(s isa, name string, vectors int, columns, offset, flags reg.Register, scalars map[string]reg.VecPhysical) {
	CMPQ(columns, U32(uint32(vectors*s.lanes)))
	JLT(LabelRef("narrow"))
	b := &block{isa: s, pass: p, vectors: vectors, flags: flags, scalar: scalars, free: len(scalars)}
	b.emit(name, offset)
	ADDQ(U32(uint32(vectors*s.bytes())), offset)
	SUBQ(U32(uint32(vectors*s.lanes)), columns)
}

// take reserves n vector registers.
func (b *block) take(n int) []reg.VecPhysical {
	var v []reg.VecPhysical
	for range n {
		v = append(v, b.register(b.free))
		b.free++
	}
	return v
}

// emit writes the code for all rows of one block.
func (b *block) emit(suffix string, offset reg.Register) {
	b.at, b.line, b.sum = map[string]reg.Register{}, map[string][]reg.VecPhysical{}, map[string][]reg.VecPhysical{}
	for _, v := range b.pass.views {
		b.at[v] = Load(Param(v), GP64())
		if !b.half16(v) {
			ADDQ(offset, b.at[v])
			continue
		}
		bytes := GP64()
		MOVQ(offset, bytes)
		SHRQ(Imm(1), bytes)
		ADDQ(bytes, b.at[v])
	}
	for _, l := range b.pass.lines {
		b.line[l] = b.take(b.vectors)
		from := Load(Param(l), GP64())
		for j, r := range b.line[l] {
			b.load(b.mask, Mem{Base: from, Index: offset, Scale: 1, Disp: j * b.bytes()}, r)
		}
	}
	for _, l := range b.pass.sums {
		b.sum[l] = b.take(2 * b.vectors)
		b.eachSum(l, offset, b.loadHalf)
	}
	row := "row" + suffix
	if b.pass.flat {
		b.rowBody(suffix)
		return
	}
	rows := Load(Param("rows"), GP64())
	Label(row)
	b.rowBody(suffix)
	for _, v := range b.pass.views {
		pitch := GP64()
		Load(Param(v+"Pitch"), pitch)
		ADDQ(pitch, b.at[v])
	}
	DECQ(rows)
	JNZ(LabelRef(row))
	for _, l := range b.pass.sums {
		b.eachSum(l, offset, b.storeHalf)
	}
}

func (b *block) rowBody(suffix string) {
	free := b.free
	b.labels = map[string]int{"Narrow": 100, "Pair": 200}[suffix]
	b.pass.row(b)
	b.free = free
}

// eachSum calls f for every register of sums.
func (b *block) eachSum(name string, offset reg.Register, f func(half int, at Mem, r reg.VecPhysical)) {
	at := Load(Param(name), GP64())
	for i, r := range b.sum[name] {
		f(i%2, Mem{Base: at, Index: offset, Scale: 2, Disp: i * b.bytes()}, r)
	}
}

// halfMask is the mask of the lower or upper half of the lanes for float64, in an opmask register
// or with AVX2 in the vector register into.
func (b *block) halfMask(half int, into reg.VecPhysical) reg.OpmaskVirtual {
	if !b.wide() {
		VPMOVSXDQ(Mem{Base: b.mask.row, Disp: 16 * half}, into)
		return reg.OpmaskVirtual(nil)
	}
	if half == 0 {
		return b.mask.k
	}
	k := K()
	KSHIFTRW(Imm(8), b.mask.k, k)
	return k
}

func (b *block) loadHalf(half int, at Mem, r reg.VecPhysical) {
	if b.mask == nil {
		VMOVUPD(at, r)
		return
	}
	k := b.halfMask(half, r)
	if b.wide() {
		VMOVUPD_Z(at, k, r)
		return
	}
	VMASKMOVPD(at, r, r)
}

func (b *block) storeHalf(half int, at Mem, r reg.VecPhysical) {
	if b.mask == nil {
		VMOVUPD(r, at)
		return
	}
	spare := b.register(b.free)
	k := b.halfMask(half, spare)
	if b.wide() {
		VMOVUPD(r, k, at)
		return
	}
	VMASKMOVPD(r, spare, at)
}

// half16 says whether a view is in bfloat16.
func (b *block) half16(view string) bool { return slices.Contains(b.pass.halves, view) }

// in loads vector j of the current row of a view into r.
func (b *block) in(view string, j int, r reg.VecPhysical) {
	if b.half16(view) {
		from := Mem{Base: b.at[view], Disp: j * b.bytes() / 2}
		if b.mask == nil {
			VPMOVZXWD(from, r)
		} else {
			VPMOVZXWD_Z(from, b.mask.k, r)
		}
		VPSLLD(Imm(16), r, r)
		return
	}
	b.load(b.mask, Mem{Base: b.at[view], Disp: j * b.bytes()}, r)
}

// out stores r as vector j of the current row of a view and may spoil spare.
func (b *block) out(view string, j int, r, spare reg.VecPhysical) {
	if b.half16(view) {
		half, to := b.half(spare), Mem{Base: b.at[view], Disp: j * b.bytes() / 2}
		emitBytes(vcvtneps2bf16(half, r))
		if b.mask == nil {
			VMOVDQU16(half, to)
		} else {
			VMOVDQU16(half, b.mask.k, to)
		}
		return
	}
	b.store(b.mask, r, Mem{Base: b.at[view], Disp: j * b.bytes()}, spare)
}

// ifFlag runs f only if bit i of the flags is set (or not set).
func (b *block) ifFlag(i int, set bool, f func()) {
	b.labels++
	skip := fmt.Sprintf("skip%d", b.labels)
	BTQ(Imm(uint64(i)), b.flags)
	if set {
		JCC(LabelRef(skip))
	} else {
		JCS(LabelRef(skip))
	}
	f()
	Label(skip)
}

// keepPositive sets r to zero where z > 0 doesn't hold; it spoils z.
func (b *block) keepPositive(z, zero, r reg.VecPhysical) {
	const greater = 0x1e // GT_OQ: false for NaN
	if b.wide() {
		k := K()
		VCMPPS(Imm(greater), zero, z, k)
		VMOVAPS_Z(r, k, r)
		return
	}
	VCMPPS(Imm(greater), zero, z, z)
	VANDPS(z, r, r)
}

// half returns the lower half of r, which is a register of half the width.
func (s isa) half(r reg.VecPhysical) reg.VecPhysical {
	if s.wide() {
		return r.AsY().(reg.VecPhysical)
	}
	return r.AsX().(reg.VecPhysical)
}

// upper copies the upper half of from to the lower half of to.
func (s isa) upper(from, to reg.VecPhysical) {
	if s.wide() {
		VEXTRACTF64X4(Imm(1), from, s.half(to))
		return
	}
	VEXTRACTF128(Imm(1), from, s.half(to))
}
