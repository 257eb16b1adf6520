package sweep

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/runlog"
)

// given adds a reference to the run in dir, which answers class 0 throughout.
func given(t *testing.T, dir, name, kind, params string) {
	t.Helper()
	run, err := runlog.Open(dir)
	must(t, err)
	_, err = run.AddReference(runlog.Reference{Reference: dynamics.Reference{Name: name, Predictions: make([]uint16, len(run.Labels()))}, Kind: kind, ParamsJSON: params})
	must(t, err)
	must(t, run.Close())
}

// threeSeeds are runs of one setting of which one lacks a reference, and one has another M of a name; a rung of
// each one's ladder is compared nowhere.
func threeSeeds(t *testing.T, dir string) (runs []string) {
	t.Helper()
	for _, it := range planned(t, dir, "1..3", nil, "mnist") {
		made(t, dir, it, 300, 4, 1)
		runs = append(runs, it.Path(dir))
	}
	given(t, runs[2], "lda", "lda", "{}")
	for k, run := range runs {
		given(t, run, "knn", "knn", []string{`{"k":5}`, `{"k":5}`, `{"k":1}`}[k])
		given(t, run, "ladder-svm", "svm", []string{`{"train_examples":50}`, `{"train_examples":60}`, `{"train_examples":70}`}[k])
	}
	return runs
}

// Means over seeds are of one M: what isn't the same in all runs of a setting, or isn't in all of them, is left
// out, and the page, its data and ReferenceNotes say so.
func TestReferencesLeftOut(t *testing.T) {
	dir := t.TempDir()
	runs := threeSeeds(t, dir)
	out := filepath.Join(dir, "out")
	wants := []string{
		"reference knn is left out: k is 5 in mnist-seed1 and 1 in mnist-seed3, and a mean over the seeds of a setting would be of two references",
		"reference lda is left out: of 3 runs only in mnist-seed3",
	}
	for what, make := range map[string]func() (*Summary, error){
		out: func() (*Summary, error) { return Together(t.Context(), runs, out, quick) },
		dir: func() (*Summary, error) { return Report(t.Context(), dir, quick) },
	} {
		s, err := make()
		must(t, err)
		if f := s.Families[0]; len(f.Settings) != 1 || !slices.Equal(f.References, []string{"svm", "forest"}) || len(f.Differ) != 0 {
			t.Errorf("%d settings, references %q, %q", len(f.Settings), f.References, f.Differ)
		}
		if got := s.ReferenceNotes(); !slices.Equal(got, wants) {
			t.Errorf("said: %q", got)
		}
		page, err := os.ReadFile(filepath.Join(what, PageFile))
		must(t, err)
		for _, want := range wants {
			if !strings.Contains(string(page), want) {
				t.Errorf("the page doesn't say %q", want)
			}
		}
		text, err := json.Marshal(s)
		if err != nil || !strings.Contains(string(text), `{"references":["lda"],"only_in":["mnist-seed3"],"why":"of 3 runs only in mnist-seed3"}`) {
			t.Errorf("%v: %s", err, text)
		}
	}
}

// Settings may have other M of a name, as where its parameter is what is swept; that is said, too.
func TestReferencesOfSettings(t *testing.T) {
	dir, runs := someRuns(t)
	for k, run := range runs {
		given(t, run, "knn", "knn", []string{`{"k":5}`, `{"k":1}`}[k/3])
	}
	s, err := Report(t.Context(), dir, quick)
	must(t, err)
	f := s.Families[0]
	want := "reference knn isn’t the same in all that is compared, so that differences are its own, too: k is 5 in mnist training.epochs=1 and 1 in mnist training.epochs=2"
	if !slices.Contains(f.References, "knn") || len(f.LeftOut) != 0 || !slices.Equal(f.Differ, []string{want}) || !slices.Equal(s.ReferenceNotes(), []string{want}) {
		t.Errorf("references %q, left out %v, %q", f.References, f.LeftOut, f.Differ)
	}
}

// A difference of two sweeps leaves out what any of their runs lacks, not what the first ones lack.
func TestReferencesOfDiff(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	threeSeeds(t, a)
	for _, it := range planned(t, b, "1..3", nil, "mnist") {
		made(t, b, it, 300, 4, 1)
		given(t, it.Path(b), "knn", "knn", `{"k":5}`)
		given(t, it.Path(b), "mlp", "file", "{}")
	}
	d, err := Diff(t.Context(), a, b, dynamics.Resampling{Replicates: 20})
	must(t, err)
	s := d.Settings[0]
	if !slices.Equal(s.OnlyA, []string{"lda"}) || !slices.Equal(s.OnlyB, []string{"mlp"}) || len(s.LeftOut) != 1 || s.LeftOut[0].References[0] != "knn" {
		t.Errorf("only in A %q, in B %q, left out %v", s.OnlyA, s.OnlyB, s.LeftOut)
	}
	d, err = Diff(t.Context(), filepath.Join(a, "mnist-seed3"), filepath.Join(b, "mnist-seed2"), dynamics.Resampling{Replicates: 20})
	must(t, err)
	if s := d.Settings[0]; len(s.Differ) != 1 || !strings.Contains(s.Differ[0], "k is 1 in mnist-seed3 and 5 in mnist-seed2") {
		t.Errorf("two runs: %q", s.Differ)
	}
}
