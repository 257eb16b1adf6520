package shallowtest

import (
	"math/rand/v2"

	"shoal/shallow/model"
)

// Blobs returns n examples of d bytes around c centres, with labels in turn. noise is the largest
// deviation of a byte from its centre; the centres' bytes are 60 or 200, so below 70 the classes
// cannot be confused. Centres depend on d and c alone: two calls with different seeds are two
// samples of one problem.
func Blobs(seed uint64, n, d, c, noise int) model.Examples {
	centres := rand.New(rand.NewPCG(uint64(d), uint64(c)))
	centre := make([]byte, c*d)
	for i := range centre {
		centre[i] = 60
		if centres.IntN(2) == 1 {
			centre[i] = 200
		}
	}
	for k := range c { // no two centres are alike, whatever was drawn
		for bit := 0; 1<<bit < c && bit < d; bit++ {
			centre[k*d+bit] = 60
			if k>>bit&1 == 1 {
				centre[k*d+bit] = 200
			}
		}
	}
	r := rand.New(rand.NewPCG(seed, 1))
	e := model.Examples{Pixels: make([]byte, n*d), Labels: make([]uint16, n), Features: d, Classes: c}
	for i := range n {
		k := i % c
		e.Labels[i] = uint16(k)
		for j := range d {
			v := int(centre[k*d+j]) + r.IntN(2*noise+1) - noise
			e.Pixels[i*d+j] = byte(min(255, max(0, v)))
		}
	}
	return e
}

// Confuse gives a share of the labels, chosen by seed, another class.
func Confuse(e model.Examples, seed uint64, share float64) model.Examples {
	r := rand.New(rand.NewPCG(seed, 2))
	e.Labels = append([]uint16(nil), e.Labels...)
	for i := range e.Labels {
		if r.Float64() < share {
			e.Labels[i] = uint16((int(e.Labels[i]) + 1 + r.IntN(e.Classes-1)) % e.Classes)
		}
	}
	return e
}
