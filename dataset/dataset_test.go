package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func small() *Set { return forms()[0].spec().set(0) }

func TestSplit(t *testing.T) {
	set := small()
	s := set.Train
	if s.Len() != 20 || len(s.Image(3)) != 20 || &s.Image(3)[0] != &s.Pixels[60] {
		t.Errorf("%d examples, image 3 of %d bytes", s.Len(), len(s.Image(3)))
	}
	if f := s.First(7); f.Len() != 7 || len(f.Pixels) != 7*set.Features() || cap(f.Labels) != 7 {
		t.Errorf("First(7) has %d labels and %d bytes", f.Len(), len(f.Pixels))
	}
	for _, n := range []int{0, -1, 20, 21} {
		if s.First(n).Len() != 20 {
			t.Errorf("First(%d) has %d examples, want all 20", n, s.First(n).Len())
		}
	}
	if (Split{}).First(3).Len() != 0 || (Split{}).Hash() == s.Hash() {
		t.Error("an empty split isn't empty")
	}
}

func TestHashesSeeEveryChange(t *testing.T) {
	base := small().Train
	if base.Hash() != small().Train.Hash() || base.LabelHash() != small().Train.LabelHash() {
		t.Error("the same split has two hashes")
	}
	// Fixed forever: caches and runs are named by them.
	fixed := Split{Pixels: []byte{1, 2, 3, 4}, Labels: []uint16{5, 256}}
	const hash = "9190ce836aad898c67bde790f9eff36d85f92c18e18e6da8fbf55ffaa65b8139"
	const labels = "1f1cf4f65c036d48a88556d39984981f6c37697ee951c804e84b9633dfebdccd"
	if fixed.Hash() != hash || fixed.LabelHash() != labels {
		t.Errorf("hashes %s and %s", fixed.Hash(), fixed.LabelHash())
	}
	seen := map[string]string{base.Hash(): "unchanged"}
	for what, change := range map[string]func(*Split){
		"pixel":   func(s *Split) { s.Pixels[0]++ },
		"label":   func(s *Split) { s.Labels[19]++ },
		"shorter": func(s *Split) { *s = s.First(19) },
		"shape":   func(s *Split) { s.Labels = append(s.Labels[:0:0], make([]uint16, 10)...) },
	} {
		s := small().Train
		change(&s)
		if other, ok := seen[s.Hash()]; ok {
			t.Errorf("%s and %s have one hash", what, other)
		}
		seen[s.Hash()] = what
		if (s.LabelHash() == base.LabelHash()) != (what == "pixel") {
			t.Errorf("%s: label hash equal %v", what, s.LabelHash() == base.LabelHash())
		}
	}
}

func TestValidate(t *testing.T) {
	if err := small().Validate(); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*Set){
		"is not positive":   func(s *Set) { s.Width = 0 },
		"classes: got 1,":   func(s *Set) { s.Classes = s.Classes[:1] },
		"no examples":       func(s *Set) { s.Test = Split{} },
		"bytes of pixels":   func(s *Set) { s.Train.Pixels = s.Train.Pixels[1:] },
		"label 3 of":        func(s *Set) { s.Test.Labels[2] = 3 },
		"training split: l": func(s *Set) { s.Train.Labels[2] = 9 },
	} {
		s := small()
		change(s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	for _, name := range []string{"", "mnist2", "MNIST", "folder", "../mnist"} {
		_, err := Load(context.Background(), name, Source{Offline: true})
		if !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "mnist, fashion, cifar10, cifar100, folder:PATH, npz:PATH") {
			t.Errorf("Load(%q): error %v, want ErrUnknown with the names", name, err)
		}
	}
	if _, err := Fetch(context.Background(), "x", Source{}); !errors.Is(err, ErrUnknown) {
		t.Errorf("Fetch: %v", err)
	}
	if _, err := Verify(context.Background(), "x", Source{}); !errors.Is(err, ErrUnknown) {
		t.Errorf("Verify: %v", err)
	}
}

// putFolderOf gives a data folder the folder of a dataset, with empty files.
func putFolderOf(t *testing.T, data, name string) {
	t.Helper()
	s := lookup(name)
	for _, file := range s.layouts[0].files {
		put(t, filepath.Join(data, s.folders[0], file), nil)
	}
}

