//go:build !purego

package kernel

func vectorExp(_ Level, dst, src []float32) { expNEON(&dst[0], &src[0], len(src), 0) }

func vectorRBF(_ Level, dst, dot, nb []float32, na, gamma float32) {
	rbfNEON(&dst[0], &dot[0], &nb[0], na, -gamma, len(dot), 0)
}

func vectorReLU(_ Level, dst, src []float32) { reluNEON(&dst[0], &src[0], len(src), 0) }

func vectorReLUBackward(_ Level, dst, dy, y []float32) {
	reluBackwardNEON(&dst[0], &dy[0], &y[0], len(y), 0)
}

func vectorAddScaled(_ Level, y, x []float32, a float32) {
	addScaledNEON(&y[0], &x[0], a, len(x), 0)
}

func vectorUpdate(_ Level, w, v, g []float32, s SGD) {
	updateNEON(&w[0], &v[0], &g[0], -s.LearningRate, s.Momentum, s.WeightDecay, len(w), bit(s.Nesterov, flagNesterov))
}

// vectorSquaredNorm leaves what is no whole block to the portable code.
func vectorSquaredNorm(_ Level, x []float32) float32 {
	var lane [normLanes]float32
	blocks := len(x) / normLanes
	if blocks > 0 {
		squaredNormNEON(&lane[0], &x[0], blocks)
	}
	return finishNorm(&lane, x[blocks*normLanes:])
}

// fromBytesRows converts rows of columns bytes, a multiple of fromBytesColumns, one behind the other,
// by a scale and a shift for each column.
func fromBytesRows(_ Level, dst *float32, src *byte, scale, shift *float32, rows, columns int) {
	fromBytesNEON(dst, src, scale, shift, rows, columns)
}
