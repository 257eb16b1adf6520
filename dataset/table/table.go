package table

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"shoal/internal/atomicfile"
	"shoal/internal/filekind"
	"shoal/internal/machine"
	"shoal/internal/textfmt"
)

// MaxValue bounds the size of a number: sums of squares have to stay finite.
const MaxValue = 1e15

// MaxClasses is how many different labels there can be.
const MaxClasses = 1 << 16

// A Table is n rows of d numbers.
type Table struct {
	Columns  []string  // d names; nil for arrays, whose columns have none
	Values   []float32 // n×d, row by row
	Features int       // d
	Labels   *Labels   // nil where the file has none
	Parts    *Labels   // the column "split", nil without
	kind     string    // of an array: its type
	shape    []int     // of an array: what it has for each example
	spans    []span    // of each feature
}

// Len is n.
func (t *Table) Len() int { return len(t.Values) / max(1, t.Features) }

// ErrNoLabel is wrapped when a file has columns and none of them is named as the label.
var ErrNoLabel = errors.New("which column is the label")

// PartColumn is the name of the column that says which split a row is of.
const PartColumn = "split"

// Options say what to read.
type Options struct {
	Label   string // the column with the labels; "" for label, if there is one
	NoLabel bool   // labels may be missing
	Parts   bool   // the column split says which split a row is of
	// Available is how many bytes of memory there are, 0 to ask the machine.
	Available int64
}

// IsTable reports whether a path ends as one of the files with columns does.
func IsTable(path string) bool {
	return slices.Contains([]string{".csv", ".tsv", ".parquet"}, strings.ToLower(filepath.Ext(path)))
}

// Read reads a file with columns: .csv, .tsv or .parquet.
func Read(path string, o Options) (*Table, error) {
	if err := known(path); err != nil {
		return nil, err
	}
	if strings.EqualFold(filepath.Ext(path), ".parquet") {
		return readParquet(path, o)
	}
	return readCSV(path, o)
}

// known refuses files that are not what their name says.
func known(path string) error {
	f, err := atomicfile.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, filekind.HeadLen)
	n, _ := io.ReadFull(f, head)
	if what := filekind.Of(head[:n]); what != "" {
		return fmt.Errorf("%q is %s", path, what)
	}
	return nil
}

// layout says what each column of a file is.
type layout struct {
	names       []string
	label, part int   // columns, -1 for none
	feature     []int // of each column: which feature, -1 for none
	features    int
}

// layoutOf finds the columns with a part of their own among the names of a header.
func layoutOf(names []string, o Options) (*layout, error) {
	l := &layout{names: names, label: -1, part: -1, feature: make([]int, len(names))}
	seen := map[string]bool{}
	for i, name := range names {
		switch {
		case name == "":
			return nil, fmt.Errorf("column %d has no name: an index that pandas wrote? save it with index=False", i+1)
		case name == "__index_level_0__", strings.HasPrefix(name, "Unnamed: "):
			return nil, fmt.Errorf("column %q is an index that pandas wrote: save it with index=False, or leave the column out", name)
		case seen[name]:
			return nil, fmt.Errorf("two columns are named %q", name)
		}
		seen[name] = true
	}
	label := o.Label
	if label == "" && slices.Contains(names, "label") {
		label = "label"
	}
	if label == "" && !o.NoLabel {
		return nil, fmt.Errorf("%w? it has %s", ErrNoLabel, list(names))
	}
	if l.label = slices.Index(names, label); l.label < 0 && o.Label != "" && !o.NoLabel {
		return nil, fmt.Errorf("no column %q for the labels: it has %s", o.Label, list(names))
	}
	if o.Parts {
		if l.part = slices.Index(names, PartColumn); l.part < 0 {
			return nil, fmt.Errorf("no column %q that says train or test for each row: it has %s", PartColumn, list(names))
		}
	}
	for i := range names {
		l.feature[i] = -1
		if i != l.label && i != l.part {
			l.feature[i] = l.features
			l.features++
		}
	}
	if l.features == 0 {
		return nil, fmt.Errorf("no column of features: it has %s", list(names))
	}
	return l, nil
}

// table returns an empty table of the layout.
func (l *layout) table() *Table {
	t := newTable(l.features)
	for i, name := range l.names {
		if l.feature[i] >= 0 {
			t.Columns = append(t.Columns, name)
		}
	}
	if l.label >= 0 {
		t.Labels = &Labels{}
	}
	if l.part >= 0 {
		t.Parts = &Labels{}
	}
	return t
}

// list shortens names for a message.
func list(names []string) string {
	const most = 8
	var quoted []string
	for _, name := range names[:min(most, len(names))] {
		quoted = append(quoted, fmt.Sprintf("%q", name))
	}
	if more := len(names) - most; more > 0 {
		quoted = append(quoted, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(quoted, ", ")
}

// room refuses n rows of d numbers for which there is no memory; of says what they are.
func (o Options) room(n, d int64, of string) error {
	available := o.Available
	if available == 0 {
		available = machine.Available()
	}
	if needed := float64(n) * float64(d) * 4; available > 0 && needed > float64(available) {
		return fmt.Errorf("%s: %d rows of %d numbers take %s of memory, and %s are available: want fewer rows or columns",
			of, n, d, textfmt.Bytes(int64(min(needed, math.MaxInt64/2))), textfmt.Bytes(available))
	}
	return nil
}
