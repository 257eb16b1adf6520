package knn

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"shoal/shallow/model"
)

// hardNumbers are n rows of d numbers of a kind on which products in float32 can't decide alone.
func hardNumbers(r *rand.Rand, kind string, n, d int) []float32 {
	out := make([]float32, n*d)
	for i := range out {
		v := r.NormFloat64()
		switch kind {
		case "few values":
			v = float64(r.IntN(2))
		case "all equal":
			v = 3
		case "far from 0":
			v = 1e6 + math.Round(v)
		case "outliers":
			if i/d%17 == 5 {
				v *= 1e14
			}
		case "too small for squares":
			v *= 1e-22
		case "farther and farther", "nearer and nearer":
			v = v*1e-3 + float64(i/d)
			if kind == "nearer and nearer" {
				v = float64(n) - v
			}
		}
		out[i] = float32(v)
	}
	return out
}

// TestNumbersAgainstAllDistances compares with sorting all distances, computed in float64.
func TestNumbersAgainstAllDistances(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, kind := range []string{"normal", "few values", "all equal", "far from 0", "outliers", "too small for squares", "farther and farther", "nearer and nearer"} {
		for _, c := range []struct{ n, d, k int }{{331, 7, 5}, {200, 90, 1}, {1000, 2, 3}, {64, 3, 63}, {4, 5, 9}, {300, 1, 150}} {
			train := model.Examples{Values: hardNumbers(r, kind, c.n, c.d), Features: c.d, Classes: 5, Labels: make([]uint16, c.n)}
			for i := range train.Labels {
				train.Labels[i] = uint16(r.IntN(5))
			}
			test := model.Examples{Values: hardNumbers(r, kind, 60, c.d), Features: c.d}
			copy(test.Values, train.Values[:2*c.d]) // at distance 0
			compareVotes(t, fmt.Sprintf("%s, %+v", kind, c), train, test, c.k)
		}
	}
}

func compareVotes(t *testing.T, what string, train, test model.Examples, k int) {
	t.Helper()
	m, err := New(Params{K: k})
	if err == nil {
		err = m.Fit(context.Background(), train, model.Options{})
	}
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Predict(context.Background(), test, model.Options{Scores: true, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	k = min(k, train.Len())
	for i := range test.Len() {
		votes := make([]float32, train.Classes)
		for _, j := range orderNumbers(train, test.Point(i))[:k] {
			votes[train.Labels[j]]++
		}
		for class := range votes {
			votes[class] = float32(float64(votes[class]) / float64(k))
		}
		if got := p.Scores[i*train.Classes : (i+1)*train.Classes]; !slices.Equal(got, votes) {
			t.Fatalf("%s, example %d: got votes %v, want %v", what, i, got, votes)
		}
	}
}

// orderNumbers are the training examples, the nearest first, the earlier of two equally near first.
func orderNumbers(train model.Examples, x []float32) []int {
	var all []int
	distance := make([]float64, train.Len())
	for j := range train.Len() {
		all = append(all, j)
		for f, v := range train.Point(j) {
			d := float64(x[f]) - float64(v)
			distance[j] += d * d
		}
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(distance[a], distance[b]) })
	return all
}

// BenchmarkNumbers searches the neighbours of numbers, whose time there is to compare with that of the
// products alone.
func BenchmarkNumbers(b *testing.B) {
	for _, c := range []struct{ n, d int }{{10000, 84}, {4000, 1000}, {6000, 128}} {
		r := rand.New(rand.NewPCG(7, 8))
		train := model.Examples{Values: hardNumbers(r, "normal", c.n, c.d), Features: c.d, Classes: 2, Labels: make([]uint16, c.n)}
		test := model.Examples{Values: hardNumbers(r, "normal", 3000, c.d), Features: c.d}
		m, _ := New(Defaults())
		if err := m.Fit(context.Background(), train, model.Options{}); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("%dx%d", c.n, c.d), func(b *testing.B) {
			for b.Loop() {
				if _, err := m.Predict(context.Background(), test, model.Options{Workers: 1}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
