package deep

import (
	"math"
	"slices"

	"shoal/kernel"
)

// run is a network planned for a batch size: its layers and all their memory. Nothing is allocated
// after newRun, except what starting goroutines takes.
type run struct {
	net        *Network
	k          kernel.Kernels
	batch      int // images that there is room for
	workers    int
	training   bool
	half       bool             // activations and gradients in bfloat16
	products   *kernel.Products // of bfloat16; nil: by the float32 kernels, which is Widened
	apart      bool             // see pairs.apart
	pairSizes  pairSizes
	layers     []layer
	buffers    []*buffer
	logits     view
	loss       *crossEntropy
	scratch    []scratch
	sizes      scratchSizes
	grads      []float32 // of the parameters, laid out as net.weights
	partial    []float32 // of weight gradients, see conv.part
	partialLen int
	valueBytes int // of all buffers' values

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
	training, half bool
	products       *kernel.Products
	apart          bool
	smoothing      float64
	normalisation  Normalisation
	kernels        kernel.Kernels
	profile        *Profile
	seed           uint64
}

func newRun(net *Network, o runOptions) *run {
	b := newBuilder(net, o.batch, false)
	b.training, b.half = o.training, o.half
	logits := net.define(b, b.inputView(), net.Classes)
	loss := &crossEntropy{in: logits, smoothing: o.smoothing}
	b.add(loss, logits)
	logits.buf.half = false
	r := &run{
		net: net, k: o.kernels, batch: o.batch, workers: o.workers, training: o.training, half: o.half, products: o.products, apart: o.apart,
		layers: b.layers, buffers: b.buffers, logits: logits, loss: loss, sizes: b.sizes,
		losses: make([]float64, o.batch), profile: o.profile, seed: o.seed,
	}
	r.ones, r.zeros, r.quarters = make([]float32, b.widest), make([]float32, b.widest), make([]float32, b.widest)
	kernel.Fill(r.ones, 1)
	kernel.Fill(r.quarters, 0.25)
	r.inScale, r.inShift = o.normalisation.line(net.In.Channels)
	if net.inLanes {
		r.layers = inLanes(r, b.layers, net.In)
		r.buffers = []*buffer{logits.buf}
		b.setup = nil
	}
	if r.products != nil && !r.training {
		for _, l := range r.layers {
			if p, ok := l.(*residual); ok {
				p.madeBy(r.layers)
			}
		}
	}
	for _, f := range b.setup {
		f(r)
	}
	for range o.workers {
		s := r.sizes.newScratch(r.spanLen())
		s.pairs = r.pairSizes.newScratch()
		r.scratch = append(r.scratch, s)
	}
	r.allocate()
	return r
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

// refreshParam makes what is derived from parameter i's weights follow them: rounded weights, where
// they are wanted, and those for the gradient of inputs.
func (n *Network) refreshParam(k kernel.Kernels, i int) {
	p := n.params[i]
	if n.pairs != nil && p.filter != nil {
		p.pair(k)
		return
	}
	src := p.weights()
	if n.rounded != nil && p.filter != nil {
		rounded := n.rounded[p.at:][:p.size()]
		k.Round(rounded, src)
		src = rounded
	}
	if p.flippedSize() > 0 {
		p.flip(src)
	}
}
