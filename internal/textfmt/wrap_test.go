package textfmt

import "testing"

// A unit stays with its number.
func TestUnitsStay(t *testing.T) {
	if got, want := Wrap("accuracy 40.00 % R", 15, ""), "accuracy\n40.00 % R"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
