package deep

import (
	"fmt"
	"math"
)

// twin computes a network's loss and gradients in float64, straight from the layers' definitions:
// every activation is stored, every BatchNorm is a pass of its own, no tiles, no order of sums to
// keep. It is what the engine is tested against.
type twin struct {
	net    *Network
	n      int
	labels []uint16
	layers []layer
	value  map[*buffer][]float64 // [n][h][w][c]
	grad   map[*buffer][]float64
	params map[*param][]float64 // PyTorch's layout
	pgrads map[*param][]float64
}

func newTwin(net *Network, pixels []byte, labels []uint16, norm Normalisation) *twin {
	b := newBuilder(net, len(labels), false)
	x := b.inputView()
	logits := net.define(b, x, net.Classes)
	b.add(&crossEntropy{in: logits}, logits)
	t := &twin{net: net, n: len(labels), labels: labels, layers: b.layers, params: map[*param][]float64{}}
	for _, p := range net.params {
		for _, v := range p.values() {
			t.params[p] = append(t.params[p], float64(v))
		}
	}
	t.value = map[*buffer][]float64{}
	scale, shift := norm.line(x.c)
	in := t.values(x.buf)
	for i := range in {
		in[i] = float64(pixels[i])*float64(scale[i%x.c]) + float64(shift[i%x.c])
	}
	return t
}

func (t *twin) values(b *buffer) []float64 {
	if t.value[b] == nil {
		t.value[b] = make([]float64, t.n*b.h*b.w*b.c)
	}
	return t.value[b]
}

func (t *twin) grads(b *buffer) []float64 {
	if t.grad[b] == nil {
		t.grad[b] = make([]float64, t.n*b.h*b.w*b.c)
	}
	return t.grad[b]
}

// slice reads the raw channels of a view: [n·h·w][c].
func (v view) slice(all []float64, n int) []float64 {
	out := make([]float64, 0, n*v.buf.pixels()*v.c)
	for p := range n * v.buf.pixels() {
		out = append(out, all[p*v.buf.c+v.off:][:v.c]...)
	}
	return out
}

// normalise returns x̂ and 1/σ of each channel.
func normalise(x []float64, c int) (xhat, inv []float64) {
	m := float64(len(x) / c)
	mean, variance := make([]float64, c), make([]float64, c)
	for i, v := range x {
		mean[i%c] += v / m
	}
	for i, v := range x {
		variance[i%c] += (v - mean[i%c]) * (v - mean[i%c]) / m
	}
	xhat, inv = make([]float64, len(x)), make([]float64, c)
	for i := range c {
		inv[i] = 1 / math.Sqrt(variance[i]+1e-5)
	}
	for i, v := range x {
		xhat[i] = (v - mean[i%c]) * inv[i%c]
	}
	return xhat, inv
}

// read is what a reader of v sees: [n][h][w][c].
func (t *twin) read(v view) []float64 {
	x := v.slice(t.values(v.buf), t.n)
	if v.norm != nil {
		x, _ = normalise(x, v.c)
		gamma, beta := t.params[v.norm.state.gamma], t.params[v.norm.state.beta]
		for i := range x {
			x[i] = x[i]*gamma[i%v.c] + beta[i%v.c]
		}
	}
	for i := range x {
		if v.relu && !(x[i] > 0) {
			x[i] = 0
		}
	}
	return x
}

// send is the backward of read.
func (t *twin) send(v view, dy []float64) {
	if v.buf.input {
		return
	}
	y, dz := t.read(v), make([]float64, len(dy))
	for i := range dy {
		if !v.relu || y[i] > 0 {
			dz[i] = dy[i]
		}
	}
	if v.norm != nil {
		dz = t.normBackward(v, dz)
	}
	g := t.grads(v.buf)
	for i, d := range dz {
		g[i/v.c*v.buf.c+v.off+i%v.c] += d
	}
}

func (t *twin) normBackward(v view, dz []float64) []float64 {
	c, s := v.c, v.norm.state
	xhat, inv := normalise(v.slice(t.values(v.buf), t.n), c)
	dgamma, dbeta := make([]float64, c), make([]float64, c)
	for i, d := range dz {
		dbeta[i%c] += d
		dgamma[i%c] += d * xhat[i]
	}
	m := float64(len(dz) / c)
	dx := make([]float64, len(dz))
	for i, d := range dz {
		k := i % c
		dx[i] = t.params[s.gamma][k] * inv[k] * (d - dbeta[k]/m - xhat[i]*dgamma[k]/m)
	}
	t.addGrad(s.gamma, dgamma)
	t.addGrad(s.beta, dbeta)
	return dx
}

func (t *twin) addGrad(p *param, g []float64) {
	if t.pgrads[p] == nil {
		t.pgrads[p] = make([]float64, p.len())
	}
	for i, v := range g {
		t.pgrads[p][i] += v
	}
}

// loss runs all layers and returns the mean loss.
func (t *twin) loss() float64 {
	var loss float64
	for _, l := range t.layers {
		switch l := l.(type) {
		case *conv:
			t.conv(l, nil)
		case *pool:
			t.pool(l, nil)
		case *residual:
			a, b := t.read(l.a), t.read(l.b)
			out := t.values(l.out.buf)
			for i := range a {
				out[i] = a[i] + b[i]
				if l.relu {
					out[i] = max(0, out[i])
				}
			}
		case *dropout:
			copy(t.values(l.out.buf), t.drop(l, t.read(l.in)))
		case *norm: // its readers apply it
		case *crossEntropy:
			loss = t.entropy(l, nil)
		default:
			panic(fmt.Sprintf("the twin doesn't know layer %q, a %s: write its definition", l.label(), l.kind()))
		}
	}
	return loss
}

