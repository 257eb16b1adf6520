package deep

import (
	"shoal/internal/parallel"
	"shoal/kernel"
)

// backward computes the gradients of the weights, dw = Σ_n in·dout, and of the input, din = dout·w,
// from dout. Both need the same two tiles, so they are done tile by tile. The batch is cut into a
// fixed number of parts with a dw each; the parts are added in order.
func (c *conv) backward(r *run) {
	groups := (r.n + c.back.images - 1) / c.back.images
	parts := min(groups, c.parts)
	c.forwardTasks = parts
	c.accumulate = c.inputGrad && c.in.accumulates()
	sums := c.inputGrad && c.in.norm != nil
	if sums {
		clear(c.sums[:parts*2*c.filter.ci])
	}
	if c.sum != nil {
		c.sum.open()
	}
	parallel.For(r.workers, parts, c.bwd)
	if c.inputGrad {
		c.in.received()
	}
	if c.sum != nil {
		c.sum.close(parts)
	}
	if sums {
		c.in.norm.collect(c.sums, parts)
	}
	if parts > 1 {
		parallel.For(r.workers, (c.partLen()+reduceBlock-1)/reduceBlock, c.red)
	}
}

// reduceBlock is how many weights one task of the sum over parts takes.
const reduceBlock = 16 << 10

// maxParts bounds the parts of a batch: many keep many workers equally busy, but each costs a
// gradient's memory and its share of the sum at the end. A power of two, so that 2 or 4 workers end
// together (resnet101 loses 4 % with 7).
func (c *conv) maxParts() int {
	switch n := c.partLen(); {
	case n <= 128<<10:
		return 16
	case n <= 768<<10:
		return 8
	}
	return 4
}

// partLen is the length of one part's gradient: weights, then biases, as they lie in the network.
func (c *conv) partLen() int {
	n := roundUp(c.w.size(), 16)
	if c.bias != nil {
		n += roundUp(c.bias.size(), 16)
	}
	return n
}

// part returns where part i of the gradient is: the first in its final place.
func (c *conv) part(i int) []float32 {
	n := c.partLen()
	if i == 0 {
		return c.r.grads[c.w.at:][:n]
	}
	return c.r.partial[(i-1)*n:][:n]
}

func (c *conv) reduceTask(_, block int) {
	n := c.partLen()
	from, to := block*reduceBlock, min(n, (block+1)*reduceBlock)
	sum := c.part(0)[from:to]
	for i := 1; i < c.forwardTasks; i++ {
		c.r.k.AddScaled(sum, c.part(i)[from:to], 1)
	}
}

func (c *conv) backwardTask(worker, i int) {
	r := c.r
	s := &r.scratch[worker]
	from, to := c.share(c.back, i, c.forwardTasks)
	dw := c.part(i)
	fresh := c.filter.co%c.filter.width == 0 && c.bias == nil // every element is written
	if !fresh {
		clear(dw)
	}
	for ; from < to; from += c.back.images {
		n := min(to, from+c.back.images)
		for y := 0; y < c.oh; y += c.back.rows {
			s.fresh = fresh
			c.backwardTile(r, s, i, dw, from, n, y, min(c.oh, y+c.back.rows))
			fresh = false
		}
	}
}

func (c *conv) backwardTile(r *run, s *scratch, task int, dw []float32, i0, i1, y0, y1 int) {
	if r.products != nil {
		c.backwardPairs(r, s, task, dw, i0, i1, y0, y1)
		return
	}
	in := c.load(r, s, i0, i1, y0, y1)
	grad := c.loadGrad(r, s, i0, i1, y0, y1)
	if c.directIn() {
		for i := range i1 - i0 {
			s.touched += touch(in.data[i*in.images:][:(y1-y0)*c.wd*in.px])
		}
	}
	c.weightGrad(r, s, dw, in, grad, i1-i0, y1-y0)
	if c.inputGrad {
		sums := c.sums[task*2*c.filter.ci:]
		if c.in.norm == nil {
			sums = nil
		}
		c.inGrad(r, s, grad, sums, i0, i1, y0, y1)
	}
	if c.sum != nil {
		for i := i0; i < i1; i++ {
			c.sum.mask(task, i, y0, y1)
		}
	}
}

