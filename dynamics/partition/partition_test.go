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

func TestPlans(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	labels, predicted := make([]uint16, 500), make([]uint16, 500)
	for i := range labels {
		labels[i], predicted[i] = uint16(r.IntN(10)), uint16(r.IntN(3))
	}
	p, err := Split(labels, predicted)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]int, p.Examples)
	for i := range all {
		all[i] = i
	}
	for _, c := range []struct {
		order       Order
		passes      int
		first, then []int
	}{
		{EasyFirst, 2, p.Easy, all}, {HardFirst, 1, p.Hard, all},
		{EasyOnly, 0, nil, p.Easy}, {HardOnly, 0, nil, p.Hard}, {Random, 0, nil, all},
	} {
		got, err := p.Plan(c.order, c.passes, 3)
		if err != nil || !slices.Equal(got.First, c.first) || !slices.Equal(got.Then, c.then) || got.Passes != c.passes {
			t.Errorf("%s: %d and %d examples in %d passes, %v", c.order, len(got.First), len(got.Then), got.Passes, err)
		}
		if _, err := p.Plan(c.order, 1-min(c.passes, 1), 3); err == nil {
			t.Errorf("%s: took a number of passes that means nothing", c.order)
		}
	}
	for order, size := range map[Order]int{RandomAsEasy: len(p.Easy), RandomAsHard: len(p.Hard)} {
		got, err := p.Plan(order, 0, 3)
		if err != nil || len(got.Then) != size || !slices.IsSorted(got.Then) || len(slices.Compact(slices.Clone(got.Then))) != size {
			t.Fatalf("%s: %d examples, %v, want %d different ones", order, len(got.Then), err, size)
		}
		again, _ := p.Plan(order, 0, 3)
		other, _ := p.Plan(order, 0, 4)
		if !slices.Equal(got.Then, again.Then) || slices.Equal(got.Then, other.Then) {
			t.Errorf("%s: the seed does not decide the draw", order)
		}
	}
	if _, err := p.Plan("sideways", 0, 1); err == nil {
		t.Error("an unknown order was followed")
	}
	allEasy, _ := Split([]uint16{1}, []uint16{1})
	for _, o := range []Order{HardOnly, HardFirst, RandomAsHard} {
		passes := 0
		if o.HasFirst() {
			passes = 1
		}
		if _, err := allEasy.Plan(o, passes, 1); err == nil {
			t.Errorf("%s: nothing to train on, and no error", o)
		}
	}
}

// Every example is as likely to be drawn.
func TestDrawIsUniform(t *testing.T) {
	const n, size, rounds = 8, 3, 4000
	var count [n]int
	for seed := range uint64(rounds) {
		for _, i := range draw([]int{0, 1, 2, 3, 4, 5, 6, 7}, size, seed) {
			count[i]++
		}
	}
	chi := 0.0
	for _, c := range count {
		d := float64(c) - rounds*size/n
		chi += d * d / (rounds * size / n)
	}
	if !(chi < 24.3) { // the 99.9 % quantile for 7 degrees of freedom
		t.Errorf("how often each example was drawn: %v, chi-squared %.1f", count, chi)
	}
}

func TestControls(t *testing.T) {
	for _, o := range Orders() {
		c := o.Control()
		if c.Control() != c || !strings.HasPrefix(string(c), "random") {
			t.Errorf("%s: control %s", o, c)
		}
	}
}
