//go:build !purego

package kernel

func vectorMaxPool(l Level, dst, x View, r int, p *Pool) {
	scale, flags := p.factors(x.Data)
	d, dp := dst.at()
	x0, xp := p.corner(x, r, 0).at()
	x1, _ := p.corner(x, r, 1).at()
	x2, _ := p.corner(x, r, 2).at()
	x3, _ := p.corner(x, r, 3).at()
	if l == AVX512 {
		maxPoolAVX512(d, dp, x0, xp, x1, xp, x2, xp, x3, xp, scale, p.Width, p.Channels, flags)
		return
	}
	maxPoolAVX2(d, dp, x0, xp, x1, xp, x2, xp, x3, xp, scale, p.Width, p.Channels, flags)
}

func vectorMaxPoolBackward(l Level, dx, dy, x View, r int, p *Pool) {
	scale, flags := p.factors(x.Data)
	g, gp := dy.at()
	d, xp := p.corner(dx, r, 0).at()
	x0, _ := p.corner(x, r, 0).at()
	x1, _ := p.corner(x, r, 1).at()
	x2, _ := p.corner(x, r, 2).at()
	x3, _ := p.corner(x, r, 3).at()
	if l == AVX512 {
		maxPoolBackwardAVX512(g, gp, d, xp, x0, xp, x1, xp, x2, xp, x3, xp, scale, p.Width, p.Channels, flags)
		return
	}
	maxPoolBackwardAVX2(g, gp, d, xp, x0, xp, x1, xp, x2, xp, x3, xp, scale, p.Width, p.Channels, flags)
}
