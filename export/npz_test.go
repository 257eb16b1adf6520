package export

import (
	"archive/zip"
	"encoding/binary"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/internal/npy"
	"shoal/runlog"
)

func TestNPZ(t *testing.T) {
	f := newFixture(t, 2)
	z, err := zip.OpenReader(f.export(t, NPZ))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	arrays := map[string]*npy.Array{}
	for _, file := range z.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		a, err := npy.Read(r, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		arrays[strings.TrimSuffix(file.Name, ".npy")] = a
	}
	var flat []byte
	for _, row := range f.predictions {
		for _, c := range row {
			flat = append(flat, byte(c))
		}
	}
	p := arrays["predictions"]
	if p == nil || p.Type != "u1" || !slices.Equal(p.Shape, []int{6, 40}) || !slices.Equal(p.Raw, flat) {
		t.Errorf("predictions: %+v", p)
	}
	labels, err := arrays["labels"].Classes()
	if err != nil || !slices.Equal(labels, f.labels) {
		t.Errorf("labels: %v, %v", labels, err)
	}
	for i, name := range []string{"reference_svm", "reference_run_.._a_b_3"} {
		got, err := arrays[name].Classes()
		if err != nil || !slices.Equal(got, f.references[i].Predictions) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if names, err := arrays["names"].Text(); err != nil || !slices.Equal(names, f.names) {
		t.Errorf("names: %q, %v", names, err)
	}
	if s := arrays["steps"]; s.Type != "i8" || len(s.Raw) != 48 || binary.LittleEndian.Uint64(s.Raw[40:]) != 16 {
		t.Errorf("steps: %+v", s)
	}
	if e := arrays["epochs"]; e.Type != "f8" || math.Float64frombits(binary.LittleEndian.Uint64(e.Raw[40:])) != 2 {
		t.Errorf("epochs: %+v", e)
	}
	if arrays["margin_svm"] == nil || len(arrays) != 12 {
		t.Errorf("arrays: %d, want 12", len(arrays))
	}
	checkOrder(t, f, arrays)
}

// checkOrder: the order of learning is that of the table of examples, whose test counts it by itself.
func checkOrder(t *testing.T, f fixture, arrays map[string]*npy.Array) {
	t.Helper()
	examples := rows(t, filepath.Join(f.export(t, CSV), "examples.csv"))
	for _, name := range []string{"learned_step", "share_learned"} {
		a := arrays[name]
		if a == nil || a.Type != "f8" || !slices.Equal(a.Shape, []int{40}) {
			t.Fatalf("%s: %+v", name, a)
		}
		for i, row := range examples {
			want, known := parse(t, row[name])
			if got := math.Float64frombits(binary.LittleEndian.Uint64(a.Raw[8*i:])); known && got != want || known == math.IsNaN(got) {
				t.Errorf("%s of example %d is %v, want %q", name, i, got, row[name])
			}
		}
	}
}

// Within classes, one that is learned all at one time has steps, and no order.
func TestShareLearnedOfAClassWithoutOrder(t *testing.T) {
	const most, all, never = 300, 400, 59
	l := dynamics.Log{Labels: append(make([]uint16, most), slices.Repeat([]uint16{1}, all-most)...)}
	for e := range 60 {
		row := make([]uint16, all)
		for i := range row {
			right := i < most && i%60 <= e && i != never || i >= most && e > 0
			if row[i] = l.Labels[i]; !right {
				row[i] = 1 - l.Labels[i]
			}
		}
		l.Append(10*e, float64(e), row, nil)
	}
	d := &data{History: &runlog.History{Meta: runlog.Meta{Classes: []string{"a", "b"}}, Log: l}}
	table, err := d.examples()
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) int {
		return slices.IndexFunc(table.columns, func(c column) bool { return c.name == name })
	}
	for i, row := range table.rows {
		share, step := row[at("share_learned")], row[at("learned_step")]
		if row[at("never_learned")] != (i == never) || (step == nil) != (i == never) || (share == nil) != (i == never || i >= most) {
			t.Errorf("example %d: never learned %v, at step %v, share %v", i, row[at("never_learned")], step, share)
		}
	}
}

// Classes beyond 256 take two bytes.
func TestNPZOfManyClasses(t *testing.T) {
	d := &data{History: &runlog.History{Meta: runlog.Meta{Classes: make([]string, 257)}}}
	var b strings.Builder
	if err := d.classArray("x", [][]uint16{{1, 256}}, 2).Write(&b); err != nil {
		t.Fatal(err)
	}
	a, err := npy.Read(strings.NewReader(b.String()), 100)
	if err != nil || a.Type != "u2" || !slices.Equal(a.Raw, []byte{1, 0, 0, 1}) {
		t.Errorf("%+v, %v", a, err)
	}
}
