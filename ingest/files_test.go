package ingest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"shoal/dynamics"
	"shoal/internal/npy"
	"shoal/predlog"
	"shoal/runlog"
)

// array is the content of a .npy file.
func array[T npy.Element](t *testing.T, values []T, shape ...int) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, npy.Write(&b, values, shape...))
	return b.Bytes()
}

// texts is an array of texts of two characters.
func texts(values ...string) []byte {
	dict := fmt.Sprintf("{'descr': '<U2', 'fortran_order': False, 'shape': (%d,), }\n", len(values))
	out := append([]byte("\x93NUMPY\x01\x00"), byte(len(dict)), 0)
	out = append(out, dict...)
	for _, v := range values {
		for k := range 2 {
			c := []rune(v + "\x00\x00")[k]
			out = append(out, byte(c), byte(c>>8), 0, 0)
		}
	}
	return out
}

// npzFile writes an .npz.
func npzFile(t *testing.T, arrays map[string][]byte) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range arrays {
		w, err := z.Create(name + ".npy")
		must(t, err)
		_, err = w.Write(data)
		must(t, err)
	}
	must(t, z.Close())
	return writeFile(t, "arrays.npz", b.String())
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, []byte(text), 0o666))
	return path
}

// imported imports files and loads the run.
func imported(t *testing.T, o Options, paths ...string) *runlog.History {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	for range 2 { // again: nothing changes
		_, err := Files(t.Context(), dir, paths, o)
		must(t, err)
	}
	h, err := runlog.Load(t.Context(), dir)
	must(t, err)
	if h.Status != runlog.Finished {
		t.Errorf("the run is %s", h.Status)
	}
	return h
}

func TestMatrixOfPredictions(t *testing.T) {
	t.Parallel()
	told := ""
	h := imported(t, Options{Dataset: "d", Network: "n", Say: func(line string) { told = line }}, npzFile(t, map[string][]byte{
		"labels": array(t, []int64{0, 2, 1}), "predictions": array(t, []uint8{0, 0, 0, 0, 2, 3}, 2, 3), "steps": array(t, []int32{5, 7}),
		"epochs": array(t, []float32{.5, 1}), "losses": array(t, []float64{2, math.NaN()}), "ids": texts("é1", "b", "c"), "unused": array(t, []int8{1}),
	}))
	if !slices.Equal(h.Log.Steps, []int{5, 7}) || !slices.Equal(h.Log.Epochs, []float64{.5, 1}) || h.Loss[0] != 2 || !math.IsNaN(h.Loss[1]) ||
		len(h.Classes) != 4 || h.Names[0] != "é1" || h.Dataset != "d" || h.Network != "n" || h.Log.Predictions[1][2] != 3 {
		t.Errorf("%+v", h)
	}
	if !strings.Contains(told, `:unused" isn't used`) {
		t.Errorf("told %q, want which array isn't used", told)
	}
	labels, predictions := writeFile(t, "y.npy", string(array(t, []uint8{0, 1}))), writeFile(t, "p.npy", string(array(t, []int64{0, 1, 1, 0}, 2, 2)))
	h = imported(t, Options{Split: "train"}, labels, predictions)
	if !slices.Equal(h.Log.Labels, []uint16{0, 1}) || h.Split != "train" || !slices.Equal(h.Log.Steps, []int{0, 1}) {
		t.Errorf("%+v", h)
	}
	h = imported(t, Options{Labels: labels}, predictions)
	if !slices.Equal(h.Log.Labels, []uint16{0, 1}) {
		t.Errorf("%+v", h)
	}
	h = imported(t, Options{}, npzFile(t, map[string][]byte{"labels": array(t, []uint8{0, 1}), "predictions": array(t, []uint8{1, 1}, 1, 2),
		"right": array(t, []uint8{1, 0}, 1, 2), "classes": texts("aa", "bb")}))
	if h.Log.Accuracies()[0] != .5 || !h.Log.Right[0][0] || h.Classes[1] != "bb" {
		t.Errorf("%+v", h)
	}
}