// touch reads every line of x, one after another. The gradient of the weights reads its input in
// columns, a page or a line at a time, which no prefetcher follows: where the input was not copied
// to a tile, this brings it into the cache (8 % of the backward passes of resnet101's 1×1
// convolutions).
//
//go:noinline
func touch(x []float32) (sum float32) {
	const line = 16
	for i := 0; i < len(x); i += line {
		sum += x[i]
	}
	return sum
}

// gradRows returns the rows of output whose gradient the tile needs.
func (c *conv) gradRows(y0, y1 int) (lo, hi int) {
	if c.bandable() {
		return y0 + min(0, c.offLo), y1 + max(0, c.offHi)
	}
	return min(0, c.offLo), max(c.oh, (c.h-1)/c.stride+1+c.offHi)
}

// loadGrad returns the gradient of the tile's outputs, with the halo that the gradient of the input
// needs: zeros where there is no output.
func (c *conv) loadGrad(r *run, s *scratch, i0, i1, y0, y1 int) tile {
	b := c.out.buf
	if c.directGrad() {
		return tile{data: b.grad[c.out.at(i0, y0):], px: b.pitch, row: b.w * b.pitch, images: b.h * b.w * b.pitch}
	}
	lo, hi := c.gradRows(y0, y1)
	t := tile{data: s.grad, px: c.dp, row: c.gradRow(), images: (hi - lo) * c.gradRow()}
	left := -min(0, c.offLo) * c.dp
	right := left + c.ow*c.dp
	for i := i0; i < i1; i++ {
		for y := lo; y < hi; y++ {
			dst := s.grad[(i-i0)*t.images+(y-lo)*t.row:][:t.row]
			if y < 0 || y >= c.oh {
				clear(dst)
				continue
			}
			clear(dst[:left])
			clear(dst[right:])
			c.out.takeGrad(r, s, kernel.View{Data: dst[left:], Pitch: c.dp}, c.out.grads(i, y), c.out.values(i, y), c.ow)
		}
	}
	r.operand(s.grad[:(i1-i0)*t.images])
	return t
}

// weightRows is how many input channels a weight gradient takes at a time for panels of 32 columns; of
// panels of 16, which read them twice as often, half as many. Both are multiples of what the kernel
// takes at once.
const weightRows = 504

// weightGrad adds a tile's part to dw[panel][tap][CI][width] and to the biases behind it.
func (c *conv) weightGrad(r *run, s *scratch, dw []float32, in, grad tile, images, rows int) {
	f := &c.filter
	lo, _ := c.gradRows(0, rows) // relative to the tile's first row
	if c.directGrad() {
		lo = 0
	}
	origin := -lo * grad.row
	if !c.directGrad() {
		origin -= min(0, c.offLo) * grad.px
	}
	k := c.weightTaps(s, in, grad, images, rows)
	p := kernel.Product{
		Rows: 1, Width: f.ci, K: k, ACol: 1, AK: c.stride * in.px,
		BK: grad.px, CCol: f.width, Init: s.weightInit(),
	}
	columns := f.k
	if c.merged {
		p.Width, columns = f.k*f.ci, 1
	}
	channels := weightRows * f.width / kernel.PanelWidth
	// All panels of one tap, some channels at a time, before the next: these channels of the input
	// tile stay in the cache.
	for t := range f.k * columns {
		ky, kx := t/columns, t%columns
		for at := 0; at < p.Width; at += channels {
			q := p
			q.Width = min(channels, p.Width-at)
			a := in.data[ky*in.row+kx*in.px+at:]
			for j := 0; j < f.co; j += f.width {
				q.N = min(f.width, f.co-j)
				sum := dw[j/f.width*f.panel()+((ky*f.k+kx)*f.ci+at)*f.width:]
				r.k.Multiply(&q, &s.taps, sum, a, grad.data[origin+j:], nil)
			}
		}
	}
	if c.bias != nil {
		ones := kernel.Product{Rows: 1, Width: 1, K: k, N: f.co, BK: grad.px, BPanel: kernel.PanelWidth, Init: kernel.Accumulate}
		for i := range s.list {
			s.list[i].A = 0
		}
		s.taps.Set(s.list)
		r.k.Multiply(&ones, &s.taps, dw[roundUp(c.w.size(), 16):], r.ones, grad.data[origin:], nil)
	}
}

