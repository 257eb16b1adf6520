package kernel

import "math"

// exp32 is the scalar that Exp equals, operation by operation: e^x = 2^n·e^r with n = round(x/ln
// 2), and e^r a polynomial of degree 7.
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

// Exp sets dst[i] = e^src[i] for i < len(src), with gradual underflow to 0, overflow to +Inf, and
// an error below 2 units in the last place. dst may be src. It panics if dst is shorter than src.
func (k Kernels) Exp(dst, src []float32) {
	dst = take(dst, len(src))
	if k.level != Portable && len(src) > 0 {
		vectorExp(k.level, dst, src)
		return
	}
	for i, x := range src {
		dst[i] = exp32(x)
	}
}

// RBF turns dot products into a row of the radial basis kernel:
//
//	dst[j] = e^(-gamma · max(0, na + nb[j] - 2·dot[j]))    for j < len(dot)
//
// where na and nb[j] are the squared norms of the two vectors whose product is dot[j]. The sum
// na+nb[j] is rounded, then the difference by one fused multiply-add. dst may be dot. It panics if
// dst or nb is shorter than dot.
func (k Kernels) RBF(dst, dot, nb []float32, na, gamma float32) {
	dst, nb = take(dst, len(dot)), take(nb, len(dot))
	if k.level != Portable && len(dot) > 0 {
		vectorRBF(k.level, dst, dot, nb, na, gamma)
		return
	}
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
