package knn

import (
	"context"
	"math"
	"testing"

	"shoal/shallow/model"
	"shoal/shallow/shallowtest"
)

// TestNearestAgainstAllDistances compares with all distances, computed one by one.
func TestNearestAgainstAllDistances(t *testing.T) {
	train, test := shallowtest.Blobs(1, 150, 24, 4, 90), shallowtest.Blobs(2, 130, 24, 4, 90)
	for i, l := range train.Labels {
		if l == 3 { // no training example has it
			train.Labels[i] = 0
		}
	}
	got, err := Nearest(context.Background(), train, test, model.Options{Workers: 3})
	if err != nil {
		t.Fatal(err)
	}
	for i := range test.Len() {
		own, other := math.Inf(1), math.Inf(1)
		for j := range train.Len() {
			sum := 0.0
			for f, x := range test.Row(i) {
				d := (float64(x) - float64(train.Row(j)[f])) / 255
				sum += d * d
			}
			if train.Labels[j] == test.Labels[i] {
				own = math.Min(own, math.Sqrt(sum))
			} else {
				other = math.Min(other, math.Sqrt(sum))
			}
		}
		same := func(a, b float64) bool { return a == b || math.Abs(a-b) < 1e-6 }
		if !same(got.Own[i], own) || !same(got.Other[i], other) {
			t.Fatalf("example %d: %v and %v, want %v and %v", i, got.Own[i], got.Other[i], own, other)
		}
		if (test.Labels[i] == 3) != math.IsInf(got.Own[i], 1) {
			t.Errorf("example %d of class %d: own distance %v", i, test.Labels[i], got.Own[i])
		}
	}
}
