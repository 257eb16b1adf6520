package table

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"shoal/internal/npy"
)

// file writes a file of a test.
func file(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// row is one of a Parquet file.
type row struct {
	Age    int32   `parquet:"age"`
	Hours  float64 `parquet:"hours"`
	Own    bool    `parquet:"own"`
	Weight float32 `parquet:"weight"`
	Big    int64   `parquet:"big"`
	Income string  `parquet:"income"`
	Split  string  `parquet:"split"`
}

// written returns a Parquet file of rows, in groups of two.
func written[T any](t testing.TB, rows []T) string {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[T](&out, parquet.MaxRowsPerRowGroup(2))
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file(t, "t.parquet", out.String())
}

var people = []row{
	{39, 40.5, true, 1.5, 1 << 20, "low", "train"}, {50, 13, false, 2, 2, "high", "test"}, {38, 40, true, .25, 3, "low", "train"},
	{28, 40, false, 0, 4, "high", "test"}, {37, -1e3, true, 9, 5, "high", "train"},
}

const csvPeople = "\ufeff\"age\", hours,own,weight,big,income,split\n39,40.5,True,1.5,1048576,low,train\n50,13,False,2,2,high,test\n" +
	"38,4e1,true,.25,3, low,train\n28,40,false,0,4,high,test\n37,-1000,TRUE,9,5.0,high,train\n"

// A table is the same from either form.
func TestFormsAgree(t *testing.T) {
	for name, path := range map[string]string{
		"csv": file(t, "t.csv", csvPeople), "tsv": file(t, "t.tsv", strings.ReplaceAll(csvPeople, ",", "\t")), "parquet": written(t, people),
	} {
		got, err := Read(path, Options{Label: "income", Parts: true})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := []float32{39, 40.5, 1, 1.5, 1048576, 50, 13, 0, 2, 2, 38, 40, 1, .25, 3, 28, 40, 0, 0, 4, 37, -1000, 1, 9, 5}
		if !slices.Equal(got.Values, want) || !slices.Equal(got.Columns, []string{"age", "hours", "own", "weight", "big"}) {
			t.Errorf("%s: got %v of %v", name, got.Values, got.Columns)
		}
		if !slices.Equal(got.Labels.Index, []int32{0, 1, 0, 1, 1}) || !slices.Equal(got.Labels.Names, []string{"low", "high"}) {
			t.Errorf("%s: labels %+v", name, got.Labels)
		}
		train, test, err := got.Halves()
		if err != nil || train.Len() != 3 || test.Len() != 2 || !slices.Equal(test.Values, slices.Concat(want[5:10], want[15:20])) ||
			!slices.Equal(test.Labels.Names, []string{"high"}) || !slices.Equal(train.Labels.Index, []int32{0, 0, 1}) {
			t.Errorf("%s: %v, %+v, %+v", name, err, train, test)
		}
	}
}

// A long file has its room from the beginning, or is refused when its first rows are read.
func TestLongFile(t *testing.T) {
	path := file(t, "t.csv", "a,b,label\n"+strings.Repeat("1,2,x\n", 30_000))
	got, err := Read(path, Options{})
	if err != nil || got.Len() != 30_000 || got.Values[59_999] != 2 || cap(got.Values) > 62_000 {
		t.Errorf("%d rows, room for %d numbers, %v", got.Len(), cap(got.Values), err)
	}
	path = file(t, "t.csv", "a,b,label\n"+strings.Repeat("1,2,x\n", 1199)+"red,1,x\n")
	for available, want := range map[int64]string{9000: "rows of 2 numbers take", 10_500: "is text"} {
		if _, err := Read(path, Options{Available: available}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("in %d bytes: got error %v, want %q", available, err, want)
		}
	}
}

// Whole numbers without signs are what they say, whatever their bits.
func TestUnsignedColumns(t *testing.T) {
	type big struct {
		A uint32 `parquet:"a"`
		B uint64 `parquet:"b"`
		C uint8  `parquet:"c"`
		L uint32 `parquet:"label"`
	}
	got, err := Read(written(t, []big{{1<<32 - 1, 1 << 40, 255, 1 << 31}, {1, 2, 3, 4}}), Options{})
	if err != nil || !slices.Equal(got.Values, []float32{1<<32 - 1, 1 << 40, 255, 1, 2, 3}) || !slices.Equal(got.Labels.Names, []string{"2147483648", "4"}) {
		t.Errorf("got %+v, %v", got, err)
	}
	type labelled[T any] struct {
		A uint32 `parquet:"a"`
		L T      `parquet:"label"`
	}
	for name, c := range map[string]struct{ path, want string }{
		"uint64":  {written(t, []labelled[uint64]{{L: 1<<64 - 1}, {L: 1<<64 - 2}}), "18446744073709551615 18446744073709551614"},
		"float64": {written(t, []labelled[float64]{{L: 1 << 53}, {L: -3}}), "9007199254740992 -3"},
		"spaces":  {written(t, []labelled[string]{{L: " a b"}, {L: "c "}}), "a b c"},
	} {
		got, err := Read(c.path, Options{})
		if err != nil || strings.Join(got.Labels.Names, " ") != c.want {
			t.Errorf("labels of %s: got %+v, %v, want %s", name, got, err, c.want)
		}
	}
	for path, want := range map[string]string{
		written(t, []labelled[float64]{{L: 1 << 54}}):     "floats of 8 bytes don't have every whole number beyond 9007199254740992",
		written(t, []labelled[float32]{{L: 1 << 25}}):     "floats of 4 bytes don't have every whole number beyond 16777216",
		written(t, []labelled[float32]{{L: .5}}):          "a label is 0.5: want whole numbers or texts",
		written(t, []labelled[string]{{L: "a"}, {L: ""}}): "row 2: it is empty: want a label",
	} {
		if _, err := Read(path, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
	if _, err := Read(written(t, []big{{B: 1 << 63}}), Options{}); err == nil || !strings.Contains(err.Error(), "9.223372036854775808e+18, want at most") && !strings.Contains(err.Error(), "9.22") {
		t.Errorf("got error %v", err)
	}
}

func TestRefusedTables(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"text":             {"a,label\n1,x\nred,y\n", `line 3, column "a": "red" is text: give each of its values a column`},
		"NaN":              {"a,label\nNaN,x\n", `line 2, column "a": got NaN, want a finite number`},
		"infinity":         {"a,label\n-inf,x\n", `column "a": got -Inf`},
		"beyond a float":   {"a,label\n1e999,x\n", `column "a": got +Inf`},
		"an id":            {"a,label\n12345678901234567890,x\n", `want at most 1e+15: is it an id?`},
		"missing":          {"a,b,label\n1,,x\n", `column "b": got "", a missing value`},
		"missing, written": {"a,label\nNA,x\n", `got "NA", a missing value`},
		"no label":         {"a,label\n1,\n", `column "label": it is empty`},
		"no such label":    {"a,b\n1,2\n", `which column is the label? it has "a", "b"`},
		"twice":            {"a,a,label\n1,2,x\n", `two columns are named "a"`},
		"an index":         {",a,label\n0,1,x\n", "column 1 has no name: an index that pandas wrote?"},
		"no features":      {"label\nx\n", "no column of features"},
		"no rows":          {"a,label\n", "no rows below its header"},
		"empty":            {"", "empty: want a header"},
		"a cell too many":  {"a,label\n1,x,2\n", "wrong number of fields"},
		"semicolons":       {"a;b;label\n1,5;2;x\n", `columns are separated by ';': want ','`},
		"tabs":             {"a\tlabel\n1\tx\n", `columns are separated by '\t'`},
		"decimal comma":    {"a,label\n\"1,5\",x\n", `"1,5" has a comma: want a point`},
		"thousands":        {"a,label\n\"1,234.5\",x\n", `"1,234.5" has a comma`},
		"an index, reread": {"Unnamed: 0,a,label\n0,1,x\n", `column "Unnamed: 0" is an index that pandas wrote`},
		"a label NaN":      {"a,label\n1,nan\n", `column "label": "nan" is a missing value: want a label`},
		"a page":           {"<!DOCTYPE html><html>", "is an HTML page"},
	} {
		_, err := Read(file(t, "t.csv", c.content), Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got error %v, want one line with %q", name, err, c.want)
		}
	}
	type gaps struct {
		A *float64 `parquet:"a"`
		L string   `parquet:"label"`
	}
	type words struct {
		A string `parquet:"a"`
		L string `parquet:"label"`
	}
	type lists struct {
		A []float64 `parquet:"a"`
		L string    `parquet:"label"`
	}
	type times struct {
		A time.Time `parquet:"a"`
		L string    `parquet:"label"`
	}
	type days struct {
		A float32 `parquet:"a"`
		B int32   `parquet:"b,date"`
		L string  `parquet:"label"`
	}
	type prices struct {
		A int64  `parquet:"a,decimal(2:9)"`
		L string `parquet:"label"`
	}
	type ids struct {
		A [16]byte `parquet:"a"`
		L string   `parquet:"label"`
	}
	type indexed struct {
		A     float32 `parquet:"a"`
		Index int64   `parquet:"__index_level_0__"`
		L     string  `parquet:"label"`
	}
	one := 1.
	for want, path := range map[string]string{
		`column "a", row 2: a missing value`: written(t, []gaps{{&one, "x"}, {nil, "y"}}),
		`column "a", row 1: "red" is text`:   written(t, []words{{"red", "x"}}),
		`column "a" is nested`:               written(t, []lists{{[]float64{1}, "x"}}),
		`column "a" holds times`:             written(t, []times{{time.Unix(1, 0), "x"}}),
		`column "b" holds times`:             written(t, []days{{1, 2, "x"}}),
		`column "a" holds decimals`:          written(t, []prices{{100, "x"}}),
		`column "a" holds bytes of a fixed`:  written(t, []ids{{[16]byte{1}, "x"}}),
		`is an index that pandas wrote`:      written(t, []indexed{{1, 2, "x"}}),
		"no rows":                            written(t, []words{}),
		"not a Parquet file":                 file(t, "t.parquet", "PAR1 and more"),
	} {
		if _, err := Read(path, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
	if _, err := Read(written(t, people), Options{Label: "income", Available: 40}); err == nil || !strings.Contains(err.Error(), "5 rows of 6 numbers") && !strings.Contains(err.Error(), "is text") {
		t.Errorf("in 40 bytes: got error %v", err)
	}
	if _, _, err := (&Table{Values: []float32{1}, Features: 1, Labels: &Labels{Names: []string{"x"}, Index: []int32{0}}, Parts: &Labels{Names: []string{"val"}, Index: []int32{0}}}).Halves(); err == nil {
		t.Error("a part that is neither train nor test: no error")
	}
}

// archive writes an .npz of arrays.
func archive(t testing.TB, arrays map[string]func(io.Writer) error) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.npz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	var entries []npy.Entry
	for name, write := range arrays {
		entries = append(entries, npy.Entry{Name: name, Write: write})
	}
	if err := npy.WriteArchive(f, entries); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func array[T npy.Element](values []T, shape ...int) func(io.Writer) error {
	return func(w io.Writer) error { return npy.Write(w, values, shape...) }
}

func TestArrays(t *testing.T) {
	a, err := OpenArchive(archive(t, map[string]func(io.Writer) error{
		"x": array([]float64{1, 2, 3, 4, 5, 6}, 3, 2), "deep": array([]uint8{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2), "y": array([]int64{3, -1, 3}),
		"column": array([]float32{0, 1, 1}, 3, 1), "half": array([]float64{.5}), "onehot": array([]uint8{0, 1, 1, 0}, 2, 2),
		"nan": array([]float32{0, 1, 2, float32(nan())}, 2, 2), "names": func(w io.Writer) error { return npy.WriteText(w, []string{"b", "a", "b"}) },
	}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if x, err := a.Features("x"); err != nil || x.Features != 2 || !slices.Equal(x.Values, []float32{1, 2, 3, 4, 5, 6}) {
		t.Errorf("x: %+v, %v", x, err)
	}
	if x, err := a.Features("deep"); err != nil || x.Features != 4 || x.Len() != 2 {
		t.Errorf("deep: %+v, %v", x, err)
	}
	for name, want := range map[string][]string{"y": {"3", "-1"}, "column": {"0", "1"}, "names": {"b", "a"}} {
		if l, err := a.Labels(name); err != nil || !slices.Equal(l.Names, want) || len(l.Index) != 3 {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
	}
	for name, want := range map[string]string{"half": "a label is 0.5", "onehot": "argmax", "none": "no array"} {
		if _, err := a.Labels(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q", name, err, want)
		}
	}
	for name, want := range map[string]string{"y": "want examples × features", "nan": "feature 1 of example 1: got NaN", "none": "no array", "names": "want examples"} {
		if _, err := a.Features(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q", name, err, want)
		}
	}
	a.o.Available = 20
	if _, err := a.Features("x"); err == nil || !strings.Contains(err.Error(), "3 rows of 2 numbers take") {
		t.Errorf("in 20 bytes: got error %v", err)
	}
}

func nan() (v float64) { return v / v }

func TestSparseMatricesAreRefused(t *testing.T) {
	_, err := OpenArchive(archive(t, map[string]func(io.Writer) error{
		"indices": array([]int32{0}), "indptr": array([]int32{0}), "format": array([]uint8{99}), "shape": array([]int64{1}), "data": array([]float64{1}),
	}), Options{})
	if err == nil || !strings.Contains(err.Error(), `holds a sparse matrix: save it dense, x.toarray()`) {
		t.Errorf("got error %v", err)
	}
}

func TestClasses(t *testing.T) {
	labels := func(texts ...string) *Labels {
		l := &Labels{}
		for _, text := range texts {
			if err := l.Add(text); err != nil {
				t.Fatal(err)
			}
		}
		return l
	}
	for name, c := range map[string]struct {
		train, test *Labels
		names       string
		want        []uint16 // of the training rows
	}{
		"from 0":                {labels("0", "2", "1"), labels("0"), "0 1 2", []uint16{0, 2, 1}},
		"with a gap":            {labels("0", "3"), labels("0"), "0 1 2 3", []uint16{0, 3}},
		"0 in test only":        {labels("1", "2"), labels("0"), "0 1 2", []uint16{1, 2}},
		"from 1":                {labels("7", "1", "2"), labels("2"), "1 2 7", []uint16{2, 0, 1}},
		"signs":                 {labels("-1", "1"), labels("1"), "-1 1", []uint16{0, 1}},
		"floats":                {labels("1.0", "0.0"), labels("0"), "0 1", []uint16{1, 0}},
		"numbers in order":      {labels("10", "9"), labels("9"), "9 10", []uint16{1, 0}},
		"names":                 {labels("cat", "ant"), labels("bee"), "ant bee cat", []uint16{2, 0}},
		"upper case":            {labels("b", "A"), labels("b"), "A b", []uint16{1, 0}},
		"mixed":                 {labels("0", "x"), labels("0"), "0 x", []uint16{0, 1}},
		"numbers in other ways": {labels("01", "+2", "1.0", "2e0", "1.000000000000000000e+00"), labels("1", "2"), "1 2", []uint16{0, 1, 0, 1, 0}},
		"zeros":                 {labels("-0", "0", "-1", "0.0"), labels("0"), "-1 0", []uint16{1, 1, 0, 1}},
		"numbers among texts":   {labels("01", "1", "1.0", "x"), labels("x"), "01 1 1.0 x", []uint16{0, 1, 2, 3}},
		"beyond 2^53":           {labels("9007199254740993", "9007199254740992"), labels("9007199254740992"), "9007199254740992 9007199254740993", []uint16{1, 0}},
		"spaces around":         {labels(" no way ", "yes"), labels("no way"), "no way yes", []uint16{0, 1}},
		"infinity":              {labels("Inf", "1"), labels("1"), "1 Inf", []uint16{1, 0}},
		"far apart":             {labels("0", "70000"), labels("0"), "0 70000", []uint16{0, 1}},
	} {
		names, out, err := Classes(c.train, c.test)
		if err != nil || strings.Join(names, " ") != c.names || !slices.Equal(out[0], c.want) {
			t.Errorf("%s: got %v, %v, %v", name, names, out, err)
		}
	}
	if _, _, err := Classes(labels("1", "2.5"), labels("1")); err == nil || !strings.Contains(err.Error(), "a label is 2.5: want whole numbers or texts") {
		t.Errorf("got error %v", err)
	}
	for _, missing := range []string{"NA", "?", "None", "null"} {
		if _, _, err := Classes(labels("1", missing), labels("1", "2")); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q is a missing value: want a label", missing)) {
			t.Errorf("%s among numbers: got error %v", missing, err)
		}
		if names, _, err := Classes(labels("yes", missing), labels("yes")); err != nil || len(names) != 2 {
			t.Errorf("%s among texts: got %v, %v", missing, names, err)
		}
	}
	for _, c := range []struct {
		labels  *Labels
		classes string
		want    []uint16
	}{
		{labels("1", "3", "2"), "1 2 3", []uint16{0, 2, 1}},
		{labels("1", "0", "2"), "1 2 3", []uint16{1, 0, 2}}, // their numbers, as 0 is no name
		{labels("1.0", "3.0"), "1 2 3", []uint16{0, 2}},
		{labels("0", "1.0"), "ant bee", []uint16{0, 1}},
	} {
		if got, err := c.labels.In(strings.Fields(c.classes), nil); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("labels %v of the classes %s: got %v, %v, want %v", c.labels.Names, c.classes, got, err, c.want)
		}
	}
	if _, err := labels("3", "0").In([]string{"1", "2", "3"}, nil); err == nil || !strings.Contains(err.Error(), `label "0" is no class`) {
		t.Errorf("names and numbers of classes at once: got error %v", err)
	}
	if _, err := labels("dog").In([]string{"ant", "bee"}, nil); err == nil || !strings.Contains(err.Error(), `label "dog" is no class: want "ant", "bee", or 0 to 1`) {
		t.Errorf("got error %v", err)
	}
	if got, err := labels("1", "ant").In([]string{"ant", "bee"}, nil); err != nil || !slices.Equal(got, []uint16{1, 0}) {
		t.Errorf("got %v, %v", got, err)
	}
	sorted := strings.Fields("0 1 10 11 2 3") // as text, as folders are
	ambiguous := labels("0", "2")
	if _, err := ambiguous.In(sorted, nil); err == nil || !strings.Contains(err.Error(), `label "2" of row 1 can be the class of this name or class number 2, which is "10": save names as text`) {
		t.Errorf("labels that are names and numbers: got error %v", err)
	}
	for _, given := range [][]uint16{{0, 4}, {0, 2}} { // by name, by number
		if got, err := ambiguous.In(sorted, given); err != nil || !slices.Equal(got, given) {
			t.Errorf("labels of the given classes %v: got %v, %v", given, got, err)
		}
	}
	ambiguous.Text = true
	if got, err := ambiguous.In(sorted, nil); err != nil || !slices.Equal(got, []uint16{0, 4}) {
		t.Errorf("names as text: got %v, %v", got, err)
	}
	many := &Labels{}
	var err error
	for i := 0; err == nil && i <= MaxClasses; i++ {
		err = many.Add(fmt.Sprint(i))
	}
	if err == nil || !strings.Contains(err.Error(), "more than 65536 different labels") {
		t.Errorf("got error %v", err)
	}
}

func TestArrange(t *testing.T) {
	made := func() *Table {
		return &Table{Columns: []string{"a", "b", "c"}, Values: []float32{1, 2, 3, 4, 5, 6}, Features: 3}
	}
	for _, c := range []struct {
		names []string
		want  string
	}{{[]string{"a", "b", "c"}, "[1 2 3 4 5 6]"}, {[]string{"c", "a", "b"}, "[3 1 2 6 4 5]"}, {[]string{"a", "b"}, `it also has "c"`}, {[]string{"a", "b", "x"}, `it lacks "x"`}} {
		table := made()
		err := table.Arrange(c.names)
		got := fmt.Sprint(table.Values)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%v: got %s, want %s", c.names, got, c.want)
		}
	}
}

// FuzzRead reads tables that may be anything: what comes out is whole, or an error.
//
//	go test ./dataset/table -fuzz FuzzRead -fuzzminimizetime 1x
func FuzzRead(f *testing.F) {
	f.Add(true, []byte(csvPeople))
	if data, err := os.ReadFile(written(f, people)); err == nil {
		f.Add(false, data)
	}
	f.Fuzz(func(t *testing.T, text bool, data []byte) {
		name := "t.parquet"
		if text {
			name = "t.csv"
		}
		got, err := Read(file(t, name, string(data)), Options{Label: "income", NoLabel: true, Available: 1 << 24})
		if err == nil && (got.Features < 1 || len(got.Values) != got.Len()*got.Features || got.Labels != nil && len(got.Labels.Index) != got.Len()) {
			t.Errorf("got %+v", got)
		}
	})
}

// FuzzArchive reads an archive of arrays that may be anything.
//
//	go test ./dataset/table -fuzz FuzzArchive -fuzzminimizetime 1x
func FuzzArchive(f *testing.F) {
	var x bytes.Buffer
	if err := npy.Write(&x, []float32{1, 2, 3, 4}, 2, 2); err != nil {
		f.Fatal(err)
	}
	f.Add(x.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "a.npz")
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		w, err := z.Create("x.npy")
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil || z.Close() != nil || os.WriteFile(path, out.Bytes(), 0o666) != nil {
			t.Fatal("no archive")
		}
		a, err := OpenArchive(path, Options{Available: 1 << 24})
		if err != nil {
			return
		}
		defer a.Close()
		if got, err := a.Features("x"); err == nil && len(got.Values) != got.Len()*got.Features {
			t.Errorf("got %+v", got)
		}
		_, _ = a.Labels("x")
	})
}
