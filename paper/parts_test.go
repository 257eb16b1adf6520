package paper

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"shoal/deep"
	"shoal/dynamics"
	"shoal/internal/longtest"
	"shoal/internal/machine"
	"shoal/internal/usage"
	"shoal/published"
	"shoal/record"
	"shoal/track"
)

func TestPlans(t *testing.T) {
	for _, budget := range Budgets() {
		p, err := NewPlan(budget, nil, nil, 1)
		if err != nil || len(p.Parts) != len(PartNames(budget)) {
			t.Fatalf("%s: %v, %d parts", budget, err, len(p.Parts))
		}
		for _, part := range p.Parts {
			dataset, _, _ := strings.Cut(part.Name, "-")
			builtin, err := track.Builtin(dataset)
			if err != nil {
				t.Fatal(err)
			}
			cut := part.Study.Training.Epochs < builtin.Training.Epochs || part.Name == "mnist" && part.Study.Training.Epochs < 24
			if cut != (part.Note != "") || budget == "full" && cut || part.Required {
				t.Errorf("%s %s: %v epochs, note %q", budget, part.Name, part.Study.Training.Epochs, part.Note)
			}
			if part.Smaller == (part.Study.Network == builtin.Network) || part.Study.Data != builtin.Data && budget != "quick" {
				t.Errorf("%s %s: network %v on %v, smaller: %v", budget, part.Name, part.Study.Network, part.Study.Data, part.Smaller)
			}
			for _, r := range part.study(7).References {
				if r.Preset != "paper" && r.Name != r.Kind+"-strong" || r.Seed != 1 {
					t.Errorf("%s %s: reference %+v, want the paper's preset and the first seed", budget, part.Name, r)
				}
			}
		}
	}
	p, err := NewPlan("full", []string{"mnist"}, []string{"forest"}, 3)
	if err != nil || len(p.Parts) != 1 || !p.Parts[0].Required || len(p.Parts[0].Study.References) != 1 || p.Seeds != 3 {
		t.Errorf("got %+v, %v", p, err)
	}
	if e := p.Parts[0].Study.Evaluation.Schedule; e != "every:1@2,every:20" {
		t.Errorf("the full recipe on MNIST is scored %s", e)
	}
}

// Whether a curve has settled can be told from five evaluations in each of the last two tenths; all
// scoring together may cost a quarter of the time, at a third of a training step's for an image.
func TestEveningsRecipesCanBeJudged(t *testing.T) {
	p, err := NewPlan("evening", nil, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range p.Parts {
		if part.Name == "mnist" { // minutes, whatever it costs
			continue
		}
		schedule, err := record.ParseSchedule(part.Study.Evaluation.Schedule)
		if err != nil {
			t.Fatal(err)
		}
		total := int(part.Study.Training.Epochs) * 391
		steps := schedule.Steps(391, total)
		var tenths [10]int
		for _, s := range steps {
			tenths[min(9, 10*s/total)]++
		}
		training, scoring := part.Study.Training.Epochs*50_000, float64(len(steps))*10_000/3
		if share := scoring / (scoring + training); tenths[8] < 5 || tenths[9] < 5 || share > .28 {
			t.Errorf("%s: %d evaluations, by tenths %v, %.2f of the time", part.Name, len(steps), tenths, share)
		}
		if smaller := part.Name != part.Study.Data.Dataset; p.seeds(part) != map[bool]int{true: 3, false: 1}[smaller] || part.Smaller != smaller {
			t.Errorf("%s: %d seeds, smaller: %v", part.Name, p.seeds(part), part.Smaller)
		}
	}
}

func TestPlanRefuses(t *testing.T) {
	for want, try := range map[string]func() (Plan, error){
		`unknown budget "huge": want one of quick, evening, full`: func() (Plan, error) { return NewPlan("huge", nil, nil, 1) },
		`budget quick has no part "svhn"`:                         func() (Plan, error) { return NewPlan("quick", []string{"svhn"}, nil, 1) },
		`unknown reference "svn"`:                                 func() (Plan, error) { return NewPlan("quick", nil, []string{"svn"}, 1) },
		`0 seeds: want 1 to 1000`:                                 func() (Plan, error) { return NewPlan("quick", nil, nil, 0) },
		`reference "svm" is named tw`:                             func() (Plan, error) { return NewPlan("quick", nil, []string{"svm", "svm"}, 1) },
	} {
		_, err := try()
		var usage *usage.Error
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a usage error with %q", err, want)
		}
	}
}

