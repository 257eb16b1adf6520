//go:build !amd64 || purego

package kernel

// There is no assembly for the passes of bfloat16 here, so none of the others is called.

func (k Kernels) rounds() bool { return false }

func vectorNarrowAll(View16, View, int, int) {}

func vectorScaleShift16(View16, View16, int, int, []float32, []float32, bool) {}

func vectorAverageLines16(View16, *[4]View16, int, int, []float32, []float32, bool) {
}

func vectorAddLines16(View16, View16, View16, int, int, []float32, []float32, []float32, []float32, bool) {
}

func vectorNarrowAddLines16(View16, View, View16, int, int, []float32, []float32, []float32, []float32, bool) {
}

func vectorNarrowSums([]float64, []float64, View16, View, int, int) {}
func vectorSums16([]float64, []float64, View16, View16, int, int)   {}
func vectorCouple([]BF16, int, View16, int, int)                    {}
func vectorTurn([]BF16, int, View16, int, int)                      {}
func vectorPackPairs([]BF16, []float32, int)                        {}

func vectorBackward16([]float64, []float64, View16, View, View16, int, int, *Normalised, []float32, bool) {
}

func vectorOwed16(View16, View16, View16, int, int, []float32, []float32, []float32, bool) {
}

func vectorTransposePairs([]BF16, []float32) {}
