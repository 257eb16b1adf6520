package deep

import (
	"shoal/internal/parallel"
	"shoal/kernel"
)

// pool is max or average pooling over windows of KH×KW pixels that don't overlap:
//
//	out[n, y, x, c] = max or mean over ky < KH, kx < KW of in[n, y·KH + ky, x·KW + kx, c]
//
// Of equal maxima the first one, row by row, receives the gradient, as in PyTorch. A window as large
// as the image is a global pool.
type pool struct {
	name     string
	in, out  view
	kh, kw   int
	max      bool
	r        *run
	sums     []float64 // one pair of C sums an image
	fwd, bwd func(worker, i int)

	accumulate bool
}

func (p *pool) label() string { return p.name }

func (p *pool) kind() string {
	if p.max {
		return "max pool"
	}
	return "avg pool"
}

func (p *pool) forward(r *run) {
	parallel.For(r.workers, r.n, p.fwd)
	if p.out.measured(r) {
		p.out.collect(r, p.sums, r.n)
	}
}

func (p *pool) finite(r *run) bool { return p.out.finite(r) }

// scratchLen is the room for one row of input windows, and one pixel.
func (p *pool) scratchLen() int { return (p.kh*p.in.buf.w + 1) * p.in.c }

func (p *pool) forwardImage(worker, i int) {
	r, b, c := p.r, p.in.buf, p.in.c
	s := &r.scratch[worker]
	rows := s.in[:p.kh*b.w*c]
	ow := p.out.buf.w
	for y := range p.out.buf.h {
		p.load(rows, i, y)
		to := p.out.values(i, y)
		row := to.floats
		if p.out.buf.half {
			row = kernel.View{Data: s.out, Pitch: c}
		}
		for x := range ow {
			out := row.Data[x*row.Pitch:][:c]
			if !p.max {
				clear(out)
			}
			p.window(x, b.w, func(first bool, pixel int) {
				in := rows[pixel*c:][:c]
				switch {
				case !p.max:
					r.k.AddScaled(out, in, 1/float32(p.kh*p.kw))
				case first:
					copy(out, in)
				default:
					larger(out, in)
				}
			})
		}
		if p.out.buf.half {
			r.k.Narrow(to.halves, row, ow, c)
		}
	}
	p.out.measureImage(r, s, p.sums, i)
}

// load reads the rows of the windows of output row y. Those that a maximum is taken of are rounded as
// the maximum will be, so that backward finds it among them.
func (p *pool) load(rows []float32, i, y int) {
	p.in.read(p.r, kernel.View{Data: rows, Pitch: p.in.c}, p.in.values(i, y*p.kh), p.kh*p.in.buf.w)
	if p.max && p.out.buf.half {
		p.r.k.Round(rows, rows)
	}
}

// window visits the pixels of output column x within KH rows of width w.
func (p *pool) window(x, w int, visit func(first bool, pixel int)) {
	for ky := range p.kh {
		for kx := range p.kw {
			visit(ky == 0 && kx == 0, ky*w+x*p.kw+kx)
		}
	}
}

// larger sets out = max(out, in); NaN if either is NaN.
func larger(out, in []float32) {
	for c, v := range in {
		if v > out[c] || v != v {
			out[c] = v
		}
	}
}

func (p *pool) backward(r *run) {
	p.accumulate = p.in.accumulates()
	clear(p.sums)
	parallel.For(r.workers, r.n, p.bwd)
	p.in.received()
	if p.in.norm != nil {
		p.in.norm.collect(p.sums, r.n)
	}
}

func (p *pool) backwardImage(worker, i int) {
	r, b, c := p.r, p.in.buf, p.in.c
	s := &r.scratch[worker]
	rows, dz := s.in[:p.kh*b.w*c], s.z[:p.kh*b.w*c]
	dout := kernel.View{Data: s.in[p.kh*b.w*c:][:c], Pitch: c}
	sums := p.in.imageSums(p.sums, i)
	for y := range p.out.buf.h {
		if p.max {
			p.load(rows, i, y)
		}
		clear(dz)
		for x := range p.out.buf.w {
			value := p.out.values(i, y).from(x)
			p.out.takeGrad(r, s, dout, p.out.grads(i, y).from(x), value, 1)
			out := r.widen(s.spanValue, value, 1, c).Data
			p.window(x, b.w, func(_ bool, pixel int) {
				if p.max {
					route(dz[pixel*c:][:c], dout.Data, rows[pixel*c:][:c], out)
				} else {
					r.k.AddScaled(dz[pixel*c:][:c], dout.Data, 1/float32(p.kh*p.kw))
				}
			})
		}
		p.in.send(r, s, p.in.grads(i, y*p.kh), kernel.View{Data: dz, Pitch: c}, p.in.values(i, y*p.kh), p.kh*b.w, sums, p.accumulate)
	}
}

// route gives the gradient dout to dz where in is the maximum and takes it away from dout, so that
// only the first maximum gets it.
func route(dz, dout, in, out []float32) {
	for c, v := range in {
		if v == out[c] {
			dz[c], dout[c] = dout[c], 0
		}
	}
}
