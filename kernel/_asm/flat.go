package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const flagNesterov = 0

// flatPasses work on slices, as passes with a single row.
var flatPasses = []*pass{
	{
		name: "relu", doc: "is ReLU.", flat: true,
		views: []string{"dst", "src"}, row: relu, neon: neonReLU,
	},
	{
		name: "reluBackward", doc: "is ReLUBackward.", flat: true,
		views: []string{"dst", "dy", "y"}, row: reluBackward, neon: neonReLUBackward,
	},
	{
		name: "addScaled", doc: "is AddScaled.", flat: true,
		views: []string{"y", "x"}, scalars: []string{"a"}, row: addScaled, neon: neonAddScaled,
	},
	{
		name: "update", doc: "is Update; flag 0 is Nesterov, down is the negative learning rate.", flat: true,
		views: []string{"w", "v", "grad"}, scalars: []string{"down", "momentum", "decay"}, row: update, neon: neonUpdate,
	},
	{
		name: "exp", doc: "is Exp.", flat: true,
		views: []string{"dst", "src"}, row: exp, neon: neonExp, constants: expConstants,
	},
	{
		name: "rbf", doc: "is RBF with the negative gamma.", flat: true,
		views: []string{"dst", "dot", "nb"}, scalars: []string{"na", "down"}, row: rbf, neon: neonRBF,
		constants: append([]uint32{bitsOf(-2)}, expConstants...),
	},
}

func relu(b *block) {
	t := b.take(2)
	b.zero(t[1])
	for j := range b.vectors {
		b.in("src", j, t[0])
		VMAXPS(t[0], t[1], t[0])
		b.outZero("dst", j, t[0], t[1])
	}
}

// outZero is out with a spare register that is zero, before and after.
func (b *block) outZero(view string, j int, r, zero reg.VecPhysical) {
	b.out(view, j, r, zero)
	if b.mask != nil && !b.wide() {
		b.zero(zero)
	}
}

func reluBackward(b *block) {
	t := b.take(3)
	b.zero(t[2])
	for j := range b.vectors {
		b.in("y", j, t[0])
		b.in("dy", j, t[1])
		b.keepPositive(t[0], t[2], t[1])
		b.outZero("dst", j, t[1], t[2])
	}
}

func addScaled(b *block) {
	t := b.take(2)
	for j := range b.vectors {
		b.in("y", j, t[0])
		b.in("x", j, t[1])
		VFMADD231PS(b.scalar["a"], t[1], t[0])
		b.out("y", j, t[0], t[1])
	}
}

func update(b *block) {
	t := b.take(4)
	w, v, d, spare := t[0], t[1], t[2], t[3]
	for j := range b.vectors {
		b.in("w", j, w)
		b.in("v", j, v)
		b.in("grad", j, d)
		VFMADD231PS(b.scalar["decay"], w, d)
		VFMADD213PS(d, b.scalar["momentum"], v)
		b.out("v", j, v, spare)
		b.ifFlag(flagNesterov, true, func() { VFMADD213PS(d, b.scalar["momentum"], v) })
		VFMADD231PS(b.scalar["down"], v, w)
		b.out("w", j, w, spare)
	}
}

// constants are 64 bytes of the same word each, made when first used.
var constants = map[uint32]Mem{}

// word returns the address of a register full of w.
func word(w uint32) Mem {
	at, ok := constants[w]
	if !ok {
		at = GLOBL("word"+hex(w), RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, U32(w))
		}
		constants[w] = at
	}
	return at
}

func hex(w uint32) string {
	const digits = "0123456789abcdef"
	var s [8]byte
	for i := range s {
		s[i] = digits[w>>(28-4*i)&15]
	}
	return string(s[:])
}

func number(x float32) Mem { return word(math.Float32bits(x)) }

func exp(b *block) {
	t := b.take(5)
	for j := range b.vectors {
		b.in("src", j, t[0])
		b.expOf(t)
		b.out("dst", j, t[0], t[1])
	}
}

func rbf(b *block) {
	t := b.take(5)
	for j := range b.vectors {
		b.in("dot", j, t[1])
		b.in("nb", j, t[0])
		VADDPS(t[0], b.scalar["na"], t[0])
		VFMADD231PS(number(-2), t[1], t[0])
		b.zero(t[1])
		VMAXPS(t[0], t[1], t[0])
		VMULPS(t[0], b.scalar["down"], t[0])
		b.expOf(t)
		b.out("dst", j, t[0], t[1])
	}
}
