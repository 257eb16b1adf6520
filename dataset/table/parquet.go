package table

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

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

// column reads n values of a column, which are of the rows from first on.
func (l *layout) column(t *Table, column, first, n int, chunk parquet.ColumnChunk) error {
	pages := chunk.Pages()
	defer pages.Close()
	buf := make([]parquet.Value, 1024)
	row := first
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("row %d: %w", row+1, err)
		}
		values := page.Values()
		for {
			got, err := values.ReadValues(buf)
			for _, v := range buf[:got] {
				if row == first+n {
					return errors.New("it has more values than rows")
				}
				if err := l.value(t, column, row, v); err != nil {
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
	}
	if row != first+n {
		return fmt.Errorf("it has %d values for %d rows", row-first, n)
	}
	return nil
}

// value takes a value of a row.
func (l *layout) value(t *Table, column, row int, v parquet.Value) error {
	feature := l.feature[column]
	switch {
	case v.IsNull() && feature >= 0:
		return errors.New("a missing value: drop such rows, or put something in its place")
	case v.IsNull():
		return errors.New("it is missing: want a label")
	case column == l.label:
		return t.Labels.Add(v.String())
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
	t.Values[row*t.Features+feature] = float32(x)
	return finite(x)
}
