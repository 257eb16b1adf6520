package paper

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/dynamics/easiness"
	"shoal/internal/longtest"
	"shoal/published"
	"shoal/runlog"
)

// withSmaller is the tiny plan with a smaller network of two seeds beside its part.
func withSmaller(t *testing.T) (Plan, Options) {
	t.Helper()
	p, o := tiny(t, 1)
	p.Parts[0].Ladder, p.Parts[0].Study.Training.Epochs = nil, .4
	small := p.Parts[0]
	small.Name, small.Smaller, small.Seeds, small.Note = "shapes-cnn2", true, 2, "a smaller one"
	small.Study.Name, small.Study.Evaluation.Initialisations = "tiny-smaller", 0
	p.Parts[1] = small
	return p, o
}

// section is the part of a page from one heading's id to the end of its section.
func section(page, id string) string {
	_, after, found := strings.Cut(page, `<section id="`+id+`">`)
	if !found {
		return ""
	}
	text, _, _ := strings.Cut(after, "</section>")
	return text
}

func want(t *testing.T, where, text string, all ...string) {
	t.Helper()
	for _, w := range all {
		if !strings.Contains(text, w) {
			t.Errorf("%s lacks %q", where, w)
		}
	}
}

// A smaller network has a section of its own, whatever else is there: alone, beside the paper's, with
// a seed that is missing, and after a failure. It is in no table of the paper's, in no figure 1 and in
// no verdict.
func TestSmallerNetworks(t *testing.T) {
	longtest.Only(t, "a paper with smaller networks")
	p, o := withSmaller(t)
	only := p
	only.Parts = p.Parts[1:]
	s, err := Run(context.Background(), only, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Datasets) != 0 || len(s.Smaller) != 1 || len(s.Smaller[0].Runs) != 2 || s.Smaller[0].Published != nil {
		t.Fatalf("only the smaller network was asked for: %+v", s)
	}
	page := string(read(t, o.Out, PageFile))
	want(t, "the page", page, "None of the paper’s networks has a run here.", "<strong>Not asked for here.</strong> MNIST, CIFAR-10, CIFAR-100.", `href="#smaller"`)
	want(t, "the section", section(page, "smaller"), "· cnn2 · 2 seeds", "What they can say for the large networks", "What they can’t", "a smaller one.",
		"seeds-overview-svm.svg", "seeds-overview-forest.svg", "There is no ladder of it yet", "there is no run of that", "There is no starved control")
	if _, err := os.Stat(filepath.Join(o.Out, "figures", "figure1-svm.svg")); err == nil {
		t.Error("a smaller network has made a figure 1")
	}
	if s, err = Run(context.Background(), p, o); err != nil {
		t.Fatal(err)
	}
	if len(s.Datasets) != 1 || len(s.Smaller) != 1 || s.Datasets[0].Part != "shapes" || s.Smaller[0].Orders == nil || s.Smaller[0].Orders.Large != "cnn2" {
		t.Fatalf("got %+v", s)
	}
	page = string(read(t, o.Out, PageFile))
	want(t, "the section", section(page, "smaller"), "Seeds of cnn2 agree on the order of learning by a rank correlation of ", "agrees with them by ")
	for _, id := range []string{"table", "figures", "verdicts", "control", "more"} {
		if text := section(page, id); text == "" || strings.Contains(text, "shapes-cnn2") {
			t.Errorf("section %s is missing, or has the smaller network", id)
		}
	}
	if n := strings.Count(string(read(t, o.Out, "figures", "figure1-svm.svg")), ">folder:"); n > 1 {
		t.Errorf("figure 1 has %d columns of that dataset, want 1", n)
	}
	var out strings.Builder
	if err := s.Print(&out); err != nil {
		t.Fatal(err)
	}
	want(t, "the terminal", out.String(), "smaller networks, several seeds", "cnn2")
	checkRecord(t, o.Out)
	noNaN(t, read(t, o.Out, SummaryFile))
	partly(t, o.Out)
}

