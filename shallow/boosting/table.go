package boosting

import (
	"encoding/binary"
	"math/bits"
	"unsafe"

	"shoal/internal/parallel"
	"shoal/shallow/model"
)

const (
	inBlock     = 8   // features whose bytes lie side by side
	values      = 256 // of a byte
	maxFeatures = 1 << 24
	maxExamples = 1 << 24 // keeps Hessians of 2^-17 apart
)

func blocksOf(features int) int { return (features + inBlock - 1) / inBlock }

// table is the training examples: the bytes of features 8b to 8b+7 of example i in words[b·n+i].
type table struct {
	n, d, blocks int
	words        []uint64
	size         []int // of each feature: its largest byte and one
}

func newTable(e model.Examples, workers int) *table {
	t := &table{n: e.Len(), d: e.Features, blocks: blocksOf(e.Features), size: make([]int, e.Features)}
	t.words = make([]uint64, t.blocks*t.n)
	parallel.For(workers, t.blocks, func(_, b int) {
		words := t.block(b)
		from, to := b*inBlock, min(t.d, (b+1)*inBlock)
		var largest [inBlock]byte
		for i := range words {
			row := e.Pixels[i*t.d+from : i*t.d+to]
			if len(row) == inBlock {
				words[i] = binary.LittleEndian.Uint64(row)
			} else {
				var some [inBlock]byte
				copy(some[:], row)
				words[i] = binary.LittleEndian.Uint64(some[:])
			}
			for f, v := range row {
				largest[f] = max(largest[f], v)
			}
		}
		for f := from; f < to; f++ {
			t.size[f] = int(largest[f-from]) + 1
		}
	})
	return t
}

// block returns the words of eight features, one an example.
func (t *table) block(b int) []uint64 { return t.words[b*t.n : (b+1)*t.n] }

// value returns the byte of a feature of example i.
func (t *table) value(feature uint32, i uint32) byte {
	return byte(t.words[int(feature)/inBlock*t.n+int(i)] >> (feature % inBlock * 8))
}

// pair is the gradient of an example in units of 2^-gradientBits and, in one word, its Hessian above
// the count of it, which is 1. Sums of pairs are exact and don't run into each other.
type pair struct {
	gradient int64
	rest     uint64
}

const (
	gradientBits = 30
	pairBytes    = int64(unsafe.Sizeof(pair{}))
	blockBytes   = inBlock * values * pairBytes
)

// units are those of the pairs of n examples.
type units struct {
	shift   uint    // of the Hessian: the bits that count n examples
	hessian float64 // how many make 1
	one     float64 // 1/hessian
}

// newUnits makes room for n Hessians of at most 1/4.
func newUnits(n int) units {
	u := units{shift: uint(bits.Len(uint(n)))}
	u.hessian = min(1<<gradientBits, float64(uint64(1)<<(64-u.shift)-1)/float64(n)*4*(1-1e-9))
	u.one = 1 / u.hessian
	return u
}

// of returns the pair of a probability p of the class, which is the example's or not.
func (u units) of(p float32, is bool) pair {
	g := float64(p)
	if is {
		g--
	}
	h := float64(p) * (1 - float64(p))
	return pair{int64(g * (1 << gradientBits)), uint64(h*u.hessian)<<u.shift | 1}
}

// split takes a sum apart: gradient, Hessian and number of examples.
func (u units) split(p pair) (g, h float64, count int) {
	return float64(float64(p.gradient) * (1. / (1 << gradientBits))), float64(float64(int64(p.rest>>(u.shift&63))) * u.one), u.count(p)
}

// count is how many examples are in a sum.
func (u units) count(p pair) int { return int(p.rest & (1<<(u.shift&63) - 1)) }

// block8 are the histograms of eight features.
type block8 [inBlock][values]pair

// histogram is those of all features, block by block. Of a feature only the bytes that it has are
// kept up to date.
type histogram []block8

// clear zeroes block b.
func (h histogram) clear(t *table, b int) {
	for f := range h[b] {
		if at := b*inBlock + f; at < t.d {
			clear(h[b][f][:t.size[at]])
		}
	}
}

// add counts the examples of a list in a block.
func (h *block8) add(words []uint64, list []uint32, pairs []pair) {
	pairs = pairs[:len(words)]
	for _, i := range list {
		w, p := words[i], pairs[i]
		e := &h[0][w&255]
		e.gradient += p.gradient
		e.rest += p.rest
		e = &h[1][w>>8&255]
		e.gradient += p.gradient
		e.rest += p.rest
		e = &h[2][w>>16&255]
		e.gradient += p.gradient
		e.rest += p.rest
		e = &h[3][w>>24&255]
		e.gradient += p.gradient
		e.rest += p.rest
		e = &h[4][w>>32&255]
		e.gradient += p.gradient
		e.rest += p.rest
		e = &h[5][w>>40&255]
		e.gradient += p.gradient
		e.rest += p.rest
		e = &h[6][w>>48&255]
		e.gradient += p.gradient
		e.rest += p.rest
		e = &h[7][w>>56]
		e.gradient += p.gradient
		e.rest += p.rest
	}
}

// addSome is add for a last block of fewer features.
func (h *block8) addSome(words []uint64, list []uint32, pairs []pair, features int) {
	pairs = pairs[:len(words)]
	for _, i := range list {
		w, p := words[i], pairs[i]
		for f := range h[:features&7] {
			e := &h[f][w&255]
			e.gradient += p.gradient
			e.rest += p.rest
			w >>= 8
		}
	}
}

// subtract takes the counts of a block of another node from h's.
func (h histogram) subtract(other histogram, t *table, b int) {
	for f := range h[b] {
		at := b*inBlock + f
		if at >= t.d {
			return
		}
		from, less := h[b][f][:t.size[at]], other[b][f][:t.size[at]]
		for v := range from {
			from[v].gradient -= less[v].gradient
			from[v].rest -= less[v].rest
		}
	}
}
