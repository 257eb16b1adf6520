package export

import (
	"archive/zip"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

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
	if arrays["margin_svm"] == nil || len(arrays) != 10 {
		t.Errorf("arrays: %d, want 10", len(arrays))
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
