package deep

import (
	"shoal/internal/parallel"
	"shoal/kernel"
)

// residual is out[n, h, w, c] = a[n, h, w, c] + b[n, h, w, c], rectified if relu is set: the end of
// a residual block. a is the block's last layer, b the shortcut.
//
// It does little arithmetic on much memory, so it avoids passes over it. Where the next layer reads
// out itself, tile by tile, that layer also makes it, just before reading a tile, and masks its
// gradient, just after finishing a tile's. And the gradients of a and b, which are that of out but
// for the scale of a BatchNorm, are kept nowhere else; see share.
type residual struct {
	name      string
	a, b, out view
	relu      bool
	reader    *conv // the next layer, if it makes out and masks its gradient
	writer    *conv // the layer that computes a or b and makes out of it: see madeBy
	r         *run
	sums      []float64 // pairs of C sums for a, one a part, then the same for b
	fwd, bwd  func(worker, i int)

	addA, addB bool
}

func (p *residual) label() string { return p.name }
func (p *residual) kind() string  { return "residual" }

// share lets the gradients of a and b be out's, where nothing else is ever added to them before
// they are used up: layer i is p.
func (p *residual) share(i int) {
	owner := p.out.buf.owner()
	for _, v := range []view{p.a, p.b} {
		switch {
		case v.relu || !v.whole() || v.buf.last != i:
		case v.readOnce():
			v.buf.gradOf = owner
			if v.norm != nil {
				v.buf.gradScale = v.norm.scale
			}
		case v.norm == nil && v.buf.lastBut < p.a.buf.first:
			// The layers before the one that wrote a add their gradients of b after it has used
			// out's.
			v.buf.gradOf = owner
		}
	}
}

// readOnce says whether v's buffer is written by one layer, which leaves its gradient as it is, and
// read by one, with or without a BatchNorm.
func (v view) readOnce() bool {
	touches := 2
	if v.norm != nil {
		touches++
	}
	return v.buf.touches == touches && v.buf.sum == nil
}

// readBy makes c the layer that makes out and masks its gradient, if c can: if it comes first and
// reads and writes each pixel of the buffers once.
func (p *residual) readBy(c *conv) {
	if p.out.buf.last == p.out.buf.first && c.directIn() && c.stride == 1 {
		p.reader, c.sum = c, p
	}
}

// standAlone undoes readBy: a BatchNorm needs out's statistics as soon as p has run.
func (p *residual) standAlone() {
	if p.reader != nil {
		p.reader.sum, p.reader = nil, nil
	}
}

// madeBy has a convolution make out while it stores its results, instead of a or b, in evaluation by
// products of pairs: if it computes one of them, which nothing else reads, when the other is there. The
// bits stay the same. Training can't, for a BatchNorm waits for its statistics.
func (p *residual) madeBy(layers []layer) {
	at := -1
	var c *conv
	for i, l := range layers {
		if w, ok := l.(*conv); ok && (w.out.buf == p.a.buf || w.out.buf == p.b.buf) {
			at, c = i, w
		}
	}
	if c == nil || p.a.relu || p.b.relu || !p.out.buf.half || !p.a.buf.half || !p.b.buf.half || !p.a.whole() || !p.b.whole() {
		return
	}
	mine, other := p.summands(c)
	if !mine.readOnce() || other.buf.input || other.buf.first >= at { // a whole view has one writer
		return
	}
	p.writer, c.makes = c, p
	mine.buf.unused, p.out.buf.first = true, at
}

// summands are the one that c computes, and the other.
func (p *residual) summands(c *conv) (mine, other view) {
	if c.out.buf == p.b.buf {
		return p.b, p.a
	}
	return p.a, p.b
}

// make computes n channels from channel j on of pixels from row y of image i on, of the results of
// p.writer.
func (p *residual) make(r *run, from kernel.View, j, n, i, y, pixels int) {
	mine, other := p.summands(p.writer)
	to, beside := p.out.values(i, y).halves, other.values(i, y).halves
	to.Data, beside.Data = to.Data[j:], beside.Data[j:]
	scaleA, shiftA := mine.line(r)
	scaleB, shiftB := other.line(r)
	r.k.NarrowAddLines16(to, from, beside, pixels, n, scaleA[j:], shiftA[j:], scaleB[j:], shiftB[j:], p.relu)
}

