package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"shoal/internal/atomicfile"
)

// writeCSV writes a table with a header; no value is an empty field.
func writeCSV(path string, t *table) error {
	return atomicfile.Write(path, func(out io.Writer) error {
		w := csv.NewWriter(out)
		row := make([]string, len(t.columns))
		for i, c := range t.columns {
			row[i] = c.name
		}
		if err := w.Write(row); err != nil {
			return err
		}
		for _, values := range t.rows {
			for i, v := range values {
				row[i] = field(v)
			}
			if err := w.Write(row); err != nil {
				return err
			}
		}
		w.Flush()
		return w.Error()
	})
}

func field(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		text := strconv.FormatFloat(v, 'g', -1, 64)
		return strings.ToLower(strings.TrimPrefix(text, "+")) // inf and -inf, as other readers write them
	}
	return fmt.Sprint(v)
}