func TestMatrixOfScores(t *testing.T) {
	t.Parallel()
	logits := []float32{2, 1, -1, 0, 0, 3}
	var p []float64
	for i := 0; i < len(logits); i += 3 {
		sum := 0.0
		for _, v := range logits[i : i+3] {
			sum += math.Exp(float64(v))
		}
		for _, v := range logits[i : i+3] {
			p = append(p, math.Exp(float64(v))/sum)
		}
	}
	labels := array(t, []uint8{0, 1})
	for name, scores := range map[string][]byte{"logits": array(t, logits, 1, 2, 3), "probabilities": array(t, p, 1, 2, 3)} {
		h := imported(t, Options{}, npzFile(t, map[string][]byte{"labels": labels, name: scores}))
		if !slices.Equal(h.Log.Predictions[0], []uint16{0, 2}) || !(math.Abs(h.Loss[0]+(math.Log(p[0])+math.Log(p[4]))/2) < 1e-6) {
			t.Errorf("%s: %+v", name, h)
		}
		run, err := runlog.OpenReadOnly(h.Dir)
		must(t, err)
		for value, want := range map[string][2]float64{
			dynamics.ValueP: {p[0], p[4]}, dynamics.ValueMargin: {1, -3}, dynamics.ValueLoss: {-math.Log(p[0]), -math.Log(p[4])},
			dynamics.ValueEL2N: {norm(p[0]-1, p[1], p[2]), norm(p[3], p[4]-1, p[5])},
		} {
			for v, err := range run.Values(value) {
				must(t, err)
				for i, w := range want {
					if !(math.Abs(float64(v.Values[i])-w) < 2e-3) {
						t.Errorf("%s: %s of example %d is %v, want %v", name, value, i, v.Values[i], w)
					}
				}
			}
		}
		must(t, run.Close())
	}
}

func norm(x, y, z float64) float64 { return math.Sqrt(x*x + y*y + z*z) }

func TestCartography(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, two := filepath.Join(dir, "dynamics_epoch_0.jsonl"), filepath.Join(dir, "dynamics_epoch_10.jsonl")
	must(t, os.WriteFile(one, []byte(`{"guid": 1, "logits_epoch_0": [0, 1.5], "gold": 1}`+"\n"+`{"guid": 0, "logits_epoch_0": [0, 1], "gold": 0}`+"\n"), 0o666))
	must(t, os.WriteFile(two, []byte(`{"guid": 0, "logits_epoch_10": [3, 1], "gold": 0}`+"\n"+`{"guid": 1, "logits_epoch_10": [0, 1], "gold": 1}`+"\n"), 0o666))
	h := imported(t, Options{}, two, one)
	if !slices.Equal(h.Log.Labels, []uint16{0, 1}) || !slices.Equal(h.Log.Steps, []int{1, 11}) || h.Split != "train" || h.Names != nil ||
		!slices.Equal(h.Log.Predictions[0], []uint16{1, 1}) || !slices.Equal(h.Log.Predictions[1], []uint16{0, 1}) {
		t.Errorf("%+v", h)
	}
}

func TestLong(t *testing.T) {
	t.Parallel()
	numbers := "label,prediction,step,example,epoch,note\n2,0,0,1,,x\n0,0,0,0,,\n0,1,3,0,.5,\n2,2,3,1,.5,\n"
	names := "step,example,prediction,label\n0,cat.png,cat,cat\n0,dog.png,cat,dog\n3,dog.png,dog,dog\n3,cat.png,fox,cat\n"
	h := imported(t, Options{}, writeFile(t, "a.csv", numbers))
	if !slices.Equal(h.Log.Labels, []uint16{0, 2}) || !slices.Equal(h.Log.Steps, []int{0, 3}) || !slices.Equal(h.Log.Predictions[1], []uint16{1, 2}) ||
		!math.IsNaN(h.Log.Epochs[0]) || h.Log.Epochs[1] != .5 || h.Names != nil {
		t.Errorf("%+v", h)
	}
	h = imported(t, Options{}, writeFile(t, "a.tsv", strings.ReplaceAll(names, ",", "\t")))
	if fmt.Sprint(h.Classes) != "[cat dog fox]" || fmt.Sprint(h.Names) != "[cat.png dog.png]" || fmt.Sprint(h.Log.Predictions) != "[[0 0] [2 1]]" {
		t.Errorf("%+v", h)
	}
	type row struct {
		Step       int32  `parquet:"step"`
		Example    string `parquet:"example"`
		Prediction string `parquet:"prediction"`
		Label      string `parquet:"label"`
	}
	var b bytes.Buffer
	must(t, parquet.Write(&b, []row{{0, "cat.png", "cat", "cat"}, {0, "dog.png", "cat", "dog"}, {3, "dog.png", "dog", "dog"}, {3, "cat.png", "fox", "cat"}}))
	p := imported(t, Options{}, writeFile(t, "a.parquet", b.String()))
	if fmt.Sprint(p.Classes, p.Names, p.Log) != fmt.Sprint(h.Classes, h.Names, h.Log) {
		t.Errorf("%+v, want %+v", p, h)
	}
}

