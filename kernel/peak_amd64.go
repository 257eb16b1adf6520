//go:build !purego

package kernel

// peakLoop runs n rounds of multiply-adds and returns the operations of a round.
func peakLoop(l Level, n int) int {
	switch l {
	case AVX512:
		return peakAVX512(n)
	case AVX2:
		return peakAVX2(n)
	}
	return portablePeak(n)
}
