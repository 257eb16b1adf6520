package knn

import (
	"context"
	"encoding/json"
	"os"
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
			N, D, Classes, K int
			Shares           [][]float64
			Predicted        []uint16
		}
	}
	if err := json.Unmarshal(data, &reference); err != nil || len(reference.Cases) == 0 {
		t.Fatalf("reference.json: %v, %d cases", err, len(reference.Cases))
	}
	for _, c := range reference.Cases {
		all := shallowtest.MadeUp(c.N+40, c.D, c.Classes)
		m, err := New(Params{K: c.K})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Fit(context.Background(), all.First(c.N), model.Options{}); err != nil {
			t.Fatal(err)
		}
		p, err := m.Predict(context.Background(), model.Examples{Pixels: all.Pixels[c.N*c.D:], Features: c.D}, model.Options{Scores: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Predicted) != 40 || len(c.Shares) != 40 || len(c.Shares[0]) != c.Classes {
			t.Fatalf("reference.json has %d classes and %d rows of shares, want 40 of %d", len(c.Predicted), len(c.Shares), c.Classes)
		}
		for i, want := range c.Predicted {
			if p.Class[i] != want {
				t.Errorf("k %d, example %d: got class %d, want %d", c.K, i, p.Class[i], want)
			}
			for class, share := range c.Shares[i] {
				if got := p.Scores[i*c.Classes+class]; got != float32(share) {
					t.Errorf("k %d, example %d: share of class %d: got %v, want %v", c.K, i, class, got, share)
				}
			}
		}
	}
}