func TestVerdictsOverSeeds(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		seeds   []dynamics.Outcome
		paper   string
		verdict dynamics.Outcome
		agrees  *bool
	}{
		{[]dynamics.Outcome{dynamics.Holds, dynamics.Holds}, published.Holds, dynamics.Holds, &yes},
		{[]dynamics.Outcome{dynamics.Fails, dynamics.Fails}, published.Holds, dynamics.Fails, &no},
		{[]dynamics.Outcome{dynamics.Fails}, published.Fails, dynamics.Fails, &yes},
		{[]dynamics.Outcome{dynamics.Holds}, published.Fails, dynamics.Holds, &no},
		{[]dynamics.Outcome{dynamics.Holds, dynamics.Fails}, published.Holds, differs, nil},
		{[]dynamics.Outcome{dynamics.Holds, dynamics.CannotJudge}, published.Holds, dynamics.CannotJudge, nil},
		{[]dynamics.Outcome{dynamics.Holds}, published.NotClaimed, dynamics.Holds, nil},
		{nil, published.Holds, dynamics.CannotJudge, nil},
	} {
		claim := Claim{Paper: c.paper}
		for k, v := range c.seeds {
			claim.Seeds = append(claim.Seeds, SeedVerdict{Seed: uint64(k), Verdict: v})
		}
		claim.combine(nil)
		if claim.Verdict != c.verdict || (claim.Agrees == nil) != (c.agrees == nil) || c.agrees != nil && *claim.Agrees != *c.agrees {
			t.Errorf("%v where the paper says %s: got %q, %v", c.seeds, c.paper, claim.Verdict, claim.Agrees)
		}
	}
}

// Summaries by older rules are read.
func TestSummariesOfRecords(t *testing.T) {
	for _, record := range []string{"2026-11-23-paper-mnist", "2026-11-24-quick"} {
		var s Summary
		if err := json.Unmarshal(read(t, "..", "records", record, SummaryFile), &s); err != nil || len(s.Datasets) == 0 || len(s.Datasets[0].Triplets) == 0 {
			t.Errorf("%s: %v, %+v", record, err, s)
		}
	}
}

// What a run doesn't know is null.
func TestEvidenceOfNothing(t *testing.T) {
	for _, v := range []map[int]dynamics.Verdict{
		nil, {2: {Numbers: dynamics.Numbers{Peak: &dynamics.PeakNumbers{}}}},
	} {
		e := evidenceOf(v)
		if e.First.Defined || e.Peak.Defined || e.PeakStep != nil || e.PeakEpoch != nil || e.Modes != nil || e.ShallowOnly != nil || e.LastK != nil {
			t.Errorf("%+v: got %+v", v, e)
		}
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		noNaN(t, text)
	}
}