// A table that grows between its two readings has no class that is taken for another.
func TestLongThatGrows(t *testing.T) {
	t.Parallel()
	const text = "step,example,prediction,label\n0,0,a,a\n0,1,b,b\n"
	path := writeFile(t, "a.csv", text)
	src, err := openCSV(path, Options{})
	must(t, err)
	_, err = src.header(t.Context())
	must(t, err)
	must(t, os.WriteFile(path, []byte(text+"1,0,c,a\n1,1,b,b\n"), 0o666))
	err = src.each(t.Context(), func(p *predlog.Part) error { return nil })
	if err == nil || !strings.Contains(err.Error(), `line 4: example "0" of step 1 has prediction "c"`) {
		t.Errorf("error %v, want that c is new", err)
	}
}

// Without an end of its last line a file may be complete or cut: it is read, and said.
func TestLastLineWithoutEnd(t *testing.T) {
	t.Parallel()
	const text = "step,example,label,prediction\n0,0,3,3\n0,1,1,3\n1,0,3,3\n1,1,1,1"
	for end, want := range map[string]string{"": "has no end", "\n": "", "\r\n": ""} {
		told := ""
		h := imported(t, Options{Say: func(line string) { told += line }}, writeFile(t, "a.csv", text+end))
		if len(h.Log.Steps) != 2 || (want == "") != (told == "") || !strings.Contains(told, want) {
			t.Errorf("end %q: %d evaluations, told %q, want %q", end, len(h.Log.Steps), told, want)
		}
	}
}

// refused is files that can't be imported, and what is said of them.
type refused struct {
	paths []string
	want  string
}

// wantRefused wants one line that says where and what is wrong with each.
func wantRefused(t *testing.T, cases []refused) {
	t.Helper()
	for _, c := range cases {
		dir := filepath.Join(t.TempDir(), "run")
		_, err := Files(t.Context(), dir, c.paths, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v, want one line with %q", c.paths, err, c.want)
		}
		if _, err := os.Lstat(dir); err == nil {
			t.Errorf("%q: the run's folder is left", c.paths)
		}
	}
}