// partly has the page of a folder in which parts are missing, or not finished: it says so, and shows the
// rest.
func partly(t *testing.T, out string) {
	t.Helper()
	s, err := readState(out)
	if err != nil {
		t.Fatal(err)
	}
	s.part("shapes-cnn2").Seeds, s.part("shapes-cnn2").Skipped = 3, "the disk is full"
	s.Parts = append(s.Parts, partState{Name: "mnist", Dataset: "mnist", Network: "cnn2", Seeds: 3})
	interrupt(t, filepath.Join(out, "shapes-seed1"))
	if err := s.save(out); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(context.Background(), out, WriteOptions{DPI: coarse}); err != nil {
		t.Fatal(err)
	}
	page := string(read(t, out, PageFile))
	want(t, "the page of parts", page, "· cnn2 has 2 of 3 runs.</strong> the disk is full", "<strong>MNIST is missing.</strong> It has not been run yet.",
		"is not finished.</strong> What is shown is the beginning")
	want(t, "its section", section(page, "smaller"), "seeds-overview-svm.svg")
	want(t, "the record of parts", string(read(t, out, RecordFolder, tablesFile)), "## Cost", "| shapes-cnn2 |", "**MNIST is missing.**")
}

// What a part lacks follows from its runs and from what stopped it.
func TestGaps(t *testing.T) {
	done, cut := RunSummary{Status: string(runlog.Finished)}, RunSummary{Status: string(runlog.Interrupted)}
	for _, c := range []struct {
		d    DatasetSummary
		want gap
	}{
		{DatasetSummary{Planned: 1}, gap{"X is missing", "It has not been run yet."}},
		{DatasetSummary{Planned: 1, Skipped: "no data"}, gap{"X is missing", "no data"}},
		{DatasetSummary{Planned: 1, Runs: []RunSummary{cut}}, gap{"X is not finished", "What is shown is the beginning of a training; the same command resumes."}},
		{DatasetSummary{Planned: 3, Runs: []RunSummary{done, cut}}, gap{"X has 1 of 3 runs", "What is done is shown; the same command resumes."}},
		{DatasetSummary{Planned: 1, Runs: []RunSummary{done}, Skipped: "disk full"}, gap{"X lacks some of its answers", "disk full"}},
		{DatasetSummary{Planned: 1, Runs: []RunSummary{done}}, gap{}},
	} {
		c.d.Title = "X"
		if got, _ := c.d.gap(); got != c.want {
			t.Errorf("%+v: got %+v", c.d, got)
		}
	}
	s := &Summary{Budget: "evening", Smaller: []DatasetSummary{{Part: "cifar10-resnet20", Planned: 1, Runs: []RunSummary{done}}}}
	if got := s.gaps(); len(got) != 1 || got[0].Text != "MNIST, CIFAR-10, CIFAR-100, CIFAR-100 · resnet20." {
		t.Errorf("got %+v", got)
	}
	if text := string(s.tables()); strings.Contains(text, "## Verdicts") || strings.Contains(text, "## The questions") || !strings.Contains(text, "## Cost") {
		t.Errorf("tables without a triplet of the paper's:\n%s", text)
	}
}

