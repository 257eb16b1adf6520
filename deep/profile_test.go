package deep

import "testing"

// The step that Bench takes to warm up must not show in its profile.
func TestProfileCountsOnlyWhenOn(t *testing.T) {
	p := &Profile{}
	p.count(false)
	p.start().add("warm-up")
	p.count(true)
	p.start().add("step")
	lines := p.Lines()
	if len(lines) != 1 || lines[0].Kind != "step" {
		t.Errorf("lines are %v, want one of \"step\"", lines)
	}
	var none *Profile
	none.count(true) // no profile is wanted
}
