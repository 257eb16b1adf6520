package deep

import (
	"math"
	"testing"
)

// TestLabelSmoothing holds loss and gradient against the definition: the cross entropy with
// (1-E)·onehot + E/K, moved by finite differences.
func TestLabelSmoothing(t *testing.T) {
	const e, k = 0.1, 4
	b := &buffer{h: 1, w: 1, c: k, pitch: k, value: []float32{0.3, -1.2, 2, 0.5, 80, -80, 3, 1}, grad: make([]float32, 2*k)}
	c := &crossEntropy{in: view{buf: b, c: k}, smoothing: e}
	r := &run{n: 2, total: 2, labels: []uint16{3, 1}, losses: make([]float64, 2)}
	c.forward(r)
	define := func(z []float64, label int) float64 {
		var sum, loss float64
		for _, v := range z {
			sum += math.Exp(v)
		}
		for j, v := range z {
			q := e / k
			if j == label {
				q += 1 - e
			}
			loss -= q * (v - math.Log(sum))
		}
		return loss
	}
	c.backward(r)
	for i, label := range r.labels {
		z := make([]float64, k)
		for j := range z {
			z[j] = float64(b.value[i*k+j])
		}
		if want := define(z, int(label)); !(math.Abs(r.losses[i]-want) < 1e-9*math.Abs(want)) {
			t.Errorf("image %d: loss %v, want %v", i, r.losses[i], want)
		}
		for j := range z {
			const h = 1e-5
			z[j] += h
			up := define(z, int(label))
			z[j] -= 2 * h
			down := define(z, int(label))
			z[j] += h
			got, want := float64(b.grad[i*k+j]), (up-down)/(2*h)/2 // the mean over two images
			if !(math.Abs(got-want) < 1e-6) {
				t.Errorf("image %d, logit %d: gradient %v, want %v", i, j, got, want)
			}
		}
	}
}
