package elementary

import "math"

// Exp returns e^x with an error below one unit in the last place: x = n·ln 2 + 16r, e^16r from a
// Taylor series of e^r-1 that is squared four times (Shibata, "Efficient evaluation methods of
// elementary functions suitable for SIMD computation", 2010).
func Exp(x float64) float64 {
	const (
		overflow = 709.782712893384
		ln2High  = 0.69314718055966295651160180568695068359375
		ln2Low   = 0.28235290563031577122588448175013436025525412068e-12
	)
	switch {
	case x != x || x > overflow:
		return x + math.Inf(1) // NaN stays
	case x < -746:
		return 0
	}
	n := math.RoundToEven(x * math.Log2E)
	if n > 1023 { // the last ones that are finite, as amd64 has it
		return math.Inf(1)
	}
	r := math.FMA(-n, ln2Low, math.FMA(-n, ln2High, x)) / 16
	s := 1. / 40320
	for _, c := range [...]float64{1. / 5040, 1. / 720, 1. / 120, 1. / 24, 1. / 6, .5, 1} {
		s = math.FMA(s, r, c)
	}
	m := r * s // e^r - 1
	for range 3 {
		m *= m + 2
	}
	return math.Ldexp(math.FMA(m+2, m, 1), int(n))
}
