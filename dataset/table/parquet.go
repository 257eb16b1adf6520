package table

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"shoal/internal/atomicfile"
)

// readParquet reads a Parquet file, column by column.
func readParquet(path string, o Options) (*Table, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	var file *parquet.File
	if err == nil {
		file, err = parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	}
	if err != nil {
		return nil, fmt.Errorf("%q: not a Parquet file: %w", path, err)
	}
	var names []string
	for _, c := range file.Root().Columns() {
		if !c.Leaf() || c.Repeated() {
			return nil, fmt.Errorf("%q: column %q is nested: want one number or text a row", path, c.Name())
		}
		if what := Unfit(c.Type()); what != "" {
			return nil, fmt.Errorf("%q: column %q holds %s", path, c.Name(), what)
		}
		names = append(names, c.Name())
	}
	l, err := layoutOf(names, o)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	t := l.table()
	n := file.NumRows()
	if n == 0 {
		return nil, fmt.Errorf("%q: no rows", path)
	}
	if err := o.room(n, int64(l.features), fmt.Sprintf("%q", path)); err != nil {
		return nil, err
	}
	t.Values = make([]float32, int(n)*l.features)
	row := 0
	for _, group := range file.RowGroups() {
		for i, chunk := range group.ColumnChunks() {
			if err := l.column(t, i, row, int(group.NumRows()), chunk); err != nil {
				return nil, fmt.Errorf("%q, column %q, %w", path, names[i], err)
			}
		}
		row += int(group.NumRows())
	}
	return t, nil
}

const times = "times: put numbers in their place that say what matters of them (the hour, days since a date), or leave the column out"

// Unfit says what a column of a type holds whose values are neither numbers nor text as they are
// stored, and what to do, "" for others.
func Unfit(t parquet.Type) string {
	if logical := t.LogicalType(); logical != nil {
		switch logical.Value.(type) {
		case *format.DecimalType:
			return "decimals: save them as float64"
		case *format.DateType, *format.TimeType, *format.TimestampType:
			return times
		}
	}
	switch t.Kind() {
	case parquet.Int96:
		return times
	case parquet.FixedLenByteArray:
		return "bytes of a fixed length: save numbers as float32, and leave ids out"
	}
	return ""
}

// Signless reports whether a type is that of whole numbers without signs, which are stored as if they
// had some.
func Signless(t parquet.Type) bool {
	logical := t.LogicalType()
	if logical == nil {
		return false
	}
	whole, ok := logical.Value.(*format.IntType)
	return ok && !whole.IsSigned
}

// unsigned is a value of such a column.
func unsigned(v parquet.Value) parquet.Value {
	switch {
	case v.Kind() == parquet.Int32:
		return parquet.Int64Value(int64(v.Uint32()))
	case v.Kind() == parquet.Int64 && v.Int64() < 0:
		return parquet.DoubleValue(float64(v.Uint64()))
	}
	return v
}

// column reads n values of a column, which are of the rows from first on.
func (l *layout) column(t *Table, column, first, n int, chunk parquet.ColumnChunk) error {
	pages := chunk.Pages()
	defer pages.Close()
	buf := make([]parquet.Value, 1024)
	signless := Signless(chunk.Type())
	row := first
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("row %d: %w", row+1, err)
		}
		values := page.Values() // of which nothing is kept, so that the next page may have its memory
		for {
			got, err := values.ReadValues(buf)
			for _, v := range buf[:got] {
				if row == first+n {
					return errors.New("it has more values than rows")
				}
				if signless && column != l.label {
					v = unsigned(v)
				}
				if err := l.value(t, column, row, v, signless); err != nil {
					return fmt.Errorf("row %d: %w", row+1, err)
				}
				row++
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return fmt.Errorf("row %d: %w", row+1, err)
			}
		}
		parquet.Release(page)
	}
	if row != first+n {
		return fmt.Errorf("it has %d values for %d rows", row-first, n)
	}
	return nil
}

// label is a label as a text. signless says that it is a whole number without a sign.
func label(v parquet.Value, signless bool) (string, error) {
	switch v.Kind() {
	case parquet.Float:
		return floatLabel(float64(v.Float()), 4)
	case parquet.Double:
		return floatLabel(v.Double(), 8)
	}
	return Text(v, signless), nil
}

// Text is a value that isn't null as a text. signless is as label's.
func Text(v parquet.Value, signless bool) string {
	switch {
	case signless && v.Kind() == parquet.Int32:
		return strconv.FormatUint(uint64(v.Uint32()), 10)
	case signless:
		return strconv.FormatUint(v.Uint64(), 10)
	}
	return v.String()
}

// value takes a value of a row. signless is as label's.
func (l *layout) value(t *Table, column, row int, v parquet.Value, signless bool) error {
	feature := l.feature[column]
	switch {
	case v.IsNull() && feature >= 0:
		return errors.New("a missing value: drop such rows, or put something in its place")
	case v.IsNull():
		return errors.New("it is missing: want a label")
	case column == l.label:
		text, err := label(v, signless)
		if err != nil {
			return err
		}
		return t.Labels.Add(text)
	case column == l.part:
		return t.Parts.Add(v.String())
	}
	var x float64
	switch v.Kind() {
	case parquet.Boolean:
		if v.Boolean() {
			x = 1
		}
	case parquet.Int32:
		x = float64(v.Int32())
	case parquet.Int64:
		x = float64(v.Int64())
	case parquet.Float:
		x = float64(v.Float())
	case parquet.Double:
		x = v.Double()
	default:
		return fmt.Errorf("%.40q %w", v.String(), ErrText)
	}
	kept, err := t.take(feature, x)
	t.Values[row*t.Features+feature] = kept
	return err
}
