package shallow

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"shoal/shallow/shallowtest"
)

func TestBag(t *testing.T) {
	a := Bag(1000, 3, 0)
	if len(a) != 632 || !slices.IsSorted(a) || len(slices.Compact(slices.Clone(a))) != 632 || a[0] < 0 || a[631] >= 1000 {
		t.Fatalf("bag of %d, from %d to %d: want 632 different ones, ascending", len(a), a[0], a[len(a)-1])
	}
	if !slices.Equal(a, Bag(1000, 3, 0)) || slices.Equal(a, Bag(1000, 3, 1)) || slices.Equal(a, Bag(1000, 4, 0)) {
		t.Error("a bag depends on more or less than seed and number")
	}
	if one := Bag(1, 1, 1); !slices.Equal(one, []int{0}) {
		t.Errorf("bag of one example: %v", one)
	}
}

// Refits differ, are the same for any number of workers, and come from the cache the second time; a
// file that is damaged, or another's, is no refit.
func TestRefit(t *testing.T) {
	train, test := shallowtest.Blobs(1, 203, 24, 4, 250), shallowtest.Blobs(2, 80, 24, 4, 250)
	dir := t.TempDir()
	refit := func(k int, kind, hash, cache string, workers int) ([]uint16, bool) {
		t.Helper()
		m, err := New(kind, "", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		classes, cached, err := Refit(context.Background(), m, k, train, test, "train", hash, cache, Options{Seed: 3, Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		return classes, cached
	}
	for _, kind := range []string{"svm", "forest"} {
		first, cached := refit(0, kind, "test", dir, 1)
		if cached {
			t.Errorf("%s: a refit that was never made comes from the cache", kind)
		}
		if again, cached := refit(0, kind, "test", dir, 1); !cached || !slices.Equal(first, again) {
			t.Errorf("%s: the cache has another refit, or none", kind)
		}
		if plain, cached := refit(0, kind, "test", "", 3); cached || !slices.Equal(first, plain) {
			t.Errorf("%s: three workers make another refit", kind)
		}
		if other, cached := refit(1, kind, "test", dir, 1); cached || slices.Equal(first, other) {
			t.Errorf("%s: two refits are equal", kind)
		}
		if _, cached := refit(0, kind, "other test", dir, 1); cached {
			t.Errorf("%s: a refit of another split comes from the cache", kind)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "models", "*"))
	if err != nil || len(files) != 6 {
		t.Fatalf("files %v, %v, want 6", files, err)
	}
	for _, f := range files {
		if err := os.WriteFile(f, []byte("shoal-model\nnonsense"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, cached := refit(0, "svm", "test", dir, 1); cached {
		t.Error("a damaged file is a refit")
	}
	m, _ := New("svm", "", "", nil)
	if !RefitCached(m, 0, test, "train", "test", dir, Options{Seed: 3}) || RefitCached(m, 2, test, "train", "test", dir, Options{Seed: 3}) || RefitCached(m, 0, test, "train", "test", "", Options{Seed: 3}) {
		t.Error("RefitCached is wrong")
	}
}
