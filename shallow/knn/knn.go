package knn

import (
	"context"
	"fmt"
	"slices"

	"shoal/internal/parallel"
	"shoal/kernel/gram"
	"shoal/shallow/model"
)

// version is the code's: see model.Model.
const version = 1

// Params define the model together with its examples.
type Params struct {
	K int // neighbours that vote; at least 1. All examples vote where there are fewer
}

// Defaults are scikit-learn's: 5 neighbours.
func Defaults() Params { return Params{K: 5} }

// Model is a k-nearest-neighbours classifier. The zero value is not usable; call New.
type Model struct {
	params Params
	train  model.Examples    // a copy; Features 0 before Fit
	panels *gram.Panels      // of bytes
	floats *gram.FloatPanels // of numbers
}

// New returns a model without examples, or an error if K is below 1.
func New(p Params) (*Model, error) {
	if p.K < 1 {
		return nil, fmt.Errorf("knn: k: got %d, want at least 1", p.K)
	}
	return &Model{params: p}, nil
}

// Kind returns "knn".
func (m *Model) Kind() string { return "knn" }

// Version returns the code's version.
func (m *Model) Version() int { return version }

// Params returns k.
func (m *Model) Params() map[string]any { return map[string]any{"k": m.params.K} }

// Facts returns, after Fit, "examples", the number that is searched, "neighbours", the number that
// votes, and "warnings", among them where those are all.
func (m *Model) Facts() map[string]any {
	if m.train.Features == 0 {
		return nil
	}
	warnings := m.train.Warnings()
	if m.params.K >= m.train.Len() {
		warnings = append(warnings, fmt.Sprintf("k is %d and there are %d examples, so all of them vote on each: want a smaller k", m.params.K, m.train.Len()))
	}
	return map[string]any{"examples": m.train.Len(), "neighbours": m.neighbours(), "warnings": warnings}
}

// Memory counts a copy of the examples and the same packed, and the distances of a batch: those of
// numbers are not kept.
func (m *Model) Memory(train model.Examples, opt model.Options) model.Memory {
	if train.Floats() {
		return model.Memory{Needed: 2*train.Bytes() + 8*int64(train.Len())}
	}
	return model.Memory{Needed: 2*train.Bytes() + distanceBytes(train, opt)}
}

// distanceBytes is what the distances of a batch take.
func distanceBytes(train model.Examples, opt model.Options) int64 {
	return 4 * batch * int64(parallel.Workers(opt.Workers)) * int64(train.Len())
}

func (m *Model) neighbours() int { return min(m.params.K, m.train.Len()) }

// Fit keeps a copy of the examples.
func (m *Model) Fit(ctx context.Context, train model.Examples, opt model.Options) error {
	m.train, m.panels, m.floats = model.Examples{}, nil, nil
	if err := train.CheckTraining(); err != nil {
		return fmt.Errorf("knn: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if train.Features > gram.MaxFeatures && !train.Floats() {
		return fmt.Errorf("knn: features of an example: got %d, want at most %d", train.Features, gram.MaxFeatures)
	}
	if err := opt.CheckMemory(m.Kind(), train, m.Memory(train, opt).Needed); err != nil {
		return err
	}
	train.Pixels, train.Values, train.Labels, train.Names = slices.Clone(train.Pixels), slices.Clone(train.Values), slices.Clone(train.Labels), slices.Clone(train.Names)
	m.take(train, opt)
	opt.Advance(1, 1, "keep the examples")
	return nil
}

// take makes examples the model's own.
func (m *Model) take(train model.Examples, opt model.Options) {
	m.train = train
	if train.Floats() {
		m.floats = gram.PackFloats(train.Point, train.Len(), train.Features, parallel.Workers(opt.Workers))
		return
	}
	m.panels = gram.Pack(train.Row, train.Len(), train.Features, parallel.Workers(opt.Workers))
}

// MarshalBinary saves the examples.
func (m *Model) MarshalBinary() ([]byte, error) {
	if m.train.Features == 0 {
		return nil, fmt.Errorf("save knn: not fitted: call Fit first")
	}
	return model.Save(m.Kind(), version, func(w *model.Writer) {
		w.JSON(header{m.params, m.train.Features, m.train.Classes, m.train.Names, m.train.Floats()})
		w.Bytes(m.train.Pixels)
		w.Uint16s(m.train.Labels)
		if m.train.Floats() {
			w.Float32s(m.train.Values)
		}
	})
}

// header is what a saved model holds beside its examples.
type header struct {
	Params   Params
	Features int
	Classes  int
	Names    []string `json:",omitempty"`
	Floats   bool     `json:",omitempty"` // the examples are numbers, which follow everything else
}

// UnmarshalBinary loads what MarshalBinary saved, parameters included.
func (m *Model) UnmarshalBinary(data []byte) error {
	m.train, m.panels, m.floats = model.Examples{}, nil, nil
	var h header
	var train model.Examples
	err := model.Load(m.Kind(), version, data, func(r *model.Reader) {
		r.JSON(&h)
		train = model.Examples{Pixels: slices.Clone(r.Bytes()), Labels: r.Uint16s(), Features: h.Features, Classes: h.Classes, Names: h.Names}
		if h.Floats {
			train.Pixels, train.Values = nil, r.Float32s()
		}
		if r.Err() == nil {
			r.Fail(train.CheckTraining())
		}
		if h.Params.K < 1 || h.Features > gram.MaxFeatures && !h.Floats {
			r.Fail(fmt.Errorf("got k %d and %d features, want at least 1 and at most %d", h.Params.K, h.Features, gram.MaxFeatures))
		}
	})
	if err != nil {
		return err
	}
	m.params = h.Params
	m.take(train, model.Options{})
	return nil
}
