package answers

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

	"shoal/internal/npy"
)

// animals is a split whose classes take turns, as those of image folders do: 12 examples each of 3
// classes, whose files' numbers have no leading zeros.
func animals() Split {
	s := Split{Classes: []string{"ant", "bee", "cow"}, Other: "train"}
	for i := range 36 {
		s.Labels = append(s.Labels, uint16(i%3))
		s.Names = append(s.Names, fmt.Sprintf("%s/%d.png", s.Classes[i%3], []int{1, 10, 11, 12, 2, 3, 4, 5, 6, 7, 8, 9}[i/3]))
	}
	return s
}

// write puts a file into a folder of the test.
func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// vector is a .npy file.
func vector[T npy.Element](t testing.TB, values []T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := npy.Write(&b, values); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func texts(t testing.TB, values []string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := npy.WriteText(&b, values); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// archive is an .npz file.
func archive(t testing.TB, arrays map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range arrays {
		w, err := z.Create(name + ".npy")
		if err == nil {
			_, err = io.Copy(w, bytes.NewReader(data))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// imageFolder is the order of torchvision's ImageFolder: positions of its examples in animals.
func imageFolder(s Split) []int {
	at := make([]int, len(s.Labels))
	for i := range at {
		at[i] = i
	}
	slices.SortFunc(at, func(a, b int) int { return strings.Compare(s.Names[a], s.Names[b]) })
	return at
}

// picked takes the values at places.
func picked[T any](values []T, at []int) (out []T) {
	for _, i := range at {
		out = append(out, values[i])
	}
	return out
}

func got(t *testing.T, what string, s Split, name string, data []byte) *Answers {
	t.Helper()
	a, err := Read(write(t, name, data), s)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return &Answers{}
	}
	return a
}

func refused(t *testing.T, what string, s Split, name string, data []byte, want string) {
	t.Helper()
	path := write(t, name, data)
	a, err := Read(path, s)
	if err == nil {
		t.Errorf("%s: read as %v by %s, want an error with %q", what, a.Classes, a.By, want)
	} else if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: error %q, want one line with %q and the path", what, err, want)
	}
}

// rendered is a CSV file of a header and rows.
func rendered(header string, rows ...string) []byte {
	return []byte(header + "\n" + strings.Join(rows, "\n") + "\n")
}

// A perfect reference in the order that everybody's loader has is refused or matched, and is never
// read as one that is right for a third.
func TestAnotherOrderIsNeverReadAsOurs(t *testing.T) {
	s := animals()
	order := imageFolder(s)
	perfect, names := picked(s.Labels, order), picked(s.Names, order)
	const hint = "in the order of this dataset 33.33 % of its predictions are right, in another order (class by class, as torchvision's ImageFolder"
	refused(t, ".npy", s, "p.npy", vector(t, perfect), hint)
	refused(t, ".npz without ids", s, "p.npz", archive(t, map[string][]byte{"predictions": vector(t, perfect)}), hint)
	counting := make([]int64, 36)
	for i := range counting {
		counting[i] = int64(i)
	}
	refused(t, "ids that count the rows", s, "p.npz", archive(t, map[string][]byte{"predictions": vector(t, perfect), "ids": vector(t, counting)}), hint)
	var rows []string
	for i, p := range perfect {
		rows = append(rows, fmt.Sprintf("%d,%d", i, p))
	}
	refused(t, "a data frame's own index", s, "p.csv", rendered("index,prediction", rows...), hint)
	refused(t, "labels in that order", s, "p.npz", archive(t, map[string][]byte{"predictions": vector(t, perfect), "labels": vector(t, perfect)}),
		`its label of example 1 ("bee/1.png"), in row 1, is 0 ("ant"), the dataset's is 1 ("bee"); they are in another order, class by class`)
	for what, arrays := range map[string]map[string][]byte{
		"names":            {"predictions": vector(t, perfect), "ids": texts(t, names)},
		"names and labels": {"predictions": vector(t, perfect), "names": texts(t, names), "labels": vector(t, perfect)},
		"indexes":          {"predictions": vector(t, perfect), "ids": vector(t, int64s(order))},
	} {
		a := got(t, what, s, "p.npz", archive(t, arrays))
		if !slices.Equal(a.Classes, s.Labels) || a.By != "ids" {
			t.Errorf("%s: %v by %s, want the labels", what, a.Classes, a.By)
		}
	}
}

func int64s(values []int) (out []int64) {
	for _, v := range values {
		out = append(out, int64(v))
	}
	return out
}

// Other orders of other loaders are found as well, also at less than perfect accuracy, and of
// classes that are numbered otherwise.
func TestPlausibleOrders(t *testing.T) {
	s := animals()
	order := imageFolder(s)
	weak := picked(s.Labels, order)
	for i := range weak {
		if i%5 == 0 {
			weak[i] = (weak[i] + 1) % 3
		}
	}
	refused(t, "80 % right", s, "p.npy", vector(t, weak), "36.11 % of its predictions are right, in another order")
	// A limit takes the first of each order: other examples.
	s.N = 12
	refused(t, "the first of their order", s, "p.npy", vector(t, make([]uint16, 12)), "in another order (class by class")
	s = animals()
	s.Names = nil
	refused(t, "no names", s, "p.npy", vector(t, picked(s.Labels, order)), "in another order (class by class)")
	text := make([]int, 36)
	for i := range text {
		text[i] = i
	}
	slices.SortFunc(text, func(a, b int) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	s.Labels = []uint16{}
	for i := range 36 {
		s.Labels = append(s.Labels, uint16(i*i/7%3))
	}
	refused(t, "indexes as text", s, "p.npy", vector(t, picked(s.Labels, text)), "in another order (indexes sorted as text)")

	numbered := Split{}
	for c := range 12 {
		numbered.Classes = append(numbered.Classes, fmt.Sprintf("c%d", c))
	}
	slices.Sort(numbered.Classes) // c0 c1 c10 c11 c2 ...
	var predictions []uint16
	for i := range 36 {
		numbered.Labels = append(numbered.Labels, uint16(i%12))
		numbered.Names = append(numbered.Names, fmt.Sprintf("%s/%d.png", numbered.Classes[i%12], i))
		var c uint16
		fmt.Sscanf(numbered.Classes[i%12], "c%d", &c)
		predictions = append(predictions, c)
	}
	refused(t, "classes as numbers", numbered, "p.npy", vector(t, predictions), "numbers of the classes sorted with numbers as numbers")
}

// What is honestly bad, or made for no order at all, is read; what is no better than a guess gets a
// note.
func TestHonestReferencesAreRead(t *testing.T) {
	s := animals()
	weak := slices.Clone(s.Labels)
	for i := range weak {
		if i%3 == 1 {
			weak[i] = 0
		}
	}
	for what, c := range map[string]struct {
		predictions []uint16
		note        bool
	}{
		"perfect": {s.Labels, false}, "two thirds": {weak, false}, "one class": {make([]uint16, 36), false},
		"no relation": {[]uint16{0, 0, 0, 1, 1, 1, 2, 2, 2, 1, 2, 0, 2, 1, 0, 0, 1, 2, 2, 2, 1, 0, 0, 1, 1, 1, 2, 2, 0, 0, 0, 2, 1, 0, 2, 1}, true},
	} {
		a := got(t, what, s, "p.npy", vector(t, c.predictions))
		if !slices.Equal(a.Classes, c.predictions) || a.By != "order" || (len(a.Notes) > 0) != c.note {
			t.Errorf("%s: %+v", what, a)
		}
	}
}

// Classes that another program numbers otherwise are found out, also where ids leave no doubt about
// the order.
func TestClassesNumberedOtherwise(t *testing.T) {
	s := animals()
	names := texts(t, s.Names)
	other := slices.Clone(s.Labels)
	for i := range other {
		other[i] = (other[i] + 1) % 3
	}
	other[0] = 0
	const hint = "of its predictions are right, and 97.22 % if its classes have other numbers, such as 0 for \"cow\" instead of \"ant\""
	refused(t, "with names", s, "p.npz", archive(t, map[string][]byte{"predictions": vector(t, other), "filenames": names}), hint)
	refused(t, "without", s, "p.npy", vector(t, other), hint)
	for what, arrays := range map[string]map[string][]byte{
		"labels":     {"y_pred": vector(t, other), "names": names, "y_true": vector(t, s.Labels)},
		"of a guess": {"predictions": vector(t, []uint16{0, 0, 0, 1, 1, 1, 2, 2, 2, 1, 2, 0, 2, 1, 0, 0, 1, 2, 2, 2, 1, 0, 0, 1, 1, 1, 2, 2, 0, 0, 0, 2, 1, 0, 2, 1}), "names": names},
		"one class":  {"predictions": vector(t, make([]uint16, 36)), "path": names},
	} {
		got(t, what, s, "p.npz", archive(t, arrays))
	}
	var rows []string
	for i, p := range other {
		rows = append(rows, s.Names[i]+","+s.Classes[p])
	}
	if a := got(t, "names of classes", s, "p.csv", rendered("file,prediction", rows...)); !slices.Equal(a.Classes, other) {
		t.Errorf("names of classes: %v", a.Classes)
	}
}

// Labels in the order of the split insist on it, whatever the predictions look like.
func TestLabelsInsistOnAnOrder(t *testing.T) {
	s := animals()
	sorted := picked(s.Labels, imageFolder(s))
	a := got(t, "labels", s, "p.npz", archive(t, map[string][]byte{"predictions": vector(t, sorted), "labels": vector(t, s.Labels)}))
	if !slices.Equal(a.Classes, sorted) || a.By != "labels" {
		t.Errorf("%+v, want the predictions as they are, by labels", a)
	}
}

// Every usual way to write which example is meant finds it.
func TestIdsInEveryForm(t *testing.T) {
	s := animals()
	s.Names[0], s.Names[1] = "ant/été.png", "bee/"+`x\xff.png`
	shuffled := make([]int, 36)
	for i := range shuffled {
		shuffled[i] = i * 7 % 36
	}
	for what, form := range map[string]func(i int) string{
		"as listed":   func(i int) string { return s.Names[i] },
		"folders":     func(i int) string { return "/data/pets/test/" + s.Names[i] },
		"windows":     func(i int) string { return `C:\pets\test\` + strings.ReplaceAll(s.Names[i], "/", `\`) },
		"dots":        func(i int) string { return "./" + s.Names[i] },
		"more dots":   func(i int) string { return "../test/./" + s.Names[i] },
		"no ending":   func(i int) string { return strings.TrimSuffix(s.Names[i], ".png") },
		"spaces":      func(i int) string { return " " + s.Names[i] + " " },
		"as on a Mac": func(i int) string { return strings.ReplaceAll(s.Names[i], "é", "e\u0301") },
		"bytes":       func(i int) string { return strings.ReplaceAll(s.Names[i], `\xff`, "\xff") },
		"indexes":     func(i int) string { return fmt.Sprint(i) },
		"floats":      func(i int) string { return fmt.Sprint(i) + ".0" },
	} {
		if what == "windows" {
			s.Names[1] = "bee/x.png" // \ is part of that name, or between folders
		}
		var rows []string
		for _, i := range shuffled {
			rows = append(rows, form(i)+","+s.Classes[s.Labels[i]])
		}
		a := got(t, what, s, "p.csv", rendered("id,prediction", rows...))
		if !slices.Equal(a.Classes, s.Labels) || a.By != "ids" {
			t.Errorf("%s: %v by %s", what, a.Classes, a.By)
		}
		s.Names[1] = "bee/" + `x\xff.png`
	}
	s = Split{Classes: []string{"a", "b"}, Labels: []uint16{0, 1}, Names: []string{"pets/x/1.png", "seven"}} // an owner's own
	if a := got(t, "other names", s, "p.csv", rendered("id,prediction", "seven,1", "/data/pets/x/1.png,0")); !slices.Equal(a.Classes, s.Labels) {
		t.Errorf("other names: %v", a.Classes)
	}
	s = animals()
	for i := range s.Names { // names that differ without their folders
		s.Names[i] = fmt.Sprintf("%s/%s-%d.png", s.Classes[i%3], s.Classes[i%3], i)
	}
	var base, stem []string
	for _, i := range shuffled {
		base = append(base, fmt.Sprintf("%d;%s-%d.png", s.Labels[i], s.Classes[i%3], i))
		stem = append(stem, fmt.Sprintf("%d\t%s-%d", s.Labels[i], s.Classes[i%3], i))
	}
	for what, data := range map[string][]byte{"files": rendered("prediction;name", base...), "without ending": rendered("prediction\tname", stem...)} {
		if a := got(t, what, s, "p.csv", data); !slices.Equal(a.Classes, s.Labels) {
			t.Errorf("%s: %v", what, a.Classes)
		}
	}
}

func TestIdsThatDoNotFit(t *testing.T) {
	s := Split{Classes: []string{"ant", "bee"}, Labels: []uint16{0, 1, 0}, Names: []string{"ant/1.png", "bee/1.png", "ant/2.png"}, Other: "train"}
	for what, c := range map[string]struct{ header, rows, want string }{
		"unknown":            {"id,prediction", "ant/1.png,0 bee/1.png,1 ant/3.png,0", `line 4: id "ant/3.png" is no example of the evaluation split; the first is "ant/1.png"`},
		"twice":              {"id,prediction", "ant/1.png,0 bee/1.png,1 ./ant/1.png,0", `example 0 ("ant/1.png") has two predictions, in line 2 and in line 4`},
		"missing":            {"id,prediction", "ant/1.png,0 bee/1.png,1", `no prediction for example 2 ("ant/2.png")`},
		"one of two":         {"id,prediction", "1.png,0 bee/1.png,1 ant/2.png,0", `id "1.png" can be "ant/1.png" or "bee/1.png"`},
		"the other split":    {"id,prediction", "data/train/ant/1.png,0 bee/1.png,1 ant/2.png,0", `is below a folder "train"`},
		"index beyond":       {"index,prediction", "0,0 1,1 3,0", "id 3: want the index of an example, 0 to 2"},
		"counted from 1":     {"id,prediction", "1,0 2,1 3,0", "id 3: want the index"},
		"negative":           {"index,prediction", "-1,0 1,1 2,0", "id -1"},
		"index twice":        {"index,prediction", "0,0 1,1 1,0", `example 1 ("bee/1.png") has two predictions`},
		"an empty id":        {"name,prediction", "ant/1.png,0 ,1 ant/2.png,0", `line 3: id "" is no example`},
		"another label":      {"id,prediction,label", "ant/1.png,0,0 bee/1.png,1,0 ant/2.png,0,0", `its label of example 1 ("bee/1.png"), in line 3, is 0 ("ant"), the dataset's is 1 ("bee")`},
		"an unknown class":   {"id,prediction", "ant/1.png,0 bee/1.png,2 ant/2.png,0", "class 2 in line 3, want 0 to 1"},
		"an unknown name":    {"id,prediction", "ant/1.png,ant bee/1.png,dog ant/2.png,ant", `class "dog" in line 3: want a number, 0 to 1, or a name such as "ant"`},
		"an empty class":     {"id,prediction", "ant/1.png,0 bee/1.png, ant/2.png,0", "line 3"},
		"a fraction":         {"id,prediction", "ant/1.png,0.5 bee/1.png,1 ant/2.png,0", "line 2"},
		"no column":          {"id,class", "ant/1.png,0", `no column prediction in its header (it has "id, class")`},
		"two columns":        {"id,prediction,prediction", "ant/1.png,0,0", `two columns "prediction"`},
		"cells missing":      {"id,prediction", "ant/1.png,0 bee/1.png ant/2.png,0", "): want CSV with a header"},
		"no rows":            {"id,prediction", "", "no prediction in it"},
		"a bad margin":       {"id,prediction,margin", "ant/1.png,0,1 bee/1.png,1,x ant/2.png,0,1", `margin "x" in line 3`},
		"no finite margin":   {"id,prediction,margin", "ant/1.png,0,1 bee/1.png,1,NaN ant/2.png,0,1", "margin NaN in line 3"},
		"too few without id": {"prediction", "0 1", "2 predictions, want one for each of the 3 examples"},
	} {
		refused(t, what, s, "p.csv", rendered(c.header, strings.Split(c.rows, " ")...), c.want)
	}
	refused(t, "an empty file", s, "p.csv", nil, "empty: want a header")
	refused(t, "UTF-16", s, "p.csv", []byte("\xff\xfei\x00d\x00"), "UTF-8")
	refused(t, "no vector", s, "p.npy", []byte("1,2"), "not a .npy file")
	refused(t, "no archive", s, "p.npz", []byte("1,2"), "not a whole .npz")
	refused(t, "no predictions", s, "p.npz", archive(t, map[string][]byte{"x": vector(t, []uint8{1})}), `no array predictions in it (it has "x")`)
	refused(t, "scores", s, "p.npz", archive(t, map[string][]byte{"predictions": vector(t, []float32{1, 2, 3})}), "argmax")
	refused(t, "too few ids", s, "p.npz", archive(t, map[string][]byte{"predictions": vector(t, []uint8{1, 1, 0}), "ids": vector(t, []uint8{1, 0})}), "2 ids for 3 predictions")
	refused(t, "too few labels", s, "p.npz", archive(t, map[string][]byte{"predictions": vector(t, []uint8{1, 1, 0}), "labels": vector(t, []uint8{1, 0})}), "2 labels for 3")
	refused(t, "too few margins", s, "p.npz", archive(t, map[string][]byte{"predictions": vector(t, []uint8{1, 1, 0}), "margin": vector(t, []float32{1, 0})}), "2 margins for 3")
}

// A file of numbers that could be indexes or names of files says which.
func TestNumbersThatCanBeNames(t *testing.T) {
	s := Split{Classes: []string{"a", "b"}, Labels: []uint16{0, 1, 0}, Names: []string{"a/2.png", "b/0.png", "a/1.png"}}
	rows := []string{"0,1", "1,0", "2,0"}
	refused(t, "ids", s, "p.csv", rendered("id,prediction", rows...), "can be indexes or names of files")
	if a := got(t, "names", s, "p.csv", rendered("name,prediction", rows...)); !slices.Equal(a.Classes, []uint16{0, 1, 0}) {
		t.Errorf("names: %v", a.Classes)
	}
	refused(t, "indexes", s, "p.csv", rendered("index,prediction", rows...), "in another order") // none of them right, and all in another order
	rows = []string{"2,0", "0,0", "1,1"}
	if a := got(t, "indexes", s, "p.csv", rendered("index,prediction", rows...)); !slices.Equal(a.Classes, s.Labels) {
		t.Errorf("indexes: %v", a.Classes)
	}
}

// Classes whose names are numbers: text is read as what the labels agree with.
func TestClassesThatAreNumbers(t *testing.T) {
	s := Split{Classes: []string{"1", "10", "2"}, Labels: []uint16{0, 1, 2, 0}}
	refused(t, "either", s, "p.csv", rendered("prediction", "1", "2", "2", "1"), `can be numbers or names of classes (class number 1 is "10")`)
	for what, c := range map[string]struct {
		rows []string
		want []uint16
	}{
		"names only":       {[]string{"1", "10", "2", "2"}, []uint16{0, 1, 2, 2}},
		"numbers only":     {[]string{"0", "1", "2", "2"}, []uint16{0, 1, 2, 2}},
		"labels are names": {[]string{"1,1", "2,10", "2,2", "1,1"}, []uint16{0, 2, 2, 0}},
		"labels are 0 1 2": {[]string{"1,0", "2,1", "2,2", "1,0"}, []uint16{1, 2, 2, 1}},
	} {
		header := "prediction"
		if strings.Contains(c.rows[0], ",") {
			header = "prediction,label"
		}
		if a := got(t, what, s, "p.csv", rendered(header, c.rows...)); !slices.Equal(a.Classes, c.want) {
			t.Errorf("%s: %v, want %v", what, a.Classes, c.want)
		}
	}
}

// Names of classes are found in every form, too.
func TestClassesInEveryForm(t *testing.T) {
	s := Split{Classes: []string{"NA", `caf\xe9`, "é"}, Labels: []uint16{0, 1, 2}}
	if a := got(t, "forms", s, "p.csv", rendered("prediction", "NA", "caf\xe9", " e\u0301")); !slices.Equal(a.Classes, s.Labels) {
		t.Errorf("%v, want each its own", a.Classes)
	}
}

// The list of examples with a column more is a table of predictions. Ids of examples beyond the limit
// are left out, and said so.
func TestMoreThanTheSplit(t *testing.T) {
	s := animals()
	s.N = 10
	var rows []string
	for i, name := range s.Names {
		rows = append(rows, fmt.Sprintf("%d,%s,%d,%s,%d,%d", i, name, s.Labels[i], s.Classes[s.Labels[i]], (s.Labels[i]+1)%3, i))
	}
	const header = "\ufeffindex,name,label,class,prediction,margin"
	a := got(t, "all", s, "p.csv", rendered(header, rows...))
	if len(a.Classes) != 10 || a.Classes[2] != 0 || a.Margins[9] != 9 || len(a.Notes) != 1 || !strings.Contains(a.Notes[0], "26 of 36 rows are of examples beyond the first 10") {
		t.Errorf("%+v", a)
	}
	rows[30] = "30,cow/99.png,0,ant,0,0"
	refused(t, "an unknown one beyond the limit", s, "p.csv", rendered(header, rows...), "cow/99.png")
	s.Labels, s.Names, s.Cut = s.Labels[:10], s.Names[:10], true
	if a := got(t, "the others aren't known", s, "p.csv", rendered(header, rows...)); len(a.Classes) != 10 {
		t.Errorf("%+v", a)
	}
	refused(t, "one is missing", s, "p.csv", rendered(header, rows[1:]...), `no prediction for example 0 ("ant/1.png")`)
	// An official dataset has no names: that column is empty.
	s = Split{Classes: []string{"x", "y"}, Labels: []uint16{0, 1, 1}}
	if a := got(t, "no names", s, "p.csv", rendered("index,name,label,class,prediction", "2,,1,y,1", "1,,1,y,0", "0,,0,x,0")); !slices.Equal(a.Classes, []uint16{0, 0, 1}) {
		t.Errorf("%+v", a)
	}
}

// An index of pandas without a name says another order than that of the rows, and formats that are not
// read are named.
func TestUnnamedIndexAndOtherFormats(t *testing.T) {
	s := Split{Classes: []string{"ant", "bee"}, Labels: []uint16{0, 1, 0}}
	for _, header := range []string{",prediction", "Unnamed: 0,prediction"} {
		refused(t, "shuffled", s, "p.csv", rendered(header, "2,0", "0,0", "1,1"), "name it index")
		if a, err := Read(write(t, "p.csv", rendered(header, "0,0", "1,1", "2,0")), s); err != nil || a.By != "order" {
			t.Errorf("%s: got %v, %v", header, a, err)
		}
	}
	if a, err := Read(write(t, "p.csv", rendered(",index,prediction", "9,2,1", "8,0,0", "7,1,0")), s); err != nil || a.Classes[2] != 1 {
		t.Errorf("with an index besides: got %v, %v", a, err)
	}
	for want, text := range map[string]string{"compressed by gzip": "\x1f\x8b\x08\x00", "a Parquet file": "PAR1xxxx", "a JSON file": "[1, 2]"} {
		refused(t, want, s, "p.csv", []byte(text), want)
	}
}
