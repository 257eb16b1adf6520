// Package elementary has the functions of package math on which a training depends, with the same
// bits on every machine: math.Exp and math.Log are assembly that differs between architectures, and
// compilers may fuse the sums of the others. On amd64 with FMA the results are those of package
// math.
//
// Every product is rounded, by a conversion, or fused with its sum, by math.FMA.
package elementary

import "math"

// Log returns ln x with an error below one unit in the last place: x = 2^k·(1+f), ln(1+f) = f - f²/2
// + s·(f²/2+R(s²)) with s = f/(2+f) and R a polynomial of degree 7 (FreeBSD's e_log.c).
func Log(x float64) float64 {
	const (
		ln2High = 6.93147180369123816490e-01
		ln2Low  = 1.90821492927058770002e-10
	)
	switch {
	case x != x || x > math.MaxFloat64:
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	f, exponent := math.Frexp(x)
	if f < math.Sqrt2/2 {
		f *= 2
		exponent--
	}
	f--
	k, s := float64(exponent), f/(2+f)
	s2 := s * s
	s4 := s2 * s2
	odd := s2 * polynomial(s4, 1.479819860511658591e-01, 1.818357216161805012e-01, 2.857142874366239149e-01, 6.666666666666735130e-01)
	even := s4 * polynomial(s4, 1.531383769920937332e-01, 2.222219843214978396e-01, 3.999999999940941908e-01)
	half := float64(.5 * f * f)
	rest := float64(s*(half+(float64(odd)+float64(even)))) + float64(k*ln2Low)
	return float64(k*ln2High) - ((half - rest) - f)
}

// polynomial is c[0]·x^n + … + c[n].
func polynomial(x float64, c ...float64) float64 {
	y := c[0]
	for _, a := range c[1:] {
		y = float64(y*x) + a
	}
	return y
}

// Cos returns the cosine of x, |x| < 2^29.
func Cos(x float64) float64 {
	_, cos := Sincos(x)
	return cos
}

// Sincos returns the sine and the cosine of x, |x| < 2^29, with an error below 2^-53 (Cephes): the
// nearest multiple of π/2 is taken off in three parts, and a polynomial gives the rest.
func Sincos(x float64) (sin, cos float64) {
	const high, middle, low = 7.85398125648498535156e-1, 3.77489470793079817668e-8, 2.69515142907905952645e-15 // π/4
	negative := math.Signbit(x)
	x = math.Abs(x)
	octant := int(x * (4 / math.Pi))
	octant += octant & 1
	y := float64(octant)
	z := ((x - float64(y*high)) - float64(y*middle)) - float64(y*low)
	zz := z * z
	cos = 1 - float64(.5*zz) + float64(float64(zz*zz)*polynomial(zz, -1.13585365213876817300e-11, 2.08757008419747316778e-9,
		-2.75573141792967388112e-7, 2.48015872888517045348e-5, -1.38888888888730564116e-3, 4.16666666666665929218e-2))
	sin = z + float64(float64(z*zz)*polynomial(zz, 1.58962301576546568060e-10, -2.50507477628578072866e-8,
		2.75573136213857245213e-6, -1.98412698295895385996e-4, 8.33333333332211858878e-3, -1.66666666666666307295e-1))
	if octant&2 != 0 {
		sin, cos = cos, -sin
	}
	if octant&4 != 0 {
		sin, cos = -sin, -cos
	}
	if negative {
		sin = -sin
	}
	return sin, cos
}
