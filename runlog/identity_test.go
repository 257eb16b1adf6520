package runlog

import (
	"strings"
	"testing"
)

// Labels agree where examples of one class are in another order, or classes change their names.
func TestIdentity(t *testing.T) {
	mine := Identity{Labels: []uint16{0, 0, 1}, Classes: []string{"a", "b"}, Names: []string{"a/1", "a/2", "b/3"}}
	for want, other := range map[string]Identity{
		"":                           {Labels: mine.Labels, Classes: []string{"cat", "dog"}, Names: []string{"x/a/1", "a/2", "x/b/3"}},
		"they have 3 and 1 examples": {Labels: mine.Labels[:1], Classes: mine.Classes},
		`index 1: 0 and 1`:           {Labels: []uint16{0, 1, 1}, Classes: mine.Classes},
		`class 0 is "a" and "b"`:     {Labels: mine.Labels, Classes: []string{"b", "a"}},
		`index 0: "a/1" and "a/2"`:   {Labels: mine.Labels, Classes: mine.Classes, Names: []string{"a/2", "a/1", "b/3"}},
	} {
		if got := mine.Differs(other); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	mine.Names = nil
	if got := mine.Differs(Identity{Labels: mine.Labels, Classes: mine.Classes, Names: []string{"x", "y", "z"}}); got != "" {
		t.Errorf("without names: got %q", got)
	}
}