// weightTaps lists the runs of pixels over which a weight's gradient is summed and returns their
// length: all pixels, or a row at a time.
func (c *conv) weightTaps(s *scratch, in, grad tile, images, rows int) int {
	s.list = s.list[:0]
	if c.flat(c.back, in, 0, rows) && grad.row == c.ow*grad.px {
		s.list = append(s.list, kernel.Tap{})
		s.taps.Set(s.list)
		return images * rows * c.ow
	}
	for i := range images {
		for y := range rows {
			s.list = append(s.list, kernel.Tap{A: i*in.images + y*c.stride*in.row, B: i*grad.images + y*grad.row})
		}
	}
	s.taps.Set(s.list)
	return c.ow
}

// inGrad computes the gradient of the tile's inputs and sends it back.
func (c *conv) inGrad(r *run, s *scratch, grad tile, sums []float64, i0, i1, y0, y1 int) {
	if !c.bandable() {
		y0, y1 = 0, c.h
	}
	b := c.in.buf
	z := tile{data: s.z, px: c.zp, row: c.wd * c.zp, images: (y1 - y0) * c.wd * c.zp}
	direct := c.pool == 1 && !c.in.pending() && !c.copies
	if direct {
		z = tile{data: b.grad[c.in.at(i0, y0):], px: b.pitch, row: b.w * b.pitch, images: b.h * b.w * b.pitch}
	}
	mode := kernel.Zero
	if direct && c.accumulate {
		mode = kernel.Accumulate
	}
	if c.empty && mode == kernel.Zero {
		clearPixels(z, c.filter.ci, i1-i0, y1-y0, c.wd)
	}
	for i := range c.phases {
		if len(c.phases[i].rows) > 0 {
			c.phaseGrad(r, i, z, grad, i1-i0, y1-y0, mode)
		}
	}
	if direct {
		return
	}
	for i := i0; i < i1; i++ {
		dz := z.data[(i-i0)*z.images:][:z.images]
		if c.pool > 1 {
			c.sendPooled(r, s, dz, sums, i, y0, y1)
			continue
		}
		c.in.send(r, s, c.in.grads(i, y0), kernel.View{Data: dz, Pitch: z.px}, c.in.values(i, y0), (y1-y0)*c.wd, sums, c.accumulate)
	}
}

// phaseGrad multiplies the output's gradient by the taps of one phase.
func (c *conv) phaseGrad(r *run, number int, z, grad tile, images, rows int, mode kernel.Init) {
	f, st, ph := &c.filter, c.stride, &c.phases[number]
	if ph.py >= rows || ph.px >= c.wd {
		return
	}
	p := kernel.Product{
		Rows: (rows - ph.py + st - 1) / st, Width: (c.wd - ph.px + st - 1) / st,
		K: f.co, N: f.ci, ARow: grad.row, ACol: grad.px, AK: 1,
		BK: f.width, BPanel: f.k * f.k * f.co * f.width, Panel: f.width,
		CRow: st * z.row, CCol: st * z.px, Init: mode,
	}
	w := c.w.net.flipped[c.w.flipAt:][:c.w.flippedSize()]
	whole := c.flat(c.back, tile{px: grad.px, row: grad.row, images: grad.images}, 0, rows) && z.row == c.wd*z.px && z.images == rows*z.row
	if whole {
		p.Rows, p.Width, images = 1, images*rows*c.wd, 1
	}
	z.data = z.data[ph.py*z.row+ph.px*z.px:]
	multiply(r, &p, ph.pieces, images, z, grad, w, nil)
}

// sendPooled sends the gradient of 2×2 averages back to their four pixels.
func (c *conv) sendPooled(r *run, s *scratch, dz []float32, sums []float64, i, y0, y1 int) {
	v := kernel.View{Data: dz, Pitch: c.zp}
	r.k.ScaleShift(v, v, kernel.View{}, (y1-y0)*c.wd, c.filter.ci, r.quarters[:c.filter.ci], r.zeros[:c.filter.ci], false)
	for y := y0; y < y1; y++ {
		row := kernel.View{Data: dz[(y-y0)*c.wd*c.zp:], Pitch: c.zp}
		for dy := range 2 {
			for dx := range 2 {
				x := c.in.values(i, 2*y+dy).from(dx).everySecond()
				d := c.in.grads(i, 2*y+dy).from(dx).everySecond()
				c.in.send(r, s, d, row, x, c.wd, sums, c.accumulate)
			}
		}
	}
}

// clearPixels zeroes c channels of the pixels of a tile.
func clearPixels(t tile, c, images, rows, width int) {
	for i := range images {
		for y := range rows {
			for x := range width {
				clear(t.data[i*t.images+y*t.row+x*t.px:][:c])
			}
		}
	}
}
