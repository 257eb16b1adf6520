package deep

import "shoal/kernel"

// layer is one operation of a planned network: forward beside backward.
type layer interface {
	label() string // PyTorch's name of the module, where it has one
	kind() string  // for the profile
	forward(r *run)
	backward(r *run)
	// finite says whether all that forward wrote for the images of the step is finite: a diverged
	// training names the first layer that says no.
	finite(r *run) bool
}

// builder turns a network's definition into layers over buffers for a batch size. The same
// definition, run once with a new Network, also makes its parameters.
type builder struct {
	net      *Network
	describe bool // the network's parameters are being made
	batch    int
	training bool
	half     bool // activations and gradients in bfloat16
	layers   []layer
	buffers  []*buffer
	norms    int
	macs     int64
	setup    []func(r *run) // to be called when buffers have their memory
	sizes    scratchSizes
	widest   int
}

// scratchSizes are the floats of each worker's scratch.
type scratchSizes struct{ in, grad, z, tmp, taps, out int }

func (s *scratchSizes) grow(in, grad, z, tmp, taps int) {
	s.in, s.grad, s.z = max(s.in, in), max(s.grad, grad), max(s.z, z)
	s.tmp, s.taps = max(s.tmp, tmp), max(s.taps, taps)
}

// growOut makes room for n floats of a layer's output that are yet to be rounded.
func (s *scratchSizes) growOut(n int) { s.out = max(s.out, n) }

func newBuilder(net *Network, batch int, describe bool) *builder {
	return &builder{net: net, batch: batch, describe: describe, training: true}
}

// newBuffer makes room for c channels of h×w pixels.
func (b *builder) newBuffer(name string, h, w, c int) *buffer {
	pitch := c
	if c > 32 && c%256 == 0 {
		pitch += 16 // a line
		if b.half {
			pitch += 16
		}
	}
	buf := &buffer{name: name, h: h, w: w, c: c, pitch: pitch, half: b.half, first: len(b.layers)}
	b.buffers = append(b.buffers, buf)
	b.widest = max(b.widest, c)
	return buf
}

// inputView is the images.
func (b *builder) inputView() view {
	s := b.net.In
	buf := &buffer{name: "input", h: s.Height, w: s.Width, c: s.Channels, pitch: s.Channels, input: true}
	return view{buf: buf, c: s.Channels}
}

// add appends a layer that reads and writes the given views.
func (b *builder) add(l layer, touched ...view) {
	for _, v := range touched {
		v.buf.lastBut, v.buf.last = v.buf.last, len(b.layers)
		v.buf.touches++
	}
	b.layers = append(b.layers, l)
}

// param returns the parameter called name, made now if the network is new.
func (b *builder) param(name string, f *filter, shape ...int) *param {
	if !b.describe {
		return b.net.byName[name]
	}
	p := &param{name: name, shape: shape, net: b.net, filter: f}
	b.net.params = append(b.net.params, p)
	b.net.byName[name] = p
	return p
}

// convSpec says what is not usual about a convolution.
type convSpec struct {
	name         string
	out          int
	kernel       int
	stride, pad  int
	bias, linear bool
	pool         int
	into         *view // where to put the result; nil: a buffer of its own
}

// conv adds a convolution of x.
func (b *builder) conv(x view, s convSpec) view {
	stride, pooled := max(1, s.stride), max(1, s.pool)
	c := &conv{
		name: s.name, in: x, stride: stride, pad: s.pad, pool: pooled,
		filter: filter{co: s.out, ci: x.c, k: s.kernel, width: b.net.panel},
		h:      x.buf.h / pooled, wd: x.buf.w / pooled,
		inputGrad: !x.buf.input, copies: b.half,
	}
	c.oh = (c.h+2*s.pad-s.kernel)/stride + 1
	c.ow = (c.wd+2*s.pad-s.kernel)/stride + 1
	shape := []int{s.out, x.c, s.kernel, s.kernel}
	if s.linear {
		shape = []int{s.out, x.c * s.kernel * s.kernel}
	}
	c.w = b.param(s.name+".weight", &c.filter, shape...)
	if s.bias {
		c.bias = b.param(s.name+".bias", nil, s.out)
	}
	if s.into != nil {
		c.out = *s.into
	} else {
		c.out = view{buf: b.newBuffer(s.name, c.oh, c.ow, s.out), c: s.out}
	}
	// Counted as published: a convolution before its pool.
	b.macs += int64(c.oh*c.ow*pooled*pooled) * int64(s.out*x.c*s.kernel*s.kernel)
	if p := x.buf.sum; p != nil {
		p.readBy(c)
	}
	b.add(c, x, c.out)
	b.widest = max(b.widest, x.c, s.out)
	b.setup = append(b.setup, c.plan)
	return c.out
}

// linear adds a fully connected layer over whole images: a convolution whose filters are as large
// as the image, so that PyTorch's flattened weights [out, C·H·W] are OIHW weights.
func (b *builder) linear(x view, name string, out int) view {
	return b.conv(x, convSpec{name: name, out: out, kernel: x.buf.h, bias: true, linear: true})
}

// batchNorm adds a BatchNorm of x; the view it returns carries it. The layer that writes x computes
// its mean and variance: see view.measure.
func (b *builder) batchNorm(x view, name string) view {
	gamma, beta := b.param(name+".weight", nil, x.c), b.param(name+".bias", nil, x.c)
	if b.describe {
		b.net.norms = append(b.net.norms, &normState{
			name: name, gamma: gamma, beta: beta,
			runningMean: make([]float32, x.c), runningVar: make([]float32, x.c),
			scale: make([]float32, x.c), shift: make([]float32, x.c),
		})
	}
	s := b.net.norms[b.norms]
	b.norms++
	m := &norm{state: s, in: x, scale: s.scale, shift: s.shift}
	if b.training && !b.describe {
		m.scale, m.shift = make([]float32, x.c), make([]float32, x.c)
		m.sums = make([]float64, 2*x.c)
	}
	x.buf.moments = true
	if s := x.buf.sum; s != nil {
		s.standAlone()
	}
	b.add(m, x)
	x.norm = m
	return x
}

