package predlog

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"shoal/internal/packing"
)

// maxValues bounds the kinds of values of a line.
const maxValues = 64

// Part is what one process knows of one evaluation: of the whole split or, with Index, of some of its
// examples. Numbers that are not known are NaN.
type Part struct {
	Step        int     // optimiser updates done, from 0
	Epoch       float64 // passes over the training split done, from 0
	Loss        float64 // mean over the examples of the part
	Seconds     float64 // that the scoring took
	Predictions []uint16
	Right       []bool               // nil where right means that the predicted class is the label
	Index       []int                // which examples these are; nil for all, in order
	Values      map[string][]float32 // numbers an example by name, in half precision
}

// line is the JSON of a Part.
type line struct {
	Step        *int              `json:"step"`
	Epoch       *float64          `json:"epoch"`
	Loss        *float64          `json:"loss"`
	Seconds     *float64          `json:"seconds"`
	Predictions *string           `json:"predictions"`
	Right       *string           `json:"right,omitempty"`
	Index       *string           `json:"index,omitempty"`
	Values      map[string]string `json:"values,omitempty"`
}

// encode is the part's line, without its newline.
func (p Part) encode(h *Header) ([]byte, error) {
	if err := p.check(h); err != nil {
		return nil, err
	}
	classes, err := packing.Classes(p.Predictions, len(h.Classes))
	if err != nil {
		return nil, err
	}
	blob := func(raw []byte) *string { s := encodeBlob(raw); return &s }
	out := line{
		Step: &p.Step, Epoch: known(p.Epoch), Loss: known(p.Loss), Seconds: known(p.Seconds),
		Predictions: blob(classes), Values: map[string]string{},
	}
	if p.Right != nil {
		out.Right = blob(packing.Bits(p.Right))
	}
	if p.Index != nil {
		out.Index = blob(packIndex(p.Index))
	}
	for name, values := range p.Values {
		out.Values[name] = encodeBlob(packing.Halves(values))
	}
	return json.Marshal(out)
}

// parseLine reads a line of the log without its vectors.
func parseLine(raw []byte) (*line, error) {
	l := &line{}
	if err := json.Unmarshal(raw, l); err != nil {
		return nil, fmt.Errorf("not an evaluation: %w", err)
	}
	switch {
	case l.Step == nil:
		return nil, errors.New("not an evaluation: it has no \"step\"")
	case *l.Step < 0:
		return nil, fmt.Errorf("step is %d, want 0 or more", *l.Step)
	case l.Predictions == nil:
		return nil, errors.New("not an evaluation: it has no \"predictions\"")
	case len(l.Values) > maxValues:
		return nil, fmt.Errorf("%d kinds of values, want at most %d", len(l.Values), maxValues)
	}
	return l, nil
}

// part decodes the line's vectors.
func (l *line) part(h *Header) (*Part, error) {
	p := &Part{Step: *l.Step, Epoch: number(l.Epoch), Loss: number(l.Loss), Seconds: number(l.Seconds)}
	m := len(h.Labels)
	var err error
	if l.Index != nil {
		if p.Index, err = unpackIndex(*l.Index, m); err != nil {
			return nil, fmt.Errorf("index: %w", err)
		}
		m = len(p.Index)
	}
	if p.Predictions, err = unpackClasses(*l.Predictions, m, len(h.Classes)); err != nil {
		return nil, fmt.Errorf("predictions: %w", err)
	}
	if l.Right != nil {
		if p.Right, err = unpackBits(*l.Right, m); err != nil {
			return nil, fmt.Errorf("right: %w", err)
		}
	}
	for name, text := range l.Values {
		if p.Values == nil {
			p.Values = map[string][]float32{}
		}
		if p.Values[name], err = unpackHalves(text, m); err != nil {
			return nil, fmt.Errorf("values %q: %w", name, err)
		}
	}
	return p, p.check(h)
}

// check reports what doesn't fit the header.
func (p *Part) check(h *Header) error {
	m := len(h.Labels)
	if p.Index != nil {
		m = len(p.Index)
	}
	if p.Step < 0 {
		return fmt.Errorf("step is %d, want 0 or more", p.Step)
	}
	if h.Resumed != NotResumed && p.Step < h.Resumed {
		return fmt.Errorf("step %d is before step %d, from which the training resumed", p.Step, h.Resumed)
	}
	if len(p.Predictions) != m {
		return fmt.Errorf("%d predictions, want %d", len(p.Predictions), m)
	}
	if p.Right != nil && len(p.Right) != m {
		return fmt.Errorf("right has %d entries, want %d", len(p.Right), m)
	}
	for i, c := range p.Predictions {
		if int(c) >= len(h.Classes) {
			return fmt.Errorf("prediction %d is class %d, want 0 to %d", i, c, len(h.Classes)-1)
		}
	}
	for name, values := range p.Values {
		if name == "" || len(name) > 100 {
			return fmt.Errorf("values are called %.120q, want a name of 1 to 100 bytes", name)
		}
		if len(values) != m {
			return fmt.Errorf("%d values of %q, want %d", len(values), name, m)
		}
	}
	if p.Epoch < 0 || p.Seconds < 0 || math.IsInf(p.Epoch, 0) || math.IsInf(p.Seconds, 0) || math.IsInf(p.Loss, 0) {
		return fmt.Errorf("epoch %v, loss %v, seconds %v: want finite numbers, no epoch or time below 0", p.Epoch, p.Loss, p.Seconds)
	}
	return nil
}

func known(x float64) *float64 {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}

func number(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}
