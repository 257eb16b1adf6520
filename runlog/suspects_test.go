package runlog

import (
	"reflect"
	"testing"

	"shoal/dynamics"
	"shoal/published"
)

// Known errors are counted among the first as many suspects as there are of them, and among round numbers.
func TestFindErrors(t *testing.T) {
	var suspects []dynamics.Suspect
	for i := range 60 {
		suspects = append(suspects, dynamics.Suspect{Example: 100 + i})
	}
	known := &published.LabelErrors{Examples: []int{7, 101, 102, 140, 159}, Checked: 20}
	want := &FoundErrors{Known: 5, Checked: 20, Listed: 4, Among: []Found{{5, 2}, {50, 3}}}
	if got := FindErrors(suspects, known); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if FindErrors(suspects, nil) != nil {
		t.Error("errors are found where none are known")
	}
}
