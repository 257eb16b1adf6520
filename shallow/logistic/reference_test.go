package logistic

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"shoal/shallow/model"
	"shoal/shallow/shallowtest"
)

// TestAgainstScikitLearn compares minima. Both walks end near the same point: tolerance 1e-7 on the
// gradient leaves coefficients to about 1e-4.
func TestAgainstScikitLearn(t *testing.T) {
	data, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var reference struct {
		Cases []struct {
			N, D, Classes int
			C             float64
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
		m, err := New(Params{C: c.C, Tolerance: 1e-6, Iterations: 2000})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Fit(context.Background(), all.First(c.N), model.Options{}); err != nil {
			t.Fatal(err)
		}
		if !m.Converged {
			t.Errorf("c %v: not converged: %v", c.C, m.Facts())
		}
		for k := range c.Classes {
			for f := range c.D {
				if got, want := m.weights[f*c.Classes+k], c.Coefficients[k][f]; !(math.Abs(got-want) < 2e-3) {
					t.Errorf("c %v: weight of feature %d for class %d: got %.6f, want %.6f", c.C, f, k, got, want)
				}
			}
			if got, want := m.weights[c.D*c.Classes+k], c.Intercepts[k]; !(math.Abs(got-want) < 2e-3) {
				t.Errorf("c %v: intercept %d: got %.6f, want %.6f", c.C, k, got, want)
			}
		}
		rest := model.Examples{Pixels: all.Pixels[c.N*c.D:], Features: c.D}
		p, err := m.Predict(context.Background(), rest, model.Options{Scores: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Probabilities) != 20 || len(c.Probabilities[0]) != c.Classes {
			t.Fatalf("reference.json has %d rows of probabilities, want 20 of %d", len(c.Probabilities), c.Classes)
		}
		for i, row := range c.Probabilities {
			for k, want := range row {
				if got := float64(p.Scores[i*c.Classes+k]); !(math.Abs(got-want) < 5e-4) {
					t.Errorf("c %v: probability of class %d, example %d: got %.6f, want %.6f", c.C, k, i, got, want)
				}
			}
		}
	}
}

// TestGradient compares the gradient with differences of f, across tiles and parts and more classes
// than a panel is wide.
func TestGradient(t *testing.T) {
	data := shallowtest.Blobs(1, 1500, 7, 40, 120)
	l := newLoss(context.Background(), data, data.Labels, 40, .1, 2)
	x, g, scratch := make([]float64, 8*40), make([]float64, 8*40), make([]float64, 8*40)
	for i := range x {
		x[i] = math.Sin(float64(3*i)) / 2
	}
	l.value(x, g)
	for _, i := range []int{0, 1, 33, 39, 40, 155, 279, 280, 300, 319} {
		const h = 1e-2
		at := x[i]
		x[i] = at + h
		up := l.value(x, scratch)
		x[i] = at - h
		down := l.value(x, scratch)
		x[i] = at
		if got, want := g[i], (up-down)/(2*h); !(math.Abs(got-want) < 1e-5) {
			t.Errorf("gradient %d: got %.8f, differences give %.8f", i, got, want)
		}
	}
}

// TestWalkFindsTheMinimum of Rosenbrock's valley, which is curved and not convex.
func TestWalkFindsTheMinimum(t *testing.T) {
	w := walk{
		value: func(x, g []float64) float64 {
			a, b := 1-x[0], x[1]-x[0]*x[0]
			g[0], g[1] = -2*a-400*x[0]*b, 200*b
			return a*a + 100*b*b
		},
		stop: func() bool { return false }, step: func(int, float64, float64) {},
		tolerance: 1e-9, limit: 500,
	}
	x := []float64{-1.2, 1}
	if o := w.from(x); !o.converged || !(math.Abs(x[0]-1) < 1e-6) || !(math.Abs(x[1]-1) < 1e-6) {
		t.Errorf("got %v, %+v, want the minimum at 1, 1", x, o)
	}
	w.limit, w.pairs = 3, nil
	if o := w.from([]float64{-1.2, 1}); o.converged || o.iterations != 3 {
		t.Errorf("got %+v, want no convergence within 3 steps", o)
	}
}

func TestWarningsNameTheBoundThatWasHit(t *testing.T) {
	for want, p := range map[string]Params{
		"stopped at the bound of 2 iterations": {C: 1, Tolerance: 1e-9, Iterations: 2},
		"of 5000 iterations at a gradient":     {C: 1, Tolerance: 1e-16, Iterations: 5000},
		"":                                     {C: 1, Tolerance: 1e-3, Iterations: 5000},
	} {
		m, err := New(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Fit(context.Background(), shallowtest.Blobs(1, 100, 9, 3, 120), model.Options{}); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(m.Facts()["warnings"].([]string), "; ")
		if m.Facts()["converged"] != (want == "") || (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%+v: got converged %v and %q, want %q", p, m.Facts()["converged"], got, want)
		}
	}
}
