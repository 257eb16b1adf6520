// Package half converts between float32 and the 16 bits of IEEE 754's half precision.
package half

import "math"

// Largest is the largest finite number of half precision.
const Largest = 65504

// From is the half-precision number next to x, with ties to the even one. Numbers beyond Largest,
// infinite ones too, become Largest with their sign; NaN stays NaN.
func From(x float32) uint16 {
	b := math.Float32bits(x)
	sign := uint16(b >> 16 & 0x8000)
	b &= 0x7fffffff
	switch {
	case b > 0x7f800000: // NaN
		return sign | 0x7e00
	case b >= 0x477ff000: // would round to 65536
		return sign | 0x7bff
	case b >= 0x38800000: // normal: the exponent's bias is 127 there and 15 here
		b -= 112 << 23
		return sign | uint16((b+0xfff+b>>13&1)>>13)
	}
	// Subnormal: in units of 2^-24, where adding 2^23 units rounds as the processor does.
	units := float32(math.Float32frombits(b) * (1 << 24))
	return sign | uint16(math.Float32bits(units+1<<23)-math.Float32bits(1<<23))
}

// Float32 is the half-precision number with these bits.
func Float32(h uint16) float32 {
	sign, exponent, fraction := uint32(h&0x8000)<<16, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exponent {
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	case 0:
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)/(1<<24)))
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}
