package regime

import "math"

// phi is the standard normal density.
func density(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }

// cumulative is the standard normal distribution function Φ.
func cumulative(x float64) float64 { return float64(.5 * math.Erfc(-x/math.Sqrt2)) }

// quantile is Φ⁻¹ of a share in (0, 1).
func quantile(p float64) float64 { return float64(-math.Sqrt2 * math.Erfcinv(2*p)) }

// logCumulative is ln Φ(x). Far in the lower tail, where Φ has no float64, it is the asymptotic series
// ln φ(x) - ln(-x) + ln(1 - 1/x² + 3/x⁴ - 15/x⁶ + 105/x⁸).
func logCumulative(x float64) float64 {
	switch {
	case x > 6:
		return math.Log1p(-.5 * math.Erfc(x/math.Sqrt2))
	case x > -20:
		return math.Log(cumulative(x))
	}
	z := 1 / (x * x)
	series := -15 + float64(105*z)
	series = 3 + float64(z*series)
	series = -1 + float64(z*series)
	return -float64(x*x/2) - float64(.5*math.Log(2*math.Pi)) - math.Log(-x) + math.Log1p(z*series)
}
