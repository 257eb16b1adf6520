package answers

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"shoal/internal/textfmt"
)

// beyond is the place of an id whose example isn't scored.
const beyond = -1

// rows returns the row of every scored example, how many rows are of other examples, and whether the
// ids leave no doubt about the order: numbers that only count the rows do.
func (t *table) rows(s *Split) (rows []int, outside int, certain bool, err error) {
	n := t.predictions.len()
	for _, c := range []*column{t.labels, t.ids} {
		if c != nil && c.len() != n {
			return nil, 0, false, fmt.Errorf("%d %s for %d %s", c.len(), c.name, n, t.predictions.name)
		}
	}
	if t.ids == nil {
		if n != s.scored() {
			return nil, 0, false, fmt.Errorf("%d %ss, want one for each of the %d examples of the evaluation split", n, t.noun(), s.scored())
		}
		for i := range n {
			rows = append(rows, i)
		}
		return rows, 0, false, nil
	}
	rows, byName, err := t.match(s)
	counting := true
	for i, row := range rows {
		counting = counting && row == i
	}
	return rows, n - len(rows), byName || !counting, err
}

// match reads the ids as indexes, as names, or as whichever of both fits.
func (t *table) match(s *Split) (rows []int, byName bool, err error) {
	var asIndex, asName []int
	errIndex, errName := errNot, errNot
	if s.Names == nil || slices.Contains([]string{"id", "ids", "index"}, t.ids.name) {
		asIndex, errIndex = t.place(s, func(i int) (int, error) { return s.index(t.ids, i) })
	}
	if s.Names != nil && t.ids.name != "index" {
		find := s.finder()
		asName, errName = t.place(s, func(i int) (int, error) { return find.example(t.ids.text(i)) })
	}
	switch {
	case errIndex == nil && errName == nil && !slices.Equal(asIndex, asName):
		return nil, false, fmt.Errorf("its %s can be indexes or names of files: name the column index, or write the names in full, as in %q", t.ids.name, s.Names[0])
	case errName == nil:
		return asName, true, nil
	case errIndex == nil:
		return asIndex, false, nil
	}
	if _, whole := t.ids.integer(0); errIndex != errNot && (whole || errName == errNot) {
		return nil, false, errIndex
	}
	return nil, false, errName
}

// errNot is the error of a reading that wasn't tried.
var errNot = errors.New("not tried")

// index reads an id as the index of an example.
func (s *Split) index(c *column, i int) (int, error) {
	v, ok := c.integer(i)
	switch {
	case !ok:
		return 0, fmt.Errorf("id %.80q: want the index of an example, 0 to %d", c.text(i), len(s.Labels)-1)
	case v < 0 || v >= int64(len(s.Labels)) && !s.Cut:
		return 0, fmt.Errorf("id %d: want the index of an example, 0 to %d", v, len(s.Labels)-1)
	case v >= int64(s.scored()):
		return beyond, nil
	}
	return int(v), nil
}

// place puts every row where its example is. Every scored example has to get exactly one.
func (t *table) place(s *Split, example func(row int) (int, error)) ([]int, error) {
	rows := slices.Repeat([]int{-1}, s.scored())
	for row := range t.ids.len() {
		at, err := example(row)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", t.row(row), err)
		case at == beyond:
		case rows[at] >= 0:
			return nil, fmt.Errorf("%s has two %ss, in %s and in %s", s.example(at), t.noun(), t.row(rows[at]), t.row(row))
		default:
			rows[at] = row
		}
	}
	if i := slices.Index(rows, -1); i >= 0 {
		return nil, fmt.Errorf("no %s for %s: every example of the evaluation split needs one", t.noun(), s.example(i))
	}
	return rows, nil
}

// A finder finds examples by their names. Each of its maps has a looser form of them, from the name
// as it is to the file's name without its ending.
type finder struct {
	split *Split
	forms [5]map[string]hits
}

// hits are the first two examples that share a form of their names.
type hits struct{ first, second int }

func (s *Split) finder() *finder {
	f := &finder{split: s}
	for k := range f.forms {
		f.forms[k] = map[string]hits{}
	}
	for i, name := range s.Names {
		composed := norm.NFC.String(name)
		stem := strings.TrimSuffix(composed, path.Ext(composed))
		for k, form := range [...]string{name, composed, stem, path.Base(composed), path.Base(stem)} {
			if h, seen := f.forms[k][form]; !seen {
				f.forms[k][form] = hits{i, -1}
			} else if h.second < 0 {
				f.forms[k][form] = hits{h.first, i}
			}
		}
	}
	return f
}

// example returns the index of the example that an id names, beyond for one that isn't scored.
func (f *finder) example(id string) (int, error) {
	s := f.split
	at, err := f.find(id)
	switch {
	case err != nil:
		return 0, err
	case at < 0 && !s.Cut:
		return 0, fmt.Errorf("id %.200q is no example of the evaluation split; the first is %q", id, s.Names[0])
	case at < 0 || at >= s.scored():
		return beyond, nil
	}
	return at, nil
}

// find returns the index of the only example that an id can mean, -1 for none.
func (f *finder) find(id string) (int, error) {
	plain := textfmt.PlainName(id)
	for _, exact := range []string{id, plain} {
		if h, ok := f.forms[0][exact]; ok {
			return h.first, nil
		}
	}
	plain = strings.TrimSpace(plain)
	at, err := f.findPath(plain)
	if at < 0 && err == nil && strings.Contains(plain, `\`) { // between folders, or part of a name
		at, err = f.findPath(strings.ReplaceAll(plain, `\`, "/"))
	}
	return at, err
}

// findPath is find for a path, before whose last parts, the name, there may be more folders.
func (f *finder) findPath(id string) (int, error) {
	parts := strings.Split(strings.TrimPrefix(norm.NFC.String(path.Clean(id)), "/"), "/")
	for k := range parts {
		name := strings.Join(parts[k:], "/")
		forms := f.forms[1:3]
		if len(parts) == 1 {
			forms = f.forms[1:]
		}
		for _, form := range forms {
			h, ok := form[name]
			switch {
			case !ok:
			case h.second >= 0:
				return 0, fmt.Errorf("id %.200q can be %q or %q: write names in full", id, f.split.Names[h.first], f.split.Names[h.second])
			case k > 0 && f.split.Other != "" && parts[k-1] == f.split.Other:
				return 0, fmt.Errorf("id %.200q is below a folder %q: want examples of the other split", id, f.split.Other)
			default:
				return h.first, nil
			}
		}
	}
	return -1, nil
}
