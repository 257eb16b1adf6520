//go:build !purego

package kernel

func vectorExp(l Level, dst, src []float32) {
	if l == AVX512 {
		expAVX512(&dst[0], &src[0], len(src), 0)
		return
	}
	expAVX2(&dst[0], &src[0], len(src), 0)
}

func vectorRBF(l Level, dst, dot, nb []float32, na, gamma float32) {
	if l == AVX512 {
		rbfAVX512(&dst[0], &dot[0], &nb[0], na, -gamma, len(dot), 0)
		return
	}
	rbfAVX2(&dst[0], &dot[0], &nb[0], na, -gamma, len(dot), 0)
}

func vectorReLU(l Level, dst, src []float32) {
	if l == AVX512 {
		reluAVX512(&dst[0], &src[0], len(src), 0)
		return
	}
	reluAVX2(&dst[0], &src[0], len(src), 0)
}

func vectorReLUBackward(l Level, dst, dy, y []float32) {
	if l == AVX512 {
		reluBackwardAVX512(&dst[0], &dy[0], &y[0], len(y), 0)
		return
	}
	reluBackwardAVX2(&dst[0], &dy[0], &y[0], len(y), 0)
}

func vectorAddScaled(l Level, y, x []float32, a float32) {
	if l == AVX512 {
		addScaledAVX512(&y[0], &x[0], a, len(x), 0)
		return
	}
	addScaledAVX2(&y[0], &x[0], a, len(x), 0)
}

func vectorUpdate(l Level, w, v, g []float32, s SGD) {
	flags := bit(s.Nesterov, flagNesterov)
	if l == AVX512 {
		updateAVX512(&w[0], &v[0], &g[0], -s.LearningRate, s.Momentum, s.WeightDecay, len(w), flags)
		return
	}
	updateAVX2(&w[0], &v[0], &g[0], -s.LearningRate, s.Momentum, s.WeightDecay, len(w), flags)
}

func vectorSquaredNorm(l Level, x []float32) float32 {
	if l == AVX512 {
		return squaredNormAVX512(&x[0], len(x))
	}
	return squaredNormAVX2(&x[0], len(x))
}

// fromBytesRows converts rows of columns bytes, a multiple of fromBytesColumns, one behind the other,
// by a scale and a shift for each column.
func fromBytesRows(l Level, dst *float32, src *byte, scale, shift *float32, rows, columns int) {
	if l == AVX512 {
		fromBytesAVX512(dst, src, scale, shift, rows, columns)
	} else {
		fromBytesAVX2(dst, src, scale, shift, rows, columns)
	}
}