func (p *residual) forward(r *run) {
	if p.reader != nil || p.writer != nil {
		return
	}
	parallel.For(r.workers, r.n, p.fwd)
	if p.out.measured(r) {
		p.out.collect(r, p.sums, r.n)
	}
}

func (p *residual) forwardImage(worker, i int) {
	s := &p.r.scratch[worker]
	switch {
	case p.r.products != nil && !p.b.relu:
		scaleA, shiftA := p.a.line(p.r)
		scaleB, shiftB := p.b.line(p.r)
		p.r.k.AddLines16(p.out.values(i, 0).halves, p.a.values(i, 0).halves, p.b.values(i, 0).halves,
			p.out.buf.pixels(), p.out.c, scaleA, shiftA, scaleB, shiftB, p.relu)
	case p.out.buf.half:
		p.addHalves(s, i)
	default:
		p.add(s, i, 0, p.out.buf.h)
	}
	p.out.measureImage(p.r, s, p.sums, i)
}

func (p *residual) finite(r *run) bool { return p.out.finite(r) }

// add computes rows y0 to y1 of image i.
func (p *residual) add(s *scratch, i, y0, y1 int) {
	r, w := p.r, p.out.buf.w
	scale, shift := p.a.line(r)
	if !p.b.pending() {
		r.k.ScaleShift(p.out.values(i, y0).floats, p.a.values(i, y0).floats, p.b.values(i, y0).floats,
			(y1-y0)*w, p.a.c, scale, shift, p.relu)
		return
	}
	row := kernel.View{Data: s.tmp, Pitch: p.b.c}
	for y := y0; y < y1; y++ {
		p.b.read(r, row, p.b.values(i, y), w)
		r.k.ScaleShift(p.out.values(i, y).floats, p.a.values(i, y).floats, row, w, p.a.c, scale, shift, p.relu)
	}
}

// addHalves computes image i in bfloat16.
func (p *residual) addHalves(s *scratch, i int) {
	r, c, pixels := p.r, p.out.c, p.out.buf.pixels()
	scale, shift := p.a.line(r)
	n := span(c)
	for at := 0; at < pixels; at += n {
		m := min(n, pixels-at)
		a := r.widen(s.spanValue, p.a.values(i, 0).from(at), m, c)
		b := kernel.View{Data: s.spanGrad, Pitch: c}
		p.b.read(r, b, p.b.values(i, 0).from(at), m)
		r.k.ScaleShift(b, a, b, m, c, scale, shift, p.relu)
		r.k.Narrow(p.out.values(i, 0).from(at).halves, b, m, c)
	}
}

func (p *residual) backward(r *run) {
	if p.reader == nil {
		p.open()
		parallel.For(r.workers, r.n, p.bwd)
		p.close(r.n)
	}
}

// open prepares for mask, whose parts close adds up in order.
func (p *residual) open() {
	p.addA = p.a.accumulates()
	p.a.received()
	p.addB = p.b.accumulates()
	p.b.received()
	clear(p.sums)
}

func (p *residual) close(parts int) {
	if p.a.norm != nil {
		p.a.norm.collect(p.sums, parts)
	}
	if p.b.norm != nil {
		p.b.norm.collect(p.sums[p.r.batch*2*p.out.c:], parts)
	}
}

func (p *residual) backwardImage(worker, i int) {
	if p.out.buf.half {
		p.maskHalves(&p.r.scratch[worker], i)
		return
	}
	p.mask(i, i, 0, p.out.buf.h)
}

