package paper

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/dynamics/easiness"
	"shoal/report"
	"shoal/runlog"
	"shoal/track"
)

// What the published recipe would take follows from the seconds of an epoch and of a scored image. Nothing is
// said of a run that is the recipe, that doesn't know its seconds, or of a smaller network.
func TestPublishedRecipe(t *testing.T) {
	made := func(dataset string, epochs, training float64) collected {
		r := &run{History: &runlog.History{Meta: runlog.Meta{Status: runlog.Finished, Seconds: runlog.Seconds{Training: training, Evaluation: 8}}}}
		r.Log = dynamics.Log{Labels: []uint16{0, 1, 0, 1}, Steps: []int{0, 391}, Epochs: []float64{0, epochs}, Predictions: [][]uint16{{0, 0, 0, 0}, {0, 1, 0, 0}}}
		return collected{partState: partState{Dataset: dataset, Network: "net"}, runs: []*run{r}}
	}
	d := DatasetSummary{Accuracy: spreadOf([]float64{.75})}
	got := made("cifar10", 1, 3600).recipe(d)
	// 350 epochs; the evaluations of log:1.02,tail:5 of 136,850 steps, 10,000 images of a second each.
	want(t, "the statement", got, "net has 75.00\u00a0% at the end here, after 1 epoch, 60 min of training and 8.0 s of scoring.", "The paper’s DenseNet-121 has 95.04\u00a0%.",
		"The 350 epochs that are published for it would take about 15 days of training and 51 days of scoring on the same machine, 65 days in all")
	small := made("cifar10", 1, 3600)
	small.Smaller = true
	begun := made("mnist", .75, 60)
	begun.runs[0].Status, begun.runs[0].Dir = runlog.Running, t.TempDir()
	study := "name = \"mnist\"\n[data]\ndataset = \"mnist\"\n[training]\nepochs = 24.0\n"
	if err := os.WriteFile(filepath.Join(begun.runs[0].Dir, track.StudyFile), []byte(study), 0o666); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]collected{"a smaller network": small, "no run": {partState: small.partState}, "MNIST": made("mnist", 24, 60), "MNIST, begun": begun, "the recipe itself": made("cifar10", 350, 60),
		"no seconds": made("cifar10", 1, 0), "another dataset": made("fashion", .5, 60)} {
		if text := c.recipe(d); text != "" {
			t.Errorf("%s: %q, want nothing", what, text)
		}
	}
}

// The tables say how a study differs from the paper's, what its columns are, and what all of it took.
func TestTablesStandAlone(t *testing.T) {
	seconds := func(x float64) *float64 { return &x }
	run := RunSummary{Status: string(runlog.Finished), Epochs: 20, Precision: "bfloat16", Workers: 2, SIMD: "avx512", Tier: "amx", PeakRSSBytes: 1 << 30, Seconds: runlog.Seconds{Training: 3600, Total: 7200}}
	m := Triplet{Reference: "svm", Kind: "svm", OfPaper: true, Evidence: []Evidence{{Warnings: []string{"it didn't converge"}}}, Claims: []Claim{{Claim: 1, Title: "x"}}}
	a := DatasetSummary{Part: "cifar10", Dataset: "cifar10", Title: "CIFAR-10", Planned: 1, Note: "20 epochs", Runs: []RunSummary{run}, Triplets: []Triplet{m}, LadderSeconds: 3600, Recipe: "net has 75 %"}
	a.notePrecision()
	begun := run
	begun.Status, begun.Epochs, begun.Workers, begun.PeakRSSBytes = string(runlog.Interrupted), 3, 0, 0
	b := DatasetSummary{Part: "mnist", Title: "MNIST", Planned: 2, Runs: []RunSummary{begun, run}, RefitSeconds: seconds(3600)}
	c := DatasetSummary{Part: "c", Title: "C", Planned: 1, Runs: []RunSummary{run}, Easiness: make([]easiness.Answer, 1)}
	none := DatasetSummary{Part: "none", Title: "None", Planned: 1, Note: "never trained"}
	text := strings.ReplaceAll(string((&Summary{Budget: "evening", Datasets: []DatasetSummary{a, b, c, none}}).tables()), "\u00a0", " ")
	want(t, "tables.md", text, "## How the networks were trained, and warnings\n\n- CIFAR-10: 20 epochs; computed in bfloat16 instead of float32.\n- CIFAR-10, svm: it didn’t converge.\n",
		"| claim | MNIST, svm | MNIST, forest | CIFAR-10, svm |", "| (1) R± starts at 1.0 | no run | no run | ", "## What the published recipes would take here\n\n- CIFAR-10: net has 75 %.\n",
		"| cifar10 |  | 1 | 20 | - | 60 min | - | - | 2.0 h | 60 min | - | 1.0 GB | bfloat16 amx avx512, 2 workers |\n",
		"| mnist |  | 2 | 3, 20 | - | 2.0 h | - | - | 4.0 h | - | 60 min | 1.0 GB | bfloat16 amx avx512, 2 workers |", "| not all recorded |",
		"| all |  | 4 |  | - | 4.0 h | - | - | 8.0 h | 60 min | 60 min, not all recorded | 1.0 GB |  |\n", "take 10.0 h together")
	if strings.Contains(text, "never trained") {
		t.Error("the tables say how a network was trained that wasn't")
	}
}

// The page says of the evening that its schedules are shoal's, and speaks of starved networks where there are
// some.
func TestPageSaysWhatIsThere(t *testing.T) {
	has := func(budget, rung, text string) bool {
		d := DatasetSummary{Part: "x", Title: "X", Planned: 1, Runs: []RunSummary{{Status: string(runlog.Finished)}}, Ladder: []RungSummary{{Name: rung}}}
		page, err := renderPage(&Summary{Budget: budget, Datasets: []DatasetSummary{d}}, &drawings{Rungs: map[string][]report.RungRow{"x": {{Name: rung}}}})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(page), text)
	}
	const starved = "then networks starved until they are as accurate as M"
	for rung, is := range map[string]bool{dynamics.StarvedPrefix + "svm": true, dynamics.RungPrefix + "starved": true, dynamics.RungPrefix + "knn": false} {
		if has("full", rung, starved) != is {
			t.Errorf("a ladder of %s: starved networks %v, want %v", rung, !is, is)
		}
	}
	for budget, own := range map[string]bool{"evening": true, "full": false} {
		if has(budget, "", "schedules of CIFAR are shoal’s own") != own || has(budget, "", "Networks, schedules and the settings") == own {
			t.Errorf("budget %s: the page doesn't say whose its schedules are", budget)
		}
	}
	if has("full", "", "the same training data") || has("full", "", "right for M alone at the end") {
		t.Error("the page says what isn't so of all M")
	}
}
