package paper

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/published"
)

// A second seed that isn't over counts for nothing before it is past its peak, and after that for the beginning:
// nothing that is said of the end is another than without it.
func TestSeedThatIsNotOver(t *testing.T) {
	s := newStage(t, t.TempDir(), 800, "svm", "forest")
	x := s.scene("cifar10")
	x.run(1, 1, false)
	one := s.summary(map[string]int{"cifar10": 1}).Datasets[0]
	seeds := map[string]int{"cifar10": 2}
	second := filepath.Join(s.out, x.part.folder(2))
	for _, c := range []struct {
		share float64
		past  bool
	}{{.02, false}, {.3, true}} {
		if err := os.RemoveAll(second); err != nil {
			t.Fatal(err)
		}
		x.run(2, c.share, false)
		all := s.summary(seeds)
		two := all.Datasets[0]
		if len(two.Runs) != 2 || two.SoFar || two.Accuracy.Seeds != 1 || *two.Accuracy != *one.Accuracy || two.Recipe != one.Recipe {
			t.Errorf("at %v: %+v, accuracy %+v", c.share, two.Runs, two.Accuracy)
		}
		for k, m := range two.Triplets {
			checkBeside(t, one.Triplets[k], m, c.past)
		}
		gap, _ := two.gap()
		said := strings.Contains(gap.Text, "Seed 2, at epoch 5.9 of 20, is past the peak of R± against svm and forest: there it counts for the first R± and the peak (claims 5 and 7)")
		marked := strings.Contains(string(all.tables()), "; of seed 2, which isn’t over, the first R± and the peak\n")
		if said != c.past || marked != c.past {
			t.Errorf("at %v: the gap says %q; the numbers are marked: %v", c.share, gap.Text, marked)
		}
	}
}

// checkBeside compares a triplet of one finished seed with the same where another one has begun.
func checkBeside(t *testing.T, one, two Triplet, past bool) {
	t.Helper()
	count := map[bool]int{true: 2, false: 1}[past]
	if len(two.Evidence) != count || len(two.Regimes) != 1 || two.Left != nil || two.Churn != nil || past && (two.Evidence[0].SoFar || !two.Evidence[1].SoFar) {
		t.Errorf("%s, past the peak %v: evidence %+v, regimes %d", two.Reference, past, two.Evidence, len(two.Regimes))
	}
	for k, h := range two.Headlines {
		want := 1
		if past && earlyHeadline(h.Name) {
			want = 2
		}
		if len(h.Seeds) != want || h.Seeds[0] != one.Headlines[k].Seeds[0] {
			t.Errorf("%s, past the peak %v: %s of %d seeds, want %d", two.Reference, past, h.Name, len(h.Seeds), want)
		}
	}
	for k, c := range two.Claims {
		if len(c.Seeds) != count || !slices.Contains(ofBeginning, c.Claim) && c.Verdict != one.Claims[k].Verdict {
			t.Errorf("%s, past the peak %v: claim %d is %s of %d seeds, and %s of the one that is over", two.Reference, past, c.Claim, c.Verdict, len(c.Seeds), one.Claims[k].Verdict)
		}
		end := slices.Contains([]int{3, 4, 6}, c.Claim)
		if past && end && (c.Seeds[1].Verdict != dynamics.CannotJudge || strings.Contains(strings.Join(c.why(), ""), "Seed 2")) {
			t.Errorf("claim %d of a seed that isn't over: %+v, %q", c.Claim, c.Seeds[1], c.why())
		}
		if past && c.Claim == 2 && !strings.Contains(c.why()[1], "Seed 2, not over: ") {
			t.Errorf("claim 2 doesn't say what the peak looks like so far: %q", c.why())
		}
	}
}

// What a seed that isn't over says of the beginning counts like that of any other; what it can't say of the end
// doesn't.
func TestVerdictsBesideSeedsThatAreNotOver(t *testing.T) {
	for _, c := range []struct {
		claim       int
		over, begun dynamics.Outcome
		want        dynamics.Outcome
	}{
		{7, dynamics.Holds, dynamics.Holds, dynamics.Holds},
		{7, dynamics.Holds, dynamics.Fails, differs},
		{7, dynamics.Holds, dynamics.CannotJudge, dynamics.CannotJudge},
		{5, dynamics.Fails, dynamics.Holds, differs},
		{2, dynamics.Holds, dynamics.CannotJudge, dynamics.Holds},
		{3, dynamics.Fails, dynamics.CannotJudge, dynamics.Fails},
		{6, dynamics.Holds, dynamics.Fails, dynamics.Holds},
	} {
		claim := Claim{Claim: c.claim, Paper: published.Holds, Seeds: []SeedVerdict{{Seed: 1, Verdict: c.over}, {Seed: 2, SoFar: true, Verdict: c.begun}}}
		if claim.combine(nil); claim.Verdict != c.want {
			t.Errorf("claim %d, %s of a seed that is over and %s of one that isn't: %s, want %s", c.claim, c.over, c.begun, claim.Verdict, c.want)
		}
		alone := Claim{Claim: c.claim, Paper: published.Holds, Seeds: []SeedVerdict{{Seed: 2, SoFar: true, Verdict: c.begun}}}
		if alone.combine(nil); alone.Verdict != c.begun {
			t.Errorf("claim %d, %s of the only seed: %s", c.claim, c.begun, alone.Verdict)
		}
	}
}
