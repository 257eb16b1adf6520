package kernel

import "math"

// fmaEmulated returns x*y + z rounded once to float32, as the processor's fused multiply-add does:
// fma is this, or the instruction where the compiler has one. The product of two float32 is exact
// in float64, but its sum with z is rounded to 53 bits and then to 24, and two roundings differ from
// one when the first lands exactly between two float32. Only then is the lost part recovered.
func fmaEmulated(x, y, z float32) float32 {
	p := float64(x) * float64(y)
	s := p + float64(z)
	const tail, half = 1<<29 - 1, 1 << 28
	if math.Float64bits(s)&tail != half && (s >= 0x1p-126 || s <= -0x1p-126 || s == 0) {
		return float32(s)
	}
	return float32(roundOdd(p, float64(z), s))
}

// roundOdd is p+z, whose float64 rounding is s, rounded to odd (Boldo and Melquiond, 2008): when s
// isn't exact, the neighbour with an odd last bit stands for everything between two values, so that
// a second rounding can't mistake it for a tie.
func roundOdd(p, z, s float64) float64 {
	t := s - p
	e := (p - (s - t)) + (z - t) // the exact error of s (Knuth's two-sum)
	bits := math.Float64bits(s)
	if e == 0 || e != e || bits&1 == 1 {
		return s
	}
	if (e > 0) == (s > 0) {
		bits++
	} else {
		bits--
	}
	return math.Float64frombits(bits)
}