func TestBadArrays(t *testing.T) {
	t.Parallel()
	y, nan := array(t, []uint8{0, 1}), math.NaN()
	npz := func(name string, data []byte) []string {
		return []string{npzFile(t, map[string][]byte{"labels": y, name: data})}
	}
	wantRefused(t, []refused{
		{[]string{npzFile(t, map[string][]byte{"labels": y, "predictions": array(t, []uint8{0, 1}, 1, 2), "classes": texts("a", "a")})}, `classes 0 and 1 are both "a"`},
		{npz("nothing", y), "there is none, want predictions"},
		{[]string{writeFile(t, "y.npy", string(y))}, `"predictions.npy": there is none, want predictions`},
		{npz("predictions", array(t, []uint8{0, 1, 0}, 1, 3)), "shape [1 3], want [T, N], N = 2"},
		{npz("predictions", array(t, []uint8{0, 1})), "shape [2], want [T, N], N = 2"},
		{npz("predictions", array(t, []int8{0, -1}, 1, 2)), "evaluation 0: prediction of example 1 is -1"},
		{npz("predictions", array(t, []int32{0, 70000}, 1, 2)), "prediction of example 1 is 70000"},
		{npz("predictions", array(t, []float32{0, 1}, 1, 2)), "floats instead of classes"},
		{npz("predictions", array(t, []uint8{0, 1}, 1, 2)[:129]), "cut short"},
		{npz("predictions", array(t, []uint8{}, 0, 2)), "has no evaluation"},
		{npz("predictions", []byte("no array")), "not a .npy file"},
		{npz("logits", array(t, []float64{0, 1, nan, 0}, 1, 2, 2)), "evaluation 0: example 1, class 0 is NaN"},
		{npz("logits", array(t, []float64{0, 1, math.Inf(1), 0}, 1, 2, 2)), "example 1, class 0 is +Inf"},
		{npz("probabilities", array(t, []float64{.5, .5, nan, 0}, 1, 2, 2)), "example 1: class 0 has probability NaN"},
		{npz("probabilities", array(t, []float64{.5, .5, .1, .1}, 1, 2, 2)), "add up to 0.2"},
		{npz("probabilities", array(t, []float64{.5, .5, -3, 4}, 1, 2, 2)), "are these logits?"},
		{npz("logits", array(t, []float64{1, 1}, 1, 2, 1)), "1 classes, want 2"},
		{[]string{npzFile(t, map[string][]byte{"predictions": array(t, []uint8{0, 1}, 1, 2)})}, "there are no labels"},
		{[]string{npzFile(t, map[string][]byte{"labels": y, "predictions": array(t, []uint8{0, 1, 1, 1}, 2, 2), "steps": array(t, []int8{3, 3})})}, "step 3 follows step 3"},
		{[]string{npzFile(t, map[string][]byte{"labels": y, "predictions": array(t, []uint8{0, 1}, 1, 2), "steps": array(t, []int8{-3})})}, "step is -3"},
		{[]string{npzFile(t, map[string][]byte{"labels": y, "predictions": array(t, []uint8{0, 1}, 1, 2), "steps": array(t, []int8{3, 4})})}, "shape [2], want [T], T = 1"},
		{[]string{npzFile(t, map[string][]byte{"labels": y, "predictions": array(t, []uint8{0, 1}, 1, 2), "epochs": array(t, []float64{-1})})}, "step 0 has epoch -1, want 0 or more"},
		{[]string{npzFile(t, map[string][]byte{"labels": array(t, []uint8{0, 3}), "predictions": array(t, []uint8{0, 1}, 1, 2), "classes": texts("a", "b")})}, "label of example 1 is 3, want 0 to 1"},
		{[]string{npzFile(t, map[string][]byte{"labels": y, "predictions": array(t, []uint8{0, 2}, 1, 2), "classes": texts("a", "b")})}, "prediction of example 1 is 2, want 0 to 1"},
		{[]string{npzFile(t, map[string][]byte{"labels": y, "predictions": array(t, []uint8{0, 1}, 1, 2), "right": array(t, []uint8{0, 2}, 1, 2)})}, "example 1 is 2, want 0 or 1"},
		{[]string{writeFile(t, "a.npz", "no zip")}, "not a valid zip"},
		{[]string{writeFile(t, "a.txt", "x")}, "want .jsonl"},
		{[]string{writeFile(t, "a.csv", "x"), writeFile(t, "b.npz", "x")}, "of different formats"},
		{[]string{filepath.Join(t.TempDir(), "none.npz")}, "no such file"},
	})
}

