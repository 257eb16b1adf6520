//go:build !purego

package kernel

import "sync"

// rounds says whether k has assembly for the passes of bfloat16.
func (k Kernels) rounds() bool { return k.level == AVX512 && roundsHere() }

var roundsHere = sync.OnceValue(func() bool { return AVX512BF16.inProcessor() })

// at returns the address of the view's first element and its pitch in bytes.
func (v View16) at() (*uint16, int) { return (*uint16)(&v.Data[0]), v.Pitch * halfBytes }

// inRows calls f for some pixels after the others. An assembly function goes over all its pixels for 64
// channels at a time, so memory is read in order only if they are few.
func inRows(pixels, channels int, f func(at, n int)) {
	const values = 8 << 10
	n := max(4, values/channels)
	for at := 0; at < pixels; at += n {
		f(at, min(n, pixels-at))
	}
}

// from is the view from a pixel on.
func (v View16) from(pixel int) View16 { return View16{v.Data[pixel*v.Pitch:], v.Pitch} }

// from is the view from a pixel on.
func (v View) from(pixel int) View { return View{v.Data[pixel*v.Pitch:], v.Pitch} }

func vectorNarrowAll(dst View16, src View, pixels, channels int) {
	inRows(pixels, channels, func(at, n int) {
		d, dp := dst.from(at).at()
		s, sp := src.from(at).at()
		narrowBF16(d, dp, s, sp, n, channels, 0)
	})
}

func vectorScaleShift16(dst, src View16, pixels, channels int, scale, shift []float32, relu bool) {
	inRows(pixels, channels, func(at, n int) {
		d, dp := dst.from(at).at()
		s, sp := src.from(at).at()
		scaleShift16BF16(d, dp, s, sp, &scale[0], &shift[0], n, channels, bit(relu, flagReLU))
	})
}

func vectorAddLines16(dst, a, b View16, pixels, channels int, scaleA, shiftA, scaleB, shiftB []float32, relu bool) {
	inRows(pixels, channels, func(at, n int) {
		d, dp := dst.from(at).at()
		u, up := a.from(at).at()
		v, vp := b.from(at).at()
		addLines16BF16(d, dp, u, up, v, vp, &scaleA[0], &shiftA[0], &scaleB[0], &shiftB[0], n, channels, bit(relu, flagReLU))
	})
}

func vectorNarrowAddLines16(dst View16, a View, b View16, pixels, channels int, scaleA, shiftA, scaleB, shiftB []float32, relu bool) {
	inRows(pixels, channels, func(at, n int) {
		d, dp := dst.from(at).at()
		u, up := a.from(at).at()
		v, vp := b.from(at).at()
		narrowAddLines16BF16(d, dp, u, up, v, vp, &scaleA[0], &shiftA[0], &scaleB[0], &shiftB[0], n, channels, bit(relu, flagReLU))
	})
}

func vectorAverageLines16(dst View16, src *[4]View16, pixels, channels int, scale, shift []float32, relu bool) {
	d, dp := dst.at()
	var at [4]*uint16
	var pitch [4]int
	for i, v := range src {
		at[i], pitch[i] = v.at()
	}
	averageLines16BF16(d, dp, at[0], pitch[0], at[1], pitch[1], at[2], pitch[2], at[3], pitch[3],
		&scale[0], &shift[0], pixels, channels, bit(relu, flagReLU))
}

func vectorNarrowSums(sum, square []float64, dst View16, src View, pixels, channels int) {
	inRows(pixels, channels, func(at, n int) {
		d, dp := dst.from(at).at()
		s, sp := src.from(at).at()
		narrowSumsBF16(d, dp, s, sp, &sum[0], &square[0], n, channels, 0)
	})
}

func vectorSums16(sum, dot []float64, dy, x View16, pixels, channels int) {
	d, dp := dy.at()
	v, vp := x.at()
	sums16BF16(d, dp, v, vp, &sum[0], &dot[0], pixels, channels, 0)
}

func vectorBackward16(sum, dot []float64, dx View16, dy View, x View16, pixels, channels int, n *Normalised, p []float32, accumulate bool) {
	scale, shift := n.line(p)
	flags := bit(!n.Linear, flagReLU) | bit(accumulate, flagAccumulate)
	inRows(pixels, channels, func(at, rows int) {
		o, op := dx.from(at).at()
		d, dp := dy.from(at).at()
		v, vp := x.from(at).at()
		if sum == nil {
			backward16BF16(o, op, d, dp, v, vp, scale, shift, &p[0], rows, channels, flags)
			return
		}
		backwardSums16BF16(o, op, d, dp, v, vp, scale, shift, &p[0], &sum[0], &dot[0], rows, channels, flags)
	})
}

func vectorOwed16(dst, dy, x View16, pixels, channels int, p, q, r []float32, relu bool) {
	inRows(pixels, channels, func(at, n int) {
		o, op := dst.from(at).at()
		d, dp := dy.from(at).at()
		v, vp := x.from(at).at()
		owed16BF16(o, op, d, dp, v, vp, &p[0], &q[0], &r[0], n, channels, bit(relu, flagReLU))
	})
}

func vectorCouple(dst []BF16, panel int, src View16, pairs, channels int) {
	s, pitch := src.at()
	couplePixels((*uint16)(&dst[0]), panel*halfBytes, s, pitch, pairs, channels)
}

func vectorTurn(dst []BF16, pitch int, src View16, pixels, channels int) {
	s, sp := src.at()
	turnPixels((*uint16)(&dst[0]), pitch*halfBytes, s, sp, pixels, channels)
}

func vectorPackPairs(dst []BF16, src []float32, pairs int) {
	packPairs((*uint16)(&dst[0]), &src[0], pairs)
}

func vectorTransposePairs(dst []BF16, src []float32) {
	transposePairs((*uint16)(&dst[0]), &src[0])
}
