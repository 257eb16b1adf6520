package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// halfPasses work on pixels × channels in bfloat16, with arithmetic in float32.
var halfPasses = []*pass{
	{
		name: "scaleShift16", doc: "is ScaleShift16; flag 0 is relu.",
		views: []string{"dst", "src"}, halves: []string{"dst", "src"}, lines: []string{"scale", "shift"}, row: scaleShift16,
	},
	{
		name: "addLines16", doc: "is AddLines16; flag 0 is relu.",
		views: []string{"dst", "a", "b"}, halves: []string{"dst", "a", "b"},
		lines: []string{"scaleA", "shiftA", "scaleB", "shiftB"}, row: addLines16,
	},
	{
		name: "narrowAddLines16", doc: "is NarrowAddLines16; flag 0 is relu.",
		views: []string{"dst", "a", "b"}, halves: []string{"dst", "b"},
		lines: []string{"scaleA", "shiftA", "scaleB", "shiftB"}, row: narrowAddLines16,
	},
	{
		name: "averageLines16", doc: "is AverageLines16; flag 0 is relu.",
		views: append([]string{"dst"}, corners...), halves: append([]string{"dst"}, corners...),
		lines: []string{"scale", "shift"}, row: averageLines16,
	},
	{
		name: "narrow", doc: "is Narrow.",
		views: []string{"dst", "src"}, halves: []string{"dst"}, row: narrow,
	},
	{
		name: "narrowSums", doc: "is NarrowSums.",
		views: []string{"dst", "src"}, halves: []string{"dst"}, sums: []string{"sum", "square"}, row: narrowSums,
	},
	{
		name: "sums16", doc: "is Sums16.",
		views: []string{"dy", "x"}, halves: []string{"dy", "x"}, sums: []string{"sum", "dot"}, row: sums16,
	},
	{
		name: "backward16", doc: "is Backward16 without sums; flag 0 says that there was a ReLU, flag 1 is accumulate.",
		views: []string{"dx", "dy", "x"}, halves: []string{"dx", "x"}, lines: []string{"scale", "shift", "p"}, row: backward16,
	},
	{
		name: "backwardSums16", doc: "is Backward16 with sums; flags as in backward16.",
		views: []string{"dx", "dy", "x"}, halves: []string{"dx", "x"}, lines: []string{"scale", "shift", "p"},
		sums: []string{"sum", "dot"}, row: backward16,
	},
	{
		name: "owed16", doc: "is Owed16; flag 0 is relu.",
		views: []string{"dst", "dy", "x"}, halves: []string{"dst", "dy", "x"}, lines: []string{"p", "q", "r"}, row: owed16,
	},
}

// rectify clears r where it is negative; NaN stays.
func (b *block) rectify(r, zero reg.VecPhysical) {
	b.zero(zero)
	VMAXPS(r, zero, r)
}

func scaleShift16(b *block) {
	t := b.take(3)
	for j := range b.vectors {
		z := t[j%2]
		b.in("src", j, z)
		VFMADD213PS(b.line["shift"][j], b.line["scale"][j], z)
		b.ifFlag(flagReLU, true, func() { b.rectify(z, t[2]) })
		b.out("dst", j, z, z)
	}
}

func addLines16(b *block) { b.addLines(func(reg.VecPhysical) {}) }

func narrowAddLines16(b *block) {
	b.addLines(func(a reg.VecPhysical) {
		emitBytes(vcvtneps2bf16(b.half(a), a))
		VPMOVZXWD(b.half(a), a)
		VPSLLD(Imm(16), a, a)
	})
}

// addLines is the sum of two pictures after a line each; first is done to a before.
func (b *block) addLines(first func(a reg.VecPhysical)) {
	t := b.take(3)
	for j := range b.vectors {
		b.in("a", j, t[0])
		first(t[0])
		b.in("b", j, t[1])
		VFMADD213PS(b.line["shiftA"][j], b.line["scaleA"][j], t[0])
		VFMADD213PS(b.line["shiftB"][j], b.line["scaleB"][j], t[1])
		VADDPS(t[1], t[0], t[0])
		b.ifFlag(flagReLU, true, func() { b.rectify(t[0], t[1]) })
		b.out("dst", j, t[0], t[1])
	}
}

func averageLines16(b *block) {
	t := b.take(4)
	z, sum, zero, quarter := t[0], t[1], t[2], t[3]
	const aQuarter = 0x3e800000
	VBROADCASTSS(word(aQuarter), quarter)
	b.zero(zero)
	for j := range b.vectors {
		b.zero(sum)
		for _, corner := range corners {
			b.in(corner, j, z)
			VFMADD213PS(b.line["shift"][j], b.line["scale"][j], z)
			b.ifFlag(flagReLU, true, func() { VMAXPS(z, zero, z) })
			VFMADD231PS(quarter, z, sum)
		}
		b.out("dst", j, sum, z)
	}
}

func narrow(b *block) {
	t := b.take(2)
	for j := range b.vectors {
		b.in("src", j, t[j%2])
		b.out("dst", j, t[j%2], t[j%2])
	}
}

func narrowSums(b *block) {
	t := b.take(4)
	for j := range b.vectors {
		r := t[j%2]
		b.in("src", j, r)
		b.out("dst", j, r, r)
		VPMOVZXWD(b.half(r), r)
		VPSLLD(Imm(16), r, r)
		b.addSums("sum", "square", j, r, r, t[2:])
	}
}

func sums16(b *block) {
	t := b.take(4)
	for j := range b.vectors {
		b.in("dy", j, t[0])
		b.in("x", j, t[1])
		b.addSums("sum", "dot", j, t[0], t[1], t[2:])
	}
}

func backward16(b *block) {
	t := b.take(4)
	x, dz := t[0], t[1]
	for j := range b.vectors {
		b.in("x", j, x)
		b.in("dy", j, dz)
		b.maskReLU(j, x, dz, t[2], t[3])
		if b.pass.sums != nil {
			b.addSums("sum", "dot", j, dz, x, t[2:])
		}
		b.zero(t[2])
		VFMADD231PS(b.line["p"][j], dz, t[2])
		b.ifFlag(flagAccumulate, true, func() {
			b.in("dx", j, t[3])
			VADDPS(t[3], t[2], t[2])
		})
		b.out("dx", j, t[2], t[3])
	}
}

func owed16(b *block) {
	t := b.take(4)
	x, g, sum, zero := t[0], t[1], t[2], t[3]
	for j := range b.vectors {
		b.in("x", j, x)
		b.in("dy", j, g)
		VMOVAPS(x, sum)
		VFMADD213PS(b.line["r"][j], b.line["q"][j], sum)
		VFMADD231PS(b.line["p"][j], g, sum)
		b.ifFlag(flagReLU, true, func() {
			b.zero(zero)
			b.keepPositive(x, zero, sum)
		})
		b.out("dst", j, sum, g)
	}
}
