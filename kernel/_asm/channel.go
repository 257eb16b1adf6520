package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// Bits of the parameter flags.
const (
	flagReLU       = 0
	flagAdd        = 1
	flagAccumulate = 1
)

// channelPasses work on pixels × channels.
var channelPasses = []*pass{
	{
		name: "scaleShift", doc: "is ScaleShift; flag 0 is relu, flag 1 says that there is an addend.",
		views: []string{"dst", "src", "add"}, lines: []string{"scale", "shift"}, row: scaleShift, neon: neonScaleShift,
	},
	{
		name: "channelSums", doc: "is ChannelSums.",
		views: []string{"src"}, sums: []string{"sum", "square"}, row: channelSums, neon: neonChannelSums,
	},
	{
		name: "backwardSums", doc: "is BackwardSums; flag 0 says that there was a ReLU.",
		views: []string{"dy", "x"}, lines: []string{"scale", "shift"}, sums: []string{"sum", "dot"}, row: backwardSums, neon: neonBackwardSums,
		vectors: func(s isa) int { return map[bool]int{true: 4, false: 1}[s.wide()] }, // 6 registers each and 5 more
	},
	{
		name: "backward", doc: "is Backward; flag 0 says that there was a ReLU, flag 1 is accumulate.",
		views: []string{"dx", "dy", "x"}, lines: []string{"scale", "shift", "p", "q", "r"}, row: backward, neon: neonBackward,
	},
}

func scaleShift(b *block) {
	z := b.take(b.vectors)
	spare := b.take(1)[0]
	for j, r := range z {
		b.in("src", j, r)
		VFMADD213PS(b.line["shift"][j], b.line["scale"][j], r)
	}
	b.ifFlag(flagAdd, true, func() {
		for j, r := range z {
			b.in("add", j, spare)
			VADDPS(spare, r, r)
		}
	})
	b.ifFlag(flagReLU, true, func() {
		b.zero(spare)
		for _, r := range z {
			VMAXPS(r, spare, r) // the second source wins ties and NaN: r stays
		}
	})
	for j, r := range z {
		b.out("dst", j, r, spare)
	}
}

// addSums adds the vector r to the sums of column vector j, and r·x to the dots.
func (b *block) addSums(sum, dot string, j int, r, x reg.VecPhysical, tmp []reg.VecPhysical) {
	for half := range 2 {
		from, fromX := b.half(r), b.half(x)
		if half == 1 {
			b.upper(r, tmp[0])
			from = b.half(tmp[0])
			fromX = from
			if x != r {
				b.upper(x, tmp[1])
				fromX = b.half(tmp[1])
			}
		}
		VCVTPS2PD(from, tmp[0])
		factor := tmp[0]
		if x != r {
			VCVTPS2PD(fromX, tmp[1])
			factor = tmp[1]
		}
		VADDPD(tmp[0], b.sum[sum][2*j+half], b.sum[sum][2*j+half])
		VFMADD231PD(factor, tmp[0], b.sum[dot][2*j+half])
	}
}

func channelSums(b *block) {
	r := b.take(4)
	for j := range b.vectors {
		b.in("src", j, r[j%2])
		b.addSums("sum", "square", j, r[j%2], r[j%2], r[2:])
	}
}

func backwardSums(b *block) {
	t := b.take(5)
	x, dz, z := t[0], t[1], t[2]
	for j := range b.vectors {
		b.in("x", j, x)
		b.in("dy", j, dz)
		b.maskReLU(j, x, dz, z, t[3])
		b.addSums("sum", "dot", j, dz, x, t[3:])
	}
}

// maskReLU clears dz where the line of x isn't positive.
func (b *block) maskReLU(j int, x, dz, z, zero reg.VecPhysical) {
	b.ifFlag(flagReLU, true, func() {
		VMOVAPS(x, z)
		VFMADD213PS(b.line["shift"][j], b.line["scale"][j], z)
		b.zero(zero)
		b.keepPositive(z, zero, dz)
	})
}

func backward(b *block) {
	t := b.take(4)
	x, dz, z, zero := t[0], t[1], t[2], t[3]
	for j := range b.vectors {
		b.in("x", j, x)
		b.in("dy", j, dz)
		b.maskReLU(j, x, dz, z, zero)
		VFMADD213PS(b.line["r"][j], b.line["q"][j], x)
		VFMADD231PS(b.line["p"][j], dz, x)
		b.ifFlag(flagAccumulate, true, func() {
			b.in("dx", j, z)
			VADDPS(z, x, x)
		})
		b.out("dx", j, x, z)
	}
}