func TestEstimate(t *testing.T) {
	p, o := tiny(t, 2)
	o.NoEstimate, o.EstimateOnly = false, true
	var lines []string
	o.Track.Say = func(line string) { lines = append(lines, line) }
	o.Table = func(rows [][]string) {
		for _, row := range rows {
			lines = append(lines, strings.Join(row, "  "))
		}
	}
	s, err := Run(context.Background(), p, o)
	if s != nil || err != nil {
		t.Fatalf("got %v, %v", s, err)
	}
	text := strings.Join(lines, "\n")
	for _, want := range []string{"skipped cifar100", "shapes  2 of 2", "a step "} {
		if !strings.Contains(text, want) {
			t.Errorf("the estimate lacks %q:\n%s", want, text)
		}
	}
	if _, err := os.Stat(o.Out); err == nil {
		t.Error("an estimate has left a folder behind")
	}
	x := &execution{plan: p, options: o, state: &state{}}
	c, err := x.estimate(context.Background(), p.Parts[0])
	if err != nil || !(c.Training > 0 && c.Scoring > 0 && c.References > 0 && c.Report > 0 && c.MemoryBytes > 1<<20 && c.DiskBytes > 1<<20) || c.Missing != 2 {
		t.Errorf("got %+v, %v", c, err)
	}
	if !(c.Control > 0) {
		t.Errorf("the ladders cost %v s", c.Control)
	}
}

// TestEstimateKnowsTheCache wants no time for references that were fitted before.
func TestEstimateKnowsTheCache(t *testing.T) {
	p, o := tiny(t, 1)
	p.Parts = p.Parts[:1]
	p.Parts[0].Ladder, p.Parts[0].Study.Training.Epochs = nil, .1
	if _, err := Run(context.Background(), p, o); err != nil {
		t.Fatal(err)
	}
	o.NoEstimate, o.Out = false, o.Out+"-2"
	for _, noCache := range []bool{false, true} {
		o.Track.NoCache = noCache
		x := &execution{plan: p, options: o, state: &state{}}
		c, err := x.estimate(context.Background(), p.Parts[0])
		if err != nil || (c.References == 0) == noCache || strings.Contains(c.Measured, "svm and forest in the cache") == noCache {
			t.Errorf("no cache %v: got %+v, %v", noCache, c, err)
		}
	}
}

// TestCostFollowsTheWork wants the estimate to be the sum that it says it is.
func TestCostFollowsTheWork(t *testing.T) {
	e := track.Estimate{Steps: 100, Evaluations: 10, Examples: 500, References: 2, StepSeconds: .5, ImageSeconds: .01, FitSeconds: 7}
	c := Cost{Missing: 1}
	c.fill(e, []progress{{}})
	if c.Training != 50 || c.Scoring != 50 || c.References != 7 || c.Control != 0 || c.Seconds() != 107+c.Report {
		t.Errorf("got %+v", c)
	}
	e.Initial = 1000
	three := Cost{Missing: 3}
	three.fill(e, []progress{{}, {initial: true}, {steps: 60, evaluations: 4, initial: true}})
	if three.Training != 50+50+20 || three.Scoring != 60+50+30 || three.References != 7 || three.Report != 3*c.Report {
		t.Errorf("three seeds, one of them begun: got %+v", three)
	}
	rows, from := costTable([]Cost{{Part: "a", Missing: 1, Training: 7200, Measured: "a: x"}, {Part: "b", Finished: 3}, {Part: "c", Missing: 2, Scoring: 3600, MemoryBytes: 5 << 30, DiskBytes: 1 << 20, Measured: "c: y"}})
	text := from
	for _, row := range rows {
		if len(row) != len(rows[0]) {
			t.Errorf("row %q has other columns than %q", row, rows[0])
		}
		text += "\n" + strings.Join(row, " ")
	}
	for _, want := range []string{"2.0 h", "3 done", "60 min", "all", "3.0 h", "5.0 GB", "a: x; c: y"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	if rows, from := costTable(nil); rows != nil || from != "" {
		t.Error("no part, but a table")
	}
}

// TestProgress wants an estimate to know what is there.
func TestProgress(t *testing.T) {
	out := copied(t)
	interrupt(t, filepath.Join(out, "shapes-seed1"))
	for dir, want := range map[string]progress{"shapes-seed1": {false, 12, 13, true}, "shapes-seed2": {true, 12, 13, false}, "shapes-seed3": {}} {
		if got, err := progressOf(filepath.Join(out, dir)); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", dir, got, err, want)
		}
	}
}

