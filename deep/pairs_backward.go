package deep

import "shoal/kernel"

// loadGradPairs returns the gradient of the tile's outputs with the border that the gradient of the input
// needs, and the number of the pixel of its first output.
func (c *conv) loadGradPairs(r *run, s *scratch, i0, i1, y0, y1 int) (t tile16, first int) {
	q := c.pairs
	t = tile16{q.gradLattice(c, i1-i0, y1-y0), s.pairs.grad, q.dp}
	lo, hi := c.gradRows(y0, y1)
	left := -min(0, c.offLo)
	if q.whole {
		lo, hi, left = y0-c.pad, y1+c.pad, c.pad
	}
	for i := i0; i < i1; i++ {
		if left == 0 && t.row == c.ow && lo == y0 && hi == y1 {
			c.out.takeGrad16(r, s, t.from((i-i0)*t.image), i, y0, (y1-y0)*c.ow)
			continue
		}
		for y := lo; y < hi; y++ {
			at, inside := (i-i0)*t.image+(y-lo)*t.row, y >= 0 && y < c.oh
			if t.step == 1 || i == i0 {
				t.border(at, left, c.ow, !inside)
			}
			if inside {
				c.out.takeGrad16(r, s, t.along(at+left*t.step), i, y, c.ow)
			}
		}
	}
	if q.whole {
		t.end(i1-i0, hi-lo, c.pad)
	}
	return t, (y0-lo)*t.row + left*t.step
}

// takeGrad16 copies the true gradient of pixels of v, from row y of image i on, to a tile; a channel more
// than v has is zero.
func (v view) takeGrad16(r *run, s *scratch, dst kernel.View16, i, y, pixels int) {
	if v.c%2 == 1 {
		for p := range pixels {
			dst.Data[p*dst.Pitch+v.c] = 0
		}
	}
	g, x, b := v.grads(i, y), v.values(i, y), v.buf
	scale := r.ones[:v.c]
	if b.gradScale != nil {
		scale = b.gradScale[v.off:][:v.c]
	}
	switch {
	case !b.half:
		tmp := kernel.View{Data: s.pairs.panel, Pitch: v.c}
		v.takeFloats(r, tmp, g.floats, x.floats, pixels)
		r.k.Narrow(dst, tmp, pixels, v.c)
	case b.owes:
		r.k.Owed16(dst, g.halves, x.halves, pixels, v.c, scale, b.owedX[v.off:][:v.c], b.owed1[v.off:][:v.c], false)
	default:
		r.k.ScaleShift16(dst, g.halves, pixels, v.c, scale, r.zeros[:v.c], false)
	}
}

// backwardPairs is backwardTile by products of pairs.
func (c *conv) backwardPairs(r *run, s *scratch, task int, dw []float32, i0, i1, y0, y1 int) {
	in := c.loadPairs(r, s, i0, i1, y0, y1)
	grad, first := c.loadGradPairs(r, s, i0, i1, y0, y1)
	if c.pairs.whole {
		c.wholeWeightPairs(r, s, dw, in, grad, first, i1-i0, y1-y0)
	} else {
		c.weightPairs(r, s, dw, in, grad, first, i1-i0, y1-y0)
	}
	if c.inputGrad {
		var sums []float64
		if c.in.norm != nil {
			sums = c.sums[task*2*c.filter.ci:]
		}
		c.inPairs(r, s, grad, sums, i0, i1, y0, y1)
	}
}

