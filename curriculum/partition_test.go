package curriculum

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func sample(t *testing.T) *Partition {
	t.Helper()
	p, err := Cut([]uint16{0, 1, 2, 3, 4}, []uint16{0, 1, 0, 0, 4})
	if err != nil {
		t.Fatal(err)
	}
	p.Dataset, p.DatasetHash, p.Reference = "mnist", strings.Repeat("0a", 32), "svm"
	p.Params, p.Folds, p.Seed = map[string]any{"c": 1.0}, 5, 7
	return p
}

func TestCut(t *testing.T) {
	p := sample(t)
	if !slices.Equal(p.Easy, []int{0, 1, 4}) || !slices.Equal(p.Hard, []int{2, 3}) || p.Examples != 5 {
		t.Errorf("got easy %v, hard %v of %d", p.Easy, p.Hard, p.Examples)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	for _, bad := range [][2][]uint16{{nil, nil}, {{1, 2}, {1}}} {
		if _, err := Cut(bad[0], bad[1]); err == nil {
			t.Errorf("cut %v by %v", bad[0], bad[1])
		}
	}
}

// saved is the text of the file that Save writes.
func saved(t *testing.T, p *Partition) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "easy.json")
	for range 2 { // the second replaces the first
		if err := p.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	return string(text)
}

// The format is that of files that people keep.
func TestFile(t *testing.T) {
	p := sample(t)
	const want = `{"format":"shoal-partition/1","dataset":"mnist","dataset_hash":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a",` +
		`"examples":5,"reference":"svm","params":{"c":1},"folds":5,"seed":7,"easy":[0,1,4],"hard":[2,3]}` + "\n"
	text := saved(t, p)
	if text != want {
		t.Errorf("the file is %s, want %s", text, want)
	}
	if back, err := Read(strings.NewReader(text)); err != nil || !reflect.DeepEqual(back, p) {
		t.Errorf("got %+v, %v, want %+v", back, err, p)
	}
}

func TestSaveLeavesNothingWhenItFails(t *testing.T) {
	p := sample(t)
	p.Folds = 0
	dir := t.TempDir()
	if p.Save(filepath.Join(dir, "x.json")) == nil {
		t.Error("a partition without folds was saved")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if sample(t).Save(filepath.Join(dir, "none", "x.json")) == nil {
		t.Error("saved into a folder that is not there")
	}
}

func TestReadIsStrict(t *testing.T) {
	good := strings.TrimSpace(saved(t, sample(t)))
	if _, err := Read(strings.NewReader(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`shoal-partition/1`, `shoal-partition/2`, "format"},
		{`"examples":5`, `"examples":6`, "want 6 together"},
		{`"examples":5`, `"examples":0`, "0 examples"},
		{`[0,1,4]`, `[0,1,5]`, "index 5"},
		{`[0,1,4]`, `[0,1,-4]`, "index -4"},
		{`[0,1,4]`, `[0,1,1]`, "twice"},
		{`[0,1,4]`, `[0,1,2]`, "twice"},
		{`[0,1,4]`, `[0,4,1]`, "ascending"},
		{`[0,1,4]`, `[0,1,4.5]`, "not a partition"},
		{`0a0a`, `0A0A`, "SHA-256"},
		{`"folds":5`, `"folds":1`, "out of fold"},
		{`"dataset":"mnist"`, `"dataset":""`, "named"},
		{`"seed":7`, `"sed":7`, "sed"},
		{`[2,3]}`, `[2,3]} {}`, "after the end"},
		{`[2,3]}`, `[2,3`, "not a partition"},
	} {
		bad := strings.Replace(good, c.old, c.new, 1)
		if bad == good {
			t.Fatalf("%s is not in the file", c.old)
		}
		if _, err := Read(strings.NewReader(bad)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s for %s: got error %v, want one with %q", c.new, c.old, err, c.want)
		}
	}
}

func TestMatch(t *testing.T) {
	p := sample(t)
	if err := p.Match(5, p.DatasetHash); err != nil {
		t.Error(err)
	}
	if p.Match(6, p.DatasetHash) == nil || p.Match(5, strings.Repeat("0b", 32)) == nil {
		t.Error("matched another split")
	}
}

func TestByClass(t *testing.T) {
	got := sample(t).ByClass([]uint16{0, 2, 2, 2, 0})
	if want := (map[uint16]Counts{0: {Easy: 2}, 2: {Easy: 1, Hard: 2}}); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
