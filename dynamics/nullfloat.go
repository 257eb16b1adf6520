package dynamics

import (
	"encoding/json"
	"math"
)

// NullFloat is a number that may be not known or not exist: NaN, which is null in JSON.
type NullFloat float64

// Known is the number, nil where there is none.
func (x NullFloat) Known() *float64 {
	if math.IsNaN(float64(x)) {
		return nil
	}
	f := float64(x)
	return &f
}

// MarshalJSON implements json.Marshaler.
func (x NullFloat) MarshalJSON() ([]byte, error) { return json.Marshal(x.Known()) }

// UnmarshalJSON implements json.Unmarshaler.
func (x *NullFloat) UnmarshalJSON(text []byte) error {
	var f *float64
	if err := json.Unmarshal(text, &f); err != nil {
		return err
	}
	*x = NullFloat(math.NaN())
	if f != nil {
		*x = NullFloat(*f)
	}
	return nil
}

// below reports whether the number is below another; nil where there is none.
func (x NullFloat) below(other float64) *bool {
	if x.Known() == nil {
		return nil
	}
	b := float64(x) < other
	return &b
}
