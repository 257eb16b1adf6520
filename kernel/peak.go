package kernel

// PeakLoop runs n rounds of independent fused multiply-adds in registers and
// returns how many floating-point operations that were: the divisor of a share
// of the machine's limit. One multiply-add counts two.
func (k Kernels) PeakLoop(n int) float64 {
	var s [8]float32
	for range n {
		for i := range s {
			s[i] = fma(s[i], 0.5, 1)
		}
	}
	sink = s[0]
	return float64(n) * 16
}

var sink float32
