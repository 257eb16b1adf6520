package answers

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"shoal/dynamics/groups"
	"shoal/internal/atomicfile"
)

// maxGroups is how many groups an attribute may have: a column with more is a number or an id.
const maxGroups = 100

// ErrNoOrder is wrapped by the error for groups without ids and labels.
var ErrNoOrder = errors.New("neither ids nor labels say which example each line is of")

// Groups reads attributes of the split's examples from a CSV file: every column but those that ids,
// labels, predictions and margins have is an attribute, and its texts are the groups, sorted. An empty
// cell is no group. Lines are brought to examples as those of predictions are; but nothing about a
// group shows that it is another example's, so ids or labels are needed.
func Groups(path string, s Split) ([]groups.Attribute, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, header, err := openCSV(f, largest(&s))
	if err == nil {
		var all []groups.Attribute
		if all, err = readGroups(r, header, &s); err == nil {
			return all, nil
		}
	}
	return nil, about(path, err)
}

func readGroups(r *csv.Reader, header []string, s *Split) ([]groups.Attribute, error) {
	known := slices.Concat(predictionNames, labelNames, marginNames, idNames)
	cells, filled, lines, err := readColumns(r, header, known)
	if err != nil {
		return nil, err
	}
	t := &table{labels: firstFilled(cells, filled, labelNames), ids: firstFilled(cells, filled, idNames), lines: lines, what: "line"}
	var attributes []*column
	for _, name := range header {
		if !slices.Contains(known, strings.ToLower(name)) {
			attributes = append(attributes, &column{name: name, texts: cells[name]})
		}
	}
	switch {
	case len(attributes) == 0:
		return nil, fmt.Errorf("no column beside %s: want one with the group of each example", list(header))
	case len(lines) == 0:
		return nil, errors.New("no line but the header: want one an example")
	}
	t.predictions = attributes[0]
	rows, _, certain, err := t.rows(s)
	if err != nil {
		return nil, err
	}
	if _, _, err := t.checkLabels(s, rows); err != nil {
		return nil, err
	}
	switch {
	case certain || t.labels != nil:
	case t.ids != nil:
		return nil, fmt.Errorf("%w: its %s only counts the lines, as any table's does; add the column label, or name, as shoal data list-examples prints them", ErrNoOrder, t.ids.name)
	default:
		return nil, fmt.Errorf("%w: add the column label, or name, as shoal data list-examples prints them", ErrNoOrder)
	}
	var out []groups.Attribute
	for _, c := range attributes {
		a, err := c.attribute(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// readColumns reads all columns of a table: known ones by their names in small letters, others as they
// are written. It reports which have a value, and the line of each row.
func readColumns(r *csv.Reader, header, known []string) (cells map[string][]string, filled map[string]bool, lines []int, err error) {
	names := make([]string, len(header))
	for i, name := range header {
		if names[i] = name; slices.Contains(known, strings.ToLower(name)) {
			names[i] = strings.ToLower(name)
		}
		if names[i] == "" {
			return nil, nil, nil, fmt.Errorf("column %d of its header has no name", i+1)
		}
		if slices.Contains(names[:i], names[i]) {
			return nil, nil, nil, fmt.Errorf("two columns %q in its header", name)
		}
	}
	cells, filled = map[string][]string{}, map[string]bool{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return cells, filled, lines, nil
		}
		if err != nil {
			return nil, nil, nil, csvError(err)
		}
		line, _ := r.FieldPos(0)
		lines = append(lines, line)
		for i, name := range names {
			cells[name] = append(cells[name], strings.Clone(row[i]))
			filled[name] = filled[name] || strings.TrimSpace(row[i]) != ""
		}
	}
}

// firstFilled is the first of the columns of those names that has a value.
func firstFilled(cells map[string][]string, filled map[string]bool, names []string) *column {
	for _, name := range names {
		if filled[name] {
			return &column{name: name, texts: cells[name]}
		}
	}
	return nil
}

// attribute makes an attribute of a column, by the row of each example.
func (c *column) attribute(rows []int) (groups.Attribute, error) {
	a := groups.Attribute{Name: c.name}
	for _, row := range rows {
		if value := strings.TrimSpace(c.texts[row]); value != "" && !slices.Contains(a.Groups, value) {
			if len(a.Groups) == maxGroups {
				return a, fmt.Errorf("column %q has more than %d values: want groups; cut numbers into ranges, and leave out ids", c.name, maxGroups)
			}
			a.Groups = append(a.Groups, value)
		}
	}
	slices.Sort(a.Groups)
	for _, row := range rows {
		at, found := slices.BinarySearch(a.Groups, strings.TrimSpace(c.texts[row]))
		if !found {
			at = groups.None
		}
		a.Of = append(a.Of, at)
	}
	return a, a.Check(len(rows))
}