// TestTheDataFolderIsNotOverruled: who says where the data are gets those or an error, whatever the
// cache has. Only a folder with one folder a dataset may lack one.
func TestTheDataFolderIsNotOverruled(t *testing.T) {
	f := forms()[0]
	s := f.spec()
	root := t.TempDir()
	src := Source{DataDir: filepath.Join(root, "data"), CacheDir: filepath.Join(root, "cache"), Offline: true, AllowModified: true}
	f.write(t, filepath.Join(src.CacheDir, "datasets", "small"), s.set(0))
	put(t, filepath.Join(src.DataDir, "images-with-another-name"), nil)
	_, loadErr := src.load(context.Background(), s)
	_, verifyErr := s.verify(context.Background(), src)
	for _, err := range []error{loadErr, verifyErr} {
		if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), src.DataDir) || strings.Contains(err.Error(), "cache") {
			t.Errorf("error %v, want that the data folder lacks the dataset", err)
		}
	}
	for _, name := range idxNames("") { // torchvision's folder of another dataset
		put(t, filepath.Join(src.DataDir, "raw", name), nil)
	}
	if _, err := src.load(context.Background(), s); !errors.Is(err, ErrNotFound) || strings.Contains(err.Error(), "cache") {
		t.Errorf("the folder of one other dataset: error %v, want that it lacks this one", err)
	}
	putFolderOf(t, src.DataDir, "mnist")
	var said []string
	src.Progress = func(_, _ int, note string) { said = append(said, note) }
	if _, err := src.load(context.Background(), s); err != nil || len(said) != 1 || !strings.Contains(said[0], "which has a folder of mnist") {
		t.Errorf("error %v, said %q; want the cache's, and a line about it", err, said)
	}
}

func TestNotFoundTellsWhatWasTriedInOrder(t *testing.T) {
	for _, name := range Names() {
		data, cache := t.TempDir(), t.TempDir()
		src := Source{DataDir: data, CacheDir: cache, SystemDir: cache, Offline: true}
		if putFolderOf(t, data, "mnist"); name == "mnist" {
			data = t.TempDir()
			src.DataDir = data
			putFolderOf(t, data, "cifar10")
		}
		_, err := Load(context.Background(), name, src)
		var missing *NotFoundError
		if !errors.As(err, &missing) || !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: error %v, want ErrNotFound", name, err)
			continue
		}
		if first, last := missing.Tried[0].Source, missing.Tried[len(missing.Tried)-1]; !strings.Contains(first, data) || !strings.Contains(last.Problem, "offline") {
			t.Errorf("%s: tried %v, want the data folder first and the network last", name, missing.Tried)
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %q, want one line", name, err)
		}
	}
	src := Source{DataDir: filepath.Join(t.TempDir(), "typo"), Offline: true}
	if _, err := Load(context.Background(), "mnist", src); !errors.Is(err, ErrDataDir) || !strings.Contains(err.Error(), "typo") {
		t.Errorf("a data folder that doesn't exist: error %v", err)
	}
}

func TestSomeFilesOnlyIsAnError(t *testing.T) {
	f := forms()[0]
	s, dir := f.spec(), t.TempDir()
	f.write(t, dir, s.set(0))
	s.publish(t, dir)
	if err := os.Remove(filepath.Join(dir, testLabels)); err != nil {
		t.Fatal(err)
	}
	fails(t, "three of four files", s, dir, "1 of the 4 files")
}

// TestCommonNamesMeanNothing: a file called test isn't a third of CIFAR-100.
func TestCommonNamesMeanNothing(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "test"), nil)
	if at, err := cifar100().search(dir); at != nil || err != nil {
		t.Errorf("found %v, error %v; want neither", at, err)
	}
}

// TestPlacesInOrder fills one place after another, the last in order first: each must win over
// those before.
func TestPlacesInOrder(t *testing.T) {
	f := forms()[0]
	s := f.spec()
	root := t.TempDir()
	s.system = "small-set"
	src := Source{
		DataDir: filepath.Join(root, "data"), CacheDir: filepath.Join(root, "cache"),
		SystemDir: filepath.Join(root, "system"), Offline: true, AllowModified: true,
	}
	putFolderOf(t, src.DataDir, "mnist") // a folder of datasets, without this one at first
	for i, dir := range []string{"cache/datasets/small", "system/small-set", "data", "data/small"} {
		f.write(t, filepath.Join(root, dir), s.set(i))
		set, err := src.load(context.Background(), s)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(set.Test, s.set(i).Test) || !strings.HasSuffix(set.Origin, dir) {
			t.Errorf("read from %s, want %s", set.Origin, dir)
		}
	}
}

