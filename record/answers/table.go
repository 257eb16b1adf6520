package answers

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"shoal/internal/npy"
)

// A table is a file of predictions as it is: rows that are not yet matched to examples.
type table struct {
	predictions *column
	labels      *column // nil when the file has none
	ids         *column
	margins     []float64
	lines       []int  // of the file that each row is in; nil for arrays
	what        string // that a row has of an example; "" for a prediction
}

// noun is what a row has of an example.
func (t *table) noun() string { return cmp.Or(t.what, "prediction") }

// A column is numbers or texts, as many as there are rows.
type column struct {
	name    string
	numbers []int64
	texts   []string
}

func (c *column) len() int { return max(len(c.numbers), len(c.texts)) }

// text is element i as it is written.
func (c *column) text(i int) string {
	if c.texts != nil {
		return c.texts[i]
	}
	return strconv.FormatInt(c.numbers[i], 10)
}

// integer is element i as a whole number; one that was written with .0 is one.
func (c *column) integer(i int) (int64, bool) {
	if c.texts == nil {
		return c.numbers[i], true
	}
	whole := strings.TrimSpace(c.texts[i])
	if before, zeros, ok := strings.Cut(whole, "."); ok && strings.Trim(zeros, "0") == "" {
		whole = before
	}
	v, err := strconv.ParseInt(whole, 10, 64)
	return v, err == nil
}

// row names a row for a person.
func (t *table) row(i int) string {
	if t.lines != nil {
		return fmt.Sprintf("line %d", t.lines[i])
	}
	return fmt.Sprintf("row %d", i)
}

func (t *table) checkMargins() error {
	if len(t.margins) != t.predictions.len() {
		return fmt.Errorf("%d margins for %d predictions", len(t.margins), t.predictions.len())
	}
	for i, m := range t.margins {
		if math.IsNaN(m) || math.IsInf(m, 0) || math.Abs(m) > math.MaxFloat32 {
			return fmt.Errorf("margin %v in %s: want a finite number", m, t.row(i))
		}
	}
	return nil
}

// Names that a column may have; the first that is there counts.
var (
	predictionNames = []string{"prediction", "predictions", "y_pred"}
	labelNames      = []string{"label", "labels", "y_true"}
	marginNames     = []string{"margin", "margins"}
	idNames         = []string{"name", "names", "filename", "filenames", "file", "files", "path", "paths", "id", "ids", "index"}
)

// first is the first of the names that have lists, "" for none.
func first(names, have []string) string {
	for _, name := range names {
		if slices.Contains(have, name) {
			return name
		}
	}
	return ""
}

// readVector reads a .npy file of class numbers.
func readVector(path string, s *Split) (*table, error) {
	values, err := npy.ReadClasses(path, s.scored(), len(s.Classes))
	if err != nil {
		return nil, err
	}
	c := &column{name: "predictions"}
	for _, v := range values {
		c.numbers = append(c.numbers, int64(v))
	}
	return &table{predictions: c}, nil
}

// readArchive reads an .npz file.
func readArchive(path string, s *Split) (*table, error) {
	archive, err := npy.OpenArchive(path)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	have := archive.Names()
	t := &table{}
	for _, part := range []struct {
		into  **column
		names []string
	}{{&t.predictions, predictionNames}, {&t.labels, labelNames}, {&t.ids, idNames}} {
		name := first(part.names, have)
		if name == "" {
			continue
		}
		a, err := archive.Read(name, largest(s))
		if err == nil {
			*part.into, err = arrayColumn(name, a)
		}
		if err != nil {
			return nil, about(path, err)
		}
	}
	if t.predictions == nil {
		return nil, fmt.Errorf("%q: no array predictions in it (it has %s): save it with numpy.savez(..., predictions=p, ids=names)", path, list(have))
	}
	if name := first(marginNames, have); name != "" {
		a, err := archive.Read(name, largest(s))
		if err == nil {
			t.margins, err = a.Floats()
		}
		if err != nil {
			return nil, about(path, err)
		}
	}
	return t, nil
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	if len(names) > 10 {
		names = append(slices.Clone(names[:10]), "...")
	}
	return fmt.Sprintf("%.200q", strings.Join(names, ", "))
}

