package kernel

import "math"

// The exponential is 2^n·e^r with n = round(x/ln 2) and |r| <= ln 2/2; e^r is
// a polynomial of degree 6 (Taylor's with the last two coefficients moved by
// the approximation error), good to about one unit in the last place.
const (
	expHigh = 89   // e^89 overflows float32
	expLow  = -104 // e^-104 rounds to zero
	log2e   = 1.44269504088896341
	ln2Hi   = 0.693359375 // 9 bits, so that n·ln2Hi is exact
	ln2Lo   = -2.12194440054690583e-4
)

// expPoly holds the coefficients of r^6 … r^2; those of r and 1 are 1.
var expPoly = [5]float32{
	1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
}

// exp32 is the scalar that Exp equals, operation by operation.
func exp32(x float32) float32 {
	if x > expHigh { // not min(x, expHigh): NaN must stay
		x = expHigh
	}
	if x < expLow {
		x = expLow
	}
	n := float32(math.RoundToEven(float64(float32(x * log2e))))
	r := fma(-n, ln2Hi, x)
	r = fma(-n, ln2Lo, r)
	s := expPoly[0]
	for _, c := range expPoly[1:] {
		s = fma(s, r, c)
	}
	s = fma(s, r, 1)
	s = fma(s, r, 1)
	if n != n {
		return n
	}
	// Two powers of two, because 2^n alone is not a float32 at either end.
	h := int32(n) >> 1
	s *= math.Float32frombits(uint32(h+127) << 23)
	return s * math.Float32frombits(uint32(int32(n)-h+127)<<23)
}

// Exp sets dst[i] = e^src[i] for i < len(src), with gradual underflow to 0,
// overflow to +Inf, and an error below 2 units in the last place. dst may be src.
// It panics if dst is shorter than src.
func (k Kernels) Exp(dst, src []float32) {
	dst = dst[:len(src)]
	for i, x := range src {
		dst[i] = exp32(x)
	}
}

// RBF turns dot products into a row of the radial basis kernel:
//
//	dst[j] = e^(-gamma · max(0, na + nb[j] - 2·dot[j]))    for j < len(dot)
//
// where na and nb[j] are the squared norms of the two vectors whose product is
// dot[j]. The sum na+nb[j] is rounded, then the difference by one fused
// multiply-add. dst may be dot. It panics if dst or nb is shorter than dot.
func (k Kernels) RBF(dst, dot, nb []float32, na, gamma float32) {
	dst, nb = dst[:len(dot)], nb[:len(dot)]
	for j, d := range dot {
		dst[j] = rbf32(d, nb[j], na, gamma)
	}
}

// rbf32 is the scalar that RBF equals.
func rbf32(dot, nb, na, gamma float32) float32 {
	d := fma(-2, dot, na+nb)
	if 0 > d {
		d = 0
	}
	return exp32(-gamma * d)
}
