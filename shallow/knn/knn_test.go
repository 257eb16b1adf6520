package knn

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"shoal/shallow/model"
	"shoal/shallow/shallowtest"
)

func TestConformance(t *testing.T) {
	for _, k := range []int{1, 5} {
		shallowtest.Run(t, func() model.Model {
			m, err := New(Params{K: k})
			if err != nil {
				t.Fatal(err)
			}
			return m
		}, shallowtest.Refusal{Want: "k: got 0, want at least 1", New: func() (model.Model, error) { return New(Params{}) }})
	}
}

// TestAgainstAllDistances compares with sorting all distances, on bytes with many equal distances
// and on large ones that float32 cannot tell apart.
func TestAgainstAllDistances(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, c := range []struct{ n, d, k, spread, base int }{
		{200, 3, 5, 3, 0}, {200, 3, 5, 2, 250}, {300, 50, 7, 256, 0}, {150, 4000, 5, 2, 253}, {90, 1, 4, 256, 0}, {3, 8, 5, 256, 0},
	} {
		random := func(n int) model.Examples {
			e := model.Examples{Pixels: make([]byte, n*c.d), Labels: make([]uint16, n), Features: c.d, Classes: 4}
			for i := range e.Pixels {
				e.Pixels[i] = byte(c.base + r.IntN(c.spread))
			}
			for i := range e.Labels {
				e.Labels[i] = uint16(r.IntN(4))
			}
			return e
		}
		train, test := random(c.n), random(120)
		m, err := New(Params{K: c.k})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Fit(context.Background(), train, model.Options{}); err != nil {
			t.Fatal(err)
		}
		p, err := m.Predict(context.Background(), test, model.Options{Scores: true})
		if err != nil {
			t.Fatal(err)
		}
		for i := range test.Len() {
			votes := make([]float32, 4)
			k := min(c.k, c.n)
			for _, j := range order(train, test.Row(i))[:k] {
				votes[train.Labels[j]]++
			}
			for class := range votes {
				votes[class] /= float32(k)
			}
			if got := p.Scores[i*4 : i*4+4]; !slices.Equal(got, votes) {
				t.Fatalf("%+v, example %d: got votes %v, want %v", c, i, got, votes)
			}
			if want, _ := model.Winner(votes); p.Class[i] != want {
				t.Fatalf("%+v, example %d: got class %d, want %d", c, i, p.Class[i], want)
			}
		}
	}
}

func order(train model.Examples, row []byte) []int {
	var all []int
	distance := make([]int, train.Len())
	for j := range train.Len() {
		all = append(all, j)
		for f, v := range train.Row(j) {
			distance[j] += (int(v) - int(row[f])) * (int(v) - int(row[f]))
		}
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(distance[a], distance[b]) })
	return all
}
