package answers

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"shoal/internal/atomicfile"
	"shoal/internal/textfmt"
)

// Corrections are the labels of a split after a file of corrections.
type Corrections struct {
	Labels  []uint16 // of all examples
	Listed  int      // examples that the file has a label for
	Changed int      // of those, how many had another one
}

// Names of columns with labels. Where there is one of correctedNames, those of labelNames are the
// labels before; givenNames always are.
var (
	correctedNames = []string{"corrected_label", "corrected", "new_label"}
	classNames     = []string{"class", "corrected_class", "new_class"} // names of classes, whatever they look like
	numberNames    = []string{"label_number"}                          // numbers
	givenNames     = []string{"given_label"}                           // names of classes, as package export writes them
	indexNames     = []string{"id", "ids", "index", "example"}
)

// ErrNothingChanged is wrapped by the error for corrections that change no label.
var ErrNothingChanged = errors.New("it changes no label")

// ReadCorrections reads corrected labels of a split's examples: a CSV file with a line for each example
// that it has a label for, or what Label Studio exports as JSON or CSV, or samples.json of FiftyOne. given are the
// labels of the dataset, where s has others that were corrected before: a file may say either of the label
// before.
//
// Each line of a CSV file names its example by index or name; every such column that it has must mean
// the same one. Classes are numbers or names. A line without a label, and an empty one, is left out.
func ReadCorrections(path string, s Split, given []uint16) (*Corrections, error) {
	c := &corrections{split: &s, given: given, of: map[int]correction{}, finder: s.finder()}
	err := c.read(path)
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return nil, about(path, err)
	}
	out := &Corrections{Labels: slices.Clone(s.Labels), Listed: len(c.of)}
	for i, got := range c.of {
		if out.Labels[i] != got.label {
			out.Labels[i] = got.label
			out.Changed++
		}
	}
	if out.Changed == 0 {
		return nil, fmt.Errorf("%q: %w: the run has all of them already (%d in the file)", path, ErrNothingChanged, out.Listed)
	}
	return out, nil
}

// corrections are those that were read so far.
type corrections struct {
	split  *Split
	given  []uint16
	finder *finder
	of     map[int]correction
	// inOrder: the file's ids only count its rows, so that another order would not show in them.
	inOrder bool
}

// correction is a label and where it is from.
type correction struct {
	label uint16
	where string
}

// add takes a label for an example.
func (c *corrections) add(example int, label uint16, where string) error {
	before, twice := c.of[example]
	if twice && before.label != label {
		return fmt.Errorf("%s has two labels: %s in %s, %s in %s", c.split.example(example), c.split.class(before.label), before.where, c.split.class(label), where)
	}
	c.of[example] = correction{label, where}
	return nil
}

// checkBefore compares the label that a file says an example had with the run's.
func (c *corrections) checkBefore(example int, label uint16, where string) error {
	if s := c.split; label != s.Labels[example] && label != c.given[example] {
		return fmt.Errorf("the label of %s before is %s in %s, and %s in the run: the file is of other examples, or in another order",
			s.example(example), s.class(label), where, s.class(s.Labels[example]))
	}
	return nil
}

// read reads a file of either kind.
func (c *corrections) read(path string) error {
	f, err := atomicfile.Open(path)
	if err != nil {
		return unwrapped(err) // the caller names the file
	}
	defer f.Close()
	most := 16 * largest(c.split) // what is exported says more than labels
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	switch {
	case err != nil:
		return err
	case int64(len(text)) > most:
		return fmt.Errorf("more than %d bytes: want one label an example", most)
	}
	if start := bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\ufeff")), " \t\r\n"); len(start) > 0 && start[0] == '[' {
		return c.readTasks(start)
	} else if len(start) > 0 && start[0] == '{' {
		return c.readFiftyOne(start)
	}
	r, header, err := openCSV(bytes.NewReader(text), most)
	if err != nil {
		return err
	}
	return c.readLines(r, header)
}

// withoutEmpty takes the rows without a value out of all columns, as spreadsheets leave them at the end and
// FiftyOne writes them of samples without a label, and returns the lines of the others.
func withoutEmpty(cells map[string][]string, lines []int) []int {
	var kept []int
	for row := range lines {
		for _, column := range cells {
			if strings.TrimSpace(column[row]) != "" {
				kept = append(kept, row)
				break
			}
		}
	}
	if len(kept) == len(lines) {
		return lines
	}
	out := make([]int, len(kept))
	for name, column := range cells {
		texts := make([]string, len(kept))
		for k, row := range kept {
			texts[k], out[k] = column[row], lines[row]
		}
		cells[name] = texts
	}
	return out
}

// unwrapped is the cause of an error about a path.
func unwrapped(err error) error {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err
	}
	return err
}

