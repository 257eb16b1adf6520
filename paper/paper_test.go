package paper

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"shoal/dynamics"
	"shoal/internal/longtest"
	"shoal/internal/tinydata"
	"shoal/internal/usage"
	"shoal/record"
	"shoal/runlog"
	"shoal/track"
)

// coarse is the resolution of pictures in tests: drawing pixels takes longer than training. The
// infographics still are the hundred pixels wide that TestPageInBrowser asks for.
const coarse = 24

// tiny is a plan of a second: one part on a dataset made for the test, and CIFAR-100, which is
// nowhere.
func tiny(t *testing.T, seeds int) (Plan, Options) {
	t.Helper()
	data := filepath.Join(t.TempDir(), "shapes")
	if err := tinydata.Write(data, 30, 34); err != nil {
		t.Fatal(err)
	}
	s, err := track.Builtin("mnist")
	if err != nil {
		t.Fatal(err)
	}
	s.Name, s.Data.Dataset = "tiny", "folder:"+data
	s.Training.Epochs, s.Training.Batch, s.Training.LearningRate, s.Training.Momentum = 4, 16, .03, .9
	s.References[1].Parameters = map[string]string{"trees": "5"}
	s.Evaluation.Initialisations = 2 // the usual hundred take longer than the training
	shapes := Part{Name: "shapes", Study: s, Note: "a test", Ladder: &track.Ladder{Early: true, Steps: 20}}
	missing, err := newPart("quick", "cifar100", nil)
	if err != nil {
		t.Fatal(err)
	}
	said := &bytes.Buffer{}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("said:\n%s", said)
		}
	})
	return Plan{Budget: "quick", Seeds: seeds, Parts: []Part{shapes, missing}}, Options{
		Out: filepath.Join(t.TempDir(), "paper"), DPI: coarse, NoEstimate: true,
		Track: track.Options{Version: "test", Options: record.Options{Offline: true, CacheDir: t.TempDir(), Workers: 2,
			Say: func(line string) { said.WriteString(line + "\n") }}},
	}
}

func read(t *testing.T, path ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// noNaN wants JSON in which every number is one.
func noNaN(t *testing.T, text []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, word := range []string{"NaN", "Inf"} {
		if i := bytes.Index(text, []byte(word)); i >= 0 {
			t.Errorf("%q in JSON: %s", word, text[max(0, i-80):i+10])
		}
	}
}

func TestWholePaperOnTinyData(t *testing.T) {
	p, o := tiny(t, 1)
	var lines []string
	o.Track.Say = func(line string) { lines = append(lines, line) }
	s, err := Run(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "skipped cifar100: ") && !strings.Contains(l, "\n") }) {
		t.Errorf("no line tells that cifar100 was skipped: %q", lines)
	}
	if len(s.Datasets) != 2 || s.Datasets[0].Skipped == "" || len(s.Datasets[0].Triplets) != 0 {
		t.Fatalf("got %+v", s)
	}
	d := s.Datasets[1] // behind the paper's own
	if len(d.Runs) != 1 || len(d.Triplets) != 2 || d.Skipped != "" {
		t.Fatalf("got %+v", d)
	}
	for _, m := range d.Triplets {
		if len(m.Claims) != dynamics.Claims || len(m.Headlines) == 0 || len(m.Evidence) != 1 || len(m.Regimes) != 1 || m.Regimes[0].Regime.Reason == "" || m.Regimes[0].BeyondAccuracy.Reason == "" || m.Evidence[0].ShallowOnly == nil {
			t.Errorf("triplet %+v", m)
		}
		if kind := m.Kind; kind != "svm" && kind != "forest" {
			t.Errorf("reference of kind %q in the table", kind)
		}
	}
	early, err := record.ReadSummary(filepath.Join(o.Out, "shapes-ladder", "early"))
	if err != nil || *early.Seed != 2 || len(early.References) != 0 {
		t.Errorf("the other seed's run is %+v, %v; want no references", early, err)
	}
	if len(d.Ladder) == 0 || len(d.Runs) != 1 {
		t.Errorf("the ladder has %d rungs", len(d.Ladder))
	}
	if len(d.Agreement) != 3 {
		t.Errorf("got %d pairs, want 3: svm, forest, D", len(d.Agreement))
	}
	for _, file := range []string{"figure1-svm", "figure1-forest", "shapes-infographic-svm", "shapes-learning-order-forest", "shapes-agreement", "shapes-ladder"} {
		read(t, o.Out, "figures", file+".svg")
		read(t, o.Out, "figures", file+".png")
	}
	if gif := read(t, o.Out, "figures", "shapes-infographic-svm.gif"); !bytes.HasPrefix(gif, []byte("GIF89a")) {
		t.Error("the animation is no GIF")
	}
	noNaN(t, read(t, o.Out, SummaryFile))
	page := string(read(t, o.Out, PageFile))
	for _, want := range []string{"shapes-seed1/report.html", "<strong>CIFAR-100 is missing.</strong>", "figures/figure1-svm.svg", "does it predict the order?", "’s network was trained:</strong> a test."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if i := strings.Index(page, "http"); i >= 0 && !strings.HasPrefix(page[i:], "http-equiv") {
		t.Errorf("the page refers to elsewhere: %s", page[i:i+60])
	}
	read(t, o.Out, "shapes-seed1", "report.html")
}

