package ingest

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"shoal/dataset/table"
	"shoal/internal/atomicfile"
	"shoal/internal/usage"
	"shoal/predlog"
)

// long is a table with a row for each step and example: columns step, example, prediction and label,
// in any order. The labels may be in a file of their own instead. A column epoch, and loss (the mean
// of the evaluation, or that of each example), are taken where they are there; other columns are left alone.
//
// The rows of a step lie together, steps ascend, and within a step examples come in any order.
// Examples are numbers 0 to N-1, or names. Classes are numbers, or names: then they are sorted.
//
// The file is read twice, as a stream: for the examples and classes, and for the evaluations.
type long struct {
	path    string
	options Options
	rows    func(use func(number int, r row) error) error
	has     map[string]bool // columns
	head    *predlog.Header
	place   map[string]int // of every example
	class   map[string]int
	open    func() (bool, error) // whether the last line has no end; nil where there are no lines
}

// row is the fields of a row, as text.
type row struct{ step, example, prediction, label, epoch, loss string }

// columns are the names of the fields, and where they are in a row.
func (r *row) columns() map[string]*string {
	return map[string]*string{"step": &r.step, "example": &r.example, "prediction": &r.prediction, "label": &r.label, "epoch": &r.epoch, "loss": &r.loss}
}

// newLong makes a table with these columns.
func newLong(path string, columns []string, o Options) (*long, error) {
	l := &long{path: path, options: o, has: map[string]bool{}}
	known := (&row{}).columns()
	for _, c := range columns {
		if known[c] != nil {
			if l.has[c] {
				return nil, fmt.Errorf("%q has two columns %q", path, c)
			}
			l.has[c] = true
		}
	}
	for _, c := range []string{"step", "example", "prediction"} {
		if !l.has[c] {
			return nil, fmt.Errorf("%q has no column %q: want step, example, prediction and label, it has %s", path, c, strings.Join(columns, ", "))
		}
	}
	if !l.has["label"] && o.Labels == "" {
		return nil, fmt.Errorf("%q has no column \"label\": add it, or name a file that has the labels", path)
	}
	if l.has["label"] && o.Labels != "" {
		return nil, usage.Errorf("%q has a column \"label\": labels can't be given as well", path)
	}
	return l, nil
}

// csvFile is a .csv or .tsv.
type csvFile struct {
	path  string
	comma rune
}

// read hands over the records one after another, the header too, with the lines that they begin on.
func (c csvFile) read(use func(number int, fields []string) error) error {
	f, err := atomicfile.Open(c.path)
	if err != nil {
		return err
	}
	defer f.Close()
	text := bufio.NewReaderSize(f, 1<<16)
	if mark, _ := text.Peek(3); string(mark) == "\ufeff" { // before a header that may be quoted
		if _, err := text.Discard(3); err != nil {
			return fmt.Errorf("%q: %w", c.path, err)
		}
	}
	in := csv.NewReader(text)
	in.Comma, in.ReuseRecord = c.comma, true
	for {
		fields, err := in.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil { // it names the line
			return fmt.Errorf("%q: %w", c.path, err)
		}
		number, _ := in.FieldPos(0)
		if err := use(number, fields); err == errEnough {
			return nil
		} else if err != nil {
			return fmt.Errorf("%q, line %d: %w", c.path, number, err)
		}
	}
}

