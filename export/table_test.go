package export

import (
	"encoding/csv"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"shoal/contingency"
	"shoal/runlog"
)

// rows reads a CSV file as maps from column to field.
func rows(t *testing.T, path string) []map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, err := csv.NewReader(file).ReadAll()
	if err != nil || len(all) < 2 {
		t.Fatalf("%q: %d records, %v", path, len(all), err)
	}
	var out []map[string]string
	for _, record := range all[1:] {
		row := map[string]string{}
		for i, v := range record {
			row[all[0][i]] = v
		}
		if len(row) != len(all[0]) {
			t.Fatalf("%q: a column twice: %v", path, all[0])
		}
		out = append(out, row)
	}
	return out
}

func TestCSV(t *testing.T) {
	f := newFixture(t, 2)
	out := f.export(t, CSV)
	curves := rows(t, filepath.Join(out, "curves.csv"))
	if len(curves) != 12 {
		t.Fatalf("%d rows of curves, want 6 evaluations of 2 references", len(curves))
	}
	states := map[string]int{}
	for i, row := range curves {
		ref, e := f.references[i%2], i/2
		want, err := contingency.Count(f.labels, ref.Predictions, f.predictions[e])
		if err != nil {
			t.Fatal(err)
		}
		if row["step"] != strconv.Itoa(f.steps[e]) || row["reference"] != ref.Name || row["both"] != strconv.Itoa(want.Both) ||
			row["shallow_only"] != strconv.Itoa(want.ShallowOnly) || row["deep_only"] != strconv.Itoa(want.DeepOnly) || row["neither"] != strconv.Itoa(want.Neither) {
			t.Errorf("row %d: %v, want %+v", i, row, want)
		}
		states[row["ratio_state"]]++
		for _, s := range contingency.Statistics() {
			checkStatistic(t, row, s, want)
		}
	}
	if states["undefined"] != 2 || states["defined"] < 6 {
		t.Errorf("states of the ratio: %v, want 2 undefined, of the network that is right nowhere", states)
	}
	examples := rows(t, filepath.Join(out, "examples.csv"))
	checkExamples(t, f, examples)
	checkSuspects(t, rows(t, filepath.Join(out, "suspects.csv")), examples)
	if examples[1]["class"] != "dot, or" || examples[1]["prediction_run_.._a_b_3"] == "" {
		t.Errorf("example 1: %v", examples[1])
	}
	if _, ok := examples[0]["margin_run_.._a_b_3"]; ok {
		t.Error("margins of a reference that has none")
	}
}

// checkSuspects: suspects are in order, and say what the example's row says.
func checkSuspects(t *testing.T, suspects, examples []map[string]string) {
	t.Helper()
	last := 1.
	for k, row := range suspects {
		id, err := strconv.Atoi(row["id"])
		if err != nil || row["rank"] != strconv.Itoa(k+1) || row["label"] != examples[id]["label"] || row["class"] != examples[id]["class"] || row["answer"] == row["label"] {
			t.Errorf("suspect %v, %v", row, err)
		}
		score, err := strconv.ParseFloat(row["score"], 64)
		if err != nil || !(score <= last) {
			t.Errorf("score %q after %v", row["score"], last)
		}
		last = score
	}
	if len(suspects) == 0 {
		t.Error("no suspect")
	}
}

// checkStatistic compares a statistic's columns with its reading.
func checkStatistic(t *testing.T, row map[string]string, s contingency.Statistic, at contingency.Table) {
	t.Helper()
	r := s.At(at)
	want := map[string]contingency.Number{s.Name: r.Number}
	if s.Form >= contingency.WithInterval {
		want[s.Name+"_lo"] = contingency.Number{Value: r.Lo, Defined: r.Defined || r.Infinite}
		want[s.Name+"_hi"] = contingency.Number{Value: r.Hi, Defined: r.Defined, Infinite: r.Infinite}
	}
	for column, want := range want {
		field, there := row[column]
		if want.Infinite {
			if field != "inf" {
				t.Errorf("%s of %+v is %q, want inf", column, at, field)
			}
			continue
		}
		if got, ok := parse(t, field); !there || ok != want.Defined || ok && got != want.Value {
			t.Errorf("%s of %+v is %q, want %v", column, at, field, want)
		}
	}
	if state := row[s.Name+"_state"]; s.Form >= contingency.WithState && state != r.State() {
		t.Errorf("state of %s of %+v is %q, want %q", s.Name, at, state, r.State())
	}
}

// parse reads a float field; an empty one has no value.
func parse(t *testing.T, field string) (float64, bool) {
	t.Helper()
	if field == "" {
		return 0, false
	}
	x, err := strconv.ParseFloat(field, 64)
	if err != nil || x-x != 0 {
		t.Fatalf("field %q is no finite number: %v", field, err)
	}
	return x, true
}

