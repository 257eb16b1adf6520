package table

import (
	"fmt"
	"slices"
)

// Halves returns the rows that the column "split" says are of the training and of the test split.
func (t *Table) Halves() (train, test *Table, err error) {
	train, test = t.like(), t.like()
	of := make([]*Table, len(t.Parts.Names))
	for k, name := range t.Parts.Names {
		switch name {
		case "train":
			of[k] = train
		case "test":
			of[k] = test
		default:
			return nil, nil, fmt.Errorf("a row is of %s %q: want train or test", PartColumn, name)
		}
	}
	for i, k := range t.Parts.Index {
		to := of[k]
		to.Values = append(to.Values, t.Values[i*t.Features:(i+1)*t.Features]...)
		to.Labels.Index = append(to.Labels.Index, t.Labels.Index[i])
	}
	if train.Len() == 0 || test.Len() == 0 {
		return nil, nil, fmt.Errorf("the column %q has %d rows of train and %d of test, want some of each", PartColumn, train.Len(), test.Len())
	}
	train.Labels.used()
	test.Labels.used()
	return train, test, nil
}

// like is a table without rows, with the same columns and labels.
func (t *Table) like() *Table {
	return &Table{Columns: t.Columns, Features: t.Features, spans: t.spans, Labels: &Labels{Names: t.Labels.Names}}
}

// used drops the names that no row has.
func (l *Labels) used() {
	place := make([]int32, len(l.Names))
	var names []string
	for i, k := range l.Index {
		if place[k] == 0 {
			names = append(names, l.Names[k])
			place[k] = int32(len(names))
		}
		l.Index[i] = place[k] - 1
	}
	l.Names = names
}

// Arrange brings the columns into the order of the given names, which must be the same.
func (t *Table) Arrange(names []string) error {
	from, place, wanted := make([]int, len(names)), map[string]int{}, map[string]bool{}
	for f, name := range t.Columns {
		place[name] = f
	}
	for i, name := range names {
		f, ok := place[name]
		if !ok {
			return fmt.Errorf("it lacks %q", name)
		}
		from[i], wanted[name] = f, true
	}
	for _, name := range t.Columns {
		if !wanted[name] {
			return fmt.Errorf("it also has %q", name)
		}
	}
	if slices.IsSorted(from) {
		return nil
	}
	spans := slices.Clone(t.spans)
	for i := range t.spans {
		t.spans[i] = spans[from[i]]
	}
	row := make([]float32, len(names))
	for at := 0; at < len(t.Values); at += t.Features {
		for i, f := range from {
			row[i] = t.Values[at+f]
		}
		copy(t.Values[at:], row)
	}
	t.Columns = names
	return nil
}
