package logistic

import (
	"fmt"

	"shoal/shallow/model"
)

// header is what a saved model holds beside its weights.
type header struct {
	Params   Params
	Features int
	Classes  int
	Facts    facts
	Floats   bool `json:",omitempty"`
}

// MarshalBinary saves the fitted model.
func (m *Model) MarshalBinary() ([]byte, error) {
	if m.Features == 0 {
		return nil, fmt.Errorf("save logistic: not fitted: call Fit first")
	}
	return model.Save(m.Kind(), version, func(w *model.Writer) {
		w.JSON(header{m.params, m.Features, m.Classes, m.facts, m.Floats})
		w.Uint16s(m.Present)
		w.Float64s(m.weights)
	})
}

// UnmarshalBinary loads what MarshalBinary saved, parameters included.
func (m *Model) UnmarshalBinary(data []byte) error {
	m.fitted = fitted{}
	var h header
	var out fitted
	err := model.Load(m.Kind(), version, data, func(r *model.Reader) {
		r.JSON(&h)
		out = fitted{Features: h.Features, Classes: h.Classes, Floats: h.Floats, facts: h.Facts, Present: r.Uint16s(), weights: r.Float64s()}
		if r.Err() == nil {
			r.Fail(h.Params.check())
			r.Fail(out.check())
		}
	})
	if err != nil {
		return err
	}
	m.params, m.fitted = h.Params, out
	return nil
}

// check reports what in a loaded model does not fit together.
func (f fitted) check() error {
	if f.Features < 1 || f.Features >= 1<<40 || len(f.weights) != (f.Features+1)*len(f.Present) {
		return fmt.Errorf("got %d weights for %d features and %d classes", len(f.weights), f.Features, len(f.Present))
	}
	return model.CheckPresent(f.Present, f.Classes)
}