// checkExamples recounts the measures from the fixture, straight from their definitions.
func checkExamples(t *testing.T, f fixture, examples []map[string]string) {
	t.Helper()
	if len(examples) != len(f.labels) {
		t.Fatalf("%d rows of examples, want %d", len(examples), len(f.labels))
	}
	for i, row := range examples {
		first, forgotten, last := "", 0, len(f.steps)-1
		right := func(e int) bool { return f.predictions[e][i] == f.labels[i] }
		for e := range f.steps {
			if right(e) && first == "" {
				first = strconv.Itoa(f.steps[e])
			}
			if e > 0 && right(e-1) && !right(e) {
				forgotten++
			}
		}
		cost, at := math.MaxInt, 0 // of the best switch
		for s := range len(f.steps) + 1 {
			c := 0
			for e := range f.steps {
				if right(e) != (e >= s) {
					c++
				}
			}
			if c < cost {
				cost, at = c, s
			}
		}
		switched := ""
		if at < len(f.steps) {
			switched = strconv.Itoa(f.steps[at])
		}
		if (row["share_learned"] == "") != (switched == "") {
			t.Errorf("example %d: share learned %q with switch step %q", i, row["share_learned"], switched)
		}
		forgetting := strconv.Itoa(forgotten)
		if first == "" {
			forgetting = ""
		}
		want := map[string]string{
			"id": strconv.Itoa(i), "label": strconv.Itoa(int(f.labels[i])), "first_right_step": first,
			"never_right": strconv.FormatBool(first == ""), "never_learned": strconv.FormatBool(switched == ""), "times_forgotten": forgetting, "censored": strconv.FormatBool(!right(last)),
			"final_prediction": strconv.Itoa(int(f.predictions[last][i])), "final_right": strconv.FormatBool(right(last)), "learned_step": switched,
			"prediction_svm": strconv.Itoa(int(f.references[0].Predictions[i])),
			"margin_svm":     strconv.FormatFloat(float64(f.references[0].Margins[i]), 'g', -1, 64),
		}
		for column, value := range want {
			if row[column] != value {
				t.Errorf("example %d: %s is %q, want %q", i, column, row[column], value)
			}
		}
	}
	if examples[0]["never_right"] != "true" {
		t.Error("example 0 of the fixture was right once")
	}
}

// Parquet says what CSV says, in the same order of columns.
// Examples that have names are told by them, and what the learner didn't know has no value.
func TestNamesAndUnknownNumbers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	run, err := runlog.Create(dir, runlog.Meta{Classes: []string{"a", "b"}}, runlog.Examples{Labels: []uint16{0, 1}, Names: []string{"a/x.png", "b/=y.png"}})
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	if _, err := run.AppendEvaluation(runlog.Evaluation{Step: 3, Epoch: nan, Loss: nan, Seconds: nan, Predictions: []uint16{1, 0}, Right: []bool{true, true}}); err != nil {
		t.Fatal(err)
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	out := fixture{dir: dir}.export(t, CSV)
	examples, curves := rows(t, filepath.Join(out, "examples.csv")), rows(t, filepath.Join(out, "curves.csv"))
	if len(examples) != 2 || examples[1]["name"] != "b/=y.png" || examples[1]["final_right"] != "true" {
		t.Errorf("examples %v", examples)
	}
	if c := curves[0]; c["epoch"] != "" || c["loss"] != "" || c["seconds"] != "" || c["accuracy"] != "1" {
		t.Errorf("curves %v", c)
	}
}

func TestParquet(t *testing.T) {
	f := newFixture(t, 2)
	tables, out := f.export(t, CSV), f.export(t, Parquet)
	for _, name := range []string{"curves", "examples"} {
		want := rows(t, filepath.Join(tables, name+".csv"))
		header, err := os.ReadFile(filepath.Join(tables, name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		columns := strings.Split(strings.SplitN(string(header), "\n", 2)[0], ",")
		file, err := os.Open(filepath.Join(out, name+".parquet"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		info, err := file.Stat()
		if err != nil {
			t.Fatal(err)
		}
		p, err := parquet.OpenFile(file, info.Size())
		if err != nil {
			t.Fatal(err)
		}
		var have []string
		for _, c := range p.Schema().Columns() {
			have = append(have, c[0])
		}
		if !slices.Equal(have, columns) {
			t.Fatalf("%s: columns %v, want %v", name, have, columns)
		}
		reader := parquet.NewReader(p)
		defer reader.Close()
		got := make([]parquet.Row, len(want)+1)
		n, err := reader.ReadRows(got)
		if n != len(want) || err != nil && !errors.Is(err, io.EOF) {
			t.Fatalf("%s: %d rows, %v, want %d", name, n, err, len(want))
		}
		for i, row := range got[:n] {
			for _, v := range row {
				if column := columns[v.Column()]; asField(v) != want[i][column] {
					t.Fatalf("%s row %d: %s is %q, want %q", name, i, column, asField(v), want[i][column])
				}
			}
		}
	}
}

// asField is a value as CSV has it.
func asField(v parquet.Value) string {
	switch {
	case v.IsNull():
		return ""
	case v.Kind() == parquet.Double:
		return field(v.Double())
	}
	return v.String()
}