// TestMemoryOfEachRun wants the memory of a run, not that of what the process did before.
func TestMemoryOfEachRun(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("a peak is that of the whole process here")
	}
	const size = 256 << 20
	block := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		block[i] = 1
	}
	before := machine.PeakRSS()
	runtime.KeepAlive(block)
	block = nil
	p, o := tiny(t, 1)
	p.Parts = p.Parts[:1]
	p.Parts[0].Ladder, p.Parts[0].Study.Training.Epochs = nil, .1
	s, err := Run(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	if most := s.Datasets[0].Runs[0].PeakRSSBytes; before < size || most > before-size/2 {
		t.Errorf("the run took %d bytes, after %d before it", most, before)
	}
}

// TestCIFAR100InItsOfficialFormat runs the column of CIFAR-100 on files of the published size and
// form, of which only the first records are drawn; a smaller network, of which the paper claims nothing,
// and the first examples stand in for the real ones.
func TestCIFAR100InItsOfficialFormat(t *testing.T) {
	longtest.Only(t, "files of the size of CIFAR-100")
	dir := t.TempDir()
	writeRecords(t, filepath.Join(dir, "train.bin"), 50000, 160)
	writeRecords(t, filepath.Join(dir, "test.bin"), 10000, 80)
	part, err := newPart("quick", "cifar100", nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &part.Study
	s.Network.Name, s.Data.LimitTrain, s.Data.LimitTest, s.Training.Batch, s.Training.Epochs = "resnet20", 160, 80, 16, .4
	part.Ladder = nil                // fits with a hundred classes take long,
	s.Evaluation.Initialisations = 2 // and so do a hundred networks
	p := Plan{Budget: "quick", Seeds: 1, Parts: []Part{part}}
	o := Options{Out: filepath.Join(t.TempDir(), "paper"), DPI: coarse, NoEstimate: true,
		Track: track.Options{Options: record.Options{DataDir: dir, Offline: true, NoCache: true}}}
	got, err := Run(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	d := got.Datasets[0]
	if d.Title != "CIFAR-100" || len(d.Triplets) != 2 || *d.Published != .7778 || *d.Triplets[0].Published != .1442 || d.Triplets[0].Claims[4].Paper != published.NotClaimed {
		t.Errorf("got %+v", d)
	}
}

// writeRecords writes a file of CIFAR-100's binary release: a coarse and a fine label and 3,072
// bytes for each of total images. Only the first are other than black, with a brightness that tells
// their class.
func writeRecords(t *testing.T, path string, total, drawn int) {
	t.Helper()
	const record = 2 + 3072
	data := make([]byte, drawn*record)
	for i := range drawn {
		r := data[i*record:]
		r[1] = byte(i % 100)
		for k := range 3072 {
			r[2+k] = byte(2*int(r[1]) + (i*31+k*17)%23)
		}
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(int64(total) * record); err != nil {
		t.Fatal(err)
	}
}

// TestPartsContinueInTheirPrecision: a folder that another machine began in the other precision can be
// continued.
func TestPartsContinueInTheirPrecision(t *testing.T) {
	plan, err := NewPlan("evening", []string{"cifar10-resnet20"}, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, precision := range deep.Precisions() {
		out, part := t.TempDir(), plan.Parts[0]
		study := part.study(2)
		study.Training.Precision = precision
		if err := os.MkdirAll(filepath.Join(out, part.folder(2)), 0o755); err != nil {
			t.Fatal(err)
		}
		text, err := study.Encode(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(out, part.folder(2), track.StudyFile), text, 0o644); err != nil {
			t.Fatal(err)
		}
		part.asBegun(out, 3)
		if got := part.Study.Training.Precision; got != precision {
			t.Errorf("a part that was begun in %s continues in %s", precision, got)
		}
	}
}
