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
}

// MarshalBinary saves the fitted model.
func (m *Model) MarshalBinary() ([]byte, error) {
	if m.Features == 0 {
		return nil, fmt.Errorf("save lda: not fitted: call Fit first")
	}
	var w model.Writer
	w.JSON(header{m.Features, m.Classes, m.facts})
	w.Uint16s(m.Present)
	w.Float64s(m.weights)
	w.Float64s(m.intercepts)
	if w.Err != nil {
		return nil, fmt.Errorf("save lda: %w", w.Err)
	}
	return model.Seal(m.Kind(), Version, w.Payload), nil
}

// UnmarshalBinary loads what MarshalBinary saved.
func (m *Model) UnmarshalBinary(data []byte) error {
	m.fitted = fitted{}
	payload, err := model.Unseal(m.Kind(), Version, data)
	if err != nil {
		return err
	}
	r := model.NewReader(payload)
	var h header
	r.JSON(&h)
	out := fitted{
		Features: h.Features, Classes: h.Classes, facts: h.Facts,
		Present: r.Uint16s(), weights: r.Float64s(), intercepts: r.Float64s(),
	}
	if r.Err() == nil {
		r.Fail(out.check())
	}
	if err := r.Close(); err != nil {
		return fmt.Errorf("saved lda: %w: fit it again", err)
	}
	m.fitted = out
	return nil
}

// check reports what in a loaded model does not fit together.
func (f fitted) check() error {
	k := len(f.Present)
	if f.Features < 1 || f.Features > maxFeatures || f.Classes < 1 || f.Classes > 1<<16 || k < 1 {
		return fmt.Errorf("got %d features, %d classes, %d that occur, want at least 1", f.Features, f.Classes, k)
	}
	if len(f.weights) != f.Features*k || len(f.intercepts) != k {
		return fmt.Errorf("got %d weights and %d intercepts for %d features and %d classes", len(f.weights), len(f.intercepts), f.Features, k)
	}
	for i, class := range f.Present {
		if int(class) >= f.Classes || i > 0 && class <= f.Present[i-1] {
			return fmt.Errorf("got classes %v, want them ascending and below %d", f.Present, f.Classes)
		}
	}
	return nil
}
