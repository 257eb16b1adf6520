package partition

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func sample(t *testing.T) *Partition {
	t.Helper()
	p, err := Split([]uint16{0, 1, 2, 3, 4}, []uint16{0, 1, 0, 0, 4})
	if err != nil {
		t.Fatal(err)
	}
	p.Dataset, p.DatasetHash, p.Reference = "mnist", strings.Repeat("0a", 32), "svm"
	p.Params, p.Folds, p.Seed = map[string]any{"c": 1.0}, 5, 7
	return p
}

func TestSplit(t *testing.T) {
	p := sample(t)
	if !slices.Equal(p.Easy, []int{0, 1, 4}) || !slices.Equal(p.Hard, []int{2, 3}) || p.Examples != 5 {
		t.Errorf("got easy %v, hard %v of %d", p.Easy, p.Hard, p.Examples)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	for _, bad := range [][2][]uint16{{nil, nil}, {{1, 2}, {1}}} {
		if _, err := Split(bad[0], bad[1]); err == nil {
			t.Errorf("split %v by %v", bad[0], bad[1])
		}
	}
}

func TestFileRoundTrip(t *testing.T) {
	p := sample(t)
	path := filepath.Join(t.TempDir(), "easy.json")
	for range 2 { // the second replaces the first
		if err := p.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	back, err := Load(path)
	if err != nil || !reflect.DeepEqual(back, p) {
		t.Errorf("got %+v, %v, want %+v", back, err, p)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

func TestSaveLeavesNothingWhenItFails(t *testing.T) {
	p := sample(t)
	p.Folds = 0
	dir := t.TempDir()
	if p.Save(filepath.Join(dir, "x.json")) == nil {
		t.Error("a partition without folds was saved")
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if sample(t).Save(filepath.Join(dir, "none", "x.json")) == nil {
		t.Error("saved into a folder that is not there")
	}
	if _, err := Load(filepath.Join(dir, "none.json")); err == nil {
		t.Error("loaded a file that is not there")
	}
}

func TestReadIsStrict(t *testing.T) {
	var whole bytes.Buffer
	if err := sample(t).Write(&whole); err != nil {
		t.Fatal(err)
	}
	good := strings.TrimSpace(whole.String())
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

func TestOrders(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	labels, predicted := make([]uint16, 500), make([]uint16, 500)
	for i := range labels {
		labels[i], predicted[i] = uint16(r.IntN(10)), uint16(r.IntN(3))
	}
	p, err := Split(labels, predicted)
	if err != nil {
		t.Fatal(err)
	}
	easy, all := len(p.Easy), p.Examples
	isEasy := func(i int) bool { _, found := slices.BinarySearch(p.Easy, i); return found }
	for _, c := range []struct {
		order   Order
		size    int
		leading int  // so many come first that are
		easy    bool // all easy or all hard
	}{
		{EasyFirst, all, easy, true}, {HardFirst, all, all - easy, false},
		{EasyOnly, easy, easy, true}, {HardOnly, all - easy, all - easy, false},
		{Random, all, 0, false}, {RandomAsEasy, easy, 0, false}, {RandomAsHard, all - easy, 0, false},
	} {
		got, err := p.Indices(c.order, 3)
		if err != nil || len(got) != c.size {
			t.Fatalf("%s: %d indices, %v, want %d", c.order, len(got), err, c.size)
		}
		for _, i := range got[:c.leading] {
			if isEasy(i) != c.easy {
				t.Fatalf("%s: example %d comes among the first", c.order, i)
			}
		}
		if sorted := slices.Compact(slices.Sorted(slices.Values(got))); len(sorted) != len(got) {
			t.Errorf("%s: examples come twice", c.order)
		}
		again, _ := p.Indices(c.order, 3)
		other, _ := p.Indices(c.order, 4)
		if !slices.Equal(got, again) || slices.Equal(got, other) {
			t.Errorf("%s: the seed does not decide the sequence", c.order)
		}
		control, err := p.Indices(c.order.Control(), 3)
		if err != nil || len(control) != c.size {
			t.Errorf("%s: control %s has %d examples, %v, want %d", c.order, c.order.Control(), len(control), err, c.size)
		}
	}
	if _, err := p.Indices("sideways", 1); err == nil {
		t.Error("an unknown order was followed")
	}
	allEasy, _ := Split([]uint16{1}, []uint16{1})
	if _, err := allEasy.Indices(HardOnly, 1); err == nil {
		t.Error("nothing to train on, and no error")
	}
}
