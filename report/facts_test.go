package report

import (
	"math"
	"os"
	"testing"

	"shoal/runlog"
)

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
