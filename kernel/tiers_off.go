//go:build !bfloat16 || !amd64 || purego

package kernel

// tiersBuilt says whether this build has the assembly of the tiers whose tests no processor has run.
const tiersBuilt = false

func (m Products) switchedOn(*Product16, *Taps, []float32, []BF16, []BF16, []float32) bool {
	return false
}

func (m Products) peakLoop(n int) int { return portablePeak(n) }
