package deep

import (
	"shoal/internal/parallel"
	"shoal/kernel"
)

// dropout is out[n, h, w, c] = in[n, h, w, c]/(1-P) with probability 1-P, else 0: for each element,
// or for each whole channel of an image. Which ones survive is a function of (seed, step, layer,
// image of the batch, element), so backward draws them again. Evaluation mode copies.
type dropout struct {
	name      string
	in, out   view
	index     uint64 // of the layer
	channel   bool
	p         float64
	r         *run
	key       key
	threshold uint64
	keep      float32
	sums      []float64 // one pair of C sums an image
	fwd, bwd  func(worker, i int)

	accumulate bool
}

func (d *dropout) label() string { return d.name }
func (d *dropout) kind() string  { return "dropout" }

func (d *dropout) forward(r *run) {
	d.key, d.threshold, d.keep = d.draw(r)
	parallel.For(r.workers, r.n, d.fwd)
	if d.out.measured(r) {
		d.out.collect(r, d.sums, r.n)
	}
}

func (d *dropout) forwardImage(worker, i int) {
	r, b, to := d.r, d.out.buf, d.out.values(i, 0)
	s := &r.scratch[worker]
	out := to.floats
	if b.half {
		out = kernel.View{Data: s.z, Pitch: b.c}
	}
	d.in.read(r, out, d.in.values(i, 0), b.pixels())
	if r.training {
		d.mask(out, i)
	}
	if b.half {
		r.k.Narrow(to.halves, out, b.pixels(), b.c)
	}
	d.out.measureImage(r, s, d.sums, i)
}

func (d *dropout) finite(r *run) bool { return d.out.finite(r) }

// draw returns what decides the step's survivors, and the factor they get.
func (d *dropout) draw(r *run) (k key, threshold uint64, keep float32) {
	return newKey(r.seed, streamDropout, uint64(r.step), d.index), uint64(d.p * (1 << 32)), float32(1 / (1 - d.p))
}

// mask multiplies the values of image i by 0 or 1/(1-P).
func (d *dropout) mask(x kernel.View, i int) {
	b := d.out.buf
	i += d.r.firstImage
	for p := range b.pixels() {
		for c := range b.c {
			at := i*b.c + c
			if !d.channel {
				at = (i*b.pixels()+p)*b.c + c
			}
			if d.key.keeps(at, d.threshold) {
				x.Data[p*x.Pitch+c] *= d.keep
			} else {
				x.Data[p*x.Pitch+c] = 0
			}
		}
	}
}

func (d *dropout) backward(r *run) {
	d.accumulate = d.in.accumulates()
	clear(d.sums)
	parallel.For(r.workers, r.n, d.bwd)
	d.in.received()
	if d.in.norm != nil {
		d.in.norm.collect(d.sums, r.n)
	}
}

// backwardImage masks the output's gradient and sends it back.
func (d *dropout) backwardImage(worker, i int) {
	r, b := d.r, d.out.buf
	s := &r.scratch[worker]
	g := kernel.View{Data: s.z, Pitch: b.c}
	d.out.takeGrad(r, s, g, d.out.grads(i, 0), d.out.values(i, 0), b.pixels())
	d.mask(g, i)
	d.in.send(r, s, d.in.grads(i, 0), g, d.in.values(i, 0), b.pixels(), d.in.imageSums(d.sums, i), d.accumulate)
}
