package lda

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"shoal/shallow/model"
	"shoal/shallow/shallowtest"
)

func TestAgainstScikitLearn(t *testing.T) {
	data, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var reference struct {
		Cases []struct {
			N, D, Classes int
			Degenerate    bool
			Probabilities [][]float64
			Coefficients  [][]float64
			Intercepts    []float64
		}
	}
	if err := json.Unmarshal(data, &reference); err != nil || len(reference.Cases) == 0 {
		t.Fatalf("reference.json: %v, %d cases", err, len(reference.Cases))
	}
	for _, c := range reference.Cases {
		all := shallowtest.MadeUp(c.N+20, c.D, c.Classes)
		solver := "cholesky"
		if c.Degenerate {
			solver = "eigenvectors"
			for i := range all.Len() {
				row := all.Row(i)
				row[3], row[4], row[5] = 9, byte(10*all.Labels[i]), row[0]
			}
		}
		m := New()
		if err := m.Fit(context.Background(), all.First(c.N), model.Options{}); err != nil {
			t.Fatal(err)
		}
		if m.Solver != solver {
			t.Errorf("%d×%d: got solver %q, want %q", c.N, c.D, m.Solver, solver)
		}
		for k := range c.Classes {
			for f := range c.D {
				if got, want := m.weights[k*c.D+f], c.Coefficients[k][f]; !(math.Abs(got-want) < 1e-8+1e-6*math.Abs(want)) {
					t.Errorf("%d×%d: weight of feature %d for class %d: got %.9g, want %.9g", c.N, c.D, f, k, got, want)
				}
			}
			if got, want := m.intercepts[k], c.Intercepts[k]; !(math.Abs(got-want) < 1e-6*(1+math.Abs(want))) {
				t.Errorf("%d×%d: intercept %d: got %.9g, want %.9g", c.N, c.D, k, got, want)
			}
		}
		p, err := m.Predict(context.Background(), model.Examples{Pixels: all.Pixels[c.N*c.D:], Features: c.D}, model.Options{Scores: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Probabilities) != 20 || len(c.Probabilities[0]) != c.Classes {
			t.Fatalf("reference.json has %d rows of probabilities, want 20 of %d", len(c.Probabilities), c.Classes)
		}
		for i, row := range c.Probabilities {
			for k, want := range row {
				if got := float64(p.Scores[i*c.Classes+k]); !(math.Abs(got-want) < 1e-6) {
					t.Errorf("%d×%d: probability of class %d, example %d: got %.7f, want %.7f", c.N, c.D, k, i, got, want)
				}
			}
		}
	}
}

// TestScatterIsExact compares with whole numbers, at the largest bytes and at sizes that leave
// remainders of tiles, blocks and panels.
func TestScatterIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, shape := range [][2]int{{1, 1}, {255, 31}, {256, 96}, {257, 97}, {1100, 211}} {
		n, d := shape[0], shape[1]
		e := model.Examples{Pixels: make([]byte, n*d), Features: d}
		for i := range e.Pixels {
			e.Pixels[i] = byte(255 - r.IntN(3))
		}
		got, err := scatter(context.Background(), e, model.Options{Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		for i := range d {
			for j := i; j < d; j++ {
				want := 0
				for row := range n {
					want += int(e.Pixels[row*d+i]) * int(e.Pixels[row*d+j])
				}
				if got[i*d+j] != float64(want) {
					t.Fatalf("%d×%d: features %d and %d: got %v, want %d", n, d, i, j, got[i*d+j], want)
				}
			}
		}
	}
}

func TestFeaturesThatOnlySeparateAreIgnored(t *testing.T) {
	e := model.Examples{Pixels: []byte{0, 1, 0, 2, 200, 1, 200, 3}, Labels: []uint16{0, 0, 1, 1}, Features: 2, Classes: 2}
	m := New()
	if err := m.Fit(context.Background(), e, model.Options{}); err != nil {
		t.Fatal(err)
	}
	warnings := m.Facts()["warnings"].([]string)
	if m.Facts()["varying"] != 1 || len(warnings) != 1 || !strings.Contains(warnings[0], "1 of 2 features differ between classes and never within one") {
		t.Errorf("facts: got %v, want one that varies, and a warning of the other", m.Facts())
	}
}

// Where the examples don't define the model, any answer would be made up.
func TestTooFewExamplesAreRefused(t *testing.T) {
	for name, e := range map[string]model.Examples{
		"one example a class":        {Pixels: []byte{1, 2, 3, 4, 5, 6}, Labels: []uint16{2, 0, 1}, Features: 2, Classes: 3},
		"one of two classes of five": {Pixels: []byte{1, 2, 3, 4}, Labels: []uint16{4, 1}, Features: 2, Classes: 5},
		"nothing varies in a class":  {Pixels: []byte{0, 0, 200, 200}, Labels: []uint16{0, 0, 1, 1}, Features: 1, Classes: 2},
	} {
		m := New()
		err := m.Fit(context.Background(), e, model.Options{})
		if !errors.Is(err, model.ErrTooFew) || m.Facts() != nil {
			t.Errorf("%s: got %v and facts %v, want an error", name, err, m.Facts())
		}
	}
}
