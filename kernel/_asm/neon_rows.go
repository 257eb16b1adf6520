package main

import (
	"math"

	"shoal/kernel/asm/arm64"
)

// The rows of the passes for NEON. Where a fused multiply-add may not spoil its addend, that is
// copied first.

func neonReLU(b *neonBlock) {
	x, mask := b.Vec(b.vectors), b.Vec(1)[0]
	for j, r := range x {
		b.in("src", j, r)
		b.rectify(r, mask)
		b.out("dst", j, r)
	}
}

func neonReLUBackward(b *neonBlock) {
	y, d := b.Vec(b.vectors), b.Vec(b.vectors)
	for j := range b.vectors {
		b.in("y", j, y[j])
		b.in("dy", j, d[j])
		b.keepPositive(y[j], d[j])
		b.out("dst", j, d[j])
	}
}

func neonAddScaled(b *neonBlock) {
	y, x := b.Vec(b.vectors), b.Vec(b.vectors)
	for j := range b.vectors {
		b.in("y", j, y[j])
		b.in("x", j, x[j])
		b.Emit(arm64.FMLA4S(y[j], x[j], b.scalar["a"]))
		b.out("y", j, y[j])
	}
}

func neonUpdate(b *neonBlock) {
	for j := range b.vectors {
		b.Scope(func() {
			t := b.Vec(4)
			w, v, d, moved := t[0], t[1], t[2], t[3]
			b.in("w", j, w)
			b.in("v", j, v)
			b.in("grad", j, d)
			b.Emit(arm64.FMLA4S(d, w, b.scalar["decay"]), arm64.Mov(moved, d), arm64.FMLA4S(moved, v, b.scalar["momentum"]))
			b.out("v", j, moved)
			b.ifFlag(flagNesterov, func() {
				b.Emit(arm64.FMLA4S(d, moved, b.scalar["momentum"]), arm64.Mov(moved, d))
			})
			b.Emit(arm64.FMLA4S(w, moved, b.scalar["down"]))
			b.out("w", j, w)
		})
	}
}

func neonExp(b *neonBlock) {
	for j := range b.vectors {
		b.Scope(func() {
			t := b.Vec(5)
			b.in("src", j, t[0])
			b.out("dst", j, b.expOf(t))
		})
	}
}

func neonRBF(b *neonBlock) {
	for j := range b.vectors {
		b.Scope(func() {
			t := b.Vec(5)
			d, dot := t[0], t[1]
			b.in("dot", j, dot)
			b.in("nb", j, d)
			b.Emit(arm64.FADD4S(d, d, b.scalar["na"]), arm64.FMLA4S(d, dot, b.constant[bitsOf(-2)]))
			b.rectify(d, dot)
			b.Emit(arm64.FMUL4S(d, d, b.scalar["down"]))
			b.out("dst", j, b.expOf(t))
		})
	}
}

func bitsOf(x float32) uint32 { return math.Float32bits(x) }

// expConstants are what expOf needs; 127 is an integer.
var expConstants = func() []uint32 {
	list := []uint32{bitsOf(expHigh), bitsOf(expLow), bitsOf(log2e), bitsOf(ln2Hi), bitsOf(-ln2Lo), bitsOf(1), 127}
	for _, c := range expPoly {
		list = append(list, bitsOf(c))
	}
	return list
}()

// expOf returns the register with the exponential of t[0], step by step as exp32 in ../exp.go.
func (b *neonBlock) expOf(t []arm64.V) arm64.V {
	x, n, s, next, scale := t[0], t[1], t[2], t[3], t[4]
	c := func(f float32) arm64.V { return b.constant[bitsOf(f)] }
	b.Emit(arm64.FMIN4S(x, x, c(expHigh)), arm64.FMAX4S(x, x, c(expLow)))
	b.Emit(arm64.FMUL4S(n, x, c(log2e)), arm64.FRINTN4S(n, n))
	b.Emit(arm64.FMLS4S(x, n, c(ln2Hi)), arm64.FMLA4S(x, n, c(-ln2Lo)))
	b.Emit(arm64.Mov(s, c(expPoly[0])))
	for _, p := range append(expPoly[1:len(expPoly):len(expPoly)], 1, 1) {
		b.Emit(arm64.Mov(next, c(p)), arm64.FMLA4S(next, s, x))
		s, next = next, s
	}
	half := next
	b.Emit(arm64.FCVTZS4S(n, n), arm64.SSHR4S(half, n, 1), arm64.SUB4S(n, n, half))
	for _, power := range []arm64.V{half, n} {
		b.Emit(arm64.ADD4S(scale, power, b.constant[127]), arm64.SHL4S(scale, scale, 23), arm64.FMUL4S(s, s, scale))
	}
	return s
}

func neonScaleShift(b *neonBlock) {
	z, x := b.Vec(b.vectors), b.Vec(2)
	for j, r := range z {
		b.in("src", j, x[j%2])
		b.Emit(arm64.Mov(r, b.line["shift"][j]), arm64.FMLA4S(r, x[j%2], b.line["scale"][j]))
	}
	b.ifFlag(flagAdd, func() {
		for j, r := range z {
			b.in("add", j, x[j%2])
			b.Emit(arm64.FADD4S(r, r, x[j%2]))
		}
	})
	b.ifFlag(flagReLU, func() {
		for j, r := range z {
			b.rectify(r, x[j%2])
		}
	})
	for j, r := range z {
		b.out("dst", j, r)
	}
}

