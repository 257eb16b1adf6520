package shallow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"shoal/internal/usage"
)

// Kinds returns the names of the shallow models.
func Kinds() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// Presets returns the names of the presets.
func Presets() []string { return []string{"default", "paper", "strong"} }

// Parameters returns the names of the parameters of a kind that New's overrides can set, sorted;
// nil for an unknown kind.
func Parameters(kind string) []string {
	for _, k := range kinds {
		if k.name == kind {
			s := k.preset("default", "")
			return slices.Sorted(maps.Keys(shared(&s).parameters))
		}
	}
	return nil
}

// New makes an unfitted model. kind is one of Kinds; preset is one of Presets, "" meaning
// "default"; dataset is the dataset's name, on which presets may depend ("mnist", "fashion",
// "cifar10", "cifar100", or any other). overrides are parameters by the names in Parameters, as
// they were typed.
//
// An unknown name, and a value out of its range, is an error that says which ones would do.
func New(kind, preset, dataset string, overrides map[string]string) (Model, error) {
	if preset == "" {
		preset = "default"
	}
	if !slices.Contains(Presets(), preset) {
		return nil, fmt.Errorf("preset: got %q, want one of %s%s", preset, strings.Join(Presets(), ", "), usage.DidYouMean(preset, Presets()))
	}
	for _, k := range kinds {
		if k.name != kind {
			continue
		}
		s := k.preset(preset, dataset)
		if err := shared(&s).apply(kind, overrides); err != nil {
			return nil, err
		}
		if s.train < 0 {
			return nil, fmt.Errorf("%s: train: got %d, want at least 1, or 0 for all", kind, s.train)
		}
		m, err := s.build()
		if err != nil {
			return nil, err
		}
		if s.numbers != "" {
			m = &prepared{Model: m, how: s.numbers, asked: s.asked}
		}
		if s.train == 0 {
			return m, nil
		}
		return &limited{Model: m, train: s.train}, nil
	}
	return nil, fmt.Errorf("shallow model: got %q, want one of %s%s", kind, strings.Join(Kinds(), ", "), usage.DidYouMean(kind, Kinds()))
}

// shared adds the parameters that several kinds have: "train", and "scaling" for those to which the
// scale of numbers matters.
func shared(s *settings) *settings {
	s.parameters["train"] = integer(&s.train)
	if s.numbers == standard {
		s.parameters["scaling"] = func(value string) error {
			if value != standard && value != asTheyAre {
				return fmt.Errorf("got %q, want %s or %s", value, standard, asTheyAre)
			}
			s.numbers, s.asked = value, true
			return nil
		}
	}
	return s
}

// limited is a model that trains on the first examples only.
type limited struct {
	Model
	train int
}

// Params adds "train", the number of examples, to the model's.
func (l *limited) Params() map[string]any {
	p := maps.Clone(l.Model.Params())
	p["train"] = l.train
	return p
}

// Fit fits the model to the first examples.
func (l *limited) Fit(ctx context.Context, train Examples, opt Options) error {
	return l.Model.Fit(ctx, train.First(l.train), opt)
}

// Memory is that of the first examples.
func (l *limited) Memory(train Examples, opt Options) Memory {
	return l.Model.Memory(train.First(l.train), opt)
}
