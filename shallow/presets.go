package shallow

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"

	"shoal/shallow/forest"
	"shoal/shallow/knn"
	"shoal/shallow/lda"
	"shoal/shallow/logistic"
	"shoal/shallow/svm"
)

// settings is a kind under construction: parameters that flags can still
// change, and what makes the model of them.
type settings struct {
	flags map[string]func(value string) error
	train int // examples to train on, the first ones; 0: all
	build func() (Model, error)
}

// kinds lists what New can make, in the order in which Kinds names them.
var kinds = []struct {
	name   string
	preset func(preset, dataset string) settings
}{
	{"svm", svmSettings},
	{"forest", forestSettings},
	{"knn", knnSettings},
	{"logistic", logisticSettings},
	{"lda", ldaSettings},
}

// svmSettings: see doc.go for where the numbers come from.
func svmSettings(preset, dataset string) settings {
	c := svm.Default()
	s := settings{build: func() (Model, error) {
		m, err := svm.New(c)
		if err != nil {
			return nil, err
		}
		return m, nil
	}}
	if preset == "paper" && isCIFAR(dataset) {
		c.Gamma, s.train = "auto", 20000
	}
	s.flags = map[string]func(string) error{
		"c": number(&c.C), "gamma": text(&c.Gamma), "tolerance": number(&c.Tolerance),
		"kernel": text(&c.Kernel), "iterations": integer(&c.MaxIterations),
	}
	return s
}

// forestSettings: see doc.go for where the numbers come from.
func forestSettings(preset, dataset string) settings {
	p := forest.Defaults()
	switch preset {
	case "default":
		p.Trees, p.Round, p.Improvement, p.Patience = 500, 10, .02, 1
	case "paper":
		p.Trees, p.Round, p.Improvement, p.Patience = 500, 5, .17, 1
		if dataset == "cifar100" {
			p.Patience = 2
		}
	case "strong":
		p.Trees = 1000
	}
	return settings{
		build: func() (Model, error) {
			m, err := forest.New(p)
			if err != nil {
				return nil, err
			}
			return m, nil
		},
		flags: map[string]func(string) error{
			"trees": integer(&p.Trees), "max-depth": integer(&p.MaxDepth), "min-leaf": integer(&p.MinLeaf),
			"features": integer(&p.Features), "patience": integer(&p.Patience),
			"round": integer(&p.Round), "improvement": number(&p.Improvement),
		},
	}
}

// knnSettings are the same in all presets: the paper has no such model.
func knnSettings(_, _ string) settings {
	p := knn.Defaults()
	return settings{
		build: func() (Model, error) {
			m, err := knn.New(p)
			if err != nil {
				return nil, err
			}
			return m, nil
		},
		flags: map[string]func(string) error{"k": integer(&p.K)},
	}
}

// logisticSettings are the same in all presets: the paper has no such model.
func logisticSettings(_, _ string) settings {
	p := logistic.Defaults()
	return settings{
		build: func() (Model, error) {
			m, err := logistic.New(p)
			if err != nil {
				return nil, err
			}
			return m, nil
		},
		flags: map[string]func(string) error{
			"c": number(&p.C), "tolerance": number(&p.Tolerance), "iterations": integer(&p.Iterations),
		},
	}
}

// ldaSettings: there is nothing to set.
func ldaSettings(_, _ string) settings {
	return settings{
		build: func() (Model, error) { return lda.New(), nil },
		flags: map[string]func(string) error{},
	}
}

func isCIFAR(dataset string) bool { return dataset == "cifar10" || dataset == "cifar100" }

// apply sets the overrides, in the order of their names.
func (s *settings) apply(kind string, overrides map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(overrides)) {
		set, ok := s.flags[name]
		if !ok {
			return fmt.Errorf("%s: got parameter %q, want one of %s", kind, name, list(slices.Collect(maps.Keys(s.flags))))
		}
		if err := set(overrides[name]); err != nil {
			return fmt.Errorf("%s: %s: %w", kind, name, err)
		}
	}
	return nil
}

// list joins names in order, for a message.
func list(names []string) string {
	sort.Strings(names)
	return strings.Join(names, ", ")
}

func integer(to *int) func(string) error {
	return func(value string) error {
		n, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("got %q, want a whole number", value)
		}
		*to = n
		return nil
	}
}

func number(to *float64) func(string) error {
	return func(value string) error {
		x, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return fmt.Errorf("got %q, want a number", value)
		}
		*to = x
		return nil
	}
}

func text(to *string) func(string) error {
	return func(value string) error {
		*to = value
		return nil
	}
}
