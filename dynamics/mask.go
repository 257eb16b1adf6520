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

// rightMasks does so for every evaluation of a log.
func rightMasks(l *Log) []mask {
	out := make([]mask, len(l.Predictions))
	for t, p := range l.Predictions {
		out[t] = rightMask(l.Labels, p)
	}
	return out
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
