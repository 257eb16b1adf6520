package kernel

import "math"

// The processors' sums of products of bfloat16, exact to the bit. Both kinds of instruction treat
// denormal numbers as zeros, replace denormal results by zeros of their sign, and round to nearest,
// whatever the program has set.

// chunkPairs is how many pairs TDPBF16PS sums by itself.
const chunkPairs = 16

// dotVDP is one lane of VDPBF16PS, for the pairs a and b: the second products first.
func dotVDP(acc float32, a, b []BF16) float32 {
	acc = fmaFlush(a[1].Float32(), b[1].Float32(), acc)
	return fmaFlush(a[0].Float32(), b[0].Float32(), acc)
}

// flush is x, or a zero of its sign if x is denormal.
func flush(x float32) float32 {
	if b := math.Float32bits(x); b&^signBit < leastNormal {
		return math.Float32frombits(b & signBit)
	}
	return x
}

// addFlush is x + y.
func addFlush(x, y float32) float32 { return fmaFlush(x, 1, y) }

// fmaFlush is x·y + z for x and y that are bfloat16 (or whose product is exact in float64), rounded
// once. A result is denormal if it would be with an unlimited exponent, so what is below 2^-126 by
// less than half a unit of its 24 bits is not.
func fmaFlush(x, y, z float32) float32 {
	p, w := float64(float64(flush(x))*float64(flush(y))), float64(flush(z))
	s := p + w
	if s >= 0x1p-125 || s <= -0x1p-125 || s == 0 || s != s {
		return fma(flush(x), flush(y), flush(z))
	}
	const least = 0x1p-126 - 0x1p-151
	odd := roundOdd(p, w, s)
	if math.Abs(odd) < least {
		return float32(math.Copysign(0, odd))
	}
	return float32(odd)
}
