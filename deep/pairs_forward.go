package deep

import "shoal/kernel"

// loadPairs returns the input of output rows y0 to y1 of images i0 to i1.
func (c *conv) loadPairs(r *run, s *scratch, i0, i1, y0, y1 int) tile16 {
	q, b := c.pairs, c.in.buf
	if q.direct(c) {
		return tile16{lattice{b.w, b.h * b.w, 1}, b.value16[c.in.at(i0, y0*c.stride):], q.sp}
	}
	t := tile16{q.inLattice(c, i1-i0, y1-y0), s.pairs.in, q.sp}
	top, rows := y0*c.stride-c.pad, (y1-y0-1)*c.stride+c.filter.k
	for i := i0; i < i1; i++ {
		at := (i - i0) * t.image
		if c.pad == 0 && c.pool == 1 && !b.input {
			c.in.read16(r, t.from(at), c.in.values(i, top).halves, rows*c.wd)
			continue
		}
		for y := range rows {
			inside := top+y >= 0 && top+y < c.h
			if t.step == 1 || i == i0 {
				t.border(at+y*t.row, c.pad, c.wd, !inside)
			}
			if inside {
				c.loadPairRow(r, s, t.along(at+y*t.row+c.pad*t.step), i, top+y)
			}
		}
	}
	t.end(i1-i0, rows, c.pad)
	return t
}

// loadPairRow fills one row of a tile from row y of image i.
func (c *conv) loadPairRow(r *run, s *scratch, dst kernel.View16, i, y int) {
	if c.filter.ci%2 == 1 {
		for x := range c.wd {
			dst.Data[x*dst.Pitch+c.filter.ci] = 0
		}
	}
	switch {
	case c.in.buf.input:
		n := c.wd * c.filter.ci
		r.k.FromBytes(s.tmp[:n], r.pixels[(i*c.h+y)*n:][:n], r.inScale, r.inShift)
		r.k.Narrow(dst, kernel.View{Data: s.tmp, Pitch: c.filter.ci}, c.wd, c.filter.ci)
	case c.pool > 1:
		var corners [4]kernel.View16
		for j := range corners {
			corners[j] = c.in.values(i, 2*y+j/2).from(j % 2).everySecond().halves
		}
		scale, shift := c.in.line(r)
		r.k.AverageLines16(dst, &corners, c.wd, c.in.c, scale, shift, c.in.relu)
	default:
		c.in.read16(r, dst, c.in.values(i, y).halves, c.wd)
	}
}

// read16 copies pixels of v, with what is pending applied, to a tile; a channel more than v has is zero.
func (v view) read16(r *run, dst, src kernel.View16, pixels int) {
	if v.c%2 == 1 {
		for p := range pixels {
			dst.Data[p*dst.Pitch+v.c] = 0
		}
	}
	scale, shift := v.line(r)
	r.k.ScaleShift16(dst, src, pixels, v.c, scale, shift, v.relu)
}

// forwardPairs is forwardTile by products of pairs.
func (c *conv) forwardPairs(r *run, s *scratch, task, i0, i1, y0, y1 int) {
	in := c.loadPairs(r, s, i0, i1, y0, y1)
	f, q, rows, images := &c.filter, c.pairs, y1-y0, i1-i0
	l, pitch := q.outLattice(c, images, rows), groupPitch(f.co)
	p := kernel.Product16{
		Rows: rows, Width: c.ow, Pairs: q.merge * even(f.ci) / 2, ARow: c.stride * in.row * q.sp, ACol: c.stride * q.sp,
		BK: 2 * kernel.PanelWidth, CRow: l.row * pitch, CCol: pitch,
	}
	taps := q.ahead[images]
	if q.whole {
		l.across(&p, images, rows, c.ow, q.sp)
		images = 1
	}
	for j := 0; j < f.co; j += groupChannels {
		n := min(groupChannels, f.co-j)
		c.groupPairs(r, s, &p, taps, in, l, images, j, n)
		for i := i0; i < i1; i++ {
			from := s.pairs.panel[(i-i0)*l.image*pitch:]
			if l.row == c.ow {
				c.storeGroup(r, task, kernel.View{Data: from, Pitch: pitch}, j, n, i, y0, rows*c.ow)
				continue
			}
			for y := range rows {
				c.storeGroup(r, task, kernel.View{Data: from[y*l.row*pitch:], Pitch: l.step * pitch}, j, n, i, y0+y, c.ow)
			}
		}
	}
}

// groupPairs computes the product p of a tile of so many images, or runs, for n output channels from j on.
func (c *conv) groupPairs(r *run, s *scratch, p *kernel.Product16, taps *kernel.Taps, in tile16, l lattice, images, j, n int) {
	const w = kernel.PanelWidth
	f, weights := &c.filter, c.w.pairWeights(false)
	for k := 0; k < n; k += w {
		p.N = min(w, n-k)
		var bias []float32
		if c.bias != nil {
			p.Init, bias = kernel.Bias, c.bias.weights()[j+k:]
		}
		panel := weights[(j+k)*f.k*f.k*even(f.ci):]
		for i := range images {
			r.products.Multiply(p, taps, s.pairs.panel[i*l.image*p.CCol+k:], in.data[i*in.image*in.px:], panel, bias)
		}
	}
}

// storeGroup puts n channels from channel j on to the pixels from row y of image i on, and measures them
// where they are to be measured.
func (c *conv) storeGroup(r *run, task int, from kernel.View, j, n, i, y, pixels int) {
	if c.makes != nil {
		c.makes.make(r, from, j, n, i, y, pixels)
		return
	}
	to := c.out.values(i, y)
	if !c.out.buf.half {
		for p := range pixels {
			copy(to.floats.Data[p*to.floats.Pitch+j:][:n], from.Data[p*from.Pitch:])
		}
		if c.out.measured(r) {
			sums := c.sums[task*2*c.filter.co:]
			r.k.ChannelSums(sums[j:][:n], sums[c.filter.co+j:][:n], from, pixels, n)
		}
		return
	}
	dst := to.halves
	dst.Data = dst.Data[j:]
	if c.out.measured(r) {
		sums := c.sums[task*2*c.filter.co:]
		r.k.NarrowSums(sums[j:][:n], sums[c.filter.co+j:][:n], dst, from, pixels, n)
		return
	}
	r.k.Narrow(dst, from, pixels, n)
}
