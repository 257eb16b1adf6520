package shallow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"shoal/shallow/shallowtest"
)

// counted counts the fits of a model.
type counted struct {
	Model
	fits *int
}

func (c counted) Fit(ctx context.Context, train Examples, opt Options) error {
	*c.fits++
	return c.Model.Fit(ctx, train, opt)
}

// fixture returns a small problem and a function that fits it through a cache.
func fixture(t *testing.T, kind string, overrides map[string]string) (fit func(trainHash, cacheDir string, seed uint64) *Fitted, fits *int) {
	train := shallowtest.Confuse(shallowtest.Blobs(1, 200, 20, 3, 110), 1, .2)
	test := shallowtest.Blobs(2, 90, 20, 3, 110)
	fits = new(int)
	return func(trainHash, cacheDir string, seed uint64) *Fitted {
		t.Helper()
		m, err := New(kind, "default", "mnist", overrides)
		if err != nil {
			t.Fatal(err)
		}
		f, err := FitReference(context.Background(), counted{m, fits}, train, test, trainHash, "test", cacheDir, Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}, fits
}

func TestReferencesComeFromTheCache(t *testing.T) {
	for _, kind := range Kinds() {
		dir := t.TempDir()
		fit, fits := fixture(t, kind, map[string]string{"train": "150"})
		first := fit("train", dir, 1)
		second := fit("train", dir, 1)
		if *fits != 1 || first.FromCache || !second.FromCache {
			t.Errorf("%s: %d fits, from cache %v and %v, want 1, false, true", kind, *fits, first.FromCache, second.FromCache)
		}
		if !reflect.DeepEqual(first.Test, second.Test) || first.Accuracy != second.Accuracy || first.FitSeconds != second.FitSeconds {
			t.Errorf("%s: the cached reference differs", kind)
		}
		for name, pair := range map[string][2]map[string]any{
			"params": {first.Params, second.Params}, "facts": {first.Facts, second.Facts},
		} {
			a, errA := json.Marshal(pair[0])
			b, errB := json.Marshal(pair[1])
			if errA != nil || errB != nil || string(a) != string(b) {
				t.Errorf("%s: %s: got %s, %v, want %s, %v", kind, name, b, errB, a, errA)
			}
		}
		if !(first.Accuracy > .5) {
			t.Errorf("%s: accuracy %v, want more than 0.5", kind, first.Accuracy)
		}
		p, err := second.Model.Predict(context.Background(), shallowtest.Blobs(2, 90, 20, 3, 110), Options{})
		if err != nil || !reflect.DeepEqual(p, first.Test) {
			t.Errorf("%s: the cached model predicts otherwise (%v)", kind, err)
		}
	}
}

// Warnings come with a reference from the cache, those of the evaluation split included.
func TestWarningsComeFromTheCache(t *testing.T) {
	for _, kind := range Kinds() {
		dir := t.TempDir()
		fit, _ := fixture(t, kind, map[string]string{"train": "1"})
		first, second := fit("train", dir, 1), fit("train", dir, 1)
		if !second.FromCache || !slices.Equal(first.Warnings, second.Warnings) || !slices.Equal(first.Warnings, Warnings(second.Facts)) {
			t.Errorf("%s: got %q and from the cache %q", kind, first.Warnings, second.Warnings)
		}
		text := strings.Join(first.Warnings, "; ")
		for _, want := range []string{"all training examples have class", "class 1 has no training example, so all of its examples here, 30,"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: got %q, want %q", kind, text, want)
			}
		}
	}
}

func TestTheCacheTellsReferencesApart(t *testing.T) {
	dir := t.TempDir()
	fit, fits := fixture(t, "forest", map[string]string{"trees": "5"})
	fit("train", dir, 1)
	fit("train", dir, 2)
	fit("other", dir, 1)
	if *fits != 3 {
		t.Errorf("another seed and another training split: %d fits, want 3", *fits)
	}
	other, otherFits := fixture(t, "forest", map[string]string{"trees": "6"})
	other("train", dir, 1)
	if *otherFits != 1 {
		t.Error("another number of trees came from the cache")
	}
	fit("train", "", 1)
	fit("train", "", 1)
	if *fits != 5 {
		t.Errorf("without a cache: %d fits, want 5", *fits)
	}
}