func TestBadTables(t *testing.T) {
	t.Parallel()
	csv := func(text string) []string { return []string{writeFile(t, "a.csv", text)} }
	cart := func(text string) []string { return []string{writeFile(t, "dynamics_epoch_0.jsonl", text)} }
	wantRefused(t, []refused{
		{csv(""), "no column \"step\""},
		{csv("step,example\n"), `no column "prediction"`},
		{csv("step,example,prediction\n0,0,0\n"), `no column "label"`},
		{csv("step,step,example,prediction\n"), `two columns "step"`},
		{csv("step,example,prediction,label\n"), "has no row"},
		{csv("step,example,prediction,label\n0,0,0,0\n0,0,0,0\n"), "line 3: step 0 has example \"0\" twice"},
		{csv("step,example,prediction,label\n0,0,0,0\n0,1,0,1\n1,0,0,0\n"), "step 1 has 1 examples, want the 2 of the first step: \"1\" is missing"},
		{csv("step,example,prediction,label\n0,0,0,0\n1,0,0,1\n"), `line 3: example "0" has label "1", in the first step it is 0`},
		{csv("step,example,prediction,label\n0,0,0,0\n1,7,0,0\n"), "is not in the first step"},
		{csv("step,example,prediction,label\n1,0,0,0\n0,0,0,0\n"), "step 0 follows step 1: sort"},
		{csv("step,example,prediction,label\n0,0,0,0\n10,0,0,0\n0,1,0,1\n10,1,0,1\n"), "line 4: step 0 follows step 10: sort"},
		{csv("step,example,prediction,label\nx,0,0,0\n"), `step is "x"`},
		{csv("step,example,prediction,label\n0,0,,0\n"), "has no prediction"},
		{csv("step,example,prediction,label\n0,0,0.5,0\n"), "class 0.5, want whole numbers"},
		{csv("step,example,prediction,label\n0,0,0\n"), "wrong number of fields"},
		{csv("step,example,prediction,label,epoch\n0,0,0,0,Inf\n"), `epoch "Inf"`},
		{csv("step,example,label,prediction\n0,0,cat,cat\n0,1,dog,cat\n1,0,cat,cat\n1,1,dog,do"), `ends within a line, and only there is a class "do"`},
		{csv("step,example,label,prediction\n0,0,3,3\n0,1,17,3\n1,0,3,3\n1,1,17,1"), `ends within a line, and only there is a class "1"`},
		{csv("step,example,prediction,label\n0,0,cat,cat\n0,1,cat,do"), `ends within a line, and only there is a class "do"`},
		{[]string{writeFile(t, "a.parquet", "no")}, "not a Parquet file"},
		{cart("x\n"), "line 1: not a record"},
		{cart(`{"guid": 0, "gold": 0}` + "\n"), "lacks guid, gold or logits_epoch_0"},
		{cart(`{"guid": 0, "logits_epoch_0": [NaN, 1], "gold": 0}` + "\n"), "line 1: not a record"},
		{cart(`{"guid": 0, "logits_epoch_0": [1, 1], "gold": 2}` + "\n"), "gold is 2, want the number of a class, 0 to 1"},
		{cart(`{"guid": 0, "logits_epoch_0": [1, 1], "gold": "entailment"}` + "\n"), `line 1: gold is "entailment", want the number of a class, 0 to 1`},
		{cart(`{"guid": 0, "logits_epoch_0": [1, 1], "gold": 0.5}` + "\n"), "line 1: gold is 0.5, want"},
		{cart(strings.Repeat(`{"guid": 0, "logits_epoch_0": [1, 1], "gold": 0}`+"\n", 2)), "line 2: guid 0 is there twice"},
	})
}

