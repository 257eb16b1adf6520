//go:build !purego

package kernel

// peakLoop runs n rounds of multiply-adds and returns the operations of a round.
func peakLoop(l Level, n int) int {
	if l == NEON {
		return peakNEON(n)
	}
	return portablePeak(n)
}
