package contingency

import "math"

// Normal is the standard normal distribution function Φ(x).
func Normal(x float64) float64 { return .5 * math.Erfc(-x/math.Sqrt2) }

// NormalQuantile is Φ⁻¹(p) of a share p; infinite at 0 and 1.
func NormalQuantile(p float64) float64 { return -math.Sqrt2 * math.Erfcinv(2*p) }

// NormalBoth is P(X < h and Y < k) of two standard normal variables of a correlation within (-1, 1),
// to 1e-9 or better up to ±.99.
func NormalBoth(h, k, correlation float64) float64 {
	return float64(Normal(h)*Normal(k)) + excess(h, k, math.Asin(correlation))
}

// NormalDensity is their joint density at h and k, which is also the derivative of NormalBoth by the
// correlation.
func NormalDensity(h, k, correlation float64) float64 {
	theta := math.Asin(correlation)
	return integrand(h, k, theta) / (2 * math.Pi * math.Cos(theta))
}