// mask completes the gradient of rows y0 to y1 of image i by what BatchNorms owe to it, stops it
// where the ReLU did, and sends it both ways.
func (p *residual) mask(part, i, y0, y1 int) {
	r, c, pixels := p.r, p.out.c, (y1-y0)*p.out.buf.w
	g := p.out.grads(i, y0).floats
	x := p.out.values(i, y0).floats
	if p.out.buf.owes {
		p.out.takeFloats(r, g, g, x, pixels)
	}
	if p.relu {
		n := pixels * p.out.buf.pitch
		r.k.ReLUBackward(g.Data[:n], g.Data[:n], x.Data[:n])
	}
	p.send(nil, p.a, g, i, y0*p.out.buf.w, pixels, p.sums[part*2*c:][:2*c], p.addA)
	p.send(nil, p.b, g, i, y0*p.out.buf.w, pixels, p.sums[(r.batch+part)*2*c:][:2*c], p.addB)
}

// maskHalves does the same for image i in bfloat16.
func (p *residual) maskHalves(s *scratch, i int) {
	r, c, pixels := p.r, p.out.c, p.out.buf.pixels()
	n := span(c)
	if r.products != nil && p.shares(p.a) && p.shares(p.b) {
		n = min(pixels, 4*n) // nothing is widened
	}
	for at := 0; at < pixels; at += n {
		m := min(n, pixels-at)
		grads, x := p.out.grads(i, 0).from(at), p.out.values(i, 0).from(at)
		sumsA, sumsB := p.sums[i*2*c:][:2*c], p.sums[(r.batch+i)*2*c:][:2*c]
		if r.products != nil {
			p.maskPairs(grads.halves, x.halves, m)
			p.sendHalves(s, p.a, grads.halves, i, at, m, sumsA, p.addA)
			p.sendHalves(s, p.b, grads.halves, i, at, m, sumsB, p.addB)
			continue
		}
		g := kernel.View{Data: s.spanSum, Pitch: c}
		p.out.takeGrad(r, s, g, grads, x, m)
		if p.relu {
			y := r.widen(s.spanValue, x, m, c)
			r.k.ReLUBackward(g.Data[:m*c], g.Data[:m*c], y.Data[:m*c])
		}
		r.k.Round(g.Data[:m*c], g.Data[:m*c]) // as it is stored
		r.k.Narrow(grads.halves, g, m, c)
		p.send(s, p.a, g, i, at, m, sumsA, p.addA)
		p.send(s, p.b, g, i, at, m, sumsB, p.addB)
	}
}

// shares says whether the gradient of v is that of out.
func (p *residual) shares(v view) bool {
	return v.buf.gradOf != nil && v.buf.gradOf == p.out.buf.owner()
}

// maskPairs completes the gradient of pixels of out and stops it where the ReLU did.
func (p *residual) maskPairs(g, x kernel.View16, pixels int) {
	r, b, c := p.r, p.out.buf, p.out.c
	scale, owedX, owed1 := r.ones[:c], r.zeros[:c], r.zeros[:c]
	if b.gradScale != nil {
		scale = b.gradScale
	}
	if b.owes {
		owedX, owed1 = b.owedX, b.owed1
	}
	r.k.Owed16(g, g, x, pixels, c, scale, owedX, owed1, p.relu)
}

// sendHalves is send where the gradient is in bfloat16.
func (p *residual) sendHalves(s *scratch, v view, g kernel.View16, i, at, pixels int, sums []float64, accumulate bool) {
	if p.shares(v) {
		if v.norm != nil {
			p.r.k.Sums16(sums[:v.c], sums[v.c:], g, v.values(i, 0).from(at).halves, pixels, v.c)
		}
		return
	}
	wide := kernel.View{Data: s.spanSum, Pitch: v.c}
	p.r.k.Widen(wide, g, pixels, v.c)
	p.send(s, v, wide, i, at, pixels, sums, accumulate)
}

// send hands the gradient g of out's pixels from pixel at on to one of the summands. s is needed in
// bfloat16.
func (p *residual) send(s *scratch, v view, g kernel.View, i, at, pixels int, sums []float64, accumulate bool) {
	x := v.values(i, 0).from(at)
	if p.shares(v) {
		if v.norm != nil {
			var tmp []float32
			if s != nil {
				tmp = s.spanValue
			}
			v.addSums(p.r, g, p.r.widen(tmp, x, pixels, v.c), pixels, sums)
		}
		return
	}
	v.send(p.r, s, v.grads(i, 0).from(at), g, x, pixels, sums, accumulate)
}
