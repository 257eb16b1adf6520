package deep

import (
	"shoal/internal/parallel"
	"shoal/kernel"
)

// residual is out[n, h, w, c] = max(0, a[n, h, w, c] + b[n, h, w, c]), the end
// of a residual block: a is the block's last BatchNorm, b the shortcut.
type residual struct {
	name      string
	a, b, out view
	r         *run
	sums      []float64 // one pair of C sums an image, for a and for b
	fwd, bwd  func(worker, i int)

	addA, addB bool
}

func (p *residual) label() string { return p.name }
func (p *residual) kind() string  { return "residual" }

func (p *residual) forward(r *run) { parallel.For(r.workers, r.n, p.fwd) }

func (p *residual) forwardImage(worker, i int) {
	r, w := p.r, p.out.buf.w
	scale, shift := p.a.line(r)
	for y := range p.out.buf.h {
		add := p.b.values(i, y)
		if p.b.pending() {
			row := kernel.View{Data: r.scratch[worker].tmp, Pitch: p.b.c}
			p.b.read(r, row, add, w)
			add = row
		}
		r.k.ScaleShift(p.out.values(i, y), p.a.values(i, y), add, w, p.a.c, scale, shift, true)
	}
}

func (p *residual) backward(r *run) {
	p.addA = p.a.accumulates()
	p.a.received()
	p.addB = p.b.accumulates()
	p.b.received()
	clear(p.sums)
	parallel.For(r.workers, r.n, p.bwd)
	c := p.out.c
	if p.a.norm != nil {
		p.a.norm.collect(p.sums, r.n)
	}
	if p.b.norm != nil {
		p.b.norm.collect(p.sums[r.batch*2*c:], r.n)
	}
}

// backwardImage masks the output's gradient in place and sends it both ways.
func (p *residual) backwardImage(_, i int) {
	r, c, pixels := p.r, p.out.c, p.out.buf.pixels()
	g := p.out.grads(i, 0)
	n := pixels * p.out.buf.pitch
	r.k.ReLUBackward(g.Data[:n], g.Data[:n], p.out.values(i, 0).Data[:n])
	p.a.send(r, p.a.grads(i, 0), g, p.a.values(i, 0), pixels, p.sums[i*2*c:][:2*c], p.addA)
	p.b.send(r, p.b.grads(i, 0), g, p.b.values(i, 0), pixels, p.sums[(r.batch+i)*2*c:][:2*c], p.addB)
}