func TestSecondTimeNothingIsTrained(t *testing.T) {
	longtest.Only(t, "a paper that is run twice")
	p, o := tiny(t, 1)
	p.Parts = p.Parts[:1]
	p.Parts[0].Study.Training.Epochs = 1
	if _, err := Run(context.Background(), p, o); err != nil {
		t.Fatal(err)
	}
	page, summary, figure := read(t, o.Out, PageFile), read(t, o.Out, SummaryFile), read(t, o.Out, "figures", "figure1-svm.png")
	o.Track.Progress = func(e record.Progress) {
		if e.Part != record.PartReport {
			t.Errorf("the second time: %+v", e)
		}
	}
	o.NoEstimate = false
	var said []string
	o.Table = func(rows [][]string) { said = append(said, slices.Concat(rows...)...) }
	if _, err := Run(context.Background(), p, o); err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(said, "\n"); !strings.Contains(text, "1 done") {
		t.Errorf("the estimate of a finished paper: %s", text)
	}
	if !IsPaper(o.Out) || IsPaper(filepath.Join(o.Out, "shapes-seed1")) {
		t.Error("IsPaper does not know a paper from a run")
	}
	if _, err := Write(context.Background(), o.Out, WriteOptions{DPI: o.DPI}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, read(t, o.Out, PageFile)) || !bytes.Equal(summary, read(t, o.Out, SummaryFile)) || !bytes.Equal(figure, read(t, o.Out, "figures", "figure1-svm.png")) {
		t.Error("drawn again it is another")
	}
}

// shared is a paper of two seeds, which tests only look at: it is run once.
var shared struct {
	once    sync.Once
	dir     string
	plan    Plan
	options Options
	summary *Summary
	err     error
}

// twoSeeds returns the summary of the shared paper, and its folder.
func twoSeeds(t *testing.T) (*Summary, string) {
	t.Helper()
	x := &shared
	x.once.Do(func() {
		if x.dir, x.err = os.MkdirTemp("", "paper-"); x.err != nil {
			return
		}
		p, o := tiny(t, 2)
		p.Parts[0].Study.Training.Epochs, o.Out = 2, filepath.Join(x.dir, "paper")
		x.plan, x.options = p, o
		x.summary, x.err = Run(context.Background(), p, o)
	})
	if x.err != nil {
		t.Fatal(x.err)
	}
	return x.summary, filepath.Join(x.dir, "paper")
}

func TestSeeds(t *testing.T) {
	s, out := twoSeeds(t)
	d := s.Datasets[1] // behind the paper's own
	if len(d.Runs) != 2 || d.Runs[0].Seed != 1 || d.Runs[1].Seed != 2 || d.Accuracy.Seeds != 2 {
		t.Errorf("runs %+v, accuracy %+v", d.Runs, d.Accuracy)
	}
	for _, m := range d.Triplets {
		if m.Churn == nil || len(m.Evidence) != 2 || len(m.Regimes) != 2 || m.Regimes[1].Regime.Seeds != 2 || len(m.Claims[0].Seeds) != 2 {
			t.Fatalf("triplet %+v", m)
		}
	}
	first, second := references(t, out, "shapes-seed1"), references(t, out, "shapes-seed2")
	for k := range 2 {
		if !slices.Equal(first[k].Predictions, second[k].Predictions) {
			t.Errorf("%s is another model for the second seed", first[k].Name)
		}
	}
	if len(d.Easiness) != 2 || d.Easiness[0].Shared.Reference != "svm" || d.Easiness[0].Shared.Refits != refits || d.Easiness[1].Missed.Seeds != 2 {
		t.Errorf("easiness %+v", d.Easiness)
	}
	if page := string(read(t, out, PageFile)); !strings.Contains(page, `href="shapes-easiness/report.html"`) || !strings.Contains(page, "it takes 2 refits and 3 seeds or more") {
		t.Error("the page doesn't say whether easiness is the example's")
	}
	noNaN(t, read(t, out, "shapes-easiness", "easiness.json"))
	read(t, out, "figures", "shapes-seeds-overview-svm.svg")
	if svg := string(read(t, out, "figures", "shapes-seeds-ratio-svm.svg")); !strings.Contains(svg, "range over 2 seeds") {
		t.Error("the bands are not over seeds")
	}
}

