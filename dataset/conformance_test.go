package dataset

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// idxNamed is the layout of IDX files, for a folder where they have these names.
func idxNamed(names []string) layout {
	l := idxLayout()
	l.files = names
	return l
}

// otherNames are four spellings of the IDX files, one each.
var otherNames = []string{
	"train-images.idx3-ubyte", "train-labels-idx1-ubyte/train-labels-idx1-ubyte", "t10k-images.idx3-ubyte.gz", "t10k-labels-idx1-ubyte",
}

// forEveryForm gives the test a folder with a small dataset, published.
func forEveryForm(t *testing.T, test func(t *testing.T, f form, s *spec, dir string)) {
	list := forms()
	if len(list) < 15 {
		t.Fatalf("%d forms, want at least 15", len(list))
	}
	for _, f := range list {
		t.Run(f.name, func(t *testing.T) {
			s, dir := f.spec(), t.TempDir()
			f.write(t, dir, s.set(0))
			s.publish(t, dir)
			test(t, f, s, dir)
		})
	}
}

func loadFrom(s *spec, dir string, allow bool) (*Set, error) {
	src := Source{DataDir: dir, CacheDir: filepath.Join(dir, "none"), Offline: true, AllowModified: allow}
	return src.load(context.Background(), s)
}

// fails wants an error of one line with the text, also when modified files are allowed.
func fails(t *testing.T, what string, s *spec, dir, text string) {
	t.Helper()
	for _, allow := range []bool{false, true} {
		set, err := loadFrom(s, dir, allow)
		switch {
		case err == nil:
			t.Errorf("%s: loaded %d examples from %s (notes %q), want an error", what, set.Train.Len(), set.Origin, set.Notes)
		case !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "\n"):
			t.Errorf("%s: error %q, want one line with %q", what, err, text)
		}
	}
}

func TestEveryFormGivesTheSameExamples(t *testing.T) {
	forEveryForm(t, func(t *testing.T, f form, s *spec, dir string) {
		for _, below := range []string{".", "small"} {
			root := t.TempDir()
			f.write(t, filepath.Join(root, below), s.set(0))
			got, err := loadFrom(s, root, false)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Notes) > 0 || !strings.Contains(got.Origin, root) {
				t.Errorf("notes %q, origin %q; want no note and the folder", got.Notes, got.Origin)
			}
			want := s.set(0)
			got.Notes, got.Origin = nil, ""
			if !reflect.DeepEqual(got, want) {
				t.Errorf("loaded another dataset than was written:\n%v\n%v", got.Test, want.Test)
			}
		}
	})
}

func TestEveryFormRefusesDamagedFiles(t *testing.T) {
	forEveryForm(t, func(t *testing.T, f form, s *spec, dir string) {
		for _, name := range f.layout.files {
			path := filepath.Join(dir, name)
			whole := must(os.ReadFile(path))(t)
			for what, data := range map[string][]byte{
				"empty":           {},
				"cut by one byte": whole[:len(whole)-1],
				"half":            whole[:len(whole)/2],
				"first byte":      whole[:1],
			} {
				put(t, path, data)
				fails(t, name+" "+what, s, dir, filepath.Base(path))
			}
			if filepath.Ext(name) != ".npz" {
				put(t, path, append(append([]byte{}, whole...), "xy"...))
				fails(t, name+" with trailing bytes", s, dir, filepath.Base(path))
			}
			if !strings.HasSuffix(name, ".npz") {
				put(t, path, []byte("\n<!DOCTYPE html><html>moved</html>"))
				fails(t, name+" a web page", s, dir, "web page")
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			missing := fmt.Sprintf("1 of the %d files of small are missing, first %q", len(f.layout.files), name)
			if len(f.layout.files) == 1 || f.name == "cifar-100-binary bare" || f.name == "cifar-100-python bare" {
				missing = "no file of this dataset" // nothing is left, or only names that mean nothing
			}
			fails(t, name+" missing", s, dir, missing)
			put(t, path, whole)
		}
		if _, err := loadFrom(s, dir, false); err != nil {
			t.Error("restored:", err)
		}
	})
}

func TestEveryFormRefusesModifiedFilesUnlessAllowed(t *testing.T) {
	forEveryForm(t, func(t *testing.T, f form, s *spec, dir string) {
		f.write(t, dir, s.set(5))
		if _, err := loadFrom(s, dir, false); !errors.Is(err, ErrModified) || !strings.Contains(err.Error(), notPublished) {
			t.Errorf("error %v, want ErrModified that says so", err)
		}
		got, err := loadFrom(s, dir, true)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Notes) == 0 || !reflect.DeepEqual(got.Test, s.set(5).Test) {
			t.Errorf("notes %q; want the modified examples, and said so", got.Notes)
		}
	})
}

func TestEveryFormRefusesOtherShapes(t *testing.T) {
	forEveryForm(t, func(t *testing.T, f form, s *spec, dir string) {
		for what, change := range map[string]func(*spec){
			"a training example too many": func(s *spec) { s.train++ },
			"a test example too few":      func(s *spec) { s.test-- },
			"another height":              func(s *spec) { s.height++ },
		} {
			other := *s
			change(&other)
			f.write(t, dir, other.set(0))
			fails(t, what, s, dir, "want")
		}
		for _, pick := range []func(*Set) []uint16{
			func(s *Set) []uint16 { return s.Train.Labels },
			func(s *Set) []uint16 { return s.Test.Labels },
		} {
			set := s.set(0)
			pick(set)[4] = 3
			f.write(t, dir, set)
			fails(t, "label beyond the classes", s, dir, "label 3")
		}
	})
}

func TestEveryFormStopsWithItsContext(t *testing.T) {
	forEveryForm(t, func(t *testing.T, f form, s *spec, dir string) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := (Source{DataDir: dir}).load(ctx, s); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
	})
}

func TestFilesWithoutPublishedChecksumAreNoted(t *testing.T) {
	forEveryForm(t, func(t *testing.T, f form, s *spec, dir string) {
		s.files = map[string]file{}
		got, err := loadFrom(s, dir, false)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Notes) == 0 {
			t.Error("no note says that nothing was compared")
		}
	})
}
