package forest

import (
	"testing"

	"shoal/shallow/model"
	"shoal/shallow/shallowtest"
)

func TestConformance(t *testing.T) {
	small := Defaults()
	small.Trees = 30
	stopping := small
	stopping.Patience, stopping.Improvement, stopping.Round = 2, .05, 3
	pruned := small
	pruned.MaxDepth, pruned.MinLeaf = 9, 2
	bad := func(change func(*Params)) func() (model.Model, error) {
		p := Defaults()
		change(&p)
		return func() (model.Model, error) { return New(p) }
	}
	for name, p := range map[string]Params{"full": small, "early stopping": stopping, "pruned": pruned} {
		t.Run(name, func(t *testing.T) {
			shallowtest.Run(t, func() model.Model {
				m, err := New(p)
				if err != nil {
					t.Fatal(err)
				}
				return m
			},
				shallowtest.Refusal{Want: "trees: got 0", New: bad(func(p *Params) { p.Trees = 0 })},
				shallowtest.Refusal{Want: "max-depth: got -1", New: bad(func(p *Params) { p.MaxDepth = -1 })},
				shallowtest.Refusal{Want: "min-leaf: got 0", New: bad(func(p *Params) { p.MinLeaf = 0 })},
				shallowtest.Refusal{Want: "patience: got -2", New: bad(func(p *Params) { p.Patience = -2 })},
				shallowtest.Refusal{Want: "improvement: got 1", New: bad(func(p *Params) { p.Improvement = 1 })},
			)
		})
	}
}
