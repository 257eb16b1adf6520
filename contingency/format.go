package contingency

import (
	"encoding/json"
	"fmt"
)

// String is like `2.667`, `infinite` or `undefined`.
func (x Number) String() string {
	switch {
	case x.Defined:
		return fmt.Sprintf("%.3f", x.Value)
	case x.Infinite:
		return "infinite"
	}
	return "undefined"
}

// String is like `0.800 [0.789, 0.811]`, or `undefined`.
func (p Proportion) String() string {
	if !p.Defined {
		return "undefined"
	}
	return fmt.Sprintf("%.3f [%.3f, %.3f]", p.Value, p.Lo, p.Hi)
}

// String is like `2.667 [2.550, 2.788]`. A one-sided ratio is like `0.000 [at most 0.123]` or
// `infinite [at least 12.345]`; one that is neither is `undefined`.
func (r Ratio) String() string {
	switch {
	case r.Defined && r.OneSided:
		return fmt.Sprintf("%.3f [at most %.3f]", r.Value, r.Hi)
	case r.Defined:
		return fmt.Sprintf("%.3f [%.3f, %.3f]", r.Value, r.Lo, r.Hi)
	case r.Infinite:
		return fmt.Sprintf("infinite [at least %.3f]", r.Lo)
	}
	return "undefined"
}

// wire is the JSON form of all three: what does not exist is null, and state says why ("infinite"
// or "undefined"; absent for an ordinary number).
type wire struct {
	Value    *float64 `json:"value"`
	Lo       *float64 `json:"lo"`
	Hi       *float64 `json:"hi"`
	Hits     int      `json:"hits,omitempty"`
	Of       int      `json:"of,omitempty"`
	OneSided bool     `json:"one_sided,omitempty"`
	State    string   `json:"state,omitempty"`
}

// readWire reads the form and checks that value and state agree.
func readWire(b []byte) (w wire, defined, infinite bool, err error) {
	if err := json.Unmarshal(b, &w); err != nil {
		return w, false, false, err
	}
	if (w.Value != nil) != (w.State == "") {
		return w, false, false, fmt.Errorf("number: value and state %q contradict each other", w.State)
	}
	switch w.State {
	case "", "infinite", "undefined":
		return w, w.Value != nil, w.State == "infinite", nil
	}
	return w, false, false, fmt.Errorf("number: state is %q, want \"infinite\", \"undefined\" or none", w.State)
}

func stateName(defined, infinite bool) string {
	switch {
	case defined:
		return ""
	case infinite:
		return "infinite"
	}
	return "undefined"
}

func orZero(x *float64) float64 {
	if x == nil {
		return 0
	}
	return *x
}

// MarshalJSON writes the value as a bare number, or null when it is infinite or undefined.
func (x Number) MarshalJSON() ([]byte, error) {
	if !x.Defined {
		return []byte("null"), nil
	}
	return json.Marshal(x.Value)
}

// UnmarshalJSON reads what MarshalJSON wrote; null becomes undefined, since JSON keeps no
// difference between that and infinite.
func (x *Number) UnmarshalJSON(b []byte) error {
	var v *float64
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	*x = Number{Value: orZero(v), Defined: v != nil}
	return nil
}

// MarshalJSON writes {"value", "lo", "hi", "hits", "of"}, or nulls and "state": "undefined".
func (p Proportion) MarshalJSON() ([]byte, error) {
	w := wire{Hits: p.Hits, Of: p.Of, State: stateName(p.Defined, false)}
	if p.Defined {
		w.Value, w.Lo, w.Hi = &p.Value, &p.Lo, &p.Hi
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Proportion) UnmarshalJSON(b []byte) error {
	w, defined, _, err := readWire(b)
	if err != nil {
		return err
	}
	*p = Proportion{Value: orZero(w.Value), Lo: orZero(w.Lo), Hi: orZero(w.Hi), Defined: defined, Hits: w.Hits, Of: w.Of}
	return nil
}

// MarshalJSON writes {"value", "lo", "hi"}. An infinite ratio has a null value and hi and "state":
// "infinite"; an undefined one only nulls and "state": "undefined".
func (r Ratio) MarshalJSON() ([]byte, error) {
	w := wire{OneSided: r.OneSided, State: stateName(r.Defined, r.Infinite)}
	if r.Defined {
		w.Value, w.Lo, w.Hi = &r.Value, &r.Lo, &r.Hi
	}
	if r.Infinite {
		w.Lo = &r.Lo
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Ratio) UnmarshalJSON(b []byte) error {
	w, defined, infinite, err := readWire(b)
	if err != nil {
		return err
	}
	*r = Ratio{Value: orZero(w.Value), Lo: orZero(w.Lo), Hi: orZero(w.Hi),
		Defined: defined, Infinite: infinite, OneSided: w.OneSided}
	return nil
}
