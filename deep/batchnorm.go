package deep

import "math"

// PyTorch's defaults for BatchNorm.
const (
	normEps      = 1e-5
	normMomentum = 0.1
)

// normState is what a network keeps of a BatchNorm: its parameters and the running statistics,
// which are not parameters but belong to a checkpoint.
type normState struct {
	name        string
	gamma, beta *param
	runningMean []float32
	runningVar  []float32 // unbiased
	batches     int64     // PyTorch's num_batches_tracked
	// scale and shift of evaluation mode; see Network.freeze.
	scale, shift []float32
}

// norm is a BatchNorm of C channels in one plan:
//
//	y[n, h, w, c] = γ[c]·(x[n, h, w, c] - µ[c])/√(σ²[c] + ε) + β[c]
//
// with mean and variance over n, h, w. It never makes a pass of its own: it only turns statistics
// into scale and shift, which the readers of its view apply, and sums into what it owes to the
// gradient.
type norm struct {
	state        *normState
	in           view
	scale, shift []float32 // y = x·scale + shift
	sums         []float64 // Σ dz, then Σ dz·x, over the batch
}

func (m *norm) label() string { return m.state.name }
func (m *norm) kind() string  { return "batchnorm" }

// finite looks at the line that readers apply: the output is kept nowhere.
func (m *norm) finite(*run) bool { return allFinite(m.scale) && allFinite(m.shift) }

// forward computes scale and shift and moves the running statistics.
func (m *norm) forward(r *run) {
	if !r.training {
		return // freeze has prepared them
	}
	clear(m.sums)
	b, off := m.in.buf, m.in.off
	count := float64(r.n * b.pixels())
	unbiased := count / (count - 1) // two values or more: see Trainer.LeastImages
	gamma, beta := m.state.gamma.weights(), m.state.beta.weights()
	for c := range m.in.c {
		mean, variance := b.mean[off+c], b.variance[off+c]
		scale := float64(gamma[c]) / math.Sqrt(variance+normEps)
		m.scale[c] = float32(scale)
		m.shift[c] = float32(float64(beta[c]) - float64(mean*scale))
		rm, rv := &m.state.runningMean[c], &m.state.runningVar[c]
		*rm += float32(normMomentum * (mean - float64(*rm)))
		*rv += float32(normMomentum * (float64(variance*unbiased) - float64(*rv)))
	}
	m.state.batches++
}

// collect adds up the partial sums of one reader, in order.
func (m *norm) collect(partial []float64, tasks int) {
	n := 2 * m.in.c
	for i := range tasks {
		for c, v := range partial[i*n:][:n] {
			m.sums[c] += v
		}
	}
}

// backward turns the sums S = Σ dz and T = Σ dz·x into the gradients of γ and β and into the rest
// of the gradient of x. With s = 1/√(σ²+ε) and M values a channel, x̂ = (x-µ)s and Σ dz·x̂ = s(T -
// µS) = dγ,
//
//	dx = γs·dz - γs·S/M - x̂·γs·dγ/M.
//
// Readers have sent γs·dz already. The rest is a line in x, and lines of all BatchNorms of a buffer
// add up; the layer that reads the gradient applies their sum.
func (m *norm) backward(r *run) {
	b, off, c := m.in.buf, m.in.off, m.in.c
	count := float64(r.n * b.pixels())
	gamma := m.state.gamma.weights()
	dgamma := r.grads[m.state.gamma.at:][:c]
	dbeta := r.grads[m.state.beta.at:][:c]
	owedX, owed1 := b.owedX[off:][:c], b.owed1[off:][:c]
	for i := range c {
		mean, s := b.mean[off+i], 1/math.Sqrt(b.variance[off+i]+normEps)
		sum := m.sums[i]
		dot := s * (m.sums[c+i] - float64(mean*sum))
		dgamma[i], dbeta[i] = float32(dot), float32(sum)
		gs := float64(gamma[i]) * s
		slope := -gs * s * dot / count
		owedX[i] += float32(slope)
		owed1[i] += float32(-gs*sum/count - float64(mean*slope))
	}
	b.owes = true
}

// measured says whether the layer that writes v has to measure it: whether this is training and a
// BatchNorm reads it.
func (v view) measured(r *run) bool { return r.training && v.buf.moments }

// measure adds the sums of rows y0 to y1 of image i of v, and those of their squares, to sums: C of
// each. A layer does so for all that it writes and then calls collect.
func (v view) measure(r *run, s *scratch, sums []float64, i, y0, y1 int) {
	x, pixels := v.values(i, y0), (y1-y0)*v.buf.w
	n := pixels
	if v.buf.half {
		n = span(v.c)
	}
	for at := 0; at < pixels; at += n {
		m := min(n, pixels-at)
		r.k.ChannelSums(sums[:v.c], sums[v.c:], r.widen(s.spanValue, x.from(at), m, v.c), m, v.c)
	}
}

// measureImage measures image i, if v has to be measured, into the image's own part of sums: 2·C an
// image.
func (v view) measureImage(r *run, s *scratch, sums []float64, i int) {
	if v.measured(r) {
		part := sums[i*2*v.c:][:2*v.c]
		clear(part)
		v.measure(r, s, part, i, 0, v.buf.h)
	}
}

// imageSums returns image i's part of the sums that v's BatchNorm needs in the backward pass, 2·C
// an image; nil if v has none.
func (v view) imageSums(sums []float64, i int) []float64 {
	if v.norm == nil {
		return nil
	}
	return sums[i*2*v.c:][:2*v.c]
}

// collect turns the partial sums of a layer's outputs and of their squares into the mean and
// variance of each channel, adding in order.
func (v view) collect(r *run, partial []float64, tasks int) {
	b := v.buf
	count := float64(r.n * b.pixels())
	for c := range v.c {
		var sum, square float64
		for i := range tasks {
			sum += partial[i*2*v.c+c]
			square += partial[i*2*v.c+v.c+c]
		}
		mean := sum / count
		b.mean[v.off+c] = mean
		b.variance[v.off+c] = math.Max(0, square/count-float64(mean*mean))
	}
}

// freeze prepares the scale and shift of evaluation mode from the running statistics.
func (n *Network) freeze() {
	for _, s := range n.norms {
		gamma, beta := s.gamma.weights(), s.beta.weights()
		for c := range s.scale {
			scale := float64(gamma[c]) / math.Sqrt(float64(s.runningVar[c])+normEps)
			s.scale[c] = float32(scale)
			s.shift[c] = float32(float64(beta[c]) - float64(float64(s.runningMean[c])*scale))
		}
	}
}
