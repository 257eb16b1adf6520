package svm

import (
	"fmt"
	"math"

	"shoal/shallow/model"
)

// header is the part of a saved machine that is JSON. The arrays follow it: support and vectors,
// then of all pairs one after another the number of coefficients, the vectors they belong to, the
// coefficients, and rho.
type header struct {
	Params   Params `json:"Config"` // its name in files of version 1
	Features int
	Labels   int
	Classes  []uint16
	First    []int
	Gamma    float64
	Facts    map[string]any
	Floats   bool `json:",omitempty"` // the vectors are numbers, which follow everything else
}

// MarshalBinary saves a fitted machine, with version and checksum.
func (m *Model) MarshalBinary() ([]byte, error) {
	f := m.fitted
	if f == nil {
		return nil, errNotFitted
	}
	var counts, vectors []uint32
	var coefs, rhos []float64
	for _, d := range f.binary {
		counts = append(counts, uint32(len(d.coef)))
		vectors, coefs = append(vectors, d.vector...), append(coefs, d.coef...)
		rhos = append(rhos, d.rho)
	}
	return model.Save(m.Kind(), version, func(w *model.Writer) {
		w.JSON(header{m.params, f.features, f.labels, f.classes, f.first, f.gamma, m.facts, f.vectors.Floats()})
		w.Uint32s(f.support)
		w.Bytes(f.vectors.Pixels)
		w.Uint32s(counts)
		w.Uint32s(vectors)
		w.Float64s(coefs)
		w.Float64s(rhos)
		if f.vectors.Floats() {
			w.Float32s(f.vectors.Values)
		}
	})
}

// UnmarshalBinary loads what MarshalBinary wrote, its parameters included. A model that refused its
// data counts as not fitted.
func (m *Model) UnmarshalBinary(data []byte) error {
	m.fitted, m.facts = nil, nil
	var h header
	var f *machine
	err := model.Load(m.Kind(), version, data, func(r *model.Reader) {
		r.JSON(&h)
		f = &machine{
			features: h.Features, labels: h.Labels, classes: h.Classes, first: h.First, gamma: h.Gamma,
			support: r.Uint32s(),
		}
		f.vectors = model.Examples{Pixels: append([]byte(nil), r.Bytes()...), Features: h.Features}
		counts, vectors, coefs, rhos := r.Uint32s(), r.Uint32s(), r.Float64s(), r.Float64s()
		if h.Floats {
			f.vectors.Pixels, f.vectors.Values = nil, r.Float32s()
		}
		if r.Err() == nil {
			r.Fail(h.check())
		}
		if r.Err() == nil {
			r.Fail(f.join(counts, vectors, coefs, rhos))
		}
	})
	if err != nil {
		return err
	}
	m.params, m.fitted, m.facts = h.Params, f, h.Facts
	return nil
}

// check reports what makes a header impossible, or nil.
func (h *header) check() error {
	if err := h.Params.check(); err != nil {
		return err
	}
	if most := maxFeatures(h.Floats); h.Features < 1 || h.Features > most {
		return fmt.Errorf("got %d features, want 1 to %d", h.Features, most)
	}
	if len(h.First) != len(h.Classes) {
		return fmt.Errorf("got %d classes with examples, beginning at %d places", len(h.Classes), len(h.First))
	}
	if err := model.CheckPresent(h.Classes, h.Labels); err != nil {
		return err
	}
	if !(h.Gamma >= 0) || math.IsInf(h.Gamma, 0) {
		return fmt.Errorf("got gamma %v", h.Gamma)
	}
	return nil
}

// join takes the decision functions apart again, once all counts agree.
func (m *machine) join(counts, vectors []uint32, coefs, rhos []float64) error {
	pairs := len(m.classes) * (len(m.classes) - 1) / 2
	if len(counts) != pairs || len(rhos) != pairs || len(vectors) != len(coefs) ||
		m.vectors.CheckShape(m.features) != nil || m.vectors.Len() != len(m.support) {
		return fmt.Errorf("arrays do not fit %d classes and %d support vectors", len(m.classes), len(m.support))
	}
	for i, n := range counts {
		if int(n) > len(coefs) {
			return fmt.Errorf("pair %d: got %d coefficients, want at most %d", i, n, len(coefs))
		}
		m.binary = append(m.binary, decision{vectors[:n:n], coefs[:n:n], rhos[i]})
		vectors, coefs = vectors[n:], coefs[n:]
	}
	if len(coefs) > 0 {
		return fmt.Errorf("got %d coefficients too many", len(coefs))
	}
	for _, d := range m.binary {
		for _, v := range d.vector {
			if int(v) >= len(m.support) {
				return fmt.Errorf("got support vector %d of %d", v, len(m.support))
			}
		}
	}
	return nil
}