// arrayColumn takes an array of whole numbers or of text.
func arrayColumn(name string, a *npy.Array) (*column, error) {
	c := &column{name: name}
	var err error
	switch a.Type[0] {
	case 'U', 'S':
		c.texts, err = a.Text()
	case 'f':
		err = errors.New("floats: save whole numbers, scores.argmax(axis=1) for classes")
	default:
		c.numbers, err = a.Integers()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// readCSV reads a table with a header.
func readCSV(f io.Reader, most int64) (*table, error) {
	r, header, err := openCSV(f, most)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range header {
		names = append(names, strings.ToLower(name))
	}
	return readRows(r, names)
}

// openCSV reads the header of a table, whose cells are separated by commas, semicolons or tabs,
// whichever it has.
func openCSV(f io.Reader, most int64) (r *csv.Reader, header []string, err error) {
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	switch {
	case err != nil:
		return nil, nil, err
	case int64(len(text)) > most:
		return nil, nil, fmt.Errorf("more than %d bytes: want one line an example", most)
	case strings.HasPrefix(string(text), "\xff\xfe") || strings.HasPrefix(string(text), "\xfe\xff"):
		return nil, nil, errors.New("UTF-16: save the table as UTF-8")
	}
	body := strings.TrimPrefix(string(text), "\ufeff")
	r = csv.NewReader(strings.NewReader(body))
	head, _, _ := strings.Cut(body, "\n")
	for _, mark := range []rune{',', ';', '\t'} {
		if strings.ContainsRune(head, mark) {
			r.Comma = mark
			break
		}
	}
	first, err := r.Read()
	if err != nil {
		return nil, nil, csvError(err)
	}
	for _, name := range first {
		header = append(header, strings.TrimSpace(name))
	}
	r.ReuseRecord = true
	return r, header, nil
}

// about is an error about a file, which is named once.
func about(path string, err error) error {
	if strings.HasPrefix(err.Error(), strconv.Quote(path)) {
		return err
	}
	return fmt.Errorf("%q: %w", path, err)
}

// csvError is a problem of a table's form, in one line.
func csvError(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("empty: want a header that names its columns, and one line an example")
	}
	return fmt.Errorf("not a table (%w): want CSV with a header", err)
}

// readRows reads the columns that matter. One without a single value, such as the names of a dataset
// that has none, isn't there.
func readRows(r *csv.Reader, names []string) (*table, error) {
	at := map[string]int{}
	for _, name := range slices.Concat(predictionNames, labelNames, marginNames, idNames) {
		i := slices.Index(names, name)
		if i >= 0 && slices.Contains(names[i+1:], name) {
			return nil, fmt.Errorf("two columns %q in its header", name)
		}
		if i >= 0 {
			at[name] = i
		}
	}
	if first(predictionNames, names) == "" {
		return nil, fmt.Errorf("no column prediction in its header (it has %s)", list(names))
	}
	if names[0] == "" || names[0] == "unnamed: 0" { // as pandas writes the index, and reads it again
		at[unnamed] = 0
	}
	texts, filled, lines := map[string][]string{}, map[string]bool{}, []int{}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, csvError(err)
		}
		line, _ := r.FieldPos(0)
		lines = append(lines, line)
		for name, i := range at {
			texts[name] = append(texts[name], strings.Clone(cells[i]))
			filled[name] = filled[name] || strings.TrimSpace(cells[i]) != ""
		}
	}
	return tableOf(texts, filled, lines)
}

// tableOf takes the columns of a CSV file that say something.
func tableOf(texts map[string][]string, filled map[string]bool, lines []int) (*table, error) {
	pick := func(names []string) *column { return firstFilled(texts, filled, names) }
	t := &table{predictions: pick(predictionNames), labels: pick(labelNames), ids: pick(idNames), lines: lines}
	if t.predictions == nil {
		return nil, errors.New("no prediction in it: want one line an example")
	}
	if t.ids == nil {
		if err := t.checkUnnamed(texts[unnamed]); err != nil {
			return nil, err
		}
	}
	margins := pick(marginNames)
	if margins == nil {
		return t, nil
	}
	for i, text := range margins.texts {
		m, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil {
			return nil, fmt.Errorf("margin %.40q in %s: want a number", text, t.row(i))
		}
		t.margins = append(t.margins, m)
	}
	return t, nil
}

// unnamed stands for a first column without a name, which a table in pandas has for its index.
const unnamed = ""

// checkUnnamed refuses numbers without a name, unless they count the rows: those of a table that was
// shuffled say where its rows belong, and are no ids as long as nobody says so.
func (t *table) checkUnnamed(texts []string) error {
	c, counting := &column{texts: texts}, true
	for i := range texts {
		v, whole := c.integer(i)
		if !whole {
			return nil
		}
		counting = counting && v == int64(i)
	}
	if counting {
		return nil
	}
	return errors.New("its first column has no name and numbers that don't count the rows from 0: if they are the indexes of the examples name it index, else leave it out (index=False)")
}