// addSums adds register r to the sums of column register j, and r·x to the dots.
func (b *neonBlock) addSums(sum, dot string, j int, r, x arm64.V) {
	for half, widen := range []func(d, n arm64.V) arm64.Word{arm64.FCVTL, arm64.FCVTLHigh} {
		if half == 1 && b.size == arm64.S {
			return
		}
		b.Scope(func() {
			t := b.Vec(2)
			b.Emit(widen(t[0], r))
			factor := t[0]
			if x != r {
				b.Emit(widen(t[1], x))
				factor = t[1]
			}
			b.Emit(arm64.FADD2D(b.sum[sum][2*j+half], b.sum[sum][2*j+half], t[0]),
				arm64.FMLA2D(b.sum[dot][2*j+half], t[0], factor))
		})
	}
}

func neonChannelSums(b *neonBlock) {
	r := b.Vec(4)
	for j := range b.vectors {
		b.in("src", j, r[j])
		b.addSums("sum", "square", j, r[j], r[j])
	}
}

func neonBackwardSums(b *neonBlock) {
	t := b.Vec(3)
	x, dz, z := t[0], t[1], t[2]
	for j := range b.vectors {
		b.in("x", j, x)
		b.in("dy", j, dz)
		b.maskReLU(j, x, dz, z)
		b.addSums("sum", "dot", j, dz, x)
	}
}

// maskReLU clears dz where the line of x isn't positive.
func (b *neonBlock) maskReLU(j int, x, dz, z arm64.V) {
	b.ifFlag(flagReLU, func() {
		b.Emit(arm64.Mov(z, b.line["shift"][j]), arm64.FMLA4S(z, x, b.line["scale"][j]))
		b.keepPositive(z, dz)
	})
}

func neonBackward(b *neonBlock) {
	t := b.Vec(4)
	x, dz, z, g := t[0], t[1], t[2], t[3]
	for j := range b.vectors {
		b.in("x", j, x)
		b.in("dy", j, dz)
		b.maskReLU(j, x, dz, z)
		b.Emit(arm64.Mov(g, b.line["r"][j]), arm64.FMLA4S(g, x, b.line["q"][j]), arm64.FMLA4S(g, dz, b.line["p"][j]))
		b.ifFlag(flagAccumulate, func() {
			b.in("dx", j, z)
			b.Emit(arm64.FADD4S(g, g, z))
		})
		b.out("dx", j, g)
	}
}

// largest sets m to the largest of the four registers, the first of equals, NaN if one is NaN.
func (b *neonBlock) largest(x []arm64.V, m, spare arm64.V) {
	b.Emit(arm64.Mov(m, x[0]))
	for _, v := range x[1:4] {
		b.Emit(arm64.FCMGT4S(spare, v, m), arm64.BIT(m, v, spare))
	}
	// FMAX would lose the sign of a zero, but keeps NaN.
	b.Emit(arm64.FMAX4S(spare, x[0], x[1]), arm64.FMAX4S(spare, spare, x[2]), arm64.FMAX4S(spare, spare, x[3]))
	b.Emit(arm64.FCMEQ4S(spare, spare, spare), arm64.ORN(m, m, spare))
}

func neonMaxPool(b *neonBlock) {
	t := b.Vec(6)
	m, spare := t[4], t[5]
	for j := range b.vectors {
		for i, c := range corners {
			b.in(c, j, t[i])
		}
		b.largest(t, m, spare)
		b.ifFlag(flagReLU, func() { b.rectify(m, spare) })
		b.ifFlag(flagScale, func() { b.Emit(arm64.FMUL4S(m, m, b.line["scale"][j])) })
		b.out("dst", j, m)
	}
}

func neonMaxPoolBackward(b *neonBlock) {
	t := b.Vec(8)
	m, spare, g, hit := t[4], t[5], t[6], t[7]
	to := []arm64.R{b.at["dx"], b.Reg(), b.Reg(), b.Reg()}
	for i := 1; i < len(corners); i++ {
		b.Ins("SUB", b.at["x0"], b.at[corners[i]], to[i])
		b.Ins("ADD", b.at["dx"], to[i])
	}
	for j := range b.vectors {
		for i, c := range corners {
			b.in(c, j, t[i])
		}
		b.in("dy", j, g)
		b.ifFlag(flagScale, func() { b.Emit(arm64.FMUL4S(g, g, b.line["scale"][j])) })
		b.largest(t, m, spare)
		b.ifFlag(flagReLU, func() {
			b.Emit(arm64.Mov(hit, m))
			b.keepPositive(hit, g)
		})
		for i := range corners {
			// The gradient goes to the first corner that equals the maximum; then none is left.
			b.Emit(arm64.FCMEQ4S(spare, t[i], m), arm64.AND(hit, g, spare), arm64.BIC(g, g, spare))
			b.Emit(b.size.Store(hit, to[i], 16*j))
		}
	}
}