// readLines reads a CSV file.
func (c *corrections) readLines(r *csv.Reader, header []string) error {
	known := slices.Concat(correctedNames, classNames, numberNames, givenNames, labelNames, idNames, indexNames, []string{"annotation_id"})
	cells, filled, lines, err := readColumns(r, header, known)
	lines = withoutEmpty(cells, lines)
	studioColumns(cells, filled)
	switch {
	case err != nil:
		return err
	case len(lines) == 0:
		return errors.New("no line but the header: want one for each example whose label is corrected")
	}
	examples, err := c.examples(cells, filled, lines)
	if err != nil {
		return err
	}
	before, after := c.labelColumns(cells, filled)
	if len(after) == 0 {
		return fmt.Errorf("no label in it: want a column label with the class of each example, by its number or name (it has %s)", list(header))
	}
	old, err := c.classes(before, lines)
	if err != nil {
		return err
	}
	labels, err := c.labels(after, lines)
	if err != nil {
		return err
	}
	for row, i := range examples {
		where := fmt.Sprintf("line %d", lines[row])
		if old != nil && old[row] >= 0 {
			if err := c.checkBefore(i, uint16(old[row]), where); err != nil {
				return err
			}
		}
		label, err := c.oneOf(i, row, labels, where)
		if err != nil {
			return err
		}
		if label >= 0 {
			if err := c.add(i, uint16(label), where); err != nil {
				return err
			}
		}
	}
	return nil
}

// labelColumns are the column with the labels before, nil for none, and those with the labels after.
func (c *corrections) labelColumns(cells map[string][]string, filled map[string]bool) (before *column, after []*column) {
	before = firstFilled(cells, filled, givenNames)
	for _, names := range [][]string{correctedNames, classNames[1:], numberNames} {
		if corrected := firstFilled(cells, filled, names); corrected != nil {
			if before == nil {
				before = firstFilled(cells, filled, labelNames)
			}
			return before, []*column{corrected}
		}
	}
	for _, names := range [][]string{labelNames, classNames[:1]} {
		if column := firstFilled(cells, filled, names); column != nil {
			after = append(after, column)
		}
	}
	return before, after
}

// examples finds the example of every line. All columns with ids have to mean the same one.
func (c *corrections) examples(cells map[string][]string, filled map[string]bool, lines []int) ([]int, error) {
	var out []int
	var first *column
	for _, name := range slices.Concat(indexNames, idNames) {
		if !filled[name] || first != nil && first.name == name {
			continue
		}
		ids := &column{name: name, texts: cells[name]}
		found, err := c.find(ids, lines)
		switch {
		case err != nil:
			return nil, err
		case out == nil:
			out, first = found, ids
			continue
		}
		for row, i := range found {
			if out[row] != i {
				return nil, fmt.Errorf("line %d: its %s is of %s, its %s of %s", lines[row], first.name, c.split.example(out[row]), ids.name, c.split.example(i))
			}
		}
	}
	if out == nil {
		return nil, errors.New("no column says which example a line is of: want id, the index of the example, or name, as shoal data list-examples prints them")
	}
	counting := len(out) == c.split.scored()
	for row, i := range out {
		counting = counting && row == i
	}
	c.inOrder = counting && slices.Contains(indexNames, first.name)
	return out, nil
}

// find reads a column of ids, as indexes or as names.
func (c *corrections) find(ids *column, lines []int) ([]int, error) {
	s := c.split
	index := func(row int) (int, error) { return s.index(ids, row) }
	name := func(row int) (int, error) { return c.finder.example(ids.text(row)) }
	read := func(example func(row int) (int, error)) ([]int, error) {
		var out []int
		for row := range ids.texts {
			i, err := example(row)
			if err == nil && i == beyond {
				err = fmt.Errorf("example %.80q is not in the run, which has the first %d", ids.text(row), s.scored())
			}
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", lines[row], err)
			}
			out = append(out, i)
		}
		return out, nil
	}
	if s.Names == nil || ids.name == "index" || ids.name == "example" {
		return read(index)
	}
	if !slices.Contains(indexNames, ids.name) {
		return read(name)
	}
	byIndex, errIndex := read(index)
	byName, errName := read(name)
	switch {
	case errIndex != nil && errName != nil:
		return nil, errIndex
	case errName != nil:
		return byIndex, nil
	case errIndex != nil || slices.Equal(byIndex, byName):
		return byName, nil
	}
	return nil, fmt.Errorf("its %s can be indexes or names of files: name the column index, or name", ids.name)
}

// check refuses what looks like the labels of other examples, or in another order.
func (c *corrections) check() error {
	s, changed := c.split, 0
	before, after := make([]int, len(s.Classes)), make([]int, len(s.Classes))
	for i, got := range c.of {
		if got.label != s.Labels[i] {
			changed++
			before[s.Labels[i]]++
			after[got.label]++
		}
	}
	switch n := len(s.Labels); {
	case len(c.of) == 0:
		return errors.New("no example in it has a corrected label")
	case c.inOrder && changed > 10 && slices.Equal(before, after):
		return fmt.Errorf("it has the run's labels in another order: %s of %s would change, and every class would have as many as before", textfmt.Thousands(changed), textfmt.Thousands(n))
	case 2*changed > n, c.inOrder && 5*changed > n && changed > 10:
		return fmt.Errorf("%s of %s labels would change: are they in another order, or are classes numbered otherwise?", textfmt.Thousands(changed), textfmt.Thousands(n))
	}
	return nil
}