// pool adds max or average pooling over k×k pixels.
func (b *builder) pool(x view, name string, k int, largest bool) view {
	return b.pooled(x, name, k, k, largest)
}

// average adds the mean over all pixels of an image, whatever its sides are.
func (b *builder) average(x view, name string) view {
	return b.pooled(x, name, x.buf.h, x.buf.w, false)
}

// pooled adds pooling over windows of kh×kw pixels.
func (b *builder) pooled(x view, name string, kh, kw int, largest bool) view {
	out := view{buf: b.newBuffer(name, x.buf.h/kh, x.buf.w/kw, x.c), c: x.c}
	p := &pool{name: name, in: x, out: out, kh: kh, kw: kw, max: largest}
	b.add(p, x, out)
	n := p.scratchLen()
	b.sizes.grow(n, 0, n, 0, 0)
	if out.buf.half {
		b.sizes.growOut(out.buf.w * x.c)
	}
	b.setup = append(b.setup, func(r *run) {
		p.r, p.fwd, p.bwd = r, p.forwardImage, p.backwardImage
		if r.training && (x.norm != nil || out.buf.moments) {
			p.sums = make([]float64, r.batch*2*x.c)
		}
	})
	return out
}

// residual adds x + shortcut, or with rectify ReLU(x + shortcut).
func (b *builder) residual(name string, x, shortcut view, rectify bool) view {
	out := view{buf: b.newBuffer(name, x.buf.h, x.buf.w, x.c), c: x.c}
	p := &residual{name: name, a: x, b: shortcut, out: out, relu: rectify}
	out.buf.sum = p
	b.add(p, x, shortcut, out)
	b.sizes.grow(0, 0, 0, x.buf.w*x.c, 0)
	b.setup = append(b.setup, func(r *run) {
		p.r, p.fwd, p.bwd = r, p.forwardImage, p.backwardImage
		if r.training {
			p.sums = make([]float64, 2*r.batch*2*x.c)
		}
	})
	return out
}

// dropout adds dropout of elements, or of whole channels, with probability p in [0, 1):
// nn.Dropout(p) and nn.Dropout2d(p).
func (b *builder) dropout(x view, name string, p float64, channel bool) view {
	out := view{buf: b.newBuffer(name, x.buf.h, x.buf.w, x.c), c: x.c}
	d := &dropout{name: name, in: x, out: out, index: uint64(len(b.layers)), channel: channel, p: p}
	b.add(d, x, out)
	b.sizes.grow(0, 0, x.buf.h*x.buf.w*x.c, 0, 0)
	b.setup = append(b.setup, func(r *run) {
		d.r, d.fwd, d.bwd = r, d.forwardImage, d.backwardImage
		if r.training && (x.norm != nil || out.buf.moments) {
			d.sums = make([]float64, r.batch*2*x.c)
		}
	})
	return out
}

// plan gives a convolution what depends on the batch.
func (c *conv) plan(r *run) {
	c.prepare(r.batch)
	c.r = r
	if r.products != nil {
		c.planPairs(r)
	}
	c.fwd, c.bwd, c.red = c.forwardTask, c.backwardTask, c.reduceTask
	if r.training {
		c.parts = c.maxParts()
		r.partialLen = max(r.partialLen, (min(c.parts, r.batch)-1)*c.partLen())
		c.sums = make([]float64, maxForwardTasks*2*max(c.filter.ci, c.filter.co))
	}
	taps := c.back.images * c.back.rows
	if r.products != nil {
		r.sizes.grow(0, 0, 0, c.wd*c.filter.ci, taps) // a row of the input
		return
	}
	in, _, _ := c.scratchSizes(c.ahead)
	grad, z := 0, 0
	if r.training {
		var tile int
		tile, grad, z = c.scratchSizes(c.back)
		in = max(in, tile)
	}
	tmp := 0
	if c.pool > 1 {
		tmp = c.wd * c.sp
	}
	if c.out.buf.half {
		r.sizes.growOut(c.ahead.images * c.ahead.rows * c.ow * c.dp)
	}
	r.sizes.grow(in, grad, z, tmp, taps)
}

// newScratch allocates one worker's scratch.
func (s scratchSizes) newScratch(span int) scratch {
	const slack = 16 // kernels may read a whole register at the end
	return scratch{
		in: kernel.Aligned(s.in + slack), grad: kernel.Aligned(s.grad + slack),
		z: kernel.Aligned(s.z + slack), tmp: kernel.Aligned(s.tmp + slack), out: kernel.Aligned(s.out),
		spanValue: kernel.Aligned(span), spanGrad: kernel.Aligned(span), spanSum: kernel.Aligned(span),
		list: make([]kernel.Tap, 0, s.taps),
	}
}

// scratch is what one worker needs to itself.
type scratch struct {
	in, grad, z, tmp []float32
	out              []float32 // a layer's output before it is rounded to bfloat16
	// Runs of pixels of buffers in bfloat16, widened: see span.
	spanValue, spanGrad, spanSum []float32

	pairs pairScratch

	taps    kernel.Taps
	list    []kernel.Tap
	touched float32 // of no meaning; see touch
	fresh   bool    // the tile is the first of its part of a weight gradient
}