func TestDamagedCacheFilesAreReplaced(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"truncated": func(b []byte) []byte { return b[:len(b)/2] },
		"altered":   func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"emptied":   func([]byte) []byte { return nil },
		"foreign":   func([]byte) []byte { return []byte("not ours") },
	} {
		dir := t.TempDir()
		fit, fits := fixture(t, "knn", nil)
		want := fit("train", dir, 1)
		file := onlyFile(t, dir)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, damage(data), 0o644); err != nil {
			t.Fatal(err)
		}
		got := fit("train", dir, 1)
		warning, _ := got.Facts["cache_warning"].(string)
		if *fits != 2 || got.FromCache || !strings.Contains(warning, "fitted again") {
			t.Errorf("%s: %d fits, from cache %v, warning %q, want a second fit and a warning", name, *fits, got.FromCache, warning)
		}
		if !reflect.DeepEqual(got.Test, want.Test) {
			t.Errorf("%s: another prediction", name)
		}
		if again := fit("train", dir, 1); !again.FromCache || again.Facts["cache_warning"] != nil {
			t.Errorf("%s: the file was not replaced", name)
		}
	}
}

// What a file claims to be is read before the rest of it: its size may be anything.
func TestLargeCacheFilesAreNotLoadedInVain(t *testing.T) {
	fit, _ := fixture(t, "knn", nil)
	dir := t.TempDir()
	fit("train", dir, 1)
	data, err := os.ReadFile(onlyFile(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	m, err := New("knn", "", "mnist", nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := newEntry(dir, m, "train", "test", 1)
	if err != nil {
		t.Fatal(err)
	}
	read := func(e entry, f io.ReaderAt, size, available int64) error {
		_, err := e.whole(f, size, Options{Available: available})
		return err
	}
	size := int64(len(data))
	if err := read(e, bytes.NewReader(data), size, 1<<30); err != nil {
		t.Fatal(err)
	}
	head := onlyHead{data[:headBytes]}
	if err := read(e, head, size+1<<40, 1<<30); err == nil || !strings.Contains(err.Error(), "bytes of payload, want") {
		t.Errorf("another size: got %v", err)
	}
	if err := read(e, head, size, size); err == nil || !strings.Contains(err.Error(), "of memory that are available") {
		t.Errorf("too little memory: got %v", err)
	}
	e.key = "other"
	if err := read(e, head, size, 1<<30); err == nil || !strings.Contains(err.Error(), "another reference's file") {
		t.Errorf("another key: got %v", err)
	}
}

// onlyHead can't be read beyond its beginning.
type onlyHead struct{ head []byte }

func (h onlyHead) ReadAt(p []byte, off int64) (int, error) {
	if off != 0 || len(p) > len(h.head) {
		return 0, errors.New("more than the head was read")
	}
	return copy(p, h.head), nil
}

func TestACacheThatCannotBeWrittenIsAWarning(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	fit, _ := fixture(t, "lda", nil)
	f := fit("train", file, 1) // a folder cannot be made below a file
	if f.Facts["cache_warning"] == nil || len(f.Test.Class) != 90 {
		t.Errorf("got facts %v and %d predictions, want a warning and 90", f.Facts, len(f.Test.Class))
	}
}

func TestAFileUnderAnothersNameIsRefused(t *testing.T) {
	dir := t.TempDir()
	fit, fits := fixture(t, "knn", nil)
	fit("a", dir, 1)
	first := onlyFile(t, dir)
	data, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(first); err != nil {
		t.Fatal(err)
	}
	fit("b", dir, 1)
	if err := os.WriteFile(onlyFile(t, dir), data, 0o644); err != nil {
		t.Fatal(err)
	}
	if f := fit("b", dir, 1); f.FromCache || *fits != 3 {
		t.Errorf("a reference to other examples was taken from the cache")
	}
}

func onlyFile(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "models", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("cache: got files %v, %v, want one", files, err)
	}
	return files[0]
}

func TestFitReferenceSaysWhatIsMissing(t *testing.T) {
	train := shallowtest.Blobs(1, 60, 16, 3, 20)
	m, err := New("knn", "", "mnist", nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	unlabelled := train
	unlabelled.Labels = nil
	if _, err := FitReference(ctx, m, train, unlabelled, "a", "b", "", Options{}); err == nil || !strings.Contains(err.Error(), "labels") {
		t.Errorf("evaluation split without labels: got %v", err)
	}
	if _, err := FitReference(ctx, m, train, train, "", "b", t.TempDir(), Options{}); err == nil || !strings.Contains(err.Error(), "hash") {
		t.Errorf("cache without a hash: got %v", err)
	}
	cancel()
	if _, err := FitReference(ctx, m, train, train, "a", "b", "", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v, want context.Canceled", err)
	}
}
