// Package pcg draws the numbers of math/rand/v2's PCG, bit for bit, many at a time. Simulations and
// resampling draw some ten million numbers each: one by one, through an interface, most of their time
// would go there.
package pcg

import "math/bits"

// A Source is the generator that math/rand/v2.PCG is.
type Source struct{ hi, lo uint64 }

// New is a source that draws what rand.New(rand.NewPCG(seed1, seed2)) does.
func New(seed1, seed2 uint64) *Source { return &Source{seed1, seed2} }

// The multiplier and the increment of the generator, and the multiplier of its output, as in
// math/rand/v2.
const (
	mulHi, mulLo = 2549297995355413924, 4865540595714422341
	incHi, incLo = 6364136223846793005, 1442695040888963407
	outMul       = 0xda942042e4dd58b5
)

// next is the state after another.
func next(hi, lo uint64) (uint64, uint64) {
	up, down := bits.Mul64(lo, mulLo)
	up += lo * mulHi
	lo, carry := bits.Add64(down, incLo, 0)
	up, _ = bits.Add64(up, incHi, carry)
	return hi*mulLo + up, lo // in this order the state after the next one waits for one product and one sum
}

// output is the number of a state.
func output(hi, lo uint64) uint64 {
	hi ^= hi >> 32
	hi *= outMul
	hi ^= hi >> 48
	return hi * (lo | 1)
}

// Uint64 draws one number, which makes a Source one of math/rand/v2.
func (s *Source) Uint64() uint64 {
	s.hi, s.lo = next(s.hi, s.lo)
	return output(s.hi, s.lo)
}

// Fill draws one value of Uint64 after another.
func (s *Source) Fill(out []uint64) {
	hi, lo := s.hi, s.lo
	for i := range out {
		hi, lo = next(hi, lo)
		out[i] = output(hi, lo)
	}
	s.hi, s.lo = hi, lo
}

// fraction is what rand.Float64 keeps of a number: 53 bits, which it divides by 2⁵³.
const fraction = 1<<53 - 1

// Limit is how many of the 2⁵³ values of rand.Float64 lie below p: Float64() < p where the 53 bits are
// below Limit(p).
func Limit(p float64) uint64 {
	switch {
	case !(p > 0):
		return 0
	case p >= 1:
		return 1 << 53
	}
	scaled := p * (1 << 53) // exact
	limit := uint64(scaled)
	if float64(limit) < scaled {
		limit++
	}
	return limit
}

// Below is 1 where a number is below a limit, else 0: where rand.Float64 of it is below p, limit being
// Limit(p).
func Below(number, limit uint64) uint64 {
	return (number&fraction - limit) >> 63 // both have 53 bits: a negative difference has bit 63
}

// AllBelow draws a number for each of up to 64 limits; bit i is Below of the i-th.
func (s *Source) AllBelow(limits []uint64) (word uint64) {
	hi, lo := s.hi, s.lo
	for i, limit := range limits {
		hi, lo = next(hi, lo)
		word |= Below(output(hi, lo), limit) << (i & 63)
	}
	s.hi, s.lo = hi, lo
	return word
}

// Counts draws IntN(len(counts)) as often as there are counts and counts what it draws: a resample with
// replacement. A count has no more than 255: more has a probability below 1/256!.
func (s *Source) Counts(counts []uint8) {
	clear(counts)
	n := uint64(len(counts))
	hi, lo := s.hi, s.lo
	if n&(n-1) == 0 { // of a power of two rand takes the lowest bits
		for range counts {
			hi, lo = next(hi, lo)
			counts[output(hi, lo)&(n-1)]++
		}
	} else {
		reject := -n % n // 2⁶⁴ isn't a multiple of n: with so many more numbers some of n would be likelier than others
		for left := n; left > 0; {
			hi, lo = next(hi, lo)
			if at, low := bits.Mul64(output(hi, lo), n); low >= reject {
				counts[at]++
				left--
			}
		}
	}
	s.hi, s.lo = hi, lo
}
