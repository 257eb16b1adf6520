package paper

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"shoal/internal/browsertest"
	"shoal/internal/longtest"
	"shoal/report"
)

// halfDone is an evening with MNIST and CIFAR-10 finished, and CIFAR-100 half trained; M are the paper's.
func halfDone(t *testing.T) (*stage, map[string]int) {
	t.Helper()
	s := newStage(t, filepath.Join(t.TempDir(), "paper"), 800, "svm", "forest")
	for k := range s.plan.Parts { // as few evaluations as a shape takes: judging many takes long
		s.plan.Parts[k].Study.Evaluation.Schedule = "log:1.3,tail:12"
	}
	s.scene("mnist").run(1, 1, false)
	s.scene("cifar10").run(1, 1, true)
	s.scene("cifar100").run(1, .5, false)
	return s, map[string]int{"mnist": 1, "cifar10": 1, "cifar100": 1}
}

// What the paper delivers, as its reader needs it, where one of its networks is half trained: accuracies beside the
// published ones, the verdict on every claim for six triplets and over the networks, with reasons, the three
// questions, what the intervals cover, costs, and what the published recipes would take.
func TestTablesOfAHalfDonePaper(t *testing.T) {
	s, seeds := halfDone(t)
	summary := s.summary(seeds)
	text, err := json.Marshal(summary)
	if err != nil {
		t.Fatal(err)
	}
	noNaN(t, text)
	tables := string(summary.tables())
	want(t, "tables.md", tables, "**CIFAR-100 is not finished.**",
		"| network at the end, or so far | at best | paper | runs |", " (so far, at epoch ", " | 77.78 % | 1 |", "| 95.04 % | 1 |",
		"| claim | MNIST, svm | MNIST, forest | CIFAR-10, svm | CIFAR-10, forest | CIFAR-100, svm | CIFAR-100, forest | all networks |",
		"(of 3 networks: as the paper says for ", "### Why", "- CIFAR-100, forest: cannot be judged. Its training isn’t over.\n", "So far the peak, ",
		"## The three questions", "### 1. Is easiness a property of the example", "### 2. Is there a change", "### 3. Are there examples",
		"| CIFAR-100, resnet101, all M (1 seed) | Not asked: one seed. |", "Can’t be told: the training isn’t over.", "of 12: ",
		intervals, numbersNote, "The 350 epochs that are published for it would take about ", "The 200 epochs that are published for it", " in bfloat16. The paper’s",
		"## Cost", " of 12 |", "take ", "together.")
	for _, wrong := range []string{"%!", "NaN", "Svm", "[]", "epochs epochs"} {
		if i := strings.Index(tables, wrong); i >= 0 {
			t.Errorf("tables.md says %q", tables[max(0, i-60):min(len(tables), i+60)])
		}
	}
	for _, c := range summary.paperMatrix().Rows {
		if len(c.Cells) != 7 {
			t.Errorf("claim %d has %d cells, want six triplets and the networks", c.Claim, len(c.Cells))
		}
		for _, v := range c.Cells[4:6] {
			if (c.Claim == 3 || c.Claim == 4 || c.Claim == 6) && v.Verdict != "cannot be judged" {
				t.Errorf("claim %d of a network that is half trained: %s", c.Claim, v.Verdict)
			}
		}
	}
}

// Figure 1 has three columns, and says of each what its bands are and whether it is whole.
func TestFigure1OfAHalfDonePaper(t *testing.T) {
	s, seeds := halfDone(t)
	parts, err := collect(t.Context(), s.out, s.planned(seeds))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"svm", "forest"} {
		f, err := figure1(t.Context(), name, parts)
		if err != nil {
			t.Fatal(err)
		}
		svg := string(report.Inline(f))
		want(t, "figure 1", svg, "MNIST · cnn2<", "CIFAR-10 · densenet121<", "CIFAR-100 · resnet101<", "so far, epoch ", "95 % band over examples")
		if n := strings.Count(svg, "so far"); n != 2 { // on a wide sheet, and on a narrow one
			t.Errorf("%d columns are so far, want one", n/2)
		}
	}
}

// The page of the same: what it shows first, and what the record folder has.
func TestPageOfAHalfDonePaper(t *testing.T) {
	longtest.Only(t, "the page of a paper that never was")
	s, seeds := halfDone(t)
	s.write(seeds, coarse)
	page := string(read(t, s.out, PageFile))
	want(t, "the verdicts", section(page, "verdicts"), "CIFAR-100, forest</th>", "all networks</th>", "the reasons, triplet by triplet", "as the paper says")
	want(t, "the questions", section(page, "questions"), "1. Is easiness a property", "2. Is there a change", "3. Are there examples", "Intervals are at 95 %")
	want(t, "figure 1", section(page, "figures"), "so far, epoch ", "figures/figure1-svm.svg", "figures/figure1-forest.svg")
	want(t, "the numbers", section(page, "numbers"), "so far, at epoch ", "Student’s t over the seeds")
	want(t, "the costs", section(page, "runs"), "<th>ladder</th>", "together. Runs in all")
	if strings.Contains(section(page, "runs"), ">0 MB<") {
		t.Error("a run that isn't over has used no memory")
	}
	var runs []struct {
		Network string  `json:"network"`
		Best    float64 `json:"best_accuracy"`
		Status  string  `json:"status"`
	}
	if err := json.Unmarshal(read(t, s.out, RecordFolder, runsFile), &runs); err != nil || len(runs) != 3 || runs[2].Network != "resnet101" || !(runs[2].Best > 0) || runs[2].Status == "finished" {
		t.Errorf("%+v, %v", runs, err)
	}
	for _, file := range []string{"figure1-svm.svg", "figure1-forest.svg", SummaryFile, tablesFile} {
		read(t, s.out, RecordFolder, file)
	}
	browsertest.Chromium(t)
	for _, width := range []int64{360, 1280} {
		b := browsertest.Open(t, filepath.Join(s.out, PageFile), width, 800, "#notes")
		b.Want("document.querySelectorAll('#verdicts table')[0].querySelectorAll('tbody tr').length", "7")
		b.Want("document.querySelectorAll('#verdicts table')[0].querySelectorAll('thead th').length", "8")
		b.Run("[...document.querySelectorAll('#verdicts details')].forEach(d => d.open = true)")
		b.Fits()
		b.Legible("7")
		b.SelfContained()
		b.Silent()
		b.Accessible()
	}
}