func TestUnfinishedSeedsDoNotCount(t *testing.T) {
	p, o := tiny(t, 2)
	p.Parts = p.Parts[:1]
	p.Parts[0].Study.Training.Epochs = 2
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	seen := 0
	o.Track.Progress = func(e record.Progress) {
		if e.Part == record.PartTrain && e.Done == 3 {
			if seen++; seen == 2 {
				stop()
			}
		}
	}
	if _, err := Run(ctx, p, o); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	s, err := Write(context.Background(), o.Out, WriteOptions{DPI: coarse})
	if err != nil {
		t.Fatal(err)
	}
	d := s.Datasets[0]
	if len(d.Runs) != 2 || d.Runs[1].Status == "finished" || d.Accuracy.Seeds != 1 || len(d.Triplets[0].Evidence) != 1 {
		t.Errorf("got %+v", d)
	}
}

func references(t *testing.T, dir ...string) []runlog.Reference {
	t.Helper()
	run, err := runlog.OpenReadOnly(filepath.Join(dir...))
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	list, err := run.References()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestInterruptedGoesOn(t *testing.T) {
	p, o := tiny(t, 1)
	p.Parts = p.Parts[:1]
	p.Parts[0].Ladder = nil
	p.Parts[0].Study.Training.Epochs = 2
	whole := o
	whole.Out += "-whole"
	if _, err := Run(context.Background(), p, whole); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	o.Track.Progress = func(e record.Progress) {
		if e.Part == record.PartTrain && e.Done == 5 {
			stop()
		}
	}
	_, err := Run(ctx, p, o)
	var interrupted *Interrupted
	if !errors.As(err, &interrupted) || !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "interrupted in") {
		t.Fatalf("got %v, want to be interrupted", err)
	}
	if half, err := Write(context.Background(), o.Out, WriteOptions{DPI: coarse}); err != nil || half.Datasets[0].Runs[0].Status != string(runlog.Interrupted) {
		t.Errorf("drawn half done: %+v, %v", half, err)
	}
	o.Track.Progress = func(e record.Progress) {
		if e.Part == record.PartTrain && e.Done < 5 {
			t.Errorf("step %d is taken again", e.Done)
		}
		if e.Part == record.PartFit && !e.Fitted {
			t.Errorf("%s is fitted again", e.Name)
		}
	}
	if _, err := Run(context.Background(), p, o); err != nil {
		t.Fatal(err)
	}
	a, b := answers(t, whole.Out), answers(t, o.Out)
	if len(a) != 13 || !slices.EqualFunc(a, b, slices.Equal) {
		t.Errorf("%d evaluations without and %d with an interruption, or others", len(a), len(b))
	}
}

// answers are all predictions of the first seed.
func answers(t *testing.T, out string) [][]uint16 {
	t.Helper()
	r, err := readRun(t.Context(), filepath.Join(out, "shapes-seed1"))
	if err != nil {
		t.Fatal(err)
	}
	return r.Log.Predictions
}

func TestMissingDataAreAnErrorWhenAskedFor(t *testing.T) {
	longtest.Only(t, "a paper without all of its data")
	p, o := tiny(t, 1)
	p.Parts = p.Parts[1:]
	s, err := Run(context.Background(), p, o)
	if s != nil || err == nil || !strings.Contains(err.Error(), "nothing was run") {
		t.Errorf("got %v, %v", s, err)
	}
	p, o = tiny(t, 1)
	p.Parts[0].Study.Training.Epochs, p.Parts[0].Ladder = .3, nil
	p.Parts[1].Required = true
	s, err = Run(context.Background(), p, o)
	if s == nil || err == nil || !strings.Contains(err.Error(), "cifar100 is not available") {
		t.Errorf("got %v, %v", s, err)
	}
}

func TestOneFolderOneBudget(t *testing.T) {
	p, o := tiny(t, 1)
	p.Parts = p.Parts[:1]
	p.Parts[0].Study.Training.Epochs, p.Parts[0].Ladder = .3, nil
	if _, err := Run(context.Background(), p, o); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(p *Plan){
		"budget full":            func(p *Plan) { p.Budget = "full" },
		"training.epochs is 0.3": func(p *Plan) { p.Parts[0].Study.Training.Epochs = .5 },
	} {
		other := p
		other.Parts = slices.Clone(p.Parts)
		if strings.HasPrefix(what, "budget") {
			what = "asked for is full"
		}
		change(&other)
		_, err := Run(context.Background(), other, o)
		var usage *usage.Error
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), what) {
			t.Errorf("got %v, want a usage error with %q", err, what)
		}
	}
	o.Out = filepath.Join(o.Out, "shapes-seed1")
	if _, err := Run(context.Background(), p, o); err == nil || !strings.Contains(err.Error(), "holds a run") {
		t.Errorf("a run folder as --out: %v", err)
	}
}
