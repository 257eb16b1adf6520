package deep

import (
	"math"

	"shoal/internal/elementary"
)

// crossEntropy is the softmax cross entropy of logits[N, K] against labels:
//
//	loss = mean over n of -Σ_k q[k]·log softmax(logits[n])[k],  q = (1-E)·onehot(label) + E/K
//
// with label smoothing E. It is small and done by one worker, in image order, in float64.
type crossEntropy struct {
	in        view
	smoothing float64
}

func (c *crossEntropy) label() string { return "loss" }
func (c *crossEntropy) kind() string  { return "loss" }

func (c *crossEntropy) finite(r *run) bool {
	for _, l := range r.losses[:r.n] {
		if math.IsNaN(l) || math.IsInf(l, 0) {
			return false
		}
	}
	return true
}

// forward leaves each image's loss in r.losses, if labels are known.
func (c *crossEntropy) forward(r *run) {
	if r.labels == nil {
		return
	}
	for i := range r.n {
		r.losses[i] = c.loss(c.row(i), int(r.labels[i]))
	}
}

func (c *crossEntropy) row(i int) []float32 { return c.in.buf.value[c.in.at(i, 0):][:c.in.c] }

// logSum returns log Σ exp(z) safely.
func logSum(z []float32) float64 {
	top := float64(z[0])
	for _, v := range z {
		if float64(v) > top || v != v {
			top = float64(v)
		}
	}
	var sum float64
	for _, v := range z {
		sum += elementary.Exp(float64(v) - top)
	}
	return top + elementary.Log(sum)
}

func (c *crossEntropy) loss(z []float32, label int) float64 {
	log := logSum(z)
	loss := log - float64(z[label])
	if c.smoothing == 0 {
		return loss
	}
	var mean float64
	for _, v := range z {
		mean += log - float64(v)
	}
	return float64((1-c.smoothing)*loss) + c.smoothing*mean/float64(len(z))
}

// backward sets dlogits = (softmax(logits) - q)/N, N the images of the whole step.
func (c *crossEntropy) backward(r *run) {
	b := c.in.buf
	scale := 1 / float64(r.total)
	for i := range r.n {
		z, dz := c.row(i), b.grad[c.in.at(i, 0):][:c.in.c]
		log := logSum(z)
		rest := c.smoothing / float64(len(z))
		for k, v := range z {
			q := rest
			if k == int(r.labels[i]) {
				q += 1 - c.smoothing
			}
			dz[k] = float32((elementary.Exp(float64(v)-log) - q) * scale)
		}
	}
	c.in.received()
}

// argmax returns the first largest logit's index; NaN counts as the largest, as in PyTorch.
func argmax(z []float32) uint16 {
	best := 0
	for k, v := range z {
		if v != v {
			return uint16(k)
		}
		if v > z[best] {
			best = k
		}
	}
	return uint16(best)
}
