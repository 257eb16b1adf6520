package dataset

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/internal/npy"
)

// npz writes an archive of arrays.
func npzOf(t *testing.T, arrays map[string]func(io.Writer) error) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.npz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var entries []npy.Entry
	for name, write := range arrays {
		entries = append(entries, npy.Entry{Name: name, Write: write})
	}
	if err := npy.WriteArchive(f, entries); err != nil {
		t.Fatal(err)
	}
	return path
}

func arrayOf[T npy.Element](values []T, shape ...int) func(io.Writer) error {
	return func(w io.Writer) error { return npy.Write(w, values, shape...) }
}

func fourArrays() map[string]func(io.Writer) error {
	return map[string]func(io.Writer) error{
		"x_train": arrayOf([]float32{1, 7, 2, 7, 3, 7}, 3, 2), "y_train": arrayOf([]int64{0, 1, 0}),
		"x_test": arrayOf([]float64{4, 5, 6, 7}, 2, 2), "y_test": arrayOf([]int64{1, 2}),
	}
}

func TestFeaturesOfArrays(t *testing.T) {
	path := npzOf(t, fourArrays())
	set, err := Load(t.Context(), "npz:"+path, Source{})
	if err != nil {
		t.Fatal(err)
	}
	if set.Features() != 2 || set.Train.Len() != 3 || !slices.Equal(set.Test.Values, []float32{4, 5, 6, 7}) || len(set.Classes) != 3 ||
		len(set.Notes) != 1 || !strings.Contains(set.Notes[0], "constant among the training examples, so nothing can be learnt from it: feature 1") {
		t.Errorf("got %+v", set)
	}
	first := set.Train.First(2)
	if !slices.Equal(first.Values, []float32{1, 7, 2, 7}) || first.Hash() == set.Train.Hash() {
		t.Errorf("the first two: %+v", first)
	}
	set.Train.Values[5] = 8
	if again, err := Load(t.Context(), "npz:"+path, Source{}); err != nil || again.Train.Hash() == set.Train.Hash() {
		t.Errorf("another number, the same hash (%v)", err)
	}
	if f := Describe("csv:a/adult.csv,b.csv"); f.Title != "adult" {
		t.Errorf("title %q", f.Title)
	}
}

// Numbers that float32 can't tell apart, and labels that may be missing, are not passed over in silence.
func TestNotesOfFeatures(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	rows := "seconds,count,id,tenths,label,split\n"
	for i := range 40 {
		rows += fmt.Sprintf("%d,%d,%d,%.1f,%s,%s\n", 1_600_000_000+7*i, 16_000_000+i, 33_554_432+64*i, float64(i)/10, []string{"yes", "NA"}[i%2], []string{"train", "test"}[i/30])
	}
	if err := os.WriteFile(path, []byte(rows), 0o666); err != nil {
		t.Fatal(err)
	}
	set, err := Load(t.Context(), "csv:"+path, Source{})
	want := []string{
		`numbers are kept to seven digits, which tells few of its values apart: feature "seconds": subtract what they have in common`,
		`"NA" is a class, too: leave its examples out if it stands for a missing label`,
	}
	if err != nil || !slices.Equal(set.Notes, want) {
		t.Errorf("got %q, %v, want %q", set.Notes, err, want)
	}
}

// Bytes of several dimensions are images.
func TestImagesOfArrays(t *testing.T) {
	for _, shape := range [][]int{{2, 2, 3}, {2, 2, 2, 3}, {2, 4, 1, 1}} {
		n := 1
		for _, d := range shape {
			n *= d
		}
		arrays := map[string]func(io.Writer) error{
			"x_train": arrayOf(slices.Repeat([]uint8{200}, n), shape...), "y_train": arrayOf([]uint8{0, 1}),
			"x_test": arrayOf(make([]uint8, n), shape...), "y_test": arrayOf([]uint8{1, 0}),
		}
		set, err := Load(t.Context(), "npz:"+npzOf(t, arrays), Source{})
		if err != nil || set.Height != shape[1] || set.Width != shape[2] || len(set.Train.Pixels) != n || set.Train.Pixels[0] != 200 || set.Train.Values != nil {
			t.Errorf("%v: %+v, %v", shape, set, err)
		}
	}
}

func TestRefusedFeatures(t *testing.T) {
	change := func(name string, write func(io.Writer) error) string {
		arrays := fourArrays()
		if arrays[name] = write; write == nil {
			delete(arrays, name)
		}
		return "npz:" + npzOf(t, arrays)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "train.csv"), []byte("a,label\n1,x\n2,y\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	one := filepath.Join(folder, "one.csv")
	if err := os.WriteFile(one, []byte("a,split,label\n1,train,x\n2,test,x\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		change("y_test", nil):                                    "has no array y_test: want x_train, y_train, x_test and y_test, it has",
		change("y_test", arrayOf([]int64{1})):                    "1 labels for 2 test examples",
		change("y_train", arrayOf([]int64{1, 1, 1, 0})):          "4 labels for 3 training examples",
		change("x_test", arrayOf(make([]float32, 6), 2, 3)):      "training examples have 2 features, test examples 3",
		change("x_train", arrayOf([]float32{1, 2, 3})):           "want examples × features",
		change("x_test", arrayOf([]uint8{4, 5, 6, 7}, 2, 2)):     `training examples are of type f4, test examples of u1: want numbers of one scale, both saved as astype("float32")`,
		change("x_test", arrayOf(make([]float32, 4), 2, 1, 2)):   "training examples are of shape [2], test examples of [1 2]",
		change("y_train", arrayOf([]float32{1, 1 << 25, 0})):     "floats of 4 bytes don't have every whole number beyond 16777216",
		change("y_train", arrayOf([]float64{0, math.Inf(1), 0})): "a label is +Inf",
		change("y_train", arrayOf([]float64{0, math.NaN(), 0})):  "a label is NaN",
		"csv:" + one:        `dataset "csv:` + one + `": classes: got 1, want at least 2`,
		"csv:" + folder:     "has no file test.csv: want train.csv and test.csv in it",
		"parquet:" + folder: "has no file train.parquet",
		"npz:" + folder:     "",
		"csv:":              "unknown dataset",
		"npz:" + filepath.Join(folder, "none.npz"): "no such file",
	} {
		_, err := Load(t.Context(), name, Source{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || strings.Count(err.Error(), "dataset \"") > 1 {
			t.Errorf("%s: got error %v, want one line with %q", name, err, want)
		}
	}
	if _, err := Load(t.Context(), "csv:"+folder, Source{DataDir: folder}); err == nil || !strings.Contains(err.Error(), "names its own folder") {
		t.Errorf("with a data folder: got error %v", err)
	}
}
