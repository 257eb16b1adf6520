package answers

import (
	"fmt"
	"slices"
	"strings"
)

// none is the class of a line that has none.
const none = -1

// classes reads a column of classes, by numbers or names, none for an empty cell; nil for no column.
// Where both are possible and differ, the column's name has to tell.
func (c *corrections) classes(col *column, lines []int) ([]int, error) {
	if col == nil {
		return nil, nil
	}
	numbers, errNumbers := c.classesBy(col, lines, false)
	names, errNames := c.classesBy(col, lines, true)
	switch {
	case slices.Contains(slices.Concat(classNames, givenNames), col.name):
		return names, errNames
	case slices.Contains(numberNames, col.name):
		return numbers, errNumbers
	case errNumbers != nil && errNames != nil:
		return c.mixed(col, lines)
	case errNames != nil:
		return numbers, nil
	case errNumbers != nil || slices.Equal(numbers, names):
		return names, nil
	}
	return nil, fmt.Errorf("its %s can be numbers or names of classes (class number 1 is %q): name the column label_number or class", col.name, c.split.Classes[1])
}

// mixed reads a column that has numbers in some lines and names in others.
func (c *corrections) mixed(col *column, lines []int) ([]int, error) {
	out := slices.Repeat([]int{none}, len(col.texts))
	for row, text := range col.texts {
		one, line := &column{name: col.name, texts: []string{text}}, lines[row:row+1]
		numbers, errNumbers := c.classesBy(one, line, false)
		names, errNames := c.classesBy(one, line, true)
		_, whole := one.integer(0)
		switch {
		case errNumbers != nil && errNames != nil && whole:
			return nil, errNumbers
		case errNumbers != nil && errNames != nil:
			return nil, errNames
		case errNumbers == nil && errNames == nil && numbers[0] != names[0]:
			return nil, fmt.Errorf("class %.80q in line %d can be a number or a name (class number 1 is %q): write all as names, in a column class", text, line[0], c.split.Classes[1])
		case errNames == nil:
			out[row] = names[0]
		default:
			out[row] = numbers[0]
		}
	}
	return out, nil
}

// classesBy reads a column of classes by names or by numbers.
func (c *corrections) classesBy(col *column, lines []int, names bool) ([]int, error) {
	t := &table{predictions: col, lines: lines}
	var rows []int
	for row, text := range col.texts {
		if strings.TrimSpace(text) != "" {
			rows = append(rows, row)
		}
	}
	read, err := t.read(c.split, col, rows, names)
	if err != nil {
		return nil, err
	}
	out := slices.Repeat([]int{none}, len(col.texts))
	for k, row := range rows {
		out[row] = int(read[k])
	}
	return out, nil
}

// labels reads all columns with the labels after: label, and class beside it, as exports have them.
func (c *corrections) labels(after []*column, lines []int) ([][]int, error) {
	var out [][]int
	for k, col := range after {
		if len(after) > 1 && k == 0 { // beside class, label is a number
			col = &column{name: numberNames[0], texts: col.texts}
			if numbers, err := c.classes(col, lines); err == nil {
				out = append(out, numbers)
				continue
			}
			col = after[0]
		}
		read, err := c.classes(col, lines)
		if err != nil {
			return nil, err
		}
		out = append(out, read)
	}
	return out, nil
}

// oneOf is the label of a line whose columns may say two: where one is still the run's, the other was
// corrected.
func (c *corrections) oneOf(example, row int, labels [][]int, where string) (int, error) {
	label, was := none, int(c.split.Labels[example])
	for _, column := range labels {
		switch got := column[row]; {
		case got == none || got == label:
		case label == none || label == was:
			label = got
		case got != was:
			return none, fmt.Errorf("%s: its label is %s and its class %s, and %s has %s: correct one of them, or both alike", where,
				c.split.class(uint16(label)), c.split.class(uint16(got)), c.split.example(example), c.split.class(uint16(was)))
		}
	}
	return label, nil
}