// wholeWeightPairs adds a tile's part to dw[panel][tap][CI][32] and to the biases behind it, where a tile
// is a run: the border's gradients are zero, so the sum goes over all pixels of the run.
func (c *conv) wholeWeightPairs(r *run, s *scratch, dw []float32, in, grad tile16, first, images, rows int) {
	const w = kernel.PanelWidth
	f, q := &c.filter, c.pairs
	n := in.positions(images, rows, c.ow)
	total := n
	if c.pad > 0 {
		total = q.pixels(c, in.lattice, images, rows) + 1
	}
	// A sum over whole blocks of 32 pixels is faster: the gradients behind the run are zeros as well.
	channel, panel, length := q.turnedPitch(total), kernel.CoupledLen(kernel.TurnedLen(n)), kernel.CoupledLen(n)
	r.k.Turn(s.pairs.turned, channel, in.from(0), total, f.ci)
	r.k.Couple(s.pairs.coupled, panel, grad.from(first), n, f.co)
	for j := range f.panels() {
		clear(s.pairs.coupled[j*panel+length : (j+1)*panel])
	}
	p := kernel.Product16{Rows: 1, Width: f.ci, Pairs: kernel.TurnedLen(n) / 2, ACol: channel, BK: 2 * w, CCol: w, Init: s.weightInit()}
	for j := 0; j < f.co; j += w {
		p.N = min(w, f.co-j)
		for t := range f.k * f.k {
			a := s.pairs.turned[t/f.k*in.row+t%f.k*in.step:]
			r.products.Multiply(&p, q.one, dw[j/w*f.panel()+t*f.ci*w:], a, s.pairs.coupled[j/w*panel:], nil)
		}
	}
	if c.bias != nil {
		ones := kernel.Product16{Rows: 1, Width: 1, Pairs: (n + 1) / 2, N: f.co, BK: 2 * w, BPanel: panel, Init: kernel.Accumulate}
		r.products.Multiply(&ones, q.one, dw[roundUp(c.w.size(), 16):], q.ones, s.pairs.coupled, nil)
	}
}

// weightInit is how the products of a weight gradient begin: from zero in the first tile of a part.
func (s *scratch) weightInit() kernel.Init {
	if s.fresh {
		return kernel.Zero
	}
	return kernel.Accumulate
}

// weightPairs does the same where a sum goes row by row: the input is turned to
// [channel][image][row][column mod S][column div S].
func (c *conv) weightPairs(r *run, s *scratch, dw []float32, in, grad tile16, first, images, rows int) {
	const w = kernel.PanelWidth
	f, st, q := &c.filter, c.stride, c.pairs
	inRows := (rows-1)*st + f.k
	channel := q.turnedPitch(images * inRows * st * q.slots)
	row := kernel.CoupledLen(c.ow)
	panel := images * rows * row
	s.list = s.list[:0]
	for i := range images {
		for y := range inRows {
			for x := range min(st, in.row) {
				from := in.from(i*in.image + y*in.row + x)
				from.Pitch *= st
				to := s.pairs.turned[((i*inRows+y)*st+x)*q.slots:]
				r.k.Turn(to, channel, from, (in.row-x+st-1)/st, f.ci)
			}
		}
		for y := range rows {
			r.k.Couple(s.pairs.coupled[(i*rows+y)*row:], panel, grad.from(first+i*grad.image+y*grad.row), c.ow, f.co)
			s.list = append(s.list, kernel.Tap{A: (i*inRows + y*st) * st * q.slots, B: (i*rows + y) * row})
		}
	}
	s.taps.Set(s.list)
	p := kernel.Product16{Rows: 1, Width: f.ci, Pairs: (c.ow + 1) / 2, ACol: channel, BK: 2 * w, CCol: w, Init: s.weightInit()}
	for j := 0; j < f.co; j += w {
		p.N = min(w, f.co-j)
		for t := range f.k * f.k {
			ky, kx := t/f.k, t%f.k
			a := s.pairs.turned[(ky*st+kx%st)*q.slots+kx/st:]
			r.products.Multiply(&p, &s.taps, dw[j/w*f.panel()+t*f.ci*w:], a, s.pairs.coupled[j/w*panel:], nil)
		}
	}
	if c.bias != nil {
		for i := range s.list {
			s.list[i].A = 0
		}
		s.taps.Set(s.list)
		ones := kernel.Product16{Rows: 1, Width: 1, Pairs: (c.ow + 1) / 2, N: f.co, BK: 2 * w, BPanel: panel, Init: kernel.Accumulate}
		r.products.Multiply(&ones, &s.taps, dw[roundUp(c.w.size(), 16):], q.ones, s.pairs.coupled, nil)
	}
}

