package boosting

import (
	"testing"

	"shoal/shallow/model"
	"shoal/shallow/shallowtest"
)

func factory(t testing.TB, change func(*Params)) func() model.Model {
	return func() model.Model {
		p := Defaults()
		p.Iterations, p.MinLeaf, p.Leaves = 12, 2, 5
		change(&p)
		m, err := New(p)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
}

func refusal(want string, change func(*Params)) shallowtest.Refusal {
	return shallowtest.Refusal{Want: want, New: func() (model.Model, error) {
		p := Defaults()
		change(&p)
		return New(p)
	}}
}

func TestConformance(t *testing.T) {
	shallowtest.RunGreedy(t, factory(t, func(*Params) {}), .95,
		refusal("iterations: got 0, want 1 to", func(p *Params) { p.Iterations = 0 }),
		refusal("leaves: got 1, want 2 to", func(p *Params) { p.Leaves = 1 }),
		refusal("min-leaf: got 0, want 1 to", func(p *Params) { p.MinLeaf = 0 }),
		refusal("patience: got -2, want -1 to", func(p *Params) { p.Patience = -2 }),
		refusal("shrinkage: got 0, want above 0", func(p *Params) { p.Shrinkage = 0 }),
		refusal("l2: got -1, want 0 or more", func(p *Params) { p.L2 = -1 }),
		refusal("validation: got 1, want above 0 and below 1", func(p *Params) { p.Validation = 1 }),
	)
}
