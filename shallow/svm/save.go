package svm

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"shoal/kernel/gram"
	"shoal/shallow/model"
)

// header is the part of a saved machine that is JSON. The arrays follow it, in
// little-endian order: support (uint32), vectors (bytes), and for each pair
// its count (uint32), vector (uint32), coef and rho (float64).
type header struct {
	Config   Config
	Features int
	Labels   int
	Classes  []uint16
	First    []int
	Gamma    float64
	Support  int
	Facts    map[string]any
}

// MarshalBinary saves a fitted machine, with version and checksum.
func (m *Model) MarshalBinary() ([]byte, error) {
	f := m.fitted
	if f == nil {
		return nil, errNotFitted
	}
	head, err := json.Marshal(header{
		Config: m.cfg, Features: f.features, Labels: f.labels, Classes: f.classes,
		First: f.first, Gamma: f.gamma, Support: len(f.support), Facts: m.facts,
	})
	if err != nil {
		return nil, fmt.Errorf("save svm: %w", err)
	}
	le := binary.LittleEndian
	out := le.AppendUint32(nil, uint32(len(head)))
	out = append(out, head...)
	for _, i := range f.support {
		out = le.AppendUint32(out, i)
	}
	out = append(out, f.vectors...)
	for _, d := range f.binary {
		out = le.AppendUint32(out, uint32(len(d.vector)))
		for _, v := range d.vector {
			out = le.AppendUint32(out, v)
		}
		for _, c := range d.coef {
			out = le.AppendUint64(out, math.Float64bits(c))
		}
		out = le.AppendUint64(out, math.Float64bits(d.rho))
	}
	return model.Seal(m.Kind(), version, out), nil
}

// UnmarshalBinary loads what MarshalBinary wrote, its configuration included.
// Damaged data are refused and leave the model as it was.
func (m *Model) UnmarshalBinary(data []byte) error {
	payload, err := model.Unseal(m.Kind(), version, data)
	if err != nil {
		return err
	}
	r := reader{rest: payload}
	var h header
	if err := json.Unmarshal(r.take(int(r.uint32())), &h); err != nil || r.short {
		return fmt.Errorf("saved svm: header is damaged: fit it again")
	}
	if err := h.check(len(r.rest)); err != nil {
		return fmt.Errorf("saved svm: %w: fit it again", err)
	}
	f := &machine{features: h.Features, labels: h.Labels, classes: h.Classes, first: h.First, gamma: h.Gamma}
	for range h.Support {
		f.support = append(f.support, r.uint32())
	}
	f.vectors = append(f.vectors, r.take(h.Support*h.Features)...)
	for range len(h.Classes) * (len(h.Classes) - 1) / 2 {
		f.binary = append(f.binary, r.decision(h.Support))
	}
	if r.short || len(r.rest) > 0 {
		return fmt.Errorf("saved svm: arrays do not fit the header: fit it again")
	}
	m.cfg, m.fitted, m.facts = h.Config, f, h.Facts
	return nil
}

// check reports what makes a header impossible, given the bytes that follow.
func (h *header) check(rest int) error {
	if err := h.Config.check(); err != nil {
		return err
	}
	if h.Features < 1 || h.Features > gram.MaxFeatures || h.Labels < 1 || h.Labels > 1<<16 {
		return fmt.Errorf("got %d features and %d classes", h.Features, h.Labels)
	}
	if h.Support < 0 || h.Support > rest/(4+h.Features) {
		return fmt.Errorf("got %d support vectors in %d bytes", h.Support, rest)
	}
	if len(h.Classes) < 1 || len(h.First) != len(h.Classes) {
		return errors.New("classes are damaged")
	}
	for k, class := range h.Classes {
		if int(class) >= h.Labels || k > 0 && class <= h.Classes[k-1] {
			return errors.New("classes are damaged")
		}
	}
	if !(h.Gamma >= 0) || math.IsInf(h.Gamma, 0) || h.Config.Kernel == "rbf" && h.Gamma == 0 {
		return fmt.Errorf("got gamma %v", h.Gamma)
	}
	return nil
}

// reader takes numbers off a payload and remembers when there were too few.
type reader struct {
	rest  []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.short = true
		return nil
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) float64() float64 {
	if b := r.take(8); b != nil {
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	return 0
}

// decision reads one decision function over the given number of vectors.
func (r *reader) decision(vectors int) decision {
	var d decision
	n := int(r.uint32())
	if n > len(r.rest)/12 {
		r.short = true
		return d
	}
	for range n {
		v := r.uint32()
		if int(v) >= vectors {
			r.short = true
		}
		d.vector = append(d.vector, v)
	}
	for range n {
		d.coef = append(d.coef, r.float64())
	}
	d.rho = r.float64()
	return d
}