// open reports whether the last line has no end: the file may have been cut within it.
func (c csvFile) open() (bool, error) {
	f, err := atomicfile.Open(c.path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	last := make([]byte, 1)
	if _, err := f.Seek(-1, io.SeekEnd); err != nil {
		return false, fmt.Errorf("%q: %w", c.path, err)
	}
	_, err = io.ReadFull(f, last)
	return last[0] != '\n' && last[0] != '\r', err
}

func openCSV(path string, o Options) (source, error) {
	file := csvFile{path, ','}
	if strings.EqualFold(filepath.Ext(path), ".tsv") {
		file.comma = '\t'
	}
	var columns []string
	err := file.read(func(_ int, fields []string) error {
		for _, name := range fields {
			columns = append(columns, strings.TrimSpace(name))
		}
		return errEnough
	})
	if err != nil {
		return nil, err
	}
	l, err := newLong(path, columns, o)
	if err != nil {
		return nil, err
	}
	l.open = file.open
	l.rows = func(use func(number int, r row) error) error {
		header := true
		return file.read(func(number int, fields []string) error {
			if header {
				header = false
				return nil
			}
			var r row
			at := r.columns()
			for k, name := range columns {
				if field := at[name]; field != nil {
					*field = strings.TrimSpace(fields[k])
				}
			}
			return use(number, r)
		})
	}
	return l, nil
}

// errEnough ends a reading.
var errEnough = errors.New("enough")

func (l *long) close() error { return nil }

// header reads the examples of the first step and the classes of all rows.
func (l *long) header(ctx context.Context) (*predlog.Header, error) {
	s := &survey{steps: map[string]bool{}, place: map[string]int{}, label: map[string]string{}, predicted: map[string]bool{}, labels: map[string]bool{}, labelled: l.has["label"]}
	err := l.rows(func(_ int, r row) error { return errors.Join(ctx.Err(), s.row(r)) })
	if err != nil {
		return nil, err
	}
	if len(s.names) == 0 {
		return nil, fmt.Errorf("%q has no row", l.path)
	}
	if err := l.checkEnd(s.last); err != nil {
		return nil, err
	}
	given, err := givenLabels(l.options)
	if err != nil {
		return nil, err
	}
	for _, y := range given { // numbers like those in a column; among names each is the name of a class
		s.labels[strconv.Itoa(int(y))] = true
	}
	l.head = &predlog.Header{Split: cmp.Or(l.options.Split, predlog.MainSplit), Ranks: 1, Resumed: predlog.NotResumed}
	texts := maps.Clone(s.predicted)
	maps.Copy(texts, s.labels)
	if l.head.Classes, l.class, err = namesOf(texts); err == nil {
		err = checkTexts(s.labels, s.predicted, l.class)
	}
	if err != nil {
		return nil, fmt.Errorf("%q: %w", l.path, err)
	}
	l.place = s.place
	labels := make([]uint16, len(s.names))
	for i, name := range s.names {
		labels[i] = uint16(l.class[s.label[name]])
	}
	l.head.Labels, l.head.IDs = numbered(s.names, labels, l.place)
	if given != nil {
		if len(given) != len(labels) || l.head.IDs != nil {
			return nil, fmt.Errorf("%q has %d labels; %q has %d examples, want as many, numbered from 0", l.options.Labels, len(given), l.path, len(labels))
		}
		for i, y := range given {
			l.head.Labels[i] = uint16(l.class[strconv.Itoa(int(y))])
		}
	}
	return l.head, nil
}

// checkEnd looks at the end of a file whose last row is the only one with a class, if class is not "".
func (l *long) checkEnd(class string) error {
	if l.open == nil {
		return nil
	}
	open, err := l.open()
	if err != nil || !open {
		return err
	}
	if class != "" {
		return fmt.Errorf("%q ends within a line, and only there is a class %q: if the file is complete, end its last line", l.path, class)
	}
	l.options.say("note: the last line of %q has no end: if the file was cut there, its last value is wrong", l.path)
	return nil
}

// survey is what a first reading of the rows gathers.
type survey struct {
	labelled bool
	first    string // the first step
	step     string // that of the last row
	steps    map[string]bool
	names    []string
	place    map[string]int
	label    map[string]string
	// What classes are called by: by predictions of all steps, and by labels.
	predicted, labels map[string]bool
	last              string // what the last row predicts or is labelled, where no row before has it
}

func (s *survey) row(r row) error {
	s.last = ""
	for _, class := range []string{r.prediction, r.label} {
		if !s.predicted[class] && !s.labels[class] && class != "" {
			s.last = class
		}
	}
	if len(s.names) == 0 {
		s.first = r.step
	}
	if r.step != s.step || len(s.steps) == 0 {
		if s.steps[r.step] { // its rows are apart: counted by themselves, each part would lack examples
			return fmt.Errorf("step %s follows step %s: sort the rows by step", r.step, s.step)
		}
		s.step = strings.Clone(r.step)
		s.steps[s.step] = true
	}
	if r.prediction == "" {
		return fmt.Errorf("example %q has no prediction", r.example)
	}
	if !s.predicted[r.prediction] {
		s.predicted[strings.Clone(r.prediction)] = true
	}
	if r.step != s.first {
		return nil
	}
	if _, twice := s.place[r.example]; twice || r.example == "" {
		return fmt.Errorf("step %s has example %q twice, or without a name", r.step, r.example)
	}
	name := strings.Clone(r.example)
	s.place[name] = len(s.names)
	s.names = append(s.names, name)
	if !s.labelled {
		return nil
	}
	if r.label == "" {
		return fmt.Errorf("example %q has no label", r.example)
	}
	s.label[name] = strings.Clone(r.label)
	s.labels[s.label[name]] = true
	return nil
}

// namesOf makes classes of the texts that stand for them: all numbers, or names.
func namesOf(texts map[string]bool) ([]string, map[string]int, error) {
	index, largest := map[string]int{}, -1
	for text := range texts {
		n, err := strconv.Atoi(strings.TrimSuffix(text, ".0")) // pandas makes floats of them beside a gap
		if err != nil || n < 0 {
			largest = -1
			break
		}
		index[text], largest = n, max(largest, n)
	}
	if largest >= 1<<16 || len(texts) > 1<<16 {
		return nil, nil, fmt.Errorf("%d classes, the largest %d: want at most 65536", len(texts), largest)
	}
	if largest >= 0 {
		return predlog.Numbered(largest + 1), index, nil
	}
	names := slices.Sorted(maps.Keys(texts))
	index = map[string]int{}
	for k, name := range names {
		n, whole := strconv.Atoi(name)
		if _, err := strconv.ParseFloat(name, 64); err == nil && (whole != nil || n < 0) {
			return nil, nil, fmt.Errorf("class %s, want whole numbers from 0, or names", name)
		}
		index[name] = k
	}
	return names, index, nil
}

func (l *long) each(ctx context.Context, add func(*predlog.Part) error) error {
	s := &steps{long: l, add: add, count: -1}
	err := l.rows(func(_ int, r row) error { return errors.Join(ctx.Err(), s.row(r)) })
	if err == nil {
		err = s.end()
	}
	return err
}

// steps makes evaluations of rows.
type steps struct {
	*long
	add   func(*predlog.Part) error
	text  string // of the step
	part  *predlog.Part
	seen  []bool
	count int // of examples of this step; -1 before the first row
	epoch column
	loss  column
}

func (s *steps) row(r row) error {
	if s.count < 0 || r.step != s.text {
		if err := s.end(); err != nil {
			return err
		}
		if err := s.begin(r); err != nil {
			return err
		}
	}
	i, known := s.place[r.example]
	switch {
	case !known:
		return fmt.Errorf("example %q of step %s is not in the first step", r.example, r.step)
	case s.seen[i]:
		return fmt.Errorf("step %s has example %q twice", r.step, r.example)
	case s.has["label"] && !s.labelled(r.label, i):
		return fmt.Errorf("example %q has label %q, in the first step it is %s", r.example, r.label, s.head.Classes[s.head.Labels[i]])
	}
	class, known := s.class[r.prediction]
	if !known { // the file grew between its two readings
		return fmt.Errorf("example %q of step %s has prediction %q, which was not there when the classes were read: import again when nothing writes the file", r.example, r.step, r.prediction)
	}
	s.seen[i], s.count = true, s.count+1
	s.part.Predictions[i] = uint16(class)
	if err := errors.Join(s.epoch.add(r.epoch), s.loss.add(r.loss)); err != nil {
		return fmt.Errorf("epoch %q, loss %q: want finite numbers, or nothing", r.epoch, r.loss)
	}
	return nil
}

// labelled reports whether a text is the label of example i.
func (s *steps) labelled(text string, i int) bool {
	class, known := s.class[text]
	return known && class == int(s.head.Labels[i])
}

// begin begins the step of a row.
func (s *steps) begin(r row) error {
	whole, ok := table.Whole(r.step)
	if !ok || whole < 0 {
		return fmt.Errorf("step is %q, want a whole number from 0", r.step)
	}
	step := int(whole)
	if s.part != nil && step <= s.part.Step {
		return fmt.Errorf("step %d follows step %d: sort the rows by step", step, s.part.Step)
	}
	n := len(s.head.Labels)
	s.part = &predlog.Part{Step: step, Epoch: nan, Loss: nan, Seconds: nan, Predictions: make([]uint16, n)}
	s.text, s.seen, s.count = strings.Clone(r.step), make([]bool, n), 0
	s.epoch.begin()
	s.loss.begin()
	return nil
}

// end adds the evaluation that is complete.
func (s *steps) end() error {
	if s.count < 0 {
		return nil
	}
	if n := len(s.seen); s.count < n {
		missing := slices.Index(s.seen, false)
		for name, at := range s.place {
			if at == missing {
				return fmt.Errorf("%q: step %s has %d examples, want the %d of the first step: %q is missing", s.path, s.text, s.count, n, name)
			}
		}
	}
	s.measure()
	return s.add(s.part)
}
