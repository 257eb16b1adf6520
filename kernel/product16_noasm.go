//go:build !amd64 || purego

package kernel

func (m Products) assembled(*Product16, *Taps, []float32, []BF16, []BF16, []float32) bool {
	return false
}

func (m Products) peakLoop(n int) int { return portablePeak(n) }

// tiersBuilt says whether this build has assembly for AVX512BF16 and AMX.
const tiersBuilt = false

func (t Tier) inProcessor() bool { return t == Widened }
func (t Tier) allowed() bool     { return t == Widened }
