package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/runlog"
)

// fixture is a run that was made for the test: 40 examples of 3 classes, 6 evaluations of a network
// that gets better, and two references, one without margins and with a name that is no name of a
// file. Example 0 is never learned; the network is right on nothing at step 0, so R± is undefined
// there.
type fixture struct {
	dir         string
	labels      []uint16
	names       []string
	steps       []int
	predictions [][]uint16
	references  []runlog.Reference
}

func newFixture(t *testing.T, references int) fixture {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	f := fixture{dir: filepath.Join(t.TempDir(), "run"), steps: []int{0, 1, 2, 4, 8, 16}}
	for i := range 40 {
		f.labels = append(f.labels, uint16(i%3))
		f.names = append(f.names, fmt.Sprintf("größe/%d.png", i))
	}
	guess := func(right float64) []uint16 {
		out := make([]uint16, len(f.labels))
		for i, label := range f.labels {
			out[i] = label
			if !(r.Float64() < right) || i == 0 {
				out[i] = (label + 1 + uint16(r.IntN(2))) % 3
			}
		}
		return out
	}
	run, err := runlog.Create(f.dir, runlog.Meta{Study: "s", Dataset: "d", Network: "n", Classes: []string{"bar", "dot, or", "NA"}}, runlog.Examples{Labels: f.labels, Names: f.names, Image: func(i int) ([]byte, error) { return []byte(fmt.Sprintf("\x89PNG %d", i)), nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	all := []runlog.Reference{
		{Reference: dynamics.Reference{Name: "svm", Predictions: guess(.7), Margins: make([]float32, len(f.labels))}, Kind: "svm", ParamsJSON: "{}"},
		{Reference: dynamics.Reference{Name: "run:../a b@3", Predictions: guess(.5)}, Kind: "network", ParamsJSON: "{}"},
	}
	for i := range all[0].Margins {
		all[0].Margins[i] = r.Float32()
	}
	f.references = all[:references]
	for _, ref := range f.references {
		if _, err := run.AddReference(ref); err != nil {
			t.Fatal(err)
		}
	}
	for e, step := range f.steps {
		f.predictions = append(f.predictions, guess(float64(e)/6))
		_, err := run.AppendEvaluation(runlog.Evaluation{
			Step: step, Epoch: float64(step) / 8, Loss: 1 / float64(e+1), Seconds: .5, Predictions: f.predictions[e],
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// export writes the fixture in one format and returns the place.
func (f fixture) export(t *testing.T, format string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	files, err := Write(t.Context(), f.dir, Options{Format: format, Out: out})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || !info.IsDir() && !info.Mode().IsRegular() || info.Size() == 0 {
			t.Errorf("file %q: %v", file, err)
		}
	}
	return out
}

func TestRunWithoutReferences(t *testing.T) {
	f := newFixture(t, 0)
	curves := rows(t, filepath.Join(f.export(t, CSV), "curves.csv"))
	if len(curves) != 6 || curves[5]["accuracy"] == "" || curves[5]["both"] != "" || curves[5]["reference"] != "" {
		t.Errorf("%d rows, the last %v", len(curves), curves[len(curves)-1])
	}
	for _, format := range Formats() {
		if _, ok := labelledFormats[format]; !ok {
			f.export(t, format)
			continue
		}
		if _, err := Write(t.Context(), f.dir, Options{Format: format, Out: filepath.Join(t.TempDir(), "out")}); !errors.Is(err, ErrNoSuspect) {
			t.Errorf("%s: error %v, want ErrNoSuspect", format, err)
		}
	}
}

// Equal runs give equal files.
func TestExportsAreDeterministic(t *testing.T) {
	f := newFixture(t, 2)
	for _, format := range Formats() {
		a, b := f.export(t, format), f.export(t, format)
		files, err := list(a)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			x, err := os.ReadFile(filepath.Join(a, file))
			if err != nil {
				t.Fatal(err)
			}
			y, err := os.ReadFile(filepath.Join(b, file))
			y = bytes.ReplaceAll(y, []byte(b[1:]), []byte(a[1:])) // tasks have the places of images
			if err != nil || string(x) != string(y) {
				t.Errorf("%s: %q differs from run to run, %v", format, file, err)
			}
		}
	}
}

func TestPlaces(t *testing.T) {
	f := newFixture(t, 1)
	for _, format := range Formats() {
		t.Run(format, func(t *testing.T) {
			dir := t.TempDir()
			o := Options{Format: format, Out: filepath.Join(dir, "out")}
			write := func(o Options) error { _, err := Write(t.Context(), f.dir, o); return err }
			if err := write(o); err != nil {
				t.Fatal(err)
			}
			if err := write(o); !errors.Is(err, ErrExists) {
				t.Errorf("wrote over an export: %v", err)
			}
			forced := o
			forced.Force = true
			if err := write(forced); err != nil {
				t.Errorf("with force: %v", err)
			}
			if left, _ := os.ReadDir(dir); len(left) != 1 {
				t.Errorf("left behind: %v", left)
			}
			if err := write(Options{Format: format, Out: filepath.Join(dir, "none", "out")}); err == nil {
				t.Error("made a folder that isn't there")
			}
			checkForeign(t, dir, format, write)
		})
	}
}

// checkForeign wants that force replaces nothing but exports.
func checkForeign(t *testing.T, dir, format string, write func(Options) error) {
	t.Helper()
	foreign := filepath.Join(dir, "foreign")
	if err := os.Mkdir(foreign, 0o755); err != nil {
		t.Fatal(err)
	}
	if format != NPZ { // an empty folder will do
		if err := write(Options{Format: format, Out: foreign}); err != nil {
			t.Errorf("into an empty folder: %v", err)
		}
	}
	precious := filepath.Join(foreign, "thesis.txt")
	if err := os.WriteFile(precious, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{foreign, precious} {
		if out == precious && format == NPZ {
			continue // a file may be replaced by force
		}
		if err := write(Options{Format: format, Out: out, Force: true}); err == nil {
			t.Errorf("replaced %q", out)
		}
	}
	if b, err := os.ReadFile(precious); err != nil || string(b) != "x" {
		t.Errorf("the foreign file: %q, %v", b, err)
	}
}

func TestFailuresLeaveNothing(t *testing.T) {
	f := newFixture(t, 2)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, format := range Formats() {
		if _, err := Write(ctx, f.dir, Options{Format: format, Out: filepath.Join(dir, format)}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got error %v, want that of the context", format, err)
		}
	}
	failed := errors.New("disk full")
	write := func(path string) error { return failed }
	o := Options{Format: CSV, Out: filepath.Join(dir, "x")}
	if _, err := o.folder(write); !errors.Is(err, failed) {
		t.Error(err)
	}
	for _, o := range []Options{{Format: "xls", Out: filepath.Join(dir, "x")}, {Format: CSV}, {Format: NPZ, Out: filepath.Join(dir, "y")}} {
		from := f.dir
		if o.Format == NPZ {
			from = t.TempDir() // no run
		}
		if _, err := Write(t.Context(), from, o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWhatAppearsMeanwhileStays(t *testing.T) {
	for _, force := range []bool{false, true} {
		o := Options{Format: CSV, Out: filepath.Join(t.TempDir(), "out"), Force: force}
		thesis := filepath.Join(o.Out, "thesis.txt")
		_, err := o.folder(func(path string) error {
			return errors.Join(os.Mkdir(o.Out, 0o755), os.WriteFile(thesis, nil, 0o644), os.WriteFile(filepath.Join(path, "curves.csv"), nil, 0o644))
		})
		if _, lost := os.Stat(thesis); lost != nil || err == nil {
			t.Errorf("force %v: error %v, what appeared: %v", force, err, lost)
		}
		if left, _ := os.ReadDir(filepath.Dir(o.Out)); len(left) != 1 {
			t.Errorf("force %v: left are %v", force, left)
		}
	}
	// What appears after the last look, too.
	o := Options{Format: CSV}
	dir := t.TempDir()
	made, out := filepath.Join(dir, "made"), filepath.Join(dir, "out")
	thesis := filepath.Join(out, "thesis.txt")
	if err := errors.Join(os.Mkdir(made, 0o755), os.Mkdir(out, 0o755), os.WriteFile(thesis, nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	if err := o.replace(made, out, filepath.Join(dir, "old")); err == nil {
		t.Error("a folder with files was replaced")
	}
	if _, lost := os.Stat(thesis); lost != nil {
		t.Error(lost)
	}
}

// An earlier export that can't be moved back is kept, and the error says where.
func TestEarlierExportIsKept(t *testing.T) {
	defer func() { rename = os.Rename }()
	o := Options{Format: CSV, Out: filepath.Join(t.TempDir(), "out"), Force: true}
	write := func(path string) error { return os.WriteFile(filepath.Join(path, "curves.csv"), nil, 0o644) }
	if _, err := o.folder(write); err != nil {
		t.Fatal(err)
	}
	rename = func(string, string) error { return errors.New("disk failed") }
	_, err := o.folder(write)
	kept, _ := filepath.Glob(filepath.Join(filepath.Dir(o.Out), ".*", "old", "curves.csv"))
	if err == nil || len(kept) != 1 || !strings.Contains(err.Error(), filepath.Dir(kept[0])) {
		t.Errorf("error %v, kept are %q", err, kept)
	}
}

func TestSafeNames(t *testing.T) {
	var taken []string
	for _, c := range []struct{ name, want string }{
		{"svm", "svm"}, {"SVM", "SVM_2"}, {"a/b", "a_b"}, {"a b", "a_b_2"}, {"..", "_.."}, {"", "_"}, {"größe", "gr__e"},
	} {
		got := safeName(c.name, taken)
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.name, got, c.want)
		}
		taken = append(taken, got)
	}
}

// TestPython has testdata/read.py read every format, where SHOAL_PYTHON names an interpreter with
// numpy, pandas, pyarrow and tensorboard; .ci/run makes one. The tests above read the formats
// without it.
func TestPython(t *testing.T) {
	python := os.Getenv("SHOAL_PYTHON")
	if python == "" {
		t.Skip("SHOAL_PYTHON names no interpreter")
	}
	f := newFixture(t, 1)
	dir := t.TempDir()
	for _, format := range Formats() {
		out := filepath.Join(dir, format)
		if format == NPZ {
			out = filepath.Join(dir, "run.npz")
		}
		if _, err := Write(t.Context(), f.dir, Options{Format: format, Out: out}); err != nil {
			t.Fatal(err)
		}
	}
	said, err := exec.Command(python, "testdata/read.py", dir).CombinedOutput()
	t.Log(string(said))
	if err != nil {
		t.Errorf("read.py: %v", err)
	}
	for _, want := range []string{"numpy: npz", "pandas: csv", "pandas: parquet", "tensorboard: events"} {
		if !strings.Contains(string(said), want+" read\n") {
			t.Errorf("read.py doesn't say %q", want+" read")
		}
	}
}
