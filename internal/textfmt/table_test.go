package textfmt

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// A terminal that is too narrow for a table gets it with rows and columns swapped, then in parts; a file
// never.
func TestTable(t *testing.T) {
	run := Table{Rows: [][]string{{"", "accuracy", "R± first"}, {"svm", "97.92 %", "5.92"}, {"cnn2 (D)", "95.30 %"}}}
	left := Table{Rows: [][]string{{"order", "seeds"}, {"random", "3"}, {"easy-first", "12"}}, Left: true}
	list := Table{Rows: [][]string{{"fit", "0.1 s"}, {"accuracy", "61.67 %, training split, out of 3 folds"}}, List: true}
	for _, c := range []struct {
		table   Table
		columns int
		want    string
	}{
		{run, 0, "              accuracy   R± first\n        svm    97.92 %       5.92\n   cnn2 (D)    95.30 %\n"},
		{run, 32, "                  svm   cnn2 (D)\n   accuracy   97.92 %    95.30 %\n   R± first      5.92\n"},
		{run, 30, "                  svm\n   accuracy   97.92 %\n   R± first      5.92\n\n              cnn2 (D)\n   accuracy    95.30 %\n   R± first\n"},
		{left, 80, "order        seeds\nrandom       3\neasy-first   12\n"},
		{left, 17, "order   random\nseeds   3\n\norder\n      easy-first\nseeds   12\n"},
		{left, 12, "order\n      random\nseeds   3\n\norder\n      easy-first\nseeds   12\n"},
		{list, 0, "fit        0.1 s\naccuracy   61.67 %, training split, out of 3 folds\n"},
		{list, 40, "fit        0.1 s\naccuracy   61.67 %, training split, out\n           of 3 folds\n"},
		{list, 30, "fit        0.1 s\naccuracy\n      61.67 %, training split,\n      out of 3 folds\n"},
	} {
		if got := c.table.Text(c.columns); got != c.want {
			t.Errorf("in %d columns:\n%s\nwant\n%s", c.columns, got, c.want)
		}
	}
	var out bytes.Buffer
	if err := (Table{Rows: [][]string{{"class"}, {"a\x1b[2J\nb"}}}).Print(&out); err != nil || strings.Count(out.String(), "\n") != 2 || strings.Contains(out.String(), "\x1b") {
		t.Errorf("printed %q (%v), want two lines that move no cursor", out.String(), err)
	}
}

// Whatever the width, every cell is there, and only words are longer than it.
func TestTablesLoseNothing(t *testing.T) {
	cells := strings.Fields("statistic reference A B difference accuracy svm 35.00_[24.17,_47.64]_% 33.33 −1.67_~ ratio 模型模型 3.47 undefined_for_some_seeds cannot_be_told")
	for k, cell := range cells {
		cells[k] = strings.ReplaceAll(cell, "_", " ")
	}
	rows := [][]string{cells[:5], cells[5:10], cells[10:15]}
	for columns := range 150 {
		for _, table := range []Table{{Rows: rows}, {Rows: rows, Left: true}, {Rows: [][]string{cells[:2], cells[10:12], cells[13:15]}, List: true}} {
			text := table.Text(columns)
			for _, cell := range slices.Concat(table.Rows...) {
				if !strings.Contains(strings.Join(strings.Fields(text), " "), cell) {
					t.Errorf("in %d columns %q is missing:\n%s", columns, cell, text)
				}
			}
			for line := range strings.Lines(text) {
				if columns >= 60 && Width(strings.TrimRight(line, "\n")) > columns {
					t.Errorf("in %d columns: %q has %d", columns, line, Width(line))
				}
			}
		}
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		line    string
		columns int
		want    string
	}{
		{"a line of several words", 0, "a line of several words"},
		{"a line of several words", 10, "a line of\nseveral\nwords"},
		{"  two are indented", 10, "  two are\n  indented"},
		{"interrupted at step 1; resume with: shoal run --resume a", 40, "interrupted at step 1; resume with:\nshoal run --resume a"},
		{"interrupted at step 1; resume with: ./shoal run --resume a", 40, "interrupted at step 1; resume with:\n./shoal run --resume a"},
		{"interrupted at step 1; resume with: '/my tools/shoal-1.0' run --resume 'a: b'", 40, "interrupted at step 1; resume with:\n'/my tools/shoal-1.0' run --resume 'a: b'"},
		{"get it: shoal data fetch a", 20, "get it:\nshoal data fetch a"},
		{"it is not here at all; get it: shoal run", 30, "it is not here at all; get it:\nshoal run"},
		{"it is not here at all; now get it: shoal run", 30, "it is not here at all; now get\nit: shoal run"},
	} {
		if got := Fit(c.line, c.columns); got != c.want {
			t.Errorf("%q in %d columns:\n%s\nwant\n%s", c.line, c.columns, got, c.want)
		}
	}
	var out bytes.Buffer
	if _, err := Say(&out, "%s on %s\n", strings.Repeat("word ", 50)+"end", "a\x1bb"); err != nil || out.String() != strings.Repeat("word ", 50)+"end on a\\x1bb\n" {
		t.Errorf("said %q (%v) to what is no terminal", out.String(), err)
	}
}

func TestCountsAndRates(t *testing.T) {
	for got, want := range map[string]string{
		Number(1, "seed"): "1 seed", Number(12345, "evaluation"): "12,345 evaluations", Are(1): "is", Are(0): "are",
		Count(1, "item"): "1 item", Count(0, "seed"): "0 seeds", Count(12, "item"): "12 items",
		Rate(.4687): "0.469/s", Rate(12.52): "12.5/s", Rate(99.97): "100/s", Rate(57234.2): "57234/s",
		Bytes(1): "1 KB", Bytes(640 << 10): "640 KB", Bytes(0): "0 MB",
	} {
		if got != want {
			t.Errorf("printed %q, want %q", got, want)
		}
	}
}
