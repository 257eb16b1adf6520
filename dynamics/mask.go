package dynamics

import "math/bits"

// mask holds one bit an example, example i at bit i%64 of word i/64. Bits past the last example are
// 0.
type mask []uint64

func newMask(n int) mask { return make(mask, (n+63)/64) }

// rightMask marks the examples whose prediction is the label.
func rightMask(labels, predictions []uint16) mask {
	m := newMask(len(labels))
	for w := range m {
		lo := w * 64
		hi := min(lo+64, len(labels))
		l, p := labels[lo:hi], predictions[lo:hi]
		var word uint64
		for i := range l {
			// x is 0 exactly when they are equal; then (x-1) borrows into bit 63.
			x := uint64(l[i] ^ p[i])
			word |= (x - 1) >> 63 << i
		}
		m[w] = word
	}
	return m
}

// rightMasks marks what the network gets right at every evaluation of a log.
func rightMasks(l *Log) []mask {
	out := make([]mask, len(l.Predictions))
	for t := range out {
		out[t] = l.at(t)
	}
	return out
}

// at marks what the network gets right at evaluation t.
func (l *Log) at(t int) mask {
	if given := l.RightGiven(t); given != nil {
		return maskOf(given)
	}
	return rightMask(l.Labels, l.Predictions[t])
}

// right marks what the reference gets right.
func (r Reference) right(labels []uint16) mask {
	if r.Right != nil {
		return maskOf(r.Right)
	}
	return rightMask(labels, r.Predictions)
}

// maskOf marks the true entries.
func maskOf(marked []bool) mask {
	m := newMask(len(marked))
	for i, b := range marked {
		if b {
			m.set(i)
		}
	}
	return m
}

func (m mask) get(i int) bool { return m[i/64]>>(i%64)&1 == 1 }

func (m mask) set(i int) { m[i/64] |= 1 << (i % 64) }

// count is the number of marked examples.
func (m mask) count() int {
	c := 0
	for _, w := range m {
		c += bits.OnesCount64(w)
	}
	return c
}

// countAnd is the number of examples marked in both.
func (m mask) countAnd(o mask) int {
	o = o[:len(m)] // removes bounds checks from the loop
	c := 0
	for i, w := range m {
		c += bits.OnesCount64(w & o[i])
	}
	return c
}

// countAnds is countAnd with each of others, into out. Of three it reads m once.
func (m mask) countAnds(others []mask, out []int) {
	for ; len(others) >= 3; others, out = others[3:], out[3:] {
		a, b, c := others[0][:len(m)], others[1][:len(m)], others[2][:len(m)]
		x, y, z := 0, 0, 0
		for i, w := range m {
			x += bits.OnesCount64(w & a[i])
			y += bits.OnesCount64(w & b[i])
			z += bits.OnesCount64(w & c[i])
		}
		out[0], out[1], out[2] = x, y, z
	}
	for k, o := range others {
		out[k] = m.countAnd(o)
	}
}

// and marks the examples marked in both.
func (m mask) and(o mask) mask {
	out := make(mask, len(m))
	for i, w := range m {
		out[i] = w & o[i]
	}
	return out
}

// indices lists the marked examples in order.
func (m mask) indices() []int {
	out := make([]int, 0, m.count())
	for i, w := range m {
		for ; w != 0; w &= w - 1 {
			out = append(out, i*64+bits.TrailingZeros64(w))
		}
	}
	return out
}
