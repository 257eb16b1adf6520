package report

import (
	"context"
	"math"
	"os"
	"shoal/runlog"
	"strings"
	"testing"
)

// A reference of kind "network" is a control: the page compares every shallow reference with it.
func TestControlOnThePage(t *testing.T) {
	in := smallInput()
	at := in.Log.NearestAccuracy(.8)
	control := runlog.Reference{Reference: in.Log.At("seed 2 at .8", at), Kind: controlKind}
	in.References = append(in.References, control)
	dir := written(t, in, quick)
	page := string(read(t, dir, "report.html"))
	if got := strings.Count(page, "<strong>Control: "); got != 2 {
		t.Errorf("%d controls on the page, want one for each of 2 shallow references", got)
	}
	// The claims are about shallow models: those against the control are folded away, and its row says what it is.
	for _, want := range []string{"data-series=\"difference\"", "minus that with the control seed 2 at .8", "the same against other networks", "seed 2 at .8 <small>another network</small>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	read(t, dir, "figures", "control-svm-seed-2-at-8.svg")
}

func TestPredictionsOnThePage(t *testing.T) {
	in := smallInput()
	in.References[1].Margins = nil
	page := string(read(t, written(t, in, quick), "report.html"))
	if got := strings.Count(page, "<td>margin</td>"); got != 1 {
		t.Errorf("%d rows on margins, want 1: only one reference has any", got)
	}
	if got := strings.Count(page, "<td>right or wrong</td>"); got != 2 {
		t.Errorf("%d rows on right or wrong, want 2", got)
	}
}

func TestFactsOfTheStudy(t *testing.T) {
	dir := t.TempDir()
	if got := studyFacts("", dir); got != nil {
		t.Errorf("no study gives %v", got)
	}
	if got := studyFacts("seed = 4", dir); len(got) != 1 || got[0] != (Fact{"seed", "4"}) {
		t.Errorf("the study of the database alone gives %v", got)
	}
	text := "seed = 3\n[subset]\norder = \"easy-first\"\npasses = 2\npartition = \"a private file\"\n[training]\nepochs = 2.0\nmomentum = 0.0\n[made]\nsimd = \"avx2\"\ndata = \"a private folder\"\n"
	if err := os.WriteFile(dir+"/study.toml", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	want := []Fact{{"order of training", "easy-first"}, {"passes over its first part", "2"}, {"seed", "3"}, {"epochs", "2"}, {"SIMD", "avx2"}}
	got := studyFacts("seed = 4", dir)
	if len(got) != len(want) {
		t.Fatalf("facts %v, want %v", got, want)
	}
	for k := range want {
		if got[k] != want[k] {
			t.Errorf("fact %v, want %v", got[k], want[k])
		}
	}
	facts := historyFacts(&runlog.History{
		Meta: runlog.Meta{LabelsHash: "0123456789abcdef", Seconds: runlog.Seconds{Training: 75, Report: 9}}, Scoring: []float64{1, math.NaN(), 2},
	})
	if len(facts) != 3 || facts[0].Value != "0123456789ab…" || facts[1] != (Fact{"time for training", "75 s"}) || facts[2] != (Fact{"time for scoring", "3.0 s"}) {
		t.Errorf("facts of the database %v", facts)
	}
}

// Of several networks the one nearest in accuracy is the control.
func TestNearestControl(t *testing.T) {
	in := smallInput()
	for _, accuracy := range []float64{.3, .7, .8} {
		in.References = append(in.References, runlog.Reference{Reference: in.Log.At("network", in.Log.NearestAccuracy(accuracy)), Kind: controlKind})
	}
	a, err := analyse(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []int{4, 3} { // svm at .8, forest at .7
		if got := a.controlFor(k); got != want {
			t.Errorf("the control of reference %d is reference %d, want %d", k, got, want)
		}
	}
}

// Names that give the same file name must not overwrite each other.
func TestLikeNamedReferences(t *testing.T) {
	in := smallInput()
	in.References[1].Name = "SVM"
	dir := written(t, in, quick)
	for _, name := range []string{"ratio-svm.svg", "ratio-svm-2.svg", "infographic-svm-2.gif"} {
		read(t, dir, "figures", name)
	}
}