// TestLayoutsOfOtherLibraries names the folders that torchvision and Keras make, with empty files:
// search must find them.
func TestLayoutsOfOtherLibraries(t *testing.T) {
	batches := func(dir string) (files []string) {
		for _, m := range cifar10Python().members {
			files = append(files, dir+"cifar-10-batches-py/"+m.name)
		}
		return files
	}
	in := func(dir string, names ...string) (files []string) {
		for _, name := range names {
			files = append(files, dir+name)
		}
		return files
	}
	for _, c := range []struct {
		name  string
		files []string
	}{
		{"mnist", in("MNIST/raw/", idxNames("")...)},
		{"mnist", in("MNIST/raw/", idxNames(".gz")...)},
		{"mnist", in("raw/", idxNames("")...)},
		{"mnist", in("", otherNames...)},
		{"mnist", in("MNIST/raw/", append(idxNames(".gz"), idxNames("")...)...)},
		{"mnist", in("", "mnist.npz")},
		{"mnist", in("datasets/", "mnist.npz")},
		{"fashion", in("FashionMNIST/raw/", idxNames("")...)},
		{"fashion", in("fashion-mnist/", idxNames(".gz")...)},
		{"fashion", in("datasets/fashion-mnist/", idxNames(".gz")...)},
		{"cifar10", batches("")},
		{"cifar10", in("", "cifar-10-python.tar.gz")},
		{"cifar10", in("", "cifar-10-binary.tar.gz")},
		{"cifar10", in("", "cifar-10-batches-py.tar.gz")},
		{"cifar10", in("", "cifar-10-python.tgz")},
		{"cifar10", in("datasets/", "cifar-10-batches-py.tar")},
		{"cifar10", in("cifar10/", "cifar-10-binary.tar")},
		{"cifar10", batches("cifar-10-python/")},
		{"cifar10", batches("cifar-10-batches-py-target/")},
		{"cifar10", batches("datasets/cifar-10-batches-py-target/")},
		{"cifar10", batches("cifar10/")},
		{"cifar100", in("cifar-100-python/", "train", "test", "meta")},
		{"cifar100", in("cifar-100-python/cifar-100-python/", "train", "test", "meta")},
		{"cifar100", in("", "cifar-100-python.tgz")},
		{"cifar100", in("", "train", "test", "meta")},
		{"cifar100", in("cifar-100-binary/", "train.bin", "test.bin")},
		{"cifar100", in("cifar-100-python-target/cifar-100-python/", "train", "test", "meta")},
	} {
		dir := t.TempDir()
		for _, name := range c.files {
			put(t, filepath.Join(dir, name), nil)
		}
		for _, name := range Names() {
			if (c.files[0] == "raw/"+idxNames("")[0] || c.files[0] == otherNames[0]) && name == "fashion" {
				continue // MNIST and Fashion-MNIST have the same names there, and other checksums
			}
			at, err := lookup(name).search(dir)
			if found := at != nil; found != (name == c.name) || err != nil {
				t.Errorf("%s with the files of %s, first %q: found %v, error %v", name, c.name, c.files[0], found, err)
			}
		}
	}
}

// TestAHalfUnpackedArchive: browsers make a .tar of a .tar.gz. Its members have checksums.
func TestAHalfUnpackedArchive(t *testing.T) {
	for _, c := range []cifar{cifar10Binary(), cifar10Python()} {
		l := c.archiveLayout("c.tar.gz")
		s, dir := form{"", l, [3]int{4, 4, 3}, nil}.spec(), t.TempDir()
		for name, data := range c.content(s.set(0), pickler{}) {
			sum := sha256.Sum256(data)
			s.files[name] = file{sha256: hex.EncodeToString(sum[:])}
		}
		packed := func(salt int) {
			writeArchive(c)(t, dir, s.set(salt))
			path := filepath.Join(dir, "c.tar.gz")
			put(t, filepath.Join(dir, "c.tar"), gunzip(t, must(os.ReadFile(path))(t)))
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
		packed(0)
		got, err := loadFrom(s, dir, false)
		if err != nil || len(got.Notes) > 0 || !reflect.DeepEqual(got.Test, s.set(0).Test) {
			t.Errorf("%s: %v, want the examples and no note", c.name, err)
		}
		statuses, err := s.verify(context.Background(), Source{DataDir: dir, Offline: true})
		if err != nil || len(statuses) != 1 || !statuses[0].OK || !strings.HasSuffix(statuses[0].Path, "c.tar") {
			t.Errorf("%s: %+v, %v", c.name, statuses, err)
		}
		packed(5)
		if _, err := loadFrom(s, dir, false); !errors.Is(err, ErrModified) {
			t.Errorf("%s: error %v, want ErrModified", c.name, err)
		}
	}
}

// TestTheDataFolderSaysWhatItLacks: whoever has the data in yet another form sees what is looked for.
func TestTheDataFolderSaysWhatItLacks(t *testing.T) {
	for name, want := range map[string][]string{
		"mnist":   {"train-images-idx3-ubyte.gz and 3 more", "train-images.idx3-ubyte", "mnist.npz", "MNIST/raw"},
		"cifar10": {"cifar-10-python.tar.gz", "cifar-10-batches-bin/data_batch_1.bin and 5 more", "datasets"},
	} {
		dir := t.TempDir()
		put(t, filepath.Join(dir, "train-images-idx3-ubyte.zip"), nil)
		put(t, filepath.Join(dir, "cifar-10-python", "data_batch_1.zip"), nil)
		_, err := Load(context.Background(), name, Source{DataDir: dir, CacheDir: dir, Offline: true})
		if !errors.Is(err, ErrNotFound) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want ErrNotFound", name, err)
			continue
		}
		for _, text := range append(want, dir) {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: error %q, want it to say %q", name, err, text)
			}
		}
	}
}

