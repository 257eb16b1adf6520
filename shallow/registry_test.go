package shallow

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"shoal/shallow/shallowtest"
)

func TestEveryKindAndPresetCanBeMade(t *testing.T) {
	if want := []string{"svm", "forest", "boosting", "knn", "logistic", "lda"}; !reflect.DeepEqual(Kinds(), want) {
		t.Errorf("kinds: got %v, want %v", Kinds(), want)
	}
	for _, kind := range Kinds() {
		for _, preset := range append(Presets(), "") {
			for _, dataset := range []string{"mnist", "fashion", "cifar10", "cifar100", "pets"} {
				m, err := New(kind, preset, dataset, nil)
				if err != nil {
					t.Errorf("%s %s %s: %v", kind, preset, dataset, err)
					continue
				}
				if m.Kind() != kind {
					t.Errorf("kind: got %q, want %q", m.Kind(), kind)
				}
				if _, err := json.Marshal(m.Params()); err != nil {
					t.Errorf("%s %s %s: params: %v", kind, preset, dataset, err)
				}
			}
		}
	}
}

func TestPresetsFollowTheDataset(t *testing.T) {
	param := func(kind, preset, dataset, name string) any {
		t.Helper()
		m, err := New(kind, preset, dataset, nil)
		if err != nil {
			t.Fatal(err)
		}
		return m.Params()[name]
	}
	for _, c := range []struct {
		kind, preset, dataset, name string
		want                        any
	}{
		{"svm", "paper", "cifar10", "train", 20000},
		{"svm", "paper", "cifar100", "gamma", "auto"},
		{"svm", "paper", "mnist", "train", nil},
		{"svm", "paper", "mnist", "gamma", "scale"},
		{"svm", "strong", "cifar10", "gamma", "scale"},
		{"svm", "", "cifar10", "train", nil},
		{"forest", "paper", "mnist", "patience", 1},
		{"forest", "paper", "cifar100", "patience", 2},
		{"forest", "strong", "mnist", "patience", 0},
		{"knn", "default", "mnist", "k", 5},
	} {
		if got := param(c.kind, c.preset, c.dataset, c.name); got != c.want {
			t.Errorf("%s %s %s: %s: got %v, want %v", c.kind, c.preset, c.dataset, c.name, got, c.want)
		}
	}
}

func TestOverrides(t *testing.T) {
	m, err := New("forest", "paper", "mnist", map[string]string{"trees": "7", "max-depth": "3", "min-leaf": "2", "patience": "0", "train": "50"})
	if err != nil {
		t.Fatal(err)
	}
	p := m.Params()
	if p["trees"] != 7 || p["max-depth"] != 3 || p["min-leaf"] != 2 || p["patience"] != 0 || p["train"] != 50 {
		t.Errorf("params: got %v", p)
	}
	train := shallowtest.Blobs(1, 80, 16, 4, 30)
	for i := 50; i < 80; i++ {
		train.Labels[i] = 3 // would change the forest if they were used
	}
	if err := m.Fit(context.Background(), train, Options{}); err != nil {
		t.Fatal(err)
	}
	whole, err := New("forest", "paper", "mnist", map[string]string{"trees": "7", "max-depth": "3", "min-leaf": "2", "patience": "0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := whole.Fit(context.Background(), train.First(50), Options{}); err != nil {
		t.Fatal(err)
	}
	a, _ := m.MarshalBinary()
	b, _ := whole.MarshalBinary()
	if string(a) != string(b) {
		t.Error(`"train" 50 is not the same as the first 50 examples`)
	}
}

func TestUnknownNamesAreNamed(t *testing.T) {
	for _, c := range []struct {
		kind, preset string
		overrides    map[string]string
		want         string
	}{
		{"svn", "", nil, `got "svn", want one of svm, forest, boosting, knn, logistic, lda`},
		{"", "", nil, `got "", want one of svm`},
		{"svm", "papre", nil, `preset: got "papre", want one of default, paper, strong`},
		{"knn", "", map[string]string{"trees": "5"}, `knn: got parameter "trees", want one of k, scaling, train`},
		{"forest", "", map[string]string{"trees": "many"}, `forest: trees: got "many", want a whole number`},
		{"forest", "", map[string]string{"trees": "0"}, "trees: got 0, want at least 1"},
		{"forest", "", map[string]string{"improvement": "NaN"}, "improvement: got NaN"},
		{"svm", "", map[string]string{"c": "x"}, `svm: c: got "x", want a number`},
		{"svm", "", map[string]string{"c": "0"}, "c: got 0"},
		{"svm", "", map[string]string{"gamma": "NaN"}, "gamma"},
		{"logistic", "", map[string]string{"c": "-1"}, "c: got -1"},
		{"knn", "", map[string]string{"k": "0"}, "k: got 0"},
		{"lda", "", map[string]string{"train": "-5"}, "train: got -5"},
	} {
		m, err := New(c.kind, c.preset, "mnist", c.overrides)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s %s %v: got error %v, want %q", c.kind, c.preset, c.overrides, err, c.want)
		}
		if m != nil {
			t.Errorf("%s %s %v: got a model beside the error", c.kind, c.preset, c.overrides)
		}
	}
}

func TestParametersAreWhatNewTakes(t *testing.T) {
	for _, kind := range Kinds() {
		names := Parameters(kind)
		if !slices.Contains(names, "train") || !slices.IsSorted(names) {
			t.Errorf("%s: parameters: got %v, want them sorted, with train", kind, names)
		}
		for _, name := range names {
			m, err := New(kind, "", "mnist", map[string]string{name: "?"})
			if m != nil || err == nil || strings.Contains(err.Error(), "got parameter") || !strings.Contains(err.Error(), name+": got \"?\"") {
				t.Errorf("%s: %s: got error %v, want one about the value %q", kind, name, err, "?")
			}
		}
	}
	if Parameters("tree") != nil {
		t.Error("an unknown kind has parameters")
	}
}
