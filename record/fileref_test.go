package record

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/runlog"
)

// A file of predictions is matched to the examples of a run, whether the run keeps their names or
// they are read off its images.
func TestCompareAFileWithIds(t *testing.T) {
	name, set, run := shapes(t)
	if err := newRecorder(t, run, Options{}).Record(Evaluation{Predictions: set.Test.Labels}); err != nil {
		t.Fatal(err)
	}
	dir := run.Dir()
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	table := []string{"name,prediction,margin"}
	for i, n := range set.Test.Names {
		table = append(table, fmt.Sprintf("%s,%d,%d", n, set.Test.Labels[i], i))
	}
	slices.Reverse(table[1:])
	file := filepath.Join(t.TempDir(), "p.csv")
	if err := os.WriteFile(file, []byte(strings.Join(table, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	compare := func(dir, as string) (told string, err error) {
		_, err = Compare(t.Context(), dir, References{{Name: as, Kind: KindFile, Path: file}}, Options{Say: func(line string) { told += line }})
		return told, err
	}
	if told, err := compare(dir, "loaded"); err != nil || told != "" {
		t.Errorf("names of the images: %v, told %q", err, told)
	}
	h, err := runlog.Load(t.Context(), dir)
	if err != nil || h.Reference("loaded") == nil {
		t.Fatal(err)
	}
	r := h.Reference("loaded")
	if !slices.Equal(r.Predictions, set.Test.Labels) || r.Accuracy != 1 || r.Margins[5] != 5 || !strings.Contains(r.ParamsJSON, `"order":"ids"`) {
		t.Errorf("%+v, want the labels, the margins in order, and what the order rests on", r)
	}
	named, err := runlog.Create(filepath.Join(t.TempDir(), "named"), runlog.Meta{Study: "s", Dataset: name, Network: "n", Classes: set.Classes},
		runlog.Examples{Labels: set.Test.Labels, Names: set.Test.Names})
	if err != nil {
		t.Fatal(err)
	}
	if err := newRecorder(t, named, Options{}).Record(Evaluation{Predictions: set.Test.Labels}); err != nil {
		t.Fatal(err)
	}
	if err := named.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(strings.TrimPrefix(name, folderPrefix)); err != nil {
		t.Fatal(err)
	}
	if told, err := compare(named.Dir(), "kept"); err != nil || told != "" {
		t.Errorf("names of the run: %v, told %q", err, told)
	}
	if told, err := compare(dir, "lost"); err == nil || !strings.Contains(err.Error(), "want the index of an example") || !strings.Contains(told, "names of images are not known") {
		t.Errorf("neither: %v, told %q", err, told)
	}
}

// The place of another run is the longest folder before an @: folders may have one in their names.
func TestCutNetwork(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "me@work")
	if err := os.MkdirAll(filepath.Join(dir, "run@3"), 0o777); err != nil {
		t.Fatal(err)
	}
	for spec, want := range map[string][2]string{
		dir:                  {dir, ""},
		dir + "@12":          {dir, "12"},
		dir + "/run@3":       {dir + "/run@3", ""},
		dir + "/run@3@svm":   {dir + "/run@3", "svm"},
		dir + "@file:a@b.py": {dir, "file:a@b.py"},
		"none@svm":           {"none", "svm"},
	} {
		if got, at := cutNetwork(spec); got != want[0] || at != want[1] {
			t.Errorf("%q is %q at %q, want %q", spec, got, at, want)
		}
	}
}
