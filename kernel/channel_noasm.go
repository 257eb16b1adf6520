//go:build (!amd64 && !arm64) || purego

package kernel

// Without assembly every level is Portable and none of these is called.

func vectorScaleShift(_ Level, _, _, _ View, _, _ int, _, _ []float32, _ bool)                 {}
func vectorChannelSums(_ Level, _, _ []float64, _ View, _, _ int)                              {}
func vectorBackwardSums(_ Level, _, _ []float64, _, _ View, _, _ int, _ *Normalised)           {}
func vectorBackward(_ Level, _, _, _ View, _, _ int, _ *Normalised, _, _, _ []float32, _ bool) {}
