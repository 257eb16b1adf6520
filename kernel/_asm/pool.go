package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const flagScale = 1

// corners are the four pixels of a pooling window, in the order of preference.
var corners = []string{"x0", "x1", "x2", "x3"}

// poolPasses pool windows of 2×2 pixels. The four corners are views that advance by two pixels.
var poolPasses = []*pass{
	{
		name: "maxPool", doc: "is a row of MaxPool; flag 0 is relu, flag 1 says that there is a scale.",
		views: append([]string{"dst"}, corners...), lines: []string{"scale"}, row: maxPool, neon: neonMaxPool,
	},
	{
		name: "maxPoolBackward", doc: "is a row of MaxPoolBackward; flags as in maxPool. " +
			"The corners of dx are as far from each other as those of x.",
		views: append([]string{"dy", "dx"}, corners...), lines: []string{"scale"}, row: maxPoolBackward, neon: neonMaxPoolBackward,
		vectors: func(s isa) int { return 1 },
	},
}

// largest sets m to the largest of the four registers, NaN if one is NaN.
func (b *block) largest(x []reg.VecPhysical, m, spare reg.VecPhysical) {
	const unordered = 3
	VMAXPS(x[0], x[1], m) // x1 > x0 ? x1 : x0
	VMAXPS(m, x[2], m)
	VMAXPS(m, x[3], m)
	if b.wide() {
		lost := K()
		other := K()
		VCMPPS(Imm(unordered), x[0], x[1], lost)
		VCMPPS(Imm(unordered), x[2], x[3], other)
		KORW(lost, other, lost)
		VMOVUPS(word(^uint32(0)), spare)
		VMOVAPS(spare, lost, m)
		return
	}
	VCMPPS(Imm(unordered), x[0], x[1], spare)
	VORPS(spare, m, m)
	VCMPPS(Imm(unordered), x[2], x[3], spare)
	VORPS(spare, m, m)
}

func maxPool(b *block) {
	t := b.take(6)
	m, spare := t[4], t[5]
	for j := range b.vectors {
		for i, c := range corners {
			b.in(c, j, t[i])
		}
		b.largest(t, m, spare)
		b.ifFlag(flagReLU, true, func() {
			b.zero(spare)
			VMAXPS(m, spare, m)
		})
		b.ifFlag(flagScale, true, func() { VMULPS(b.line["scale"][j], m, m) })
		b.out("dst", j, m, spare)
	}
}

func maxPoolBackward(b *block) {
	t := b.take(9)
	m, spare, g, hit := t[4], t[5], t[6], t[7]
	for i, c := range corners {
		b.in(c, 0, t[i])
	}
	b.in("dy", 0, g)
	b.ifFlag(flagScale, true, func() { VMULPS(b.line["scale"][0], g, g) })
	b.largest(t, m, spare)
	b.ifFlag(flagReLU, true, func() {
		b.zero(spare)
		VMOVAPS(m, hit)
		b.keepPositive(hit, spare, g)
	})
	to := GP64()
	for i, c := range corners {
		// The gradient goes to the first corner that equals the maximum; then none is left.
		MOVQ(b.at[c], to)
		SUBQ(b.at["x0"], to)
		ADDQ(b.at["dx"], to)
		b.takeWhereEqual(t[i], m, g, hit, spare)
		b.store(b.mask, hit, Mem{Base: to}, spare)
	}
}

// takeWhereEqual moves the lanes of g where x = m to hit, which is zero elsewhere.
func (b *block) takeWhereEqual(x, m, g, hit, spare reg.VecPhysical) {
	if b.wide() {
		k := K()
		VCMPPS(Imm(0), m, x, k)
		VMOVAPS_Z(g, k, hit)
		b.zero(spare)
		VMOVAPS(spare, k, g)
		return
	}
	VCMPPS(Imm(0), m, x, spare)
	VANDPS(g, spare, hit)
	VANDNPS(g, spare, g)
}