// Another file for the run is refused, whatever differs.
func TestOtherFilesForTheRun(t *testing.T) {
	t.Parallel()
	file := func(labels, predictions []uint8) string {
		return npzFile(t, map[string][]byte{"labels": array(t, labels), "predictions": array(t, predictions, 1, len(labels))})
	}
	h := imported(t, Options{}, file([]uint8{0, 1, 2}, []uint8{0, 1, 0}))
	for want, path := range map[string]string{
		"has 3 examples in split test, the files have 4":              file([]uint8{0, 1, 2, 2}, []uint8{0, 1, 0, 2}),
		"other labels than the files in split test, first at index 1": file([]uint8{0, 2, 1}, []uint8{0, 1, 0}),
		"other predictions of step 0 already":                         file([]uint8{0, 1, 2}, []uint8{0, 1, 1}),
		"has 3 classes":                                               file([]uint8{0, 1, 3}, []uint8{0, 1, 0}),
		"other predictions of step 0": npzFile(t, map[string][]byte{"labels": array(t, []uint8{0, 1, 2}), "predictions": array(t, []uint8{0, 1, 0}, 1, 3),
			"right": array(t, []uint8{1, 1, 1}, 1, 3)}),
	} {
		if _, err := Files(t.Context(), h.Dir, []string{path}, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := Files(t.Context(), h.Dir, []string{file([]uint8{0, 1, 2}, []uint8{0, 1, 0})}, Options{Dataset: "d"}); err != nil {
		t.Error(err)
	}
	after, err := runlog.Load(t.Context(), h.Dir)
	if must(t, err); after.Dataset != "d" || len(after.Log.Steps) != 1 {
		t.Errorf("%+v", after)
	}
}

// Two stages that each count epochs from 0 are one table.
func TestEpochsOfTwoStages(t *testing.T) {
	h := imported(t, Options{}, npzFile(t, map[string][]byte{"labels": array(t, []uint8{0, 1}), "predictions": array(t, []uint8{0, 1, 1, 1, 0, 0}, 3, 2),
		"epochs": array(t, []float64{1, 2, 1})}))
	if got := fmt.Sprint(h.Log.Epochs); got != "[1 2 NaN]" {
		t.Errorf("epochs are %s", got)
	}
}

// Labels in a file of their own are numbers of classes by name where a prediction is no number: "10" comes
// before "2" then.
func TestLabelsBesideATextAmongNumbers(t *testing.T) {
	var labels []uint8
	table := "step,example,prediction\n"
	for i := range 22 {
		labels = append(labels, uint8(i%11))
		prediction := fmt.Sprint(i % 11)
		if i == 21 {
			prediction = "invalid"
		}
		table += fmt.Sprintf("0,%d,%s\n", i, prediction)
	}
	h := imported(t, Options{Labels: writeFile(t, "y.npy", string(array(t, labels)))}, writeFile(t, "p.csv", table))
	if got := h.Log.Accuracies()[0]; got != 21./22 || len(h.Classes) != 12 {
		t.Errorf("accuracy %v of the classes %v, want 21 of 22 right", got, h.Classes)
	}
}

// A second file is of the same training only if something says so: a step that both have, or none before
// the last.
func TestAnotherTrainingBetweenTheSteps(t *testing.T) {
	file := func(steps ...int32) string {
		return npzFile(t, map[string][]byte{"labels": array(t, []uint8{0, 1}), "predictions": array(t, []uint8{0, 1, 1, 1}, 2, 2), "steps": array(t, steps)})
	}
	write := func(path, name string) string {
		text, err := os.ReadFile(path)
		must(t, err)
		return writeFile(t, name, string(text))
	}
	h := imported(t, Options{}, file(0, 10))
	for _, name := range []string{"other.npz", "arrays.npz"} { // the second as the first file is called
		if _, err := Files(t.Context(), h.Dir, []string{write(file(5, 15), name)}, Options{}); err == nil || !strings.Contains(err.Error(), "begins at step 5 and has none of them") {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	if _, err := Files(t.Context(), h.Dir, []string{write(file(20, 30), "later.npz")}, Options{}); err != nil {
		t.Error(err)
	}
}

func TestLabelsTwice(t *testing.T) {
	path := npzFile(t, map[string][]byte{"labels": array(t, []uint8{0, 1}), "predictions": array(t, []uint8{0, 1}, 1, 2)})
	imported(t, Options{Labels: writeFile(t, "same.npy", string(array(t, []int64{0, 1})))}, path)
	other := Options{Labels: writeFile(t, "other.npy", string(array(t, []int64{1, 0})))}
	if _, err := Files(t.Context(), filepath.Join(t.TempDir(), "run"), []string{path}, other); err == nil || !strings.Contains(err.Error(), "are other labels than those in") {
		t.Errorf("got error %v", err)
	}
}

// A mark of the byte order may stand before a quoted header, and steps may be kept as floats.
func TestMarkAndFloatSteps(t *testing.T) {
	for _, text := range []string{"\ufeff\"step\",example,prediction,label\n1e+07,0,1,1\n", "\ufeffstep,example,prediction,label\n10000000.0,0,1,1\n"} {
		if h := imported(t, Options{}, writeFile(t, "p.csv", text)); h.LastStep() != 10000000 {
			t.Errorf("%q: the last step is %d", text, h.LastStep())
		}
	}
}

// A split has a folder of its name in the run's.
func TestSplitCalledAsAFileOfTheRun(t *testing.T) {
	path := npzFile(t, map[string][]byte{"labels": array(t, []uint8{0, 1}), "predictions": array(t, []uint8{0, 1}, 1, 2)})
	for _, name := range []string{"run.db", "Report.html", "summary.json", "run.lock", "figures"} {
		if _, err := Files(t.Context(), filepath.Join(t.TempDir(), "run"), []string{path}, Options{Split: name}); err == nil || !strings.Contains(err.Error(), "which a run folder has for something else") {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}
