package deep

import "shoal/kernel"

// Small networks in lanes. A network with few channels wastes most of a vector of channels, so a
// plain chain of convolutions, max pools, dropout and linear layers without BatchNorm is laid out
// with images innermost:
//
//	value[c][h][w][32 images]
//
// and every vector is full whatever the channels. 32 images go through the whole network on one
// worker, in its second-level cache. The layers' labels and results are those of the pixel layout;
// only the order of some sums differs.

// lanes is how many images go together.
const lanes = 32

// laneBuffer is a layer's output for 32 images; unused lanes hold zeros' images.
type laneBuffer struct {
	h, w, c     int
	value, grad []float32
}

func newLaneBuffer(h, w, c int, training bool) *laneBuffer {
	b := &laneBuffer{h: h, w: w, c: c, value: kernel.Aligned(h * w * c * lanes)}
	if training {
		b.grad = kernel.Aligned(h * w * c * lanes)
	}
	return b
}

func (b *laneBuffer) finite() bool { return allFinite(b.value) }

// plane is the length of one channel.
func (b *laneBuffer) plane() int { return b.h * b.w * lanes }

// inLanes translates the layers of a chain to the lane layout, or returns nil if one of them has no
// translation.
func inLanes(r *run, chain []layer, in Shape) []layer {
	t := &laneBuilder{r: r}
	t.at = newLaneBuffer(in.Height, in.Width, in.Channels, r.training)
	t.list = append(t.list, &laneInput{out: t.at})
	for i, l := range chain {
		if !t.translate(l, chain[i+1:]) {
			return nil
		}
	}
	return t.list
}

// laneBuilder is the state of inLanes.
type laneBuilder struct {
	r    *run
	list []layer
	at   *laneBuffer // the output of the chain so far
	drop *dropout    // of channels, to be fused into the next pool
}

func (t *laneBuilder) translate(l layer, rest []layer) bool {
	switch l := l.(type) {
	case *conv:
		if t.drop != nil || l.stride != 1 || l.pad != 0 || l.pool != 1 || l.in.norm != nil || l.bias == nil {
			return false
		}
		t.rectify(l.in.relu)
		out := newLaneBuffer(l.oh, l.ow, l.filter.co, t.r.training)
		if l.oh == 1 && l.ow == 1 {
			t.append(&laneLinear{name: l.name, in: t.at, out: out, w: l.w, bias: l.bias}, out)
		} else {
			t.append(newLaneConv(l, t.at, out), out)
		}
		if len(rest) > 0 && rest[0].kind() == "loss" {
			t.list = append(t.list, &laneOutput{in: out, logits: l.out})
		}
	case *pool:
		if !l.max || l.kh != 2 || l.in.pending() {
			return false
		}
		out := newLaneBuffer(l.out.buf.h, l.out.buf.w, l.in.c, t.r.training)
		t.pool(&lanePool{name: l.name, in: t.at, out: out, drop: t.drop})
		t.drop = nil
	case *dropout:
		if l.channel {
			// A factor that isn't negative may as well follow the maximum.
			pooled := false
			if len(rest) > 0 {
				_, pooled = rest[0].(*pool)
			}
			t.drop = l
			return pooled && !l.in.pending()
		}
		t.rectify(l.in.relu)
		out := newLaneBuffer(t.at.h, t.at.w, t.at.c, t.r.training)
		t.append(&laneDropout{d: l, in: t.at, out: out}, out)
	case *crossEntropy:
		t.list = append(t.list, l)
	default:
		return false
	}
	return true
}

// pool adds a pool; in evaluation mode to the convolution before it.
func (t *laneBuilder) pool(p *lanePool) {
	if c, ok := t.list[len(t.list)-1].(*laneConv); ok && !t.r.training {
		t.list[len(t.list)-1], t.at = newLanePooledConv(c, p.out), p.out
		return
	}
	t.append(p, p.out)
}

func (t *laneBuilder) append(l layer, out *laneBuffer) {
	t.list, t.at = append(t.list, l), out
}

// rectify applies a ReLU to the chain's output: within the pool that made it, or in place.
func (t *laneBuilder) rectify(relu bool) {
	if !relu {
		return
	}
	switch l := t.list[len(t.list)-1].(type) {
	case *lanePool:
		l.relu = true
	case *lanePooledConv:
		l.shape.ReLU = true
	default:
		t.list = append(t.list, &laneReLU{b: t.at})
	}
}

// laneReLU rectifies in place.
type laneReLU struct{ b *laneBuffer }

func (l *laneReLU) label() string    { return "relu" }
func (l *laneReLU) kind() string     { return "relu" }
func (l *laneReLU) forward(r *run)   { r.k.ReLU(l.b.value, l.b.value) }
func (l *laneReLU) backward(r *run)  { r.k.ReLUBackward(l.b.grad, l.b.grad, l.b.value) }
func (l *laneReLU) finite(*run) bool { return l.b.finite() }

