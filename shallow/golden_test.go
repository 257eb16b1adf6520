package shallow

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"shoal/shallow/shallowtest"
)

// golden are hashes of predictions: a model's Version has to count whatever changes one, for caches
// and the records are keyed by it. Where rounding of the library's functions shows in the margins,
// the hash is of the classes only.
var golden = []struct {
	kind, preset, dataset string
	parameters            map[string]string
	margins               bool
	want                  string
}{
	{"svm", "default", "mnist", nil, true, "30e4421ca4c29a3a"},
	{"svm", "paper", "cifar10", nil, true, "b4051ad34b74aace"},
	{"svm", "default", "mnist", map[string]string{"kernel": "linear"}, true, "abcf61fc2ca94b14"},
	{"forest", "default", "mnist", nil, true, "77d2e8babfd8753e"},
	{"forest", "paper", "cifar10", nil, true, "ab8a6f7fce12321b"},
	{"forest", "default", "", map[string]string{"max-depth": "3", "min-leaf": "4"}, true, "57194f2c5cdf051e"},
	{"knn", "default", "mnist", nil, true, "b1a3e7e54f35a338"},
	{"logistic", "default", "mnist", nil, false, "ea31c407cfebf17d"},
	{"lda", "default", "mnist", nil, false, "6cb5c213d4e4d18a"},
}

func TestPredictionsDoNotChange(t *testing.T) {
	train := shallowtest.Confuse(shallowtest.Blobs(1, 900, 40, 10, 120), 1, .1)
	test := shallowtest.Blobs(2, 700, 40, 10, 120)
	for _, g := range golden {
		m, err := New(g.kind, g.preset, g.dataset, g.parameters)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Fit(context.Background(), train, Options{Seed: 1}); err != nil {
			t.Fatal(err)
		}
		p, err := m.Predict(context.Background(), test, Options{})
		if err != nil {
			t.Fatal(err)
		}
		h := sha256.New()
		binary.Write(h, binary.LittleEndian, p.Class)
		if g.margins {
			binary.Write(h, binary.LittleEndian, p.Margin)
		}
		if len(slices.Compact(slices.Sorted(slices.Values(p.Class)))) != 10 {
			t.Errorf("%s: not all classes are predicted", g.kind)
		}
		if got := fmt.Sprintf("%.8x", h.Sum(nil)); got != g.want {
			t.Errorf("%s, %s, %s, %v: predictions have the hash %s, want %s", g.kind, g.preset, g.dataset, g.parameters, got, g.want)
		}
	}
}
