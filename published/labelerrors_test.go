package published

import (
	"slices"
	"testing"
)

// The numbers of errors and of checked examples are those of the article's table 1.
func TestLabelErrorsAreThoseOfTheArticle(t *testing.T) {
	for k, want := range []struct{ errors, checked int }{{15, 100}, {54, 275}} {
		c := labelChecks[k]
		if len(c.errors) != want.errors || c.checked != want.checked || c.splits[10000] == "" {
			t.Errorf("list %d has %d errors of %d checked, want %d of %d", k, len(c.errors), c.checked, want.errors, want.checked)
		}
		if !slices.IsSorted(c.errors) || c.errors[0] < 0 || c.errors[len(c.errors)-1] >= 10000 {
			t.Errorf("list %d isn't ascending within the split", k)
		}
	}
}

// A list belongs to the labels in their order: one other label, another order, another part of the
// split, and nothing is known.
func TestLabelErrorsBelongToTheirSplit(t *testing.T) {
	labels := []uint16{3, 1, 2, 0, 3, 2}
	defer func(was []labelCheck) { labelChecks = was }(labelChecks)
	labelChecks = []labelCheck{{splits: map[int]string{6: labelHash(labels), 4: labelHash(labels[:4])}, errors: []int{1, 3, 5}, checked: 5}}
	for n, want := range map[int][]int{6: {1, 3, 5}, 4: {1, 3}} {
		e := LabelErrorsOf(labels[:n])
		if e == nil || !slices.Equal(e.Examples, want) || e.Checked != 5 || e.Source == "" {
			t.Fatalf("first %d: %+v, want %v", n, e, want)
		}
		if !e.Has(1) || e.Has(0) {
			t.Errorf("first %d: Has is wrong: %+v", n, e)
		}
	}
	changed, turned := slices.Clone(labels), slices.Clone(labels)
	changed[2]++
	slices.Reverse(turned)
	for _, other := range [][]uint16{changed, turned, labels[:5], labels[:3], nil, append(slices.Clone(labels), 0)} {
		if e := LabelErrorsOf(other); e != nil || e.Has(1) {
			t.Errorf("labels %v have errors %+v, want none known", other, e)
		}
	}
}
