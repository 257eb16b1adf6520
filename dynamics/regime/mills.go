package regime

import "sync"

// Most of the time of a fit is ln Φ and its derivative, the inverse Mills ratio φ/Φ, at the linear
// predictors of thousands of groups, dozens of times. They are read from a table of Taylor series
// about nodes: the remainder is below 1e-15 for ln Φ, and 1e-12 for the ratio.
const (
	tableReach = 8  // the table is of -8 to 8
	perUnit    = 64 // nodes in a unit
)

// series are the coefficients of ln Φ(node + h) in powers of h.
type series [6]float64

var table = sync.OnceValue(func() *[2*tableReach*perUnit + 1]series {
	out := new([2*tableReach*perUnit + 1]series)
	for k := range out {
		x := float64(float64(k)/perUnit) - tableReach
		// Derivatives of λ = φ/Φ, from λ' = -λ(x + λ) by the product rule.
		l := density(x) / cumulative(x)
		u := x + l
		l1 := -float64(l * u)
		u1 := 1 + l1
		l2 := -(float64(l1*u) + float64(l*u1))
		l3 := -(float64(l2*u) + float64(2*l1*u1) + float64(l*l2))
		l4 := -(float64(l3*u) + float64(3*l2*u1) + float64(3*l1*l2) + float64(l*l3))
		out[k] = series{logCumulative(x), l, l1 / 2, l2 / 6, l3 / 24, l4 / 120}
	}
	return out
})

// logsAndRatios are ln Φ(x) and φ(x)/Φ(x) of values times a sign, all within the table.
func logsAndRatios(values []float64, sign float64, logs, ratios []float64) {
	t, logs, ratios := table(), logs[:len(values)], ratios[:len(values)]
	for i, x := range values {
		x = float64(x * sign)
		at := float64((x+tableReach)*perUnit) + .5
		k := int(at)
		s := &t[k]
		h := x + tableReach - float64(float64(k)/perUnit)
		log := s[4] + float64(h*s[5])
		ratio := float64(4*s[4]) + float64(h*5*s[5])
		log = s[3] + float64(h*log)
		ratio = float64(3*s[3]) + float64(h*ratio)
		log = s[2] + float64(h*log)
		ratio = float64(2*s[2]) + float64(h*ratio)
		log = s[1] + float64(h*log)
		ratio = s[1] + float64(h*ratio)
		logs[i], ratios[i] = s[0]+float64(h*log), ratio
	}
}

// millsRatio is φ(x)/Φ(x) of one value within the table.
func millsRatio(x float64) float64 {
	var log, ratio [1]float64
	logsAndRatios([]float64{x}, 1, log[:], ratio[:])
	return ratio[0]
}