// lanePool is a 2×2 max pool, with the dropout of channels before it and the ReLU after it.
type lanePool struct {
	name    string
	in, out *laneBuffer
	relu    bool
	drop    *dropout
	scale   []float32 // [c][32]
}

func (l *lanePool) label() string    { return l.name }
func (l *lanePool) finite(*run) bool { return l.out.finite() }
func (l *lanePool) kind() string     { return "max pool" }

// shape returns the pooling of one piece, and how many pieces there are: all planes together, or
// each for itself.
func (l *lanePool) shape(r *run) (p kernel.Pool, pieces int) {
	p = kernel.Pool{
		Rows: l.out.h, Width: l.out.w, Channels: lanes,
		InRow: l.in.w * lanes, OutRow: l.out.w * lanes, ReLU: l.relu,
	}
	if l.in.h%2 == 0 && (l.drop == nil || !r.training) {
		p.Rows *= l.out.c // planes follow each other
		return p, 1
	}
	return p, l.out.c
}

// piece returns the views of piece i and sets its factors.
func (l *lanePool) piece(r *run, i int, p *kernel.Pool, in, out []float32) (x, y kernel.View) {
	if l.drop != nil && r.training {
		p.Scale = l.scale[i*lanes:][:lanes]
	}
	return kernel.View{Data: in[i*l.in.plane():], Pitch: lanes}, kernel.View{Data: out[i*l.out.plane():], Pitch: lanes}
}

func (l *lanePool) forward(r *run) {
	if l.drop != nil && r.training {
		l.draw(r)
	}
	p, pieces := l.shape(r)
	for i := range pieces {
		x, y := l.piece(r, i, &p, l.in.value, l.out.value)
		r.k.MaxPool(y, x, &p)
	}
}

func (l *lanePool) backward(r *run) {
	p, pieces := l.shape(r)
	for i := range pieces {
		x, _ := l.piece(r, i, &p, l.in.value, l.out.value)
		dx, dy := l.piece(r, i, &p, l.in.grad, l.out.grad)
		r.k.MaxPoolBackward(dx, dy, x, &p)
	}
}

// draw decides which channels of which image survive, as dropout.mask does.
func (l *lanePool) draw(r *run) {
	c := l.in.c
	if l.scale == nil {
		l.scale = make([]float32, c*lanes)
	}
	key, threshold, keep := l.drop.draw(r)
	for ch := range c {
		for i := range lanes {
			l.scale[ch*lanes+i] = 0
			if key.keeps((r.firstImage+i)*c+ch, threshold) {
				l.scale[ch*lanes+i] = keep
			}
		}
	}
}

// laneDropout is dropout of elements.
type laneDropout struct {
	d       *dropout
	in, out *laneBuffer
	mask    []float32
}

func (l *laneDropout) label() string    { return l.d.name }
func (l *laneDropout) finite(*run) bool { return l.out.finite() }
func (l *laneDropout) kind() string     { return "dropout" }

func (l *laneDropout) forward(r *run) {
	if !r.training {
		copy(l.out.value, l.in.value)
		return
	}
	if l.mask == nil {
		l.mask = make([]float32, len(l.out.value))
	}
	key, threshold, keep := l.d.draw(r)
	b := l.out
	pixels := b.h * b.w
	for c := range b.c {
		for p := range pixels {
			at := (c*pixels + p) * lanes
			for i := range lanes {
				m := float32(0)
				if key.keeps(((r.firstImage+i)*pixels+p)*b.c+c, threshold) {
					m = keep
				}
				l.mask[at+i] = m
				b.value[at+i] = l.in.value[at+i] * m
			}
		}
	}
}

func (l *laneDropout) backward(*run) {
	for i, g := range l.out.grad {
		l.in.grad[i] = g * l.mask[i]
	}
}

// laneOutput turns the logits' lanes into rows for the loss.
type laneOutput struct {
	in     *laneBuffer
	logits view
}

func (l *laneOutput) label() string    { return "logits" }
func (l *laneOutput) finite(*run) bool { return true } // a copy
func (l *laneOutput) kind() string     { return "loss" }

func (l *laneOutput) forward(r *run) {
	for i := range r.n {
		row := l.logits.buf.value[l.logits.at(i, 0):][:l.in.c]
		for c := range row {
			row[c] = l.in.value[c*lanes+i]
		}
	}
}

func (l *laneOutput) backward(r *run) {
	clear(l.in.grad)
	for i := range r.n {
		row := l.logits.buf.grad[l.logits.at(i, 0):][:l.in.c]
		for c, g := range row {
			l.in.grad[c*lanes+i] = g
		}
	}
}
