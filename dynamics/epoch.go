package dynamics

import (
	"encoding/json"
	"math"
)

// Epoch counts passes over the training split, from 0; NaN where a log doesn't know it, which is
// null in JSON.
type Epoch float64

// Known is the epoch, nil where it is not known.
func (e Epoch) Known() *float64 {
	if math.IsNaN(float64(e)) {
		return nil
	}
	f := float64(e)
	return &f
}

// MarshalJSON implements json.Marshaler.
func (e Epoch) MarshalJSON() ([]byte, error) { return json.Marshal(e.Known()) }

// UnmarshalJSON implements json.Unmarshaler.
func (e *Epoch) UnmarshalJSON(text []byte) error {
	var f *float64
	if err := json.Unmarshal(text, &f); err != nil {
		return err
	}
	*e = Epoch(math.NaN())
	if f != nil {
		*e = Epoch(*f)
	}
	return nil
}

// before reports whether the epoch lies before another; nil where it is not known.
func (e Epoch) before(other float64) *bool {
	if e.Known() == nil {
		return nil
	}
	b := float64(e) < other
	return &b
}