// backward leaves the gradients of the last loss in pgrads.
func (t *twin) backward() {
	t.grad, t.pgrads = map[*buffer][]float64{}, map[*param][]float64{}
	for i := len(t.layers) - 1; i >= 0; i-- {
		switch l := t.layers[i].(type) {
		case *conv:
			t.conv(l, l.out.slice(t.grads(l.out.buf), t.n))
		case *pool:
			t.pool(l, t.grads(l.out.buf))
		case *residual:
			d := t.grads(l.out.buf)
			for i, y := range t.values(l.out.buf) {
				if l.relu && !(y > 0) {
					d[i] = 0
				}
			}
			t.send(l.a, d)
			t.send(l.b, d)
		case *dropout:
			t.send(l.in, t.drop(l, t.grads(l.out.buf)))
		case *crossEntropy:
			t.entropy(l, t.grads(l.in.buf))
		}
	}
}

// drop multiplies x, values or gradients, by the masks of the first step of a training with seed 0.
func (t *twin) drop(l *dropout, x []float64) []float64 {
	k, pixels, c := newKey(0, streamDropout, 0, l.index), l.in.buf.pixels(), l.in.c
	y := make([]float64, len(x))
	for i, v := range x {
		at := i
		if l.channel {
			at = i/(pixels*c)*c + i%c
		}
		if k.keeps(at, uint64(l.p*(1<<32))) {
			y[i] = v / (1 - l.p)
		}
	}
	return y
}

// conv is the convolution, then the average over pool×pool pixels: in the order of the papers. With
// dout it adds the gradients instead.
func (t *twin) conv(l *conv, dout []float64) {
	b, f := l.in.buf, l.filter
	oh, ow := (b.h+2*l.pad-f.k)/l.stride+1, (b.w+2*l.pad-f.k)/l.stride+1
	in, w := t.read(l.in), t.params[l.w]
	din, dw, db := make([]float64, len(in)), make([]float64, len(w)), make([]float64, f.co)
	out := t.values(l.out.buf)
	if dout == nil {
		for i := range t.n * l.oh * l.ow {
			clear(out[i*l.out.buf.c+l.out.off:][:f.co])
		}
	}
	area := float64(l.pool * l.pool)
	for i := range t.n * oh * ow {
		n, y, x := i/(oh*ow), i/ow%oh, i%ow
		pixel := (n*l.oh+y/l.pool)*l.ow + x/l.pool
		for o := range f.co {
			var sum, d float64
			if dout != nil {
				d = dout[pixel*f.co+o] / area
				db[o] += d
			} else if l.bias != nil {
				sum = t.params[l.bias][o]
			}
			for j := range f.k * f.k {
				iy, ix := y*l.stride+j/f.k-l.pad, x*l.stride+j%f.k-l.pad
				if iy < 0 || iy >= b.h || ix < 0 || ix >= b.w {
					continue
				}
				at := ((n*b.h+iy)*b.w + ix) * f.ci
				for c := range f.ci {
					k := (o*f.ci+c)*f.k*f.k + j
					sum += in[at+c] * w[k]
					din[at+c] += d * w[k]
					dw[k] += d * in[at+c]
				}
			}
			if dout == nil {
				out[pixel*l.out.buf.c+l.out.off+o] += sum / area
			}
		}
	}
	if dout != nil {
		t.send(l.in, din)
		t.addGrad(l.w, dw)
		if l.bias != nil {
			t.addGrad(l.bias, db)
		}
	}
}

func (t *twin) pool(l *pool, dout []float64) {
	b, c := l.in.buf, l.in.c
	in, out := t.read(l.in), t.values(l.out.buf)
	din := make([]float64, len(in))
	oh, ow := l.out.buf.h, l.out.buf.w
	for i := range t.n * oh * ow * c {
		n, y, x, ch := i/(oh*ow*c), i/(ow*c)%oh, i/c%ow, i%c
		best, sum := -1, 0.0
		for j := range l.k * l.k {
			at := ((n*b.h+y*l.k+j/l.k)*b.w+x*l.k+j%l.k)*c + ch
			sum += in[at]
			if best < 0 || in[at] > in[best] {
				best = at
			}
			if dout != nil && !l.max {
				din[at] += dout[i] / float64(l.k*l.k)
			}
		}
		switch {
		case dout != nil && l.max:
			din[best] += dout[i]
		case dout == nil && l.max:
			out[i] = in[best]
		case dout == nil:
			out[i] = sum / float64(l.k*l.k)
		}
	}
	if dout != nil {
		t.send(l.in, din)
	}
}

// entropy returns the mean loss, and with grads sets the logits' gradients.
func (t *twin) entropy(l *crossEntropy, grads []float64) float64 {
	z, k := t.values(l.in.buf), l.in.c
	var loss float64
	for n := range t.n {
		row := z[n*k:][:k]
		var sum float64
		for _, v := range row {
			sum += math.Exp(v)
		}
		loss += (math.Log(sum) - row[t.labels[n]]) / float64(t.n)
		if grads == nil {
			continue
		}
		for j := range k {
			grads[n*k+j] = math.Exp(row[j]) / sum / float64(t.n)
			if j == int(t.labels[n]) {
				grads[n*k+j] -= 1 / float64(t.n)
			}
		}
	}
	return loss
}
