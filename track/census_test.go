package track

import (
	"slices"
	"testing"

	"shoal/dynamics/easiness"
	"shoal/record"
)

// A census that has room for a part of the examples reaches to the end of the split, and its groups count all of them.
func TestCensusOfMany(t *testing.T) {
	list := make([]int, 10)
	for k := range list {
		list[k] = 100 * k
	}
	if got := evenly(list, 4); !slices.Equal(got, []int{0, 200, 500, 700}) {
		t.Errorf("evenly %v", got)
	}
	if got := evenly(list, 10); !slices.Equal(got, list) {
		t.Errorf("evenly %v, want all", got)
	}
	q := &questioning{references: []record.Reference{{Name: "svm"}}, out: &easiness.Report{Classes: []string{"a", "b"}}}
	one := easiness.Example{Never: true, LabelError: true, References: make([]easiness.ExampleReference, 1)}
	two := easiness.Example{Label: 1, ShallowOnly: []string{"svm"}, References: make([]easiness.ExampleReference, 1)}
	q.out.Census = []easiness.Example{one, two}
	q.group([]easiness.Example{one, one, one, two, two}, []easiness.Example{one})
	for k, want := range []easiness.Group{{N: 2, Described: 1, ByClass: []int{0, 2}}, {N: 3, Described: 1, ByClass: []int{3, 0}, LabelErrors: 3}, {N: 1, Described: 1, ByClass: []int{1, 0}, LabelErrors: 1}} {
		got := q.out.Groups[k]
		if got.N != want.N || got.Described != want.Described || got.LabelErrors != want.LabelErrors || !slices.Equal(got.ByClass, want.ByClass) {
			t.Errorf("group %d: %+v, want %+v", k, got, want)
		}
	}
}