// Shares are in per cent, and counts whole.
func TestNumberText(t *testing.T) {
	e := dynamics.Estimate{Value: .8774, Lo: .87104, Hi: .8838, Defined: true}
	count, mean := dynamics.Estimate{Value: 235, Lo: 203.4, Hi: 267.4, Defined: true}, dynamics.Estimate{Value: 12.25, Lo: -1, Hi: 25.5, Defined: true}
	for _, c := range []struct {
		name string
		e    dynamics.Estimate
		want string
	}{
		{dynamics.HeadlineAccuracy, e, "87.74\u00a0% [87.10, 88.38]"}, {dynamics.HeadlinePeak, e, "0.88 [0.87, 0.88]"},
		{dynamics.HeadlineLeft, count, "235 [203, 267]"}, {dynamics.HeadlineLeft, mean, "12.2 [−1.0, 25.5]"}, {dynamics.HeadlineLeft, dynamics.Estimate{}, "undefined"},
	} {
		if got := numberText(c.name, c.e); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Numbers of a network are a row a number and a column a reference; its accuracy is said once.
func TestNumbersOf(t *testing.T) {
	e := func(v float64) dynamics.Estimate {
		return dynamics.Estimate{Value: v, Lo: v - .1, Hi: v + .1, Defined: true}
	}
	triplet := func(name string, ratio float64) Triplet {
		return Triplet{Reference: name, Headlines: []dynamics.Headline{
			{Name: dynamics.HeadlinePeak, Seeds: []dynamics.Estimate{e(ratio), e(ratio + 1)}, Note: "two seeds: too few for an interval"},
			{Name: dynamics.HeadlineAccuracy, Seeds: []dynamics.Estimate{e(.8), e(.7)}, Note: "two seeds: too few for an interval"}}}
	}
	d := DatasetSummary{Triplets: []Triplet{triplet("svm", 1), triplet("forest", 3)}, Runs: make([]RunSummary, 2)}
	got := numbersOf(d)
	if !slices.Equal(got.References, []string{"svm", "forest"}) || len(got.Rows) != 2 || !strings.HasPrefix(got.Caption, "two seeds: too few") {
		t.Fatalf("%+v", got)
	}
	if r := got.Rows[0]; len(r.Cells) != 2 || r.Wide != 0 || r.Cells[1].text() != "3.00 [2.90, 3.10], 4.00 [3.90, 4.10]" {
		t.Errorf("the peaks are %+v", r)
	}
	if r := got.Rows[1]; len(r.Cells) != 1 || r.Wide != 2 || !strings.HasPrefix(r.Cells[0].Seeds[1], "70.00") {
		t.Errorf("the accuracies are %+v", r)
	}
	for _, t1 := range d.Triplets {
		for k := range t1.Headlines {
			h := &t1.Headlines[k]
			h.Mean, h.Note, h.Seeds = e(2), "", append(h.Seeds, e(3))
		}
	}
	d.Runs = make([]RunSummary, 4) // one of them isn't over, and doesn't count
	if got = numbersOf(d); !strings.HasPrefix(got.Caption, "mean of 3 seeds") || got.Rows[0].Cells[0].text() != "2.00 [1.90, 2.10] (1.00 [0.90, 1.10], 2.00 [1.90, 2.10], 3.00 [2.90, 3.10])" {
		t.Errorf("with a mean: %+v", got)
	}
}

// interrupt marks a finished run as one that isn't.
func interrupt(t *testing.T, dir string) {
	t.Helper()
	r, err := runlog.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.SetStatus(runlog.Interrupted, ""); err != nil {
		t.Fatal(err)
	}
}

// checkRecord wants everything that a dated record has to show in the folder that is made for it.
func checkRecord(t *testing.T, out string) {
	t.Helper()
	var runs []map[string]any
	if err := json.Unmarshal(read(t, out, RecordFolder, runsFile), &runs); err != nil || len(runs) != 3 {
		t.Fatalf("%v, %d runs", err, len(runs))
	}
	for _, r := range runs {
		if r["network"] != "cnn2" || !(r["best_accuracy"].(float64) > 0) || r["seconds"] == nil || len(r["references"].([]any)) != 2 {
			t.Errorf("a run of the record: %v", r)
		}
	}
	for _, file := range []string{"figure1-svm.svg", "figure1-forest.svg", SummaryFile} {
		read(t, out, RecordFolder, file)
	}
	want(t, "the record", string(read(t, out, RecordFolder, tablesFile)), "## Ours beside the paper's", "## Verdicts", "## The three questions",
		"## Smaller networks: the same questions", "## Numbers, with 95 % intervals", "## Cost", "| shapes-cnn2 | cnn2 | 2 |")
}

// Six triplets are the paper's: neither a smaller network nor a stronger M is counted with them.
func TestOverallCountsThePapersTriplets(t *testing.T) {
	no := false
	failing := func(ofPaper bool) DatasetSummary {
		c := Claim{Claim: 2, Title: "x", Paper: published.Holds, Verdict: dynamics.Fails, Agrees: &no}
		early := Claim{Claim: 7, Title: "y", Paper: published.NotClaimed, Verdict: dynamics.Fails}
		return DatasetSummary{Dataset: "mnist", Triplets: []Triplet{{Kind: "svm", OfPaper: ofPaper, Claims: []Claim{c, early}}}}
	}
	for _, ofPaper := range []bool{true, false} {
		for _, claim := range []int{2, 7} {
			o := overall([]DatasetSummary{failing(ofPaper)})[claim-1]
			if counted := o.Fails == 1; counted != ofPaper || o.Holds+o.Fails+o.Open != 3 {
				t.Errorf("claim %d, of the paper: %v: got %+v", claim, ofPaper, o)
			}
		}
	}
	mnist, small := collected{partState: partState{Dataset: "mnist", Network: "cnn2"}}, collected{partState: partState{Dataset: "mnist", Network: "resnet20", Smaller: true}}
	svm, strong, knn := runlog.Reference{Kind: "svm"}, runlog.Reference{Kind: "svm"}, runlog.Reference{Kind: "knn"}
	svm.Name, strong.Name, knn.Name = "svm", "svm-strong", "knn"
	of := func(c collected, ref runlog.Reference) bool { return c.asked(ref).OfPaper() }
	if !of(mnist, svm) || of(mnist, strong) || of(mnist, knn) || of(small, svm) || of(collected{}, svm) {
		t.Error("the paper's triplets are others")
	}
	for _, c := range claims(small.asked(svm), nil, nil) {
		if c.Paper != published.NotClaimed {
			t.Errorf("claim %d of what is no triplet of the paper: %s", c.Claim, c.Paper)
		}
	}
}

// Networks without a run are open: what one says isn't what all together do.
func TestOverallCountsNetworksWithoutRuns(t *testing.T) {
	yes := true
	agreeing := func(dataset string, kinds ...string) DatasetSummary {
		d := DatasetSummary{Dataset: dataset}
		for _, kind := range kinds {
			m := Triplet{Kind: kind, OfPaper: true}
			for k := 1; k <= dynamics.Claims; k++ {
				m.Claims = append(m.Claims, Claim{Claim: k, Title: "x", Verdict: dynamics.Holds, Agrees: &yes})
			}
			d.Triplets = append(d.Triplets, m)
		}
		return d
	}
	mnist, cifar10 := agreeing("mnist", "svm", "forest"), agreeing("cifar10", "svm", "forest")
	for _, c := range []struct {
		datasets           []DatasetSummary
		claim, holds, open int
		verdict            dynamics.Outcome
		text               string
	}{
		{nil, 2, 0, 3, dynamics.CannotJudge, ": agrees with the paper for 0 of 3 networks, differs for 0, can't be judged for 3"},
		{[]DatasetSummary{mnist}, 2, 1, 2, dynamics.CannotJudge, "x: agrees with the paper for 1 of 3 networks, differs for 0, can't be judged for 2"},
		{[]DatasetSummary{mnist}, 5, 0, 1, dynamics.CannotJudge, "x: agrees with the paper for 0 of 1 network, differs for 0, can't be judged for 1"},
		{[]DatasetSummary{mnist}, 7, 1, 2, dynamics.Holds, "x: holds for 1 of 3 networks, doesn't for 0, can't be judged for 2; the paper says it of some"},
		{[]DatasetSummary{mnist, cifar10, agreeing("cifar100", "svm")}, 2, 2, 1, dynamics.CannotJudge, "x: agrees with the paper for 2 of 3 networks, differs for 0, can't be judged for 1"},
		{[]DatasetSummary{mnist, cifar10, agreeing("cifar100", "svm", "forest")}, 2, 3, 0, dynamics.Holds, "x: agrees with the paper for 3 of 3 networks, differs for 0, can't be judged for 0"},
		{[]DatasetSummary{agreeing("cifar100", "svm")}, 5, 1, 0, dynamics.Holds, "x: agrees with the paper for 1 of 1 network, differs for 0, can't be judged for 0"},
	} {
		o := overall(c.datasets)[c.claim-1]
		if o.Holds != c.holds || o.Open != c.open || o.Verdict != c.verdict || o.sentence() != c.text {
			t.Errorf("claim %d of %d datasets: %+v, %q", c.claim, len(c.datasets), o, o.sentence())
		}
	}
}

func TestAnswersOverSeeds(t *testing.T) {
	yes, no, share, lo, hi, up := true, false, .4, .35, .45, .81
	change := dynamics.Regime{Found: &yes, Share: &share, Lo: &lo, Hi: &hi, ShallowFirst: &yes}
	none := dynamics.Regime{Found: &no, UpTo: &up}
	for _, c := range []struct {
		seeds        []dynamics.Regime
		order, first string
	}{
		{[]dynamics.Regime{none, none, none}, "no regime change in all 3 seeds: M predicts the order up to 81 %, 81 %, 81 %", "no in all 3 seeds"},
		{[]dynamics.Regime{change, none}, "no regime change in 1 of 2 seeds: M predicts the order up to 81 %; M stops predicting the order in 1 of 2 seeds, at 40 % [35, 45] of the examples",
			"yes in 1 of 2 seeds, no in 1 of 2 seeds"},
		{[]dynamics.Regime{{}}, "it can't be told in the one seed", "can't be told in the one seed"},
		{nil, "", ""},
	} {
		var seeds []SeedRegime
		for _, r := range c.seeds {
			seeds = append(seeds, SeedRegime{Regime: r})
		}
		if order, first := orderText(seeds), firstText(seeds); order != c.order || first != c.first {
			t.Errorf("got %q and %q, want %q and %q", order, first, c.order, c.first)
		}
	}
	rho, least, most := .4567, .4412, -.1
	with := []SeedRegime{{Regime: none, Association: dynamics.Association{Rho: &rho, Lo: &least, Hi: &rho}}, {Regime: none, Association: dynamics.Association{Rho: &most, Lo: &most, Hi: &rho}}, {Regime: none}}
	want(t, "the order", orderText(with), "up to 81 %, 81 %, 81 %; over all examples M and the order are correlated by ρ = 0.46 [0.44, 0.46], −0.10 [−0.10, 0.46]")
}

// What a large network wasn't asked names the reason, and the smaller one that was.
func TestWhatWasNotAsked(t *testing.T) {
	asked := DatasetSummary{Dataset: "cifar10", Network: "resnet20", Easiness: make([]easiness.Answer, 1)}
	for want, d := range map[string]DatasetSummary{
		"Not asked: one seed; see resnet20.":                        {Planned: 1, Dataset: "cifar10"},
		"Not asked: one seed.":                                      {Planned: 1, Dataset: "cifar100"},
		"Not asked yet: it takes two finished seeds; see resnet20.": {Planned: 2, Dataset: "cifar10"},
		"Not asked yet: it takes refits, which come after the trainings.": {Planned: 2, Dataset: "mnist",
			Runs: []RunSummary{{Status: string(runlog.Finished)}, {Status: string(runlog.Finished)}}},
	} {
		d.stand, d.Triplets = standFor(d.Dataset, []DatasetSummary{asked}), []Triplet{{Reference: "svm"}}
		if a := d.answers()[0]; a.Shared != want || a.Missed != want {
			t.Errorf("got %q and %q, want %q", a.Shared, a.Missed, want)
		}
	}
}

// Answers of an earlier version say what their intervals lack, and are asked again.
func TestAnswersOfAnEarlierVersion(t *testing.T) {
	d := DatasetSummary{Easiness: make([]easiness.Answer, 1), Triplets: []Triplet{{}}}
	for rules, older := range map[int]bool{0: true, easiness.Rules: false} {
		d.easiness = &easiness.Report{Rules: rules}
		if a := d.answers()[0]; strings.Contains(a.Shared, "an earlier version said so, by an interval over examples only") != older {
			t.Errorf("rules %d: %q", rules, a.Shared)
		}
	}
}

// A range of correlations says that it is one over pairs of seeds.
func TestOrdersOverPairs(t *testing.T) {
	o := OrderAgreement{Seeds: spreadOf([]float64{.861, .858, .863}), Large: "big", With: spreadOf([]float64{.8})}
	want(t, "the agreement", o.Sentence("net"), "correlation of 0.86 to 0.86 (the least and the most of 3 pairs of seeds); big agrees with them by 0.80:")
}

// The peak of two seeds is both, without an interval for them together.
func TestPeakOfTwoSeeds(t *testing.T) {
	e := func(v float64) dynamics.Estimate {
		return dynamics.Estimate{Value: v, Lo: v - .1, Hi: v + .1, Defined: true}
	}
	peak := dynamics.Headline{Name: dynamics.HeadlinePeak, Seeds: []dynamics.Estimate{e(1.5), e(1.75)}}
	two := Triplet{Headlines: []dynamics.Headline{peak}}
	if got := two.peak(); got != "1.50 and 1.75; two seeds are too few for an interval" {
		t.Errorf("two seeds: %q", got)
	}
	peak.Seeds = peak.Seeds[:1]
	if got := (Triplet{Headlines: []dynamics.Headline{peak}}).peak(); got != "1.50 [1.40, 1.60]" {
		t.Errorf("one seed: %q", got)
	}
	peak.Mean = e(1.6)
	if got := (Triplet{Headlines: []dynamics.Headline{peak}}).peak(); got != "1.60 [1.50, 1.70]" {
		t.Errorf("three seeds: %q", got)
	}
	for _, none := range []Triplet{{}, {Headlines: []dynamics.Headline{{Name: dynamics.HeadlinePeak, Seeds: make([]dynamics.Estimate, 2)}}}} {
		if got := none.peak(); got != "–" {
			t.Errorf("no peak: %q", got)
		}
	}
}
