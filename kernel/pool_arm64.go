//go:build !purego

package kernel

func vectorMaxPool(_ Level, dst, x View, r int, p *Pool) {
	scale, flags := p.factors(x.Data)
	d, dp := dst.at()
	at, xp := p.corners(x, r)
	maxPoolNEON(d, dp, at[0], xp, at[1], xp, at[2], xp, at[3], xp, scale, p.Width, p.Channels, flags)
}

func vectorMaxPoolBackward(_ Level, dx, dy, x View, r int, p *Pool) {
	scale, flags := p.factors(x.Data)
	g, gp := dy.at()
	d, xp := p.corner(dx, r, 0).at()
	at, _ := p.corners(x, r)
	maxPoolBackwardNEON(g, gp, d, xp, at[0], xp, at[1], xp, at[2], xp, at[3], xp, scale, p.Width, p.Channels, flags)
}

// corners returns the addresses of the corners of the first window in row r of the output, and the
// pitch of each in bytes.
func (p *Pool) corners(x View, r int) (at [4]*float32, pitch int) {
	for i := range at {
		at[i], pitch = p.corner(x, r, i).at()
	}
	return at, pitch
}