func TestListAndVerify(t *testing.T) {
	cache := t.TempDir()
	src := Source{CacheDir: cache, SystemDir: cache}
	list := List(src)
	if len(list) != len(Names()) || list[0].Name != "mnist" || list[0].Where != "" || list[0].Problem != "" || list[3].Train != 50000 {
		t.Errorf("listed %+v", list)
	}
	var here *NotHereError
	if _, err := Verify(context.Background(), "mnist", src); !errors.Is(err, ErrNotFound) || !errors.As(err, &here) || here.Name != "mnist" {
		t.Errorf("error %v, want NotHereError", err)
	}
	dir := filepath.Join(cache, "datasets", "mnist")
	for _, name := range idxNames(".gz") {
		put(t, filepath.Join(dir, name), []byte("x"))
	}
	if list := List(src); list[0].Where != dir {
		t.Errorf("found in %q, want %q", list[0].Where, dir)
	}
	statuses, err := Verify(context.Background(), "mnist", src)
	if err == nil || len(statuses) != 4 {
		t.Fatalf("%d files, error %v; want 4 that are damaged", len(statuses), err)
	}
	for _, status := range statuses {
		if status.OK || status.Problem == "" {
			t.Errorf("%+v, want not OK and why", status)
		}
	}
	if err := os.Remove(statuses[0].Path); err != nil {
		t.Fatal(err)
	}
	if list := List(src); !strings.Contains(list[0].Problem, "missing") {
		t.Errorf("problem %q, want a file missing", list[0].Problem)
	}
}

func TestVerifyPassesWhatIsPublished(t *testing.T) {
	forEveryForm(t, func(t *testing.T, f form, s *spec, dir string) {
		statuses, err := s.verify(context.Background(), Source{DataDir: dir})
		if err != nil || len(statuses) != len(f.layout.files) {
			t.Fatalf("%d files, error %v", len(statuses), err)
		}
		for _, status := range statuses {
			if !status.OK || status.Problem != "" {
				t.Errorf("%+v, want OK", status)
			}
		}
		path := statuses[0].Path
		put(t, path, flip(must(os.ReadFile(path))(t), -1))
		statuses, err = s.verify(context.Background(), Source{DataDir: dir})
		if err == nil || statuses[0].OK {
			t.Errorf("a flipped bit: %+v, error %v", statuses[0], err)
		}
	})
}

func TestCatalogue(t *testing.T) {
	for _, s := range specs() {
		classes := map[string]bool{}
		for _, class := range s.classes {
			classes[class] = true
		}
		if want := map[string]int{"cifar100": 100}[s.name]; len(classes) != max(want, 10) {
			t.Errorf("%s: %d different class names", s.name, len(classes))
		}
		for _, name := range s.fetch {
			if f := s.files[name]; len(f.md5) != 32 || f.max == 0 {
				t.Errorf("%s: %s can't be checked or has no largest size", s.name, name)
			}
		}
		for name, f := range s.files {
			for sum, n := range map[string]int{f.md5: 32, f.sha256: 64, f.raw: 64} {
				if sum != "" && (len(sum) != n || strings.Trim(sum, "0123456789abcdef") != "") {
					t.Errorf("%s: %s: checksum %q", s.name, name, sum)
				}
			}
		}
		for _, base := range s.mirrors {
			if !strings.HasPrefix(base, "http") || !strings.HasSuffix(base, "/") {
				t.Errorf("%s: mirror %q", s.name, base)
			}
		}
	}
}
