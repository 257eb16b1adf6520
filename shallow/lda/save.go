package lda

import (
	"fmt"

	"shoal/shallow/model"
)

// header is what a saved model holds beside its weights.
type header struct {
	Features int
	Classes  int
	Facts    facts
	Floats   bool `json:",omitempty"`
}

// MarshalBinary saves the fitted model.
func (m *Model) MarshalBinary() ([]byte, error) {
	if m.Features == 0 {
		return nil, fmt.Errorf("save lda: not fitted: call Fit first")
	}
	return model.Save(m.Kind(), version, func(w *model.Writer) {
		w.JSON(header{m.Features, m.Classes, m.facts, m.Floats})
		w.Uint16s(m.Present)
		w.Float64s(m.weights)
		w.Float64s(m.intercepts)
	})
}

// UnmarshalBinary loads what MarshalBinary saved.
func (m *Model) UnmarshalBinary(data []byte) error {
	m.fitted = fitted{}
	var out fitted
	err := model.Load(m.Kind(), version, data, func(r *model.Reader) {
		var h header
		r.JSON(&h)
		out = fitted{
			Features: h.Features, Classes: h.Classes, Floats: h.Floats, facts: h.Facts,
			Present: r.Uint16s(), weights: r.Float64s(), intercepts: r.Float64s(),
		}
		if r.Err() == nil {
			r.Fail(out.check())
		}
	})
	if err != nil {
		return err
	}
	m.fitted = out
	return nil
}

// check reports what in a loaded model does not fit together.
func (f fitted) check() error {
	if f.Features < 1 || f.Features > maxFeatures {
		return fmt.Errorf("got %d features, want 1 to %d", f.Features, maxFeatures)
	}
	k := len(f.Present)
	if len(f.weights) != f.Features*k || len(f.intercepts) != k {
		return fmt.Errorf("got %d weights and %d intercepts for %d features and %d classes", len(f.weights), len(f.intercepts), f.Features, k)
	}
	return model.CheckPresent(f.Present, f.Classes)
}
