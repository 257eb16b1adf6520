package record

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/internal/npy"
	"shoal/internal/tinydata"
	"shoal/record/answers"
)

func TestFit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shapes")
	if err := tinydata.Write(dir, 30, 12); err != nil {
		t.Fatal(err)
	}
	o := Options{NoCache: true}
	path := filepath.Join(t.TempDir(), "out.npy")
	f := Fit{Reference: Reference{Name: "svm", Kind: "svm", Preset: "default", Seed: 1}, Data: Data{Dataset: "folder:" + dir}, Save: path}
	plain, err := f.Do(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	saved, err := npy.ReadClasses(path, 36, 3)
	if err != nil || plain.Train != 90 || !(plain.Accuracy > .5) || plain.SupportVectors == nil || len(saved) != 36 {
		t.Errorf("%+v, %v", plain, err)
	}
	f.Save = strings.TrimSuffix(path, ".npy") + ".npz"
	if _, err := f.Do(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	set, err := f.Data.Load(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	a, err := answers.Read(f.Save, set.answers())
	if err != nil || a.By != "ids" || !slices.Equal(a.Classes, saved) {
		t.Errorf("with names it was read back as %+v, %v", a, err)
	}
	f.Folds, f.Save = 3, path
	folded, err := f.Do(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if saved, err = npy.ReadClasses(path, 90, 3); err != nil || len(saved) != 90 || !(folded.Accuracy > .5) {
		t.Errorf("%+v, %v", folded, err)
	}
	f.Parameters = map[string]string{"trees": "3"}
	if _, err := f.Do(t.Context(), o); err == nil {
		t.Error("an svm with trees is accepted")
	}
}
