package logistic

import (
	"testing"

	"shoal/shallow/model"
	"shoal/shallow/shallowtest"
)

func TestConformance(t *testing.T) {
	bad := func(change func(*Params)) func() (model.Model, error) {
		p := Defaults()
		change(&p)
		return func() (model.Model, error) { return New(p) }
	}
	shallowtest.Run(t, func() model.Model {
		m, err := New(Defaults())
		if err != nil {
			t.Fatal(err)
		}
		return m
	},
		shallowtest.Refusal{Want: "c: got 0, want a positive number", New: bad(func(p *Params) { p.C = 0 })},
		shallowtest.Refusal{Want: "tolerance: got -1", New: bad(func(p *Params) { p.Tolerance = -1 })},
		shallowtest.Refusal{Want: "iterations: got 0", New: bad(func(p *Params) { p.Iterations = 0 })},
	)
}
