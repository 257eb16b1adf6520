package paper

import (
	"slices"
	"strings"
	"testing"

	"shoal/record"
)

// Numbers over seeds are against one M: a seed with another of its name doesn't count against it, one that
// lacks it neither, and the page says so.
func TestSeedsWithOtherReferences(t *testing.T) {
	s := newStage(t, t.TempDir(), 200)
	x := s.scene("mnist")
	x.run(1, 1, false)
	x.run(2, 1, false)
	whole := slices.Clone(x.part.Study.References)
	x.part.Study.References = append(record.References{whole[1], whole[0]}, whole[2:]...) // drawn by their places
	x.part.Study.References[3].Name = "mine"
	x.run(3, 1, false)
	got := s.summary(map[string]int{"mnist": 3}).Datasets[0]
	for k, want := range []int{2, 2, 3, 2} {
		if tr := got.Triplets[k]; len(tr.Evidence) != want || len(tr.Regimes) != want || len(tr.Headlines) == 0 {
			t.Errorf("%s: %d seeds count, want %d", tr.Reference, len(tr.Evidence), want)
		}
	}
	for _, want := range []string{
		`run "mnist-seed3" doesn't count against svm, which is another one there than in run "mnist-seed1": it was fitted by another seed, or to other data`,
		`run "mnist-seed3" doesn't count against forest, which`,
		`run "mnist-seed3" doesn't count against forest-strong, which it lacks`,
		`reference mine of run "mnist-seed3" is left out: run "mnist-seed1" lacks it`,
	} {
		if !strings.Contains(got.Skipped, want) {
			t.Errorf("not said: %s\n%s", want, got.Skipped)
		}
	}
}
