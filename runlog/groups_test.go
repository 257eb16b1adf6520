package runlog

import (
	"context"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"shoal/dynamics/groups"
)

// Groups are kept by split, replaced as a whole, and known to be as they were written; a run that was
// made before there were any reads as it did.
func TestGroups(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	r, err := Create(dir, Meta{Study: "s", Network: "n", Classes: []string{"a", "b"}}, Examples{Labels: []uint16{0, 1, 0}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := r.Groups(); got != nil || err != nil {
		t.Errorf("a new run has groups %v, %v", got, err)
	}
	if err := r.SetGroups(nil); err != nil {
		t.Fatal(err)
	}
	many := groups.Attribute{Name: "many", Of: []int{299, 0, groups.None}}
	for k := range 300 {
		many.Groups = append(many.Groups, strings.Repeat("x", k+1))
	}
	want := []groups.Attribute{{Name: "z: \"quoted\"", Groups: []string{"", "y"}, Of: []int{1, groups.None, 0}}, many}
	if err := r.SetGroups(want); err != nil {
		t.Fatal(err)
	}
	train, err := r.AddSplit("train", "", Examples{Labels: []uint16{1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	other := []groups.Attribute{{Name: "b", Groups: []string{"u", "v"}, Of: []int{0, 1}}}
	if err := train.SetGroups(other); err != nil {
		t.Fatal(err)
	}
	for split, want := range map[string][]groups.Attribute{"": want, "train": other} {
		h, err := LoadSplit(context.Background(), dir, split)
		if err != nil || !reflect.DeepEqual(h.Groups, want) {
			t.Errorf("split %q has %v, %v", split, h, err)
		}
	}
	if err := r.SetGroups(append(slices.Clone(want), groups.Attribute{Name: "c", Groups: []string{"u", "v"}, Of: []int{0}})); err == nil {
		t.Error("groups of one example of three are stored")
	}
	if got, err := r.Groups(); err != nil || len(got) != 2 {
		t.Errorf("after a failure there are %d attributes, %v", len(got), err)
	}
	if _, err := r.db.Exec("UPDATE attribute SET groups_json = '[\"a\",\"b\"]' WHERE id = 0"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Groups(); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("changed groups give %v", err)
	}
}