// inPairs computes the gradient of the tile's inputs, 32 channels at a time, and sends it back.
func (c *conv) inPairs(r *run, s *scratch, grad tile16, sums []float64, i0, i1, y0, y1 int) {
	const w = kernel.PanelWidth
	if !c.bandable() {
		y0, y1 = 0, c.h
	}
	f, q, rows := &c.filter, c.pairs, y1-y0
	z := lattice{c.wd, rows * c.wd, 1}
	if q.whole {
		z = grad.lattice
	}
	pitch := groupPitch(f.ci)
	for j := 0; j < f.ci; j += groupChannels {
		n := min(groupChannels, f.ci-j)
		if c.empty {
			clear(s.pairs.panel[:z.positions(i1-i0, rows, c.wd)*pitch])
		}
		for k := 0; k < n; k += w {
			for i := range c.phases {
				if q.phases[i] != nil {
					c.phasePairs(r, s.pairs.panel[k:], pitch, i, z, grad, j+k, min(w, n-k), i1-i0, rows)
				}
			}
		}
		for i := i0; i < i1; i++ {
			from := s.pairs.panel[(i-i0)*z.image*pitch:]
			if z.row == c.wd && c.pool == 1 {
				c.sendGroup(r, kernel.View{Data: from, Pitch: pitch}, sums, j, n, i, y0, rows*c.wd)
				continue
			}
			for y := range rows {
				c.sendGroup(r, kernel.View{Data: from[y*z.row*pitch:], Pitch: z.step * pitch}, sums, j, n, i, y0+y, c.wd)
			}
		}
	}
}

// phasePairs multiplies the output's gradient by the taps of one phase, for n input channels from j on, to
// dst, whose pixels are pitch apart.
func (c *conv) phasePairs(r *run, dst []float32, pitch, number int, z lattice, grad tile16, j, n, images, rows int) {
	const w = kernel.PanelWidth
	f, st, q, ph := &c.filter, c.stride, c.pairs, &c.phases[number]
	if ph.py >= rows || ph.px >= c.wd {
		return
	}
	p := kernel.Product16{
		Rows: (rows - ph.py + st - 1) / st, Width: (c.wd - ph.px + st - 1) / st, Pairs: even(f.co) / 2, N: n,
		ARow: grad.row * q.dp, ACol: q.dp, BK: 2 * w, CRow: st * z.row * pitch, CCol: st * pitch,
	}
	taps := q.phases[number][images]
	if q.whole {
		z.across(&p, images, rows, c.wd, q.dp)
		images = 1
	}
	panel := c.w.pairWeights(true)[j*f.k*f.k*even(f.co):]
	for i := range images {
		at := i*z.image + ph.py*z.row + ph.px
		r.products.Multiply(&p, taps, dst[at*pitch:], grad.data[i*grad.image*q.dp:], panel, nil)
	}
}

// sendGroup takes n channels from channel j on, dy, back to the pixels from row y of image i on.
func (c *conv) sendGroup(r *run, dy kernel.View, sums []float64, j, n, i, y, pixels int) {
	if c.pool == 1 {
		c.in.send16(r, c.in.grads(i, y), dy, c.in.values(i, y), sums, j, n, pixels, c.accumulate)
		return
	}
	r.k.ScaleShift(dy, dy, kernel.View{}, pixels, n, r.quarters[:n], r.zeros[:n], false)
	for corner := range 4 {
		x := c.in.values(i, 2*y+corner/2).from(corner % 2).everySecond()
		d := c.in.grads(i, 2*y+corner/2).from(corner % 2).everySecond()
		c.in.send16(r, d, dy, x, sums, j, n, pixels, c.accumulate)
	}
}

// send16 is send for n channels from channel j on of a buffer in bfloat16.
func (v view) send16(r *run, dx cells, dy kernel.View, x cells, sums []float64, j, n, pixels int, accumulate bool) {
	scale, shift := v.line(r)
	line := kernel.Normalised{Scale: scale[j:], Shift: shift[j:], Linear: !v.relu}
	to, from := dx.halves, x.halves
	to.Data, from.Data = to.Data[j:], from.Data[j:]
	var sum, dot []float64
	if v.norm != nil {
		sum, dot = sums[j:][:n], sums[v.c+j:][:n]
	}
	r.k.Backward16(sum, dot, to, dy, from, pixels, n, &line, scale[j:], accumulate)
}
