package answers

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"shoal/internal/textfmt"
)

// decode returns the predicted classes of the scored examples, whose rows are given, after it has
// compared the labels.
func (t *table) decode(s *Split, rows []int) ([]uint16, error) {
	labelNumbers, labelNames, err := t.checkLabels(s, rows)
	if err != nil {
		return nil, err
	}
	numbers, errNumbers := t.read(s, t.predictions, rows, false)
	named, errNames := t.read(s, t.predictions, rows, true)
	switch {
	case errNumbers != nil && errNames != nil:
		return nil, either(t.predictions, rows, errNumbers, errNames)
	case errNames != nil:
		return numbers, nil
	case errNumbers != nil:
		return named, nil
	case slices.Equal(numbers, named) || labelNumbers && !labelNames:
		return numbers, nil
	case labelNames && !labelNumbers:
		return named, nil
	}
	return nil, fmt.Errorf("its %s can be numbers or names of classes (class number 1 is %q): add labels, written in the same way", t.predictions.name, s.Classes[1])
}

// checkLabels compares the labels with the split's, and reports which ways to read them agree with
// it. Both or none are possible: both where it makes no difference.
func (t *table) checkLabels(s *Split, rows []int) (numbers, names bool, err error) {
	if t.labels == nil {
		return false, false, nil
	}
	asNumbers, errNumbers := t.read(s, t.labels, rows, false)
	asNames, errNames := t.read(s, t.labels, rows, true)
	if errNumbers != nil && errNames != nil {
		return false, false, either(t.labels, rows, errNumbers, errNames)
	}
	got, want := asNumbers, s.Labels[:len(rows)]
	if errNumbers != nil {
		got = asNames
	}
	numbers, names = errNumbers == nil && slices.Equal(asNumbers, want), errNames == nil && slices.Equal(asNames, want)
	if numbers || names {
		return numbers, names, nil
	}
	for i := range want {
		if got[i] != want[i] {
			return false, false, fmt.Errorf("its label of %s, in %s, is %s, the dataset's is %s%s",
				s.example(i), t.row(rows[i]), s.class(got[i]), s.class(want[i]), t.otherOrder(s, got))
		}
	}
	return false, false, nil
}

// otherOrder says in which order labels without ids are, "" when no known one has them.
func (t *table) otherOrder(s *Split, labels []uint16) string {
	for _, o := range s.otherOrders() {
		if t.ids == nil && o.fits(labels) == len(labels) {
			return fmt.Sprintf("; they are in another order, %s: add ids", o.name)
		}
	}
	return ""
}

// read reads the rows of a column as classes, by their names or by their numbers.
func (t *table) read(s *Split, c *column, rows []int, names bool) ([]uint16, error) {
	if names && c.texts == nil {
		return nil, fmt.Errorf("its %s are numbers", c.name)
	}
	exact, loose := map[string]uint16{}, map[string]uint16{}
	for i, name := range s.Classes {
		exact[name], loose[looseClass(name)] = uint16(i), uint16(i)
	}
	out := make([]uint16, len(rows))
	for i, row := range rows {
		if names {
			class, ok := exact[c.texts[row]]
			if !ok {
				class, ok = loose[looseClass(c.texts[row])]
			}
			if !ok {
				return nil, fmt.Errorf("class %.80q in %s: want a number, 0 to %d, or a name such as %q", c.texts[row], t.row(row), len(s.Classes)-1, s.Classes[0])
			}
			out[i] = class
			continue
		}
		v, ok := c.integer(row)
		if !ok || v < 0 || v >= int64(len(s.Classes)) {
			return nil, fmt.Errorf("class %.80s in %s, want 0 to %d", c.text(row), t.row(row), len(s.Classes)-1)
		}
		out[i] = uint16(v)
	}
	return out, nil
}

// looseClass is what the spellings of a class's name share: spaces around it, forms of Unicode. The
// classes of a dataset differ in more.
func looseClass(name string) string {
	return norm.NFC.String(textfmt.PlainName(strings.TrimSpace(name)))
}

// either is the error of the way in which a column seems to be meant.
func either(c *column, rows []int, numbers, names error) error {
	if _, ok := c.integer(rows[0]); ok || c.texts == nil {
		return numbers
	}
	return names
}
