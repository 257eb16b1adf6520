package deep

import (
	"fmt"
	"math"
	"slices"

	"shoal/kernel"
)

// twin computes a network's loss and gradients in float64, straight from the layers' definitions:
// every activation is stored, every BatchNorm is a pass of its own, no tiles, no order of sums to
// keep. It is what the engine is tested against.
type twin struct {
	net    *Network
	half   bool
	n      int
	labels []uint16
	layers []layer
	value  map[*buffer][]float64 // [n][h][w][c]
	grad   map[*buffer][]float64
	owed   map[*buffer][]float64 // of gradients in bfloat16: see normBackward
	params map[*param][]float64  // PyTorch's layout
	pgrads map[*param][]float64
}

// newTwin makes the twin of a network in a precision: in BFloat16 it rounds where Precision says.
func newTwin(net *Network, pixels []byte, labels []uint16, norm Normalisation, p Precision) *twin {
	b := newBuilder(net, len(labels), false)
	b.half = p == BFloat16
	x := b.inputView()
	logits := net.define(b, x, net.Classes)
	b.add(&crossEntropy{in: logits}, logits)
	logits.buf.half = false
	for i, l := range slices.Backward(b.layers) {
		if l, ok := l.(*residual); ok && b.half {
			l.share(i)
		}
	}
	t := &twin{net: net, n: len(labels), labels: labels, layers: b.layers, half: b.half, params: map[*param][]float64{}}
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

// rounded is x in bfloat16 if half is set.
func rounded(half bool, x []float64) []float64 {
	if half {
		for i, v := range x {
			x[i] = toBF16(v)
		}
	}
	return x
}

func toBF16(x float64) float64 { return float64(kernel.ToBF16(float32(x)).Float32()) }

// take is the true gradient of a buffer.
func (t *twin) take(b *buffer) []float64 {
	g := slices.Clone(t.grads(b))
	for i, v := range t.owed[b] {
		g[i] += v
	}
	return g
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
func (t *twin) send(v view, dy []float64) { t.sendRounded(v, dy, v.buf.half) }

// sendRounded rounds the gradients that it has added to, or not.
func (t *twin) sendRounded(v view, dy []float64, round bool) {
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
		at := i/v.c*v.buf.c + v.off + i%v.c
		g[at] += d
		if round {
			g[at] = toBF16(g[at])
		}
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
	if t.half && t.owed[v.buf] == nil {
		t.owed[v.buf] = make([]float64, len(t.grads(v.buf)))
	}
	for i, d := range dz {
		k := i % c
		rest := dbeta[k]/m + xhat[i]*dgamma[k]/m
		if t.half { // what all elements share is added when the gradient is read
			t.owed[v.buf][i/c*v.buf.c+v.off+k] -= t.params[s.gamma][k] * inv[k] * rest
			rest = 0
		}
		dx[i] = t.params[s.gamma][k] * inv[k] * (d - rest)
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
			rounded(l.out.buf.half, out)
		case *dropout:
			copy(t.values(l.out.buf), rounded(t.half, t.drop(l, t.read(l.in))))
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
	t.grad, t.pgrads, t.owed = map[*buffer][]float64{}, map[*param][]float64{}, map[*buffer][]float64{}
	for i := len(t.layers) - 1; i >= 0; i-- {
		switch l := t.layers[i].(type) {
		case *conv:
			t.conv(l, rounded(t.half, l.out.slice(t.take(l.out.buf), t.n)))
		case *pool:
			t.pool(l, t.take(l.out.buf))
		case *residual:
			d := t.take(l.out.buf)
			for i, y := range t.values(l.out.buf) {
				if l.relu && !(y > 0) {
					d[i] = 0
				}
			}
			rounded(t.half, d)
			for _, v := range []view{l.a, l.b} { // what is kept with the sum's gradient is rounded with it
				t.sendRounded(v, d, v.buf.half && v.buf.gradOf == nil)
			}
		case *dropout:
			t.send(l.in, t.drop(l, t.take(l.out.buf)))
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

// conv is the convolution, then the average over pool×pool pixels: in the order of the papers. (In
// bfloat16 the average is first, for it is rounded.) With dout it adds the gradients instead.
func (t *twin) conv(l *conv, dout []float64) {
	b, f := l.in.buf, l.filter
	h, wd, pool := b.h, b.w, l.pool
	in := t.read(l.in)
	if t.half {
		in, h, wd, pool = average(in, t.n, h, wd, l.in.c, pool), h/pool, wd/pool, 1
	}
	in = rounded(t.half, in)
	oh, ow := (h+2*l.pad-f.k)/l.stride+1, (wd+2*l.pad-f.k)/l.stride+1
	w := rounded(t.half, slices.Clone(t.params[l.w]))
	din, dw, db := make([]float64, len(in)), make([]float64, len(w)), make([]float64, f.co)
	out := t.values(l.out.buf)
	if dout == nil {
		for i := range t.n * l.oh * l.ow {
			clear(out[i*l.out.buf.c+l.out.off:][:f.co])
		}
	}
	area := float64(pool * pool)
	for i := range t.n * oh * ow {
		n, y, x := i/(oh*ow), i/ow%oh, i%ow
		pixel := (n*l.oh+y/pool)*l.ow + x/pool
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
				if iy < 0 || iy >= h || ix < 0 || ix >= wd {
					continue
				}
				at := ((n*h+iy)*wd + ix) * f.ci
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
	if dout == nil && l.out.buf.half {
		for i := range t.n * l.oh * l.ow {
			rounded(true, out[i*l.out.buf.c+l.out.off:][:f.co])
		}
	}
	if dout != nil {
		if t.half {
			din = spread(din, t.n, h, wd, l.in.c, l.pool)
		}
		t.send(l.in, din)
		t.addGrad(l.w, dw)
		if l.bias != nil {
			t.addGrad(l.bias, db)
		}
	}
}

// average is the mean over k×k pixels of [n][h][w][c].
func average(in []float64, n, h, w, c, k int) []float64 {
	out := make([]float64, n*(h/k)*(w/k)*c)
	for i, v := range in {
		out[pooled(i, h, w, c, k)] += v / float64(k*k)
	}
	return out
}

// spread is the backward of average, for outputs of h×w.
func spread(d []float64, n, h, w, c, k int) []float64 {
	out := make([]float64, n*h*w*c*k*k)
	for i := range out {
		out[i] = d[pooled(i, h*k, w*k, c, k)] / float64(k*k)
	}
	return out
}

// pooled is the index of the output to which input i of [n][h][w][c] belongs.
func pooled(i, h, w, c, k int) int {
	y, x := i/(w*c)%h, i/c%w
	return ((i/(h*w*c)*(h/k)+y/k)*(w/k)+x/k)*c + i%c
}

func (t *twin) pool(l *pool, dout []float64) {
	b, c := l.in.buf, l.in.c
	in, out := rounded(t.half && l.max, t.read(l.in)), t.values(l.out.buf)
	din := make([]float64, len(in))
	oh, ow := l.out.buf.h, l.out.buf.w
	for i := range t.n * oh * ow * c {
		n, y, x, ch := i/(oh*ow*c), i/(ow*c)%oh, i/c%ow, i%c
		best, sum := -1, 0.0
		for j := range l.kh * l.kw {
			at := ((n*b.h+y*l.kh+j/l.kw)*b.w+x*l.kw+j%l.kw)*c + ch
			sum += in[at]
			if best < 0 || in[at] > in[best] {
				best = at
			}
			if dout != nil && !l.max {
				din[at] += dout[i] / float64(l.kh*l.kw)
			}
		}
		switch {
		case dout != nil && l.max:
			din[best] += dout[i]
		case dout == nil && l.max:
			out[i] = in[best]
		case dout == nil:
			out[i] = sum / float64(l.kh*l.kw)
		}
	}
	if dout == nil {
		rounded(l.out.buf.half, out)
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
