package deep

import (
	"math"
	"slices"

	"shoal/kernel"
)

// run is a network planned for a batch size: its layers and all their memory. Nothing is allocated
// after newRun, except what starting goroutines takes.
type run struct {
	net         *Network
	k           kernel.Kernels
	batch       int // images that there is room for
	workers     int
	training    bool
	layers      []layer
	buffers     []*buffer
	logits      view
	loss        *crossEntropy
	scratch     []scratch
	sizes       scratchSizes
	grads       []float32 // of the parameters, laid out as net.weights
	partial     []float32 // of weight gradients, see conv.part
	partialLen  int
	valueFloats int // of all buffers' values

	ones, zeros, quarters []float32 // as long as the widest layer
	inScale, inShift      []float32 // of the input's normalisation
	profile               *Profile

	// One step's:
	n          int // images
	total      int // images of the whole step, if other runs share it
	firstImage int // of the step's batch
	step       int64
	seed       uint64
	pixels     []byte
	labels     []uint16
	losses     []float64
}

// runOptions is what a run is planned for.
type runOptions struct {
	batch, workers int
	training       bool
	smoothing      float64
	normalisation  Normalisation
	kernels        kernel.Kernels
	profile        *Profile
	seed           uint64
}

func newRun(net *Network, o runOptions) *run {
	b := newBuilder(net, o.batch, false)
	b.training = o.training
	logits := net.define(b, b.inputView(), net.Classes)
	loss := &crossEntropy{in: logits, smoothing: o.smoothing}
	b.add(loss, logits)
	r := &run{
		net: net, k: o.kernels, batch: o.batch, workers: o.workers, training: o.training,
		layers: b.layers, buffers: b.buffers, logits: logits, loss: loss, sizes: b.sizes,
		losses: make([]float64, o.batch), profile: o.profile, seed: o.seed,
	}
	r.ones, r.zeros, r.quarters = make([]float32, b.widest), make([]float32, b.widest), make([]float32, b.widest)
	fill(r.ones, 1)
	fill(r.quarters, 0.25)
	r.inScale, r.inShift = o.normalisation.line(net.In.Channels)
	if net.inLanes {
		r.layers = inLanes(r, b.layers, net.In)
		r.buffers = []*buffer{logits.buf}
		b.setup = nil
	}
	for _, f := range b.setup {
		f(r)
	}
	for range o.workers {
		r.scratch = append(r.scratch, r.sizes.newScratch())
	}
	r.allocate()
	return r
}

// allocate gives every buffer its memory. Training keeps all values to the end of the step; what is
// needed only from the first layer that touches a buffer to the last, or back, shares memory:
// gradients, and values in evaluation.
func (r *run) allocate() {
	length := func(b *buffer) int { return roundUp(r.batch*b.pixels()*b.pitch, 16) }
	for _, b := range r.buffers {
		if r.training && b.moments {
			b.mean, b.variance = make([]float64, b.c), make([]float64, b.c)
			b.owedX, b.owed1 = make([]float32, b.c), make([]float32, b.c)
		}
	}
	if !r.training {
		values := make([]placed, len(r.buffers))
		for i, b := range r.buffers {
			values[i] = placed{n: length(b), first: b.first, last: b.last, memory: &b.value}
		}
		r.valueFloats = place(values)
		return
	}
	r.valueFloats = 0
	for _, b := range r.buffers {
		r.valueFloats += length(b)
	}
	values := kernel.Aligned(r.valueFloats)
	for _, b := range r.buffers {
		n := length(b)
		b.value, values = values[:n:n], values[n:]
	}
	r.grads = kernel.Aligned(len(r.net.weights))
	r.partial = kernel.Aligned(r.partialLen)
	for i, l := range slices.Backward(r.layers) {
		if p, ok := l.(*residual); ok {
			p.share(i)
		}
	}
	grads, at := []placed{}, map[*buffer]int{}
	for _, b := range r.buffers {
		if b.gradOf == nil {
			at[b] = len(grads)
			grads = append(grads, placed{n: length(b), first: b.first, last: b.last, memory: &b.grad})
		}
	}
	for _, b := range r.buffers {
		own := &grads[at[b.owner()]]
		own.first, own.last = min(own.first, b.first), max(own.last, b.last)
	}
	place(grads)
	for _, b := range r.buffers {
		b.grad = b.owner().grad
	}
}

// placed is an array of n floats that is needed from one layer to another.
type placed struct {
	n, first, last int
	memory         *[]float32
	from, to       int // its place in the shared memory
}

// place lets arrays share memory when they aren't needed at the same time: the largest first, each
// at the lowest place that is free for its life. It returns the floats needed.
func place(list []placed) int {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b placed) int { return b.n - a.n })
	var done []placed // by from
	total := 0
	for _, p := range list {
		p.from = 0
		for _, q := range done {
			apart := q.last < p.first || p.last < q.first
			if !apart && p.from+p.n > q.from && p.from < q.to {
				p.from = q.to
			}
		}
		p.to = p.from + p.n
		i, _ := slices.BinarySearchFunc(done, p.from, func(q placed, at int) int { return q.from - at })
		done = slices.Insert(done, i, p)
		total = max(total, p.to)
	}
	all := kernel.Aligned(total)
	for _, p := range done {
		*p.memory = all[p.from:p.to:p.to]
	}
	return total
}

// forward computes the logits, and the losses if there are labels, of n images.
func (r *run) forward() {
	for _, l := range r.layers {
		done := r.profile.start()
		l.forward(r)
		done.stop(l, false)
	}
}

// backward computes the gradients of all parameters from what forward left.
func (r *run) backward() {
	for _, b := range r.buffers {
		b.gradFrom, b.owes = b.c, false
		clear(b.owedX)
		clear(b.owed1)
	}
	for _, l := range slices.Backward(r.layers) {
		done := r.profile.start()
		l.backward(r)
		done.stop(l, true)
	}
}

// lossSum returns the sum of the images' losses, in order.
func (r *run) lossSum() float64 {
	var sum float64
	for _, l := range r.losses[:r.n] {
		sum += l
	}
	return sum
}

// firstBad names the first layer whose output isn't finite.
func (r *run) firstBad() string {
	for _, l := range r.layers {
		if !l.finite(r) {
			return l.label()
		}
	}
	return r.loss.label()
}

func allFinite(x []float32) bool {
	for _, v := range x {
		if d := float64(v); math.IsNaN(d) || math.IsInf(d, 0) {
			return false
		}
	}
	return true
}

// flipParam refreshes parameter i's weights for the gradient of inputs.
func (n *Network) flipParam(_, i int) {
	if n.params[i].flippedSize() > 0 {
		n.params[i].flip()
	}
}
