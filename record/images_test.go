package record

import (
	"path/filepath"
	"reflect"
	"testing"

	"shoal/internal/tinydata/albums"
)

// album writes a few images of an album, and says how they are read.
func album(t *testing.T, name string) Data {
	t.Helper()
	for _, a := range albums.All() {
		if a.Name == name {
			dir := filepath.Join(t.TempDir(), name)
			if err := a.Write(dir, 0); err != nil {
				t.Fatal(err)
			}
			return Data{Dataset: "folder:" + dir}
		}
	}
	t.Fatalf("no album %q", name)
	return Data{}
}

// Shallow models see a smaller copy of large images, which their parameters say; a copy of splits whose
// examples are others has one of its own.
func TestReferencesSeeSmallerImages(t *testing.T) {
	data := album(t, "large224")
	splits, err := data.Load(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	small := splits.ForReferences()
	if small.Height != 32 || small.Width != 32 || small.TrainHash == splits.TrainHash || splits.Height != 224 || splits.ForReferences() != small {
		t.Errorf("%d×%d, and the network's are %d high", small.Height, small.Width, splits.Height)
	}
	few := splits.Sampled(4, 1)
	if n := few.ForReferences().Train.Len(); n != 4 || splits.ForReferences().Train.Len() != splits.Train.Len() {
		t.Errorf("a sample of 4 has references on %d examples", n)
	}
	for _, folds := range []int{0, 2} {
		fit := Fit{Reference: Reference{Name: "knn", Kind: "knn", Preset: "default", Seed: 1, Parameters: Parameters{"k": "1"}}, Data: data, Folds: folds}
		got, err := fit.Do(t.Context(), Options{NoCache: true})
		if err != nil {
			t.Fatal(err)
		}
		if got.Params["images"] != "32x32, resized from 224x224" {
			t.Errorf("%d folds: parameters %v", folds, got.Params)
		}
	}
	if ReferenceSize(64, 64) != "" || ReferenceSize(100, 50) != "32x16" {
		t.Errorf("sizes %q, %q", ReferenceSize(64, 64), ReferenceSize(100, 50))
	}
}

// What was chosen reads the same images again, and fills in what nobody has said.
func TestChosenImages(t *testing.T) {
	data := album(t, "sizes")
	first, err := data.Load(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	chosen := first.Chosen(data)
	if want := (Data{Dataset: data.Dataset, Resize: "32x32", Colour: "rgb", Split: .2, SplitSeed: 1}); !reflect.DeepEqual(chosen, want) {
		t.Errorf("chosen %+v, want %+v", chosen, want)
	}
	again, err := chosen.Load(t.Context(), Options{})
	if err != nil || again.TrainHash != first.TrainHash || again.TestHash != first.TestHash {
		t.Errorf("what was chosen reads other images, %v", err)
	}
	if got := data.Filled(chosen); !reflect.DeepEqual(got, chosen) {
		t.Errorf("filled in: %+v", got)
	}
	asked := data
	asked.Resize = "40"
	if got := asked.Filled(chosen); got.Resize != "40" {
		t.Errorf("what was asked for is overruled: %+v", got)
	}
	kept, err := data.Load(t.Context(), Options{Set: first.Set})
	if err != nil || kept.Set != first.Set {
		t.Errorf("a set in memory is read again, %v", err)
	}
	for _, bad := range []Data{{Resize: "x"}, {Colour: "red"}, {Split: 2}, {SplitSeed: 1 << 63}} {
		if bad.Check() == nil {
			t.Errorf("%+v is valid", bad)
		}
	}
}
