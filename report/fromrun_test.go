package report

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/runlog"
)

// runFolder stores an input as a run.
func runFolder(t *testing.T, in *Input) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	encoded := func(i int) ([]byte, error) {
		img, err := in.Image(i)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		err = png.Encode(&b, img)
		return b.Bytes(), err
	}
	r, err := runlog.Create(dir, runlog.Meta{Study: in.Study, Dataset: "mnist", Network: in.Network,
		Classes: strings.Split("0123456789", "")}, runlog.Examples{Labels: in.Log.Labels, Image: encoded})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, ref := range in.References {
		if _, err := r.AddReference(runlog.Reference{Reference: ref.Reference, Kind: ref.Kind, ParamsJSON: "{}", FitSeconds: ref.FitSeconds}); err != nil {
			t.Fatal(err)
		}
	}
	for k, step := range in.Log.Steps {
		if _, err := r.AppendEvaluation(runlog.Evaluation{Step: step, Epoch: in.Log.Epochs[k], Seconds: .5, Predictions: in.Log.Predictions[k]}); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "study.toml"), []byte("name = \"s\"\nseed = 7\n[training]\nlearning_rate = 0.01\ncrop = 0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// What is wrong with a run is said with the run's name, as a paper draws many.
func TestErrorsNameTheRun(t *testing.T) {
	in := smallInput()
	in.Log.Steps, in.Log.Predictions = in.Log.Steps[:3], in.Log.Predictions[:3]
	dir := filepath.Join(t.TempDir(), "run")
	r, err := runlog.Create(dir, runlog.Meta{Study: "s", Dataset: "mnist", Network: "n", Classes: strings.Split("0123456789", "")},
		runlog.Examples{Labels: in.Log.Labels, Image: func(int) ([]byte, error) { return []byte("no picture"), nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.AddReference(runlog.Reference{Reference: dynamics.Reference{Name: "svm", Predictions: in.References[0].Predictions}, Kind: "svm", ParamsJSON: "{}"}); err != nil {
		t.Fatal(err)
	}
	for k, step := range in.Log.Steps {
		if _, err := r.AppendEvaluation(runlog.Evaluation{Step: step, Predictions: in.Log.Predictions[k]}); err != nil {
			t.Fatal(err)
		}
	}
	err = Write(context.Background(), dir, quick)
	if err == nil || !strings.Contains(err.Error(), "image of example ") || !strings.Contains(err.Error(), "is no PNG or JPEG") {
		t.Errorf("got error %v, want one that names run and example", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "report.html")); err == nil {
		t.Error("a page was left behind")
	}
}

func TestWriteFromRunFolder(t *testing.T) {
	in := smallInput()
	dir := runFolder(t, in)
	if err := Write(context.Background(), dir, quick); err != nil {
		t.Fatal(err)
	}
	page := string(read(t, dir, "report.html"))
	for _, want := range []string{"<h1>MNIST · cnn2</h1>", "<dt>learning rate</dt><dd>0.01</dd>", "<dt>seed</dt><dd>7</dd>", "This run is not finished", "The training isn’t over: what it learns later may change this.", "its training isn’t over", "<dt>time for scoring</dt><dd>46 s</dd>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "random crop") {
		t.Error("the page lists what is not used")
	}
	in.SoFar = true                                   // as the folder\'s run, which isn\'t finished
	d, err := makeDrawing(t.Context(), in, Options{}) // a run is judged by the default
	if err != nil {
		t.Fatal(err)
	}
	ratio := d.sets[0].curves[0]
	memory, _, err := ratio.Encode(quick.DPI)
	if err != nil || ratio.Name != "ratio-svm" {
		t.Fatalf("figure %q: %v", ratio.Name, err)
	}
	if !bytes.Equal(memory, read(t, dir, "figures", "ratio-svm.svg")) {
		t.Error("the figure of the folder differs from the figure of the same run in memory")
	}
	if err := Write(context.Background(), t.TempDir(), quick); !errors.Is(err, runlog.ErrNotRun) {
		t.Errorf("an empty folder gives %v", err)
	}
}

// A run that another one replaces while its report is drawn is not drawn with the images of that one.
func TestRunIsReplacedWhileItIsDrawn(t *testing.T) {
	dir := runFolder(t, smallInput())
	o, replaced := quick, false
	o.Progress = func(_, _ int, note string) {
		if replaced || note != "judge the claims" { // between its log and its images
			return
		}
		replaced = true
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		other, err := runlog.Create(dir, runlog.Meta{Study: "s", Network: "n", Classes: []string{"a"}},
			runlog.Examples{Labels: []uint16{0, 0}, Image: func(int) ([]byte, error) { return onePixel(t), nil }})
		if err != nil {
			t.Fatal(err)
		}
		other.Close()
	}
	if err := Write(t.Context(), dir, o); !replaced || !errors.Is(err, runlog.ErrReplaced) {
		t.Errorf("it was replaced: %v; the report gives %v, want ErrReplaced", replaced, err)
	}
}

// onePixel is the smallest picture.
func onePixel(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
