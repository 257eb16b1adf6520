package shallow

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"shoal/internal/usage"
	"shoal/shallow/boosting"
	"shoal/shallow/forest"
	"shoal/shallow/knn"
	"shoal/shallow/lda"
	"shoal/shallow/logistic"
	"shoal/shallow/svm"
)

// settings is a kind under construction: parameters that overrides can still change, and what makes
// the model of them.
type settings struct {
	parameters map[string]func(value string) error
	train      int    // examples to train on, the first ones; 0: all
	numbers    string // what is done with numbers, "" for kinds that take them as they are
	asked      bool   // somebody asked for that
	build      func() (Model, error)
}

// builder is what makes a model of parameters as they are when it is called. A nil *M of an error
// stays nil as a Model.
func builder[P any, M Model](p *P, create func(P) (M, error)) func() (Model, error) {
	return func() (Model, error) {
		m, err := create(*p)
		if err != nil {
			return nil, err
		}
		return m, nil
	}
}

// kinds lists what New can make, in the order in which Kinds names them.
var kinds = []struct {
	name   string
	preset func(preset, dataset string) settings
}{
	{"svm", svmSettings},
	{"forest", forestSettings},
	{"boosting", boostingSettings},
	{"knn", knnSettings},
	{"logistic", logisticSettings},
	{"lda", ldaSettings},
}

// svmSettings: see doc.go for where the numbers come from.
func svmSettings(preset, dataset string) settings {
	p := svm.Defaults()
	s := settings{build: builder(&p, svm.New), numbers: standard}
	if preset == "paper" && isCIFAR(dataset) {
		p.Gamma, s.train = "auto", 20000
	}
	s.parameters = map[string]func(string) error{
		"c": number(&p.C), "gamma": text(&p.Gamma), "tolerance": number(&p.Tolerance),
		"kernel": text(&p.Kernel), "iterations": integer(&p.MaxIterations),
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
		build: builder(&p, forest.New), numbers: binned,
		parameters: map[string]func(string) error{
			"trees": integer(&p.Trees), "max-depth": integer(&p.MaxDepth), "min-leaf": integer(&p.MinLeaf),
			"features": integer(&p.Features), "patience": integer(&p.Patience),
			"round": integer(&p.Round), "improvement": number(&p.Improvement),
		},
	}
}

// boostingSettings: "strong" has more and smaller steps, and always stops early. The paper has no such
// model.
func boostingSettings(preset, _ string) settings {
	p := boosting.Defaults()
	if preset == "strong" {
		p.Iterations, p.Shrinkage, p.Patience = 2000, .05, 20
	}
	return settings{
		build: builder(&p, boosting.New), numbers: binned,
		parameters: map[string]func(string) error{
			"iterations": integer(&p.Iterations), "leaves": integer(&p.Leaves), "min-leaf": integer(&p.MinLeaf),
			"shrinkage": number(&p.Shrinkage), "l2": number(&p.L2), "patience": integer(&p.Patience), "validation": number(&p.Validation),
		},
	}
}

// knnSettings are the same in all presets: the paper has no such model.
func knnSettings(_, _ string) settings {
	p := knn.Defaults()
	return settings{
		build: builder(&p, knn.New), numbers: standard,
		parameters: map[string]func(string) error{"k": integer(&p.K)},
	}
}

// logisticSettings are the same in all presets: the paper has no such model.
func logisticSettings(_, _ string) settings {
	p := logistic.Defaults()
	return settings{
		build: builder(&p, logistic.New), numbers: standard,
		parameters: map[string]func(string) error{
			"c": number(&p.C), "tolerance": number(&p.Tolerance), "iterations": integer(&p.Iterations),
		},
	}
}

// ldaSettings: there is nothing to set.
func ldaSettings(_, _ string) settings {
	return settings{
		build:      func() (Model, error) { return lda.New(), nil },
		parameters: map[string]func(string) error{},
	}
}

func isCIFAR(dataset string) bool { return dataset == "cifar10" || dataset == "cifar100" }

// apply sets the overrides, in the order of their names.
func (s *settings) apply(kind string, overrides map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(overrides)) {
		set, ok := s.parameters[name]
		if !ok {
			known := slices.Sorted(maps.Keys(s.parameters))
			return fmt.Errorf("%s: got parameter %q, want one of %s%s", kind, name, strings.Join(known, ", "), usage.DidYouMean(name, known))
		}
		if err := set(overrides[name]); err != nil {
			return fmt.Errorf("%s: %s: %w", kind, name, err)
		}
	}
	return nil
}

func integer(to *int) func(string) error { return parsed(to, strconv.Atoi, "a whole number") }

func number(to *float64) func(string) error {
	parse := func(value string) (float64, error) { return strconv.ParseFloat(value, 64) }
	return parsed(to, parse, "a number")
}

// parsed returns what sets a parameter to what parse makes of a value; want is what that must be.
func parsed[T any](to *T, parse func(string) (T, error), want string) func(string) error {
	return func(value string) error {
		x, err := parse(value)
		if err != nil {
			return fmt.Errorf("got %q, want %s", value, want)
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
