package table

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"shoal/internal/atomicfile"
)

// readCSV reads a .csv or .tsv with a header.
func readCSV(path string, o Options) (*Table, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	text := bufio.NewReaderSize(f, 1<<16)
	if mark, _ := text.Peek(3); string(mark) == "\ufeff" { // before quotes, too
		_, _ = text.Discard(3)
	}
	in := csv.NewReader(text)
	in.ReuseRecord = true
	if strings.EqualFold(filepath.Ext(path), ".tsv") {
		in.Comma = '\t'
	}
	header, err := in.Read()
	if err == io.EOF {
		return nil, fmt.Errorf("%q: empty: want a header and a row for each example", path)
	}
	if err != nil { // it names the line
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	l, err := layoutOf(namesOf(header), o)
	if err := cmp.Or(separated(header, in.Comma), err); err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	t := l.table()
	for {
		fields, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%q: %w", path, err)
		}
		line, _ := in.FieldPos(0)
		if err := l.add(t, fields); err != nil {
			return nil, fmt.Errorf("%q, line %d, %w", path, line, err)
		}
		if t.Len() == sampled {
			if err := t.expect(float64(info.Size())/float64(in.InputOffset()), path, o); err != nil {
				return nil, err
			}
		}
	}
	if t.Len() == 0 {
		return nil, fmt.Errorf("%q: no rows below its header", path)
	}
	return t, nil
}

// sampled is after how many rows of a file it is known about how many there are.
const sampled = 1000

// expect makes room for a file that is so many times as long as the rows so far: a table that grew
// as it is read would be in memory twice.
func (t *Table) expect(times float64, path string, o Options) error {
	rows := int64(1.02*times*float64(t.Len())) + 1
	if err := o.room(rows, int64(t.Features), fmt.Sprintf("%q, by its length", path)); err != nil {
		return err
	}
	t.Values = slices.Grow(t.Values, max(0, int(rows)*t.Features-len(t.Values)))
	return nil
}

// separated refuses a header that is one field because something else is between its columns.
func separated(header []string, comma rune) error {
	for _, other := range ";\t|," {
		if len(header) == 1 && other != comma && strings.ContainsRune(header[0], other) {
			return fmt.Errorf("columns are separated by %q: want %q, and a point for decimals", other, comma)
		}
	}
	return nil
}

// namesOf are the names of a header as they are compared.
func namesOf(header []string) []string {
	names := slices.Clone(header)
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
	}
	return names
}

// add appends a row.
func (l *layout) add(t *Table, fields []string) error {
	for i, field := range fields {
		var err error
		switch {
		case i == l.label:
			err = t.Labels.Add(field)
		case i == l.part:
			err = t.Parts.Add(field)
		default:
			var v float64
			var kept float32
			if v, err = number(field); err == nil {
				kept, err = t.take(l.feature[i], v)
			}
			t.Values = append(t.Values, kept)
		}
		if err != nil {
			return fmt.Errorf("column %q: %w", l.names[i], err)
		}
	}
	return nil
}

// ErrText is wrapped for text where a number has to be.
var ErrText = errors.New("is text: give each of its values a column of 0 and 1 (pandas.get_dummies), or leave the column out")

// number reads a field.
func number(field string) (float64, error) {
	field = strings.TrimSpace(field)
	v, err := strconv.ParseFloat(field, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return v, nil
	}
	switch {
	case strings.EqualFold(field, "true"):
		return 1, nil
	case strings.EqualFold(field, "false"):
		return 0, nil
	case Missing(field):
		return 0, fmt.Errorf("got %q, a missing value: drop such rows, or put something in its place", field)
	}
	if _, err := strconv.ParseFloat(strings.ReplaceAll(field, ",", ""), 64); err == nil {
		return 0, fmt.Errorf("%.40q has a comma: want a point for decimals, and nothing between thousands", field)
	}
	return 0, fmt.Errorf("%.40q %w", field, ErrText)
}
