package deep

import (
	"shoal/internal/parallel"
	"shoal/kernel"
)

// maxForwardTasks bounds how finely a forward pass is split.
const maxForwardTasks = 32

// forward computes out[N, OH, OW, CO] from in[N, H, W, CI] and, where a BatchNorm reads out, the
// mean and variance of each of its channels.
func (c *conv) forward(r *run) {
	groups := (r.n + c.ahead.images - 1) / c.ahead.images
	tasks := min(groups, maxForwardTasks)
	c.forwardTasks = tasks
	if c.out.measured(r) {
		clear(c.sums[:tasks*2*c.filter.co])
	}
	parallel.For(r.workers, tasks, c.fwd)
	if c.out.measured(r) {
		c.out.collect(r, c.sums, tasks)
	}
}

// forwardTask is task i of forward: a run of whole tiles.
func (c *conv) forwardTask(worker, i int) {
	r := c.r
	s := &r.scratch[worker]
	from, to := c.share(c.ahead, i, c.forwardTasks)
	for ; from < to; from += c.ahead.images {
		n := min(to, from+c.ahead.images)
		for y := 0; y < c.oh; y += c.ahead.rows {
			c.forwardTile(r, s, i, from, n, y, min(c.oh, y+c.ahead.rows))
		}
	}
}

// share returns the images of task i of tasks: whole tiles, nearly equal.
func (c *conv) share(tiles grid, i, tasks int) (from, to int) {
	n, g := c.r.n, tiles.images
	groups := (n + g - 1) / g
	return min(n, i*groups/tasks*g), min(n, (i+1)*groups/tasks*g)
}

func (c *conv) forwardTile(r *run, s *scratch, task, i0, i1, y0, y1 int) {
	if r.products != nil {
		c.forwardPairs(r, s, task, i0, i1, y0, y1)
		return
	}
	if c.sum != nil {
		for i := i0; i < i1; i++ {
			c.sum.add(s, i, y0, y1)
		}
	}
	in := c.load(r, s, i0, i1, y0, y1)
	f, to := &c.filter, c.target(s, i0, y0, y1)
	p := kernel.Product{
		Rows: y1 - y0, Width: c.ow, K: f.ci, N: f.co,
		ARow: c.stride * in.row, ACol: c.stride * in.px, AK: 1,
		BK: f.width, BPanel: f.panel(), Panel: f.width,
		CRow: to.row, CCol: to.px,
	}
	if c.merged {
		p.K *= f.k
	}
	var bias []float32
	if c.bias != nil {
		p.Init, bias = kernel.Bias, c.bias.weights()
	}
	images := i1 - i0
	if c.flat(c.ahead, in, y0, y1) {
		p.Rows, p.Width, images = 1, images*(y1-y0)*c.ow, 1
	}
	multiply(r, &p, c.pieces, images, to, in, r.weights(c.w), bias)
	if c.out.buf.half {
		for i := i0; i < i1; i++ {
			from := kernel.View{Data: to.data[(i-i0)*to.images:], Pitch: to.px}
			r.k.Narrow(c.out.values(i, y0).halves, from, (y1-y0)*c.ow, f.co)
		}
	}
	if c.out.measured(r) {
		sums := c.sums[task*2*f.co:][:2*f.co]
		for i := i0; i < i1; i++ {
			c.out.measure(r, s, sums, i, y0, y1)
		}
	}
}

// target returns where products put the outputs of rows y0 to y1 of images from i0 on: their buffer,
// or if that isn't float32 a scratch.
func (c *conv) target(s *scratch, i0, y0, y1 int) tile {
	if c.out.buf.half {
		return tile{data: s.out, px: c.dp, row: c.ow * c.dp, images: (y1 - y0) * c.ow * c.dp}
	}
	b := c.out.buf
	return tile{data: b.value[c.out.at(i0, y0):], px: b.pitch, row: c.ow * b.pitch, images: b.pixels() * b.pitch}
}

// multiply computes a product p of all images of a tile. If there are several images or pieces it
// takes them some columns at a time, so that large weights are read once a tile.
func multiply(r *run, p *kernel.Product, pieces []*kernel.Taps, images int, out, in tile, w, bias []float32) {
	if images == 1 && len(pieces) == 1 {
		r.k.Multiply(p, pieces[0], out.data, in.data, w, bias)
		return
	}
	n := p.N
	for _, taps := range pieces {
		for j := 0; j < n; j += kernel.PanelWidth {
			p.N = min(kernel.PanelWidth, n-j)
			var b []float32
			if p.Init == kernel.Bias {
				b = bias[j:]
			}
			panel := w[j/p.Panel*p.BPanel:]
			for i := range images {
				r.k.Multiply(p, taps, out.data[i*out.images+j:], in.data[i*in.images:], panel, b)
			}
		}
		p.Init = kernel.Accumulate
	}
}

// flat says whether the pixels of a tile are one run, images and all.
func (c *conv) flat(g grid, in tile, y0, y1 int) bool {
	return c.filter.k == 1 && c.stride == 1 && c.pad == 0 && in.row == c.wd*in.px &&
		(in.images == in.row*(y1-y0) || g.images == 1)
}

// load returns the input of output rows y0 to y1 of images i0 to i1, ready for products.
func (c *conv) load(r *run, s *scratch, i0, i1, y0, y1 int) tile {
	if c.directIn() {
		b := c.in.buf
		return tile{data: b.value[c.in.at(i0, y0*c.stride):], px: b.pitch, row: b.w * b.pitch, images: b.h * b.w * b.pitch}
	}
	top, rows := y0*c.stride-c.pad, (y1-y0-1)*c.stride+c.filter.k
	t := tile{data: s.in, px: c.sp, row: c.inRow()}
	t.images = rows * t.row
	for i := i0; i < i1; i++ {
		dst := s.in[(i-i0)*t.images:]
		if c.pad == 0 && c.pool == 1 && !c.in.buf.input {
			c.in.read(r, kernel.View{Data: dst, Pitch: c.sp}, c.in.values(i, top), rows*c.wd)
			continue
		}
		for y := range rows {
			c.loadRow(r, s, dst[y*t.row:][:t.row], i, top+y)
		}
	}
	r.operand(s.in[:(i1-i0)*t.images])
	return t
}

// loadRow fills one row of a tile from row y of image i, with its border.
func (c *conv) loadRow(r *run, s *scratch, dst []float32, i, y int) {
	if y < 0 || y >= c.h {
		clear(dst)
		return
	}
	border := c.pad * c.sp
	clear(dst[:border])
	clear(dst[len(dst)-border:])
	dst = dst[border : len(dst)-border]
	switch {
	case c.in.buf.input:
		row := c.wd * c.filter.ci
		src := r.pixels[(i*c.h+y)*row:][:row]
		r.k.FromBytes(dst, src, r.inScale, r.inShift)
	case c.pool > 1:
		c.poolRow(r, s.tmp, dst, i, y)
	default:
		c.in.read(r, kernel.View{Data: dst, Pitch: c.sp}, c.in.values(i, y), c.wd)
	}
}

// poolRow fills dst with row y of the 2×2 averages of image i.
func (c *conv) poolRow(r *run, tmp, dst []float32, i, y int) {
	clear(dst)
	tmp = tmp[:len(dst)]
	for dy := range 2 {
		for dx := range 2 {
			x := c.in.values(i, 2*y+dy).from(dx).everySecond()
			c.in.read(r, kernel.View{Data: tmp, Pitch: c.sp}, x, c.wd)
			r.k.AddScaled(dst, tmp, 0.25)
		}
	}
}
