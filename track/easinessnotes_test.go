package track

import (
	"slices"
	"testing"

	"shoal/dynamics"
	"shoal/dynamics/easiness"
	"shoal/runlog"
)

// What other runs than the first have as references, and isn't asked, is said.
func TestReferencesOfOtherRuns(t *testing.T) {
	run := func(dir string, c string, more ...string) *runlog.History {
		h := &runlog.History{Dir: dir}
		for _, name := range append([]string{"svm"}, more...) {
			h.References = append(h.References, runlog.Reference{Reference: dynamics.Reference{Name: name}, Kind: "svm", ParamsJSON: c})
		}
		return h
	}
	runs := []*runlog.History{run("a", `{"c":1}`), run("b", `{"c":1}`, "forest", "ladder-svm"), run("c", `{"c":10}`)}
	left, other := "forest of run b was left out: run a, the first, lacks it", "svm is that of run a: c is 1 in run a and 10 in run c"
	for _, c := range []struct{ asked, want []string }{{nil, []string{left, other}}, {[]string{"svm"}, []string{other}}} {
		q := &questioning{Easiness: Easiness{References: c.asked}, runs: runs, out: &easiness.Report{}}
		q.noteOthers()
		if !slices.Equal(q.out.Notes, c.want) {
			t.Errorf("asked %q: %q", c.asked, q.out.Notes)
		}
	}
}
