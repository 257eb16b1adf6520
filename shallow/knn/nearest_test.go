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

// Numbers have the distances of the bytes that they are.
func TestNearestOfNumbers(t *testing.T) {
	train, test := shallowtest.Blobs(1, 90, 24, 3, 90), shallowtest.Blobs(2, 70, 24, 3, 90)
	want, err := Nearest(context.Background(), train, test, model.Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []*model.Examples{&train, &test} {
		for _, v := range e.Pixels {
			e.Values = append(e.Values, float32(v)/255)
		}
		e.Pixels = nil
	}
	got, err := Nearest(context.Background(), train, test, model.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	for i := range want.Own {
		if !(math.Abs(got.Own[i]-want.Own[i]) < 1e-4) || !(math.Abs(got.Other[i]-want.Other[i]) < 1e-4) {
			t.Errorf("example %d: %v and %v, want %v and %v", i, got.Own[i], got.Other[i], want.Own[i], want.Other[i])
		}
	}
}
