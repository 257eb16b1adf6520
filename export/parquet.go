package export

import (
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"

	"shoal/internal/atomicfile"
)

// ordered is a group of columns that keeps their order: parquet.Group sorts them by name.
type ordered struct {
	parquet.Group
	names []string
}

// Fields are the columns in order.
func (o ordered) Fields() []parquet.Field {
	fields := slices.Clone(o.Group.Fields())
	slices.SortFunc(fields, func(a, b parquet.Field) int {
		return slices.Index(o.names, a.Name()) - slices.Index(o.names, b.Name())
	})
	return fields
}

// nodes are the columns of each kind.
var nodes = map[kind]parquet.Node{
	integer: parquet.Leaf(parquet.Int64Type),
	real:    parquet.Leaf(parquet.DoubleType),
	boolean: parquet.Leaf(parquet.BooleanType),
	text:    parquet.String(),
}

// schema has a column for each of the table's, all optional.
func (t *table) schema() *parquet.Schema {
	group := ordered{Group: parquet.Group{}}
	for _, c := range t.columns {
		group.Group[c.name] = parquet.Compressed(parquet.Optional(nodes[c.kind]), &parquet.Zstd)
		group.names = append(group.names, c.name)
	}
	return parquet.NewSchema("shoal", group)
}

// writeParquet writes a table; no value is null.
func writeParquet(path string, t *table) error {
	return atomicfile.Write(path, func(out io.Writer) error {
		w := parquet.NewWriter(out, t.schema())
		row := make(parquet.Row, len(t.columns))
		for _, values := range t.rows {
			for i, v := range values {
				defined := 1
				if v == nil {
					defined = 0
				}
				row[i] = parquet.ValueOf(v).Level(0, defined, i)
			}
			if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
				return err
			}
		}
		return w.Close()
	})
}
