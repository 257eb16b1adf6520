package ingest

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"

	"shoal/dataset/table"
	"shoal/internal/atomicfile"
)

func openParquet(path string, o Options) (source, error) {
	f, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	var file *parquet.File
	if err == nil {
		file, err = parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%q: not a Parquet file: %w", path, err)
	}
	columns, err := parquetColumns(file)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	l, err := newLong(path, columns, o)
	if err != nil {
		f.Close()
		return nil, err
	}
	l.rows = func(use func(number int, r row) error) error {
		if err := parquetRows(file, columns, use); err != nil {
			return fmt.Errorf("%q, %w", path, err)
		}
		return nil
	}
	return &parquetFile{l, f}, nil
}

// parquetColumns are the names of the columns, "" for those that can't be a field of a row.
func parquetColumns(file *parquet.File) ([]string, error) {
	known := (&row{}).columns()
	var columns []string
	for _, c := range file.Root().Columns() {
		name := c.Name()
		switch {
		case !c.Leaf() || c.Repeated():
			name = ""
		case known[name] != nil && table.Unfit(c.Type()) != "":
			return nil, fmt.Errorf("column %q holds %s", name, table.Unfit(c.Type()))
		}
		columns = append(columns, name)
	}
	return columns, nil
}

// parquetFile is a long table that has a file open.
type parquetFile struct {
	*long
	file *os.File
}

func (p *parquetFile) close() error { return p.file.Close() }

// parquetRows reads the rows of all groups.
func parquetRows(file *parquet.File, columns []string, use func(number int, r row) error) error {
	leaf, signless := map[int]string{}, map[int]bool{} // by the index of the column among the leaves
	for _, name := range columns {
		if name == "" {
			continue
		}
		if c, ok := file.Schema().Lookup(name); ok {
			leaf[c.ColumnIndex], signless[c.ColumnIndex] = name, table.Signless(c.Node.Type())
		}
	}
	number := 0
	buf := make([]parquet.Row, 256)
	for _, group := range file.RowGroups() {
		rows := group.Rows()
		for {
			n, err := rows.ReadRows(buf)
			for _, values := range buf[:n] {
				number++
				var r row
				at := r.columns()
				for _, v := range values {
					if field := at[leaf[v.Column()]]; field != nil && !v.IsNull() {
						*field = table.Text(v, signless[v.Column()])
					}
				}
				if err := use(number, r); err != nil {
					return errors.Join(fmt.Errorf("row %d: %w", number, err), rows.Close())
				}
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return errors.Join(fmt.Errorf("row %d: %w", number+1, err), rows.Close())
			}
		}
		if err := rows.Close(); err != nil {
			return err
		}
	}
	return nil
}
