//go:build !purego

package kernel

func vectorScaleShift(_ Level, dst, src, add View, pixels, channels int, scale, shift []float32, relu bool) {
	d, dp := dst.at()
	s, sp := src.at()
	a, ap := add.at()
	flags := bit(relu, flagReLU) | bit(a != nil, flagAdd)
	scaleShiftNEON(d, dp, s, sp, a, ap, &scale[0], &shift[0], pixels, channels, flags)
}

func vectorChannelSums(_ Level, sum, square []float64, src View, pixels, channels int) {
	s, sp := src.at()
	channelSumsNEON(s, sp, &sum[0], &square[0], pixels, channels, 0)
}

func vectorBackwardSums(_ Level, sum, dot []float64, dy, x View, pixels, channels int, n *Normalised) {
	d, dp := dy.at()
	v, vp := x.at()
	scale, shift := n.line(x.Data)
	backwardSumsNEON(d, dp, v, vp, scale, shift, &sum[0], &dot[0], pixels, channels, bit(!n.Linear, flagReLU))
}

func vectorBackward(_ Level, dx, dy, x View, pixels, channels int, n *Normalised, p, q, r []float32, accumulate bool) {
	o, op := dx.at()
	d, dp := dy.at()
	v, vp := x.at()
	scale, shift := n.line(x.Data)
	flags := bit(!n.Linear, flagReLU) | bit(accumulate, flagAccumulate)
	backwardNEON(o, op, d, dp, v, vp, scale, shift, &p[0], &q[0], &r[0], pixels, channels, flags)
}
