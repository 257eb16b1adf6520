package sweep

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/internal/browsertest"
	"shoal/runlog"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

// someRuns makes runs of two settings over three seeds, one of them with a page of its own, and
// returns their folders.
func someRuns(t *testing.T) (dir string, runs []string) {
	t.Helper()
	dir = t.TempDir()
	for _, it := range planned(t, dir, "1..3", []string{"training.epochs=1,2"}, "mnist") {
		made(t, dir, it, 300, 6, map[string]float64{"1": .8, "2": 1.6}[it.Set["training.epochs"]])
		runs = append(runs, it.Path(dir))
	}
	must(t, os.WriteFile(filepath.Join(runs[0], PageFile), []byte("a page"), 0o666))
	return dir, runs
}

var quick = ReportOptions{DPI: 20, Resampling: dynamics.Resampling{Replicates: 100}}

// Runs of one study are one setting, those of another one are compared with it; the page leads to the
// pages of runs that have one, and draws the settings over each other.
func TestTogether(t *testing.T) {
	dir, runs := someRuns(t)
	out := filepath.Join(dir, "a b", "side by side")
	s, err := Together(t.Context(), append(runs, runs[0]+"/"), out, quick)
	must(t, err)
	f := s.Families[0]
	if s.Finished != 6 || len(s.Families) != 1 || len(f.Settings) != 2 || len(f.Settings[0].Seeds) != 3 || f.Settings[1].Setting != "mnist training.epochs=2" {
		t.Fatalf("%+v", s)
	}
	if c := f.between("mnist training.epochs=1", "mnist training.epochs=2", "accuracy", ""); c == nil || c.Verdict != Higher {
		t.Errorf("a better setting: %+v", c)
	}
	page, err := os.ReadFile(filepath.Join(out, PageFile))
	must(t, err)
	for _, want := range []string{"6 runs of 2 settings", `href="./../../mnist-training.epochs=1-seed1/report.html"`, "<th scope=\"row\">mnist-training.epochs=2-seed3", "runs.json",
		"epochs=1, epochs=2: side by side against svm", `data-series="epochs=2 band"`, `data-series="one association band"`, "mean of the seeds’"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page doesn't say %q", want)
		}
	}
	again, err := Together(t.Context(), runs, out, quick)
	must(t, err)
	if after, err := os.ReadFile(filepath.Join(out, PageFile)); err != nil || string(after) != string(page) || len(again.Families) != 1 {
		t.Errorf("drawn again: %v, or other bytes", err)
	}
	if _, err := Together(t.Context(), runs, dir, quick); err == nil || !strings.Contains(err.Error(), "holds other files") {
		t.Errorf("a folder of something else: %v", err)
	}
}

// Single runs are compared over examples, and the page says that this is all; a copy of a run is not
// another seed of it.
func TestTogetherOfSingleRuns(t *testing.T) {
	dir, runs := someRuns(t)
	out := filepath.Join(dir, "out")
	s, err := Together(t.Context(), []string{runs[0], runs[3]}, out, quick)
	must(t, err)
	f := s.Families[0]
	if c := f.between(f.Settings[0].Setting, f.Settings[1].Setting, "accuracy", ""); c == nil || c.Verdict != Higher {
		t.Errorf("two single runs: %+v", c)
	}
	page, err := os.ReadFile(filepath.Join(out, PageFile))
	must(t, err)
	if !strings.Contains(string(page), "another seed may differ beyond them") || strings.Contains(string(page), "nothing is compared") {
		t.Error("the page doesn't say what the comparison of single runs is worth")
	}
	copied := filepath.Join(dir, "copied")
	must(t, os.CopyFS(copied, os.DirFS(runs[0])))
	s, err = Together(t.Context(), []string{runs[0], copied}, out, quick)
	must(t, err)
	if f := s.Families[0]; len(f.Settings) != 2 || f.Settings[0].Setting == f.Settings[1].Setting || len(f.Settings[0].Runs) != 1 {
		t.Errorf("a run and its copy: %+v", f.Settings)
	} else if c := f.between(f.Settings[0].Setting, f.Settings[1].Setting, "accuracy", ""); c == nil || c.Verdict != NotToldApart {
		t.Errorf("a run and its copy: %+v", c)
	}
}

// A seed that isn't finished is in no mean with those that are.
func TestTogetherOfUnfinishedRuns(t *testing.T) {
	dir, runs := someRuns(t)
	r, err := runlog.Open(runs[1])
	must(t, err)
	must(t, r.SetStatus(runlog.Interrupted, ""))
	must(t, r.Close())
	s, err := Together(t.Context(), runs[:3], filepath.Join(dir, "out"), quick)
	must(t, err)
	f := s.Families[0]
	if len(f.Settings) != 2 || len(f.Settings[0].Runs) != 2 || len(f.Settings[1].Runs) != 1 || f.Settings[0].Setting == f.Settings[1].Setting {
		t.Errorf("%d settings, of %d runs the first", len(f.Settings), len(f.Settings[0].Runs))
	}
	if len(s.notes) != 1 || !strings.Contains(s.notes[0], "is in no setting with finished runs") {
		t.Errorf("notes %q", s.notes)
	}
}

// Means over runs that end at other steps are of no one step, and the page says so.
func TestRunsOfOtherLengths(t *testing.T) {
	dir := t.TempDir()
	var runs []string
	for k, it := range planned(t, dir, "1..3", nil, "mnist") {
		made(t, dir, it, 300, 4+k, 1)
		runs = append(runs, it.Path(dir))
	}
	for want, of := range map[bool][]string{true: runs, false: runs[:1]} {
		s, err := Together(t.Context(), of, filepath.Join(dir, "out"), quick)
		must(t, err)
		page, err := os.ReadFile(filepath.Join(dir, "out", PageFile))
		must(t, err)
		if f := s.Families[0]; len(f.Settings) != 1 || strings.Contains(string(page), "the runs of mnist end at other steps, 30 to 50: ") != want {
			t.Errorf("%d settings of %d runs; said is %v", len(f.Settings), len(of), !want)
		}
	}
}

// Both pages fit a phone and a wide window, load nothing, and have nothing that axe finds.
func TestPagesInBrowser(t *testing.T) {
	browsertest.Chromium(t)
	dir, runs := someRuns(t)
	out := filepath.Join(dir, "out")
	_, err := Together(t.Context(), runs, out, quick)
	must(t, err)
	_, err = Report(t.Context(), dir, quick)
	must(t, err)
	for _, page := range []string{filepath.Join(out, PageFile), filepath.Join(dir, PageFile)} {
		for _, width := range []int64{420, 1400} {
			b := browsertest.Open(t, page, width, 800, "#notes")
			b.Want("document.querySelectorAll('.runs tbody tr').length", "6")
			b.Want("[...document.querySelectorAll('.runs a')].map(a => a.href.endsWith('mnist-training.epochs=1-seed1/report.html')).join()", "true")
			b.Fits()
			b.Legible("7")
			b.SelfContained()
			b.Accessible()
			b.Silent()
		}
	}
}
