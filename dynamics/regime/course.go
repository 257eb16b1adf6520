package regime

import "math/bits"

// courses are the right answers of n examples at some evaluations, each example's in words of its own:
// evaluation t, counted from the first, at bit t%64 of word t/64. Bits after the last one are set.
type courses struct {
	evaluations, words int
	bits               []uint64
}

// coursesOf reads the evaluations from one to another. What is right is turned into bits without a branch:
// it would be mispredicted for every flip.
func coursesOf(n, from, to int, correct func(t int) []bool) *courses {
	c := &courses{evaluations: to - from, words: (to - from + 63) / 64}
	c.bits = make([]uint64, n*c.words)
	for t := range c.evaluations {
		at := t / 64
		for _, r := range correct(from + t) {
			bit := uint64(0)
			if r {
				bit = 1
			}
			c.bits[at] |= bit << (t % 64)
			at += c.words
		}
	}
	if rest := c.evaluations % 64; rest > 0 {
		for last := c.words - 1; last < len(c.bits); last += c.words {
			c.bits[last] |= ^uint64(0) << rest
		}
	}
	return c
}

// A course is what the order of learning is read from. Evaluations are counted from the first.
type course struct {
	right    int // evaluations
	switched int // the earliest t that minimises those before t that are right plus those from t on that are wrong
	mistake  int // one more than the last that is wrong; 0 where none is
}

// read reads example i. The cost of switching at t is that of switching at 0, and 1 more for every right
// evaluation before t and 1 less for every wrong one: its lowest point is found eight evaluations at a time.
func (c *courses) read(i int) (out course) {
	cost, lowest := 0, 0
	for k, word := range c.bits[i*c.words : (i+1)*c.words] {
		out.right += bits.OnesCount64(word)
		if word != ^uint64(0) {
			out.mistake = 64*k + bits.Len64(^word)
		}
		for at := 64 * k; at < 64*k+64; at += 8 {
			w := &walks[uint8(word)]
			if cost+w.lowest < lowest {
				lowest, out.switched = cost+w.lowest, at+w.at
			}
			cost += w.end
			word >>= 8
		}
	}
	out.right -= 64*c.words - c.evaluations
	return out
}

// walks are those over 8 evaluations, by their bits: up by 1 for one that is right, down by 1 for one that
// is wrong; the end, and the lowest point, reached first after at of them.
var walks = func() (out [256]struct{ end, lowest, at int }) {
	for b := range out {
		w := &out[b]
		w.lowest = 1
		for t := range 8 {
			w.end += 2*(b>>t&1) - 1
			if w.end < w.lowest {
				w.lowest, w.at = w.end, t+1
			}
		}
	}
	return out
}()
