package textfmt

import (
	"io"
	"strings"
)

// A Table is rows of cells for a terminal, a file or a pipe. Cells come from outside as well: they are
// printed as Line prints them.
type Table struct {
	// Rows are as long as the first or shorter; what is missing is empty. The first row heads the
	// columns, and the first column names the rows.
	Rows [][]string
	// Left puts cells to the left of their columns, else they are to the right.
	Left bool
	// List says that there is no row of headings. Its cells are to the left, and the last of a row is
	// text, which may take several lines.
	List bool
}

// Sizes of tables, in columns.
const (
	apart     = 3  // between two columns
	leastText = 24 // the last cell of a list is put below the others rather than made narrower
	deeper    = 6  // how far in it stands there
)

// Print writes the table so that it fits the terminal that w may be.
func (t Table) Print(w io.Writer) error {
	_, err := io.WriteString(w, t.Text(Columns(w)))
	return err
}

// Text is the table in a terminal of so many columns, 0 for none. One that is too wide has rows and
// columns swapped, and one that is too wide then comes in parts, each with the names of the rows.
// Nothing is left out.
func (t Table) Text(columns int) string {
	rows := make([][]string, len(t.Rows))
	for k, row := range t.Rows {
		rows[k] = make([]string, len(t.Rows[0]))
		for i, cell := range row {
			rows[k][i] = Line(cell)
		}
	}
	if columns <= 0 || t.width(rows) <= columns || t.List {
		return t.lines(rows, columns)
	}
	var parts []string
	names, rest := rows[:1], rows[1:]
	for len(rest) > 0 {
		n := 1
		for n < len(rest) && t.width(transposed(append(names[:1:1], rest[:n+1]...))) <= columns {
			n++
		}
		part := transposed(append(names[:1:1], rest[:n]...))
		if t.width(part) > columns {
			parts = append(parts, Table{List: true}.lines(part, columns))
		} else {
			parts = append(parts, t.lines(part, columns))
		}
		rest = rest[n:]
	}
	return strings.Join(parts, "\n")
}

// lines sets rows of cells.
func (t Table) lines(rows [][]string, columns int) string {
	widths := tableWidths(rows)
	var b strings.Builder
	for _, row := range rows {
		line, right := "", !t.Left && !t.List
		for k, cell := range row {
			space := strings.Repeat(" ", widths[k]-Width(cell))
			switch {
			case right:
				line += strings.Repeat(" ", apart) + space + cell
			case t.List && k == len(row)-1:
				line = withText(line, cell, columns)
			default:
				line += cell + space + strings.Repeat(" ", apart)
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// withText puts a text behind the begin of a line, in lines of its own column, or below it where that
// would be too narrow.
func withText(begin, text string, columns int) string {
	room := columns - Width(begin)
	if columns <= 0 || Width(text) <= room {
		return begin + text
	}
	if room < leastText {
		return strings.TrimRight(begin, " ") + "\n" + Wrap(text, columns, strings.Repeat(" ", deeper))
	}
	return begin + strings.TrimLeft(Wrap(text, columns, strings.Repeat(" ", Width(begin))), " ")
}

// tableWidths are the widths of the columns of rows.
func tableWidths(rows [][]string) []int {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for k, cell := range row {
			widths[k] = max(widths[k], Width(cell))
		}
	}
	return widths
}

// width is that of all columns, with what is between them or, of a table to the right, before them.
func (t Table) width(rows [][]string) int {
	wide := 0
	for _, w := range tableWidths(rows) {
		wide += w + apart
	}
	if t.Left {
		wide -= apart
	}
	return wide
}

// transposed has the rows of a table as columns.
func transposed(rows [][]string) [][]string {
	out := make([][]string, len(rows[0]))
	for _, row := range rows {
		for k, cell := range row {
			out[k] = append(out[k], cell)
		}
	}
	return out
}
