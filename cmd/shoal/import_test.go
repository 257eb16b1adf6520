package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"shoal/dataset"
	"shoal/dynamics"
	"shoal/ingest"
	"shoal/internal/longtest"
	"shoal/internal/tinydata"
	"shoal/predlog"
	"shoal/record"
	"shoal/runlog"
)

// TestKillImport kills the importer at random moments, while the logs of two ranks that resumed grow,
// and wants the run of an import that nobody killed. SHOAL_KILLS sets how often; the default is a
// handful.
func TestKillImport(t *testing.T) {
	notInShort(t)
	longtest.Only(t, "imports that are killed")
	t.Parallel()
	kills := 6
	if n, err := strconv.Atoi(os.Getenv("SHOAL_KILLS")); err == nil {
		kills = n
	}
	dir := t.TempDir()
	const steps = 160
	logs := madeUpLogs(t, filepath.Join(dir, "whole"), steps)
	killed, finished := filepath.Join(dir, "killed"), 0
	r := rand.New(rand.NewPCG(1, 2))
	for k := range kills {
		growTo(t, logs, filepath.Join(killed, predlog.Folder), float64(k+1)/float64(kills), r)
		cmd := shoalIn(dir, "import", "killed", "--json")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(r.IntN(200)) * time.Millisecond)
		if cmd.Process.Kill() == nil && cmd.Wait() == nil {
			finished++
		}
	}
	t.Logf("%d of %d imports were killed before they ended", kills-finished, kills)
	if finished == kills {
		t.Error("the importer was never killed in the middle")
	}
	growTo(t, logs, filepath.Join(killed, predlog.Folder), 1, nil)
	for _, run := range []string{"killed", "whole"} {
		if out, err := shoalIn(dir, "import", run).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	a, b := predictions(t, killed), predictions(t, filepath.Join(dir, "whole"))
	if len(b) != steps+101 || fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("%d evaluations, want the same %d as without a kill", len(a), len(b))
	}
}

// madeUpLogs writes the logs of two ranks that resumed in the middle, and returns their paths.
func madeUpLogs(t *testing.T, dir string, steps int) []string {
	t.Helper()
	const n = 500
	r := rand.New(rand.NewPCG(3, 4))
	h := predlog.Header{Classes: predlog.Numbered(10), Labels: make([]uint16, n), Ranks: 2, Resumed: predlog.NotResumed}
	for _, session := range []struct{ resumed, from, to int }{{predlog.NotResumed, 0, steps}, {steps / 2, steps/2 + 1, steps + 101}} {
		var w [2]*predlog.Writer
		for h.Rank = range w {
			var err error
			h.Resumed = session.resumed
			if w[h.Rank], err = predlog.Create(dir, h); err != nil {
				t.Fatal(err)
			}
		}
		for step := session.from; step < session.to; step++ {
			for rank := range w {
				p := predlog.Part{Step: step, Epoch: math.NaN(), Loss: math.NaN(), Seconds: math.NaN()}
				for i := rank; i < n; i += 2 {
					p.Index, p.Predictions = append(p.Index, i), append(p.Predictions, uint16(r.IntN(10)))
				}
				if err := w[rank].Log(p); err != nil {
					t.Fatal(err)
				}
			}
		}
		for rank := range w {
			if err := w[rank].Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	paths, err := predlog.List(dir)
	if err != nil || len(paths) != 4 {
		t.Fatalf("%d logs, %v", len(paths), err)
	}
	return paths
}

// growTo copies a share of the lines that there are in all, in the order in which they were written:
// the two of the first session, then those of the second. A copy ends anywhere within a line.
func growTo(t *testing.T, logs []string, dir string, share float64, r *rand.Rand) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for k, path := range logs {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		part := math.Max(0, math.Min(1, 2*share-float64(k/2)))
		if r != nil {
			part *= .9 + .1*r.Float64()
		}
		to := filepath.Join(dir, filepath.Base(path))
		if info, err := os.Stat(to); err == nil && info.Size() > int64(part*float64(len(text))) {
			continue // logs don't shrink
		}
		if err := os.WriteFile(to, text[:int(part*float64(len(text)))], 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAttachedRun compares a run that was attached with a model that is fitted to its dataset.
func TestAttachedRun(t *testing.T) {
	notInShort(t)
	t.Parallel()
	dir := t.TempDir()
	shapes := filepath.Join(dir, "shapes")
	if err := tinydata.Write(shapes, 20, 6); err != nil {
		t.Fatal(err)
	}
	set, err := dataset.Load(t.Context(), "folder:"+shapes, dataset.Source{})
	if err != nil {
		t.Fatal(err)
	}
	h := predlog.Header{Classes: set.Classes, Labels: set.Test.Labels, Dataset: set.Name, Network: "mine", Resumed: predlog.NotResumed, Seed: "7", More: `{"lr":0.5}`}
	attach := func(run string, labels []uint16) {
		h.Labels = labels
		w, err := predlog.Create(filepath.Join(dir, run), h)
		if err != nil {
			t.Fatal(err)
		}
		for step := range 4 {
			p := predlog.Part{Step: step, Epoch: math.NaN(), Loss: math.NaN(), Seconds: math.NaN(), Predictions: make([]uint16, len(labels))}
			copy(p.Predictions[:step*4], labels)
			if err := w.Log(p); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	attach("run", set.Test.Labels)
	out, err := shoalIn(dir, "compare", "run", "--reference", "svm", "--no-cache").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "run: mine on folder:"+shapes+", 3 steps, 4 evaluations") {
		t.Errorf("%v\n%s", err, out)
	}
	page, err := os.ReadFile(filepath.Join(dir, "run", "report.html"))
	if err != nil || !strings.Contains(string(page), "<dt>lr</dt><dd>0.5</dd>") || strings.Contains(string(page), "NaN epoch") {
		t.Errorf("the page: %v", err)
	}
	if status, err := runlog.StatusOf(filepath.Join(dir, "run")); err != nil || status != runlog.Finished {
		t.Errorf("the run is %s, %v", status, err)
	}
	// On the training split references are fitted out of fold, and no claim is judged.
	h.Split = dynamics.TrainSplit
	attach("train", set.Train.Labels)
	out, err = shoalIn(dir, "compare", "train", "--reference", "svm", "--json").CombinedOutput()
	if err != nil || strings.Count(string(out), "the network trained on these examples") < 5 || strings.Contains(string(out), `"accuracy":1,`) {
		t.Errorf("%v\n%s", err, out)
	}
	if page, err := os.ReadFile(filepath.Join(dir, "train", "report.html")); err != nil || !strings.Contains(string(page), `id="memorised"`) {
		t.Errorf("the page of a training split: %v", err)
	}
	h.Split = ""
	other := append([]uint16{}, set.Test.Labels...)
	last := len(other) - 1
	other[0], other[last] = other[last], other[0]
	attach("other", other)
	out, err = shoalIn(dir, "compare", "other", "--reference", "svm").CombinedOutput()
	if want := fmt.Sprintf("the labels differ first at index 0, %d in the run and %d in the split", other[0], other[last]); err == nil || !strings.Contains(string(out), want) {
		t.Errorf("%v\n%s, want %q", err, out, want)
	}
}

// The summary of a run keeps up with what a live page imports.
func TestSummaryAfterALivePage(t *testing.T) {
	dir := t.TempDir()
	run := filepath.Join(dir, "run")
	labels := []uint16{0, 1, 0, 1}
	w, err := predlog.Create(run, predlog.Header{Classes: predlog.Numbered(2), Labels: labels, Network: "mine", Resumed: predlog.NotResumed})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	shoal := func(args ...string) {
		t.Helper()
		if out, err := shoalIn(dir, args...).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
	}
	for step := range 3 {
		p := predlog.Part{Step: step, Epoch: math.NaN(), Loss: math.NaN(), Seconds: math.NaN(), Predictions: labels}
		if err := w.Log(p); err != nil {
			t.Fatal(err)
		}
		if step == 1 {
			shoal("import", "run")
		}
	}
	if _, err := ingest.Refresh(t.Context(), run, ingest.Options{}); err != nil { // as shoal serve does
		t.Fatal(err)
	}
	shoal("export", "run", "--format", "npz", "--out", "x.npz")
	if s, err := record.ReadSummary(run); err != nil || s.Steps != 2 || s.Evaluations != 3 {
		t.Errorf("the summary is %+v (%v), want the run's step 2", s, err)
	}
}

// What a comparison reads of another attached run is what its log has now, also where nobody imported it.
func TestOtherRunIsBroughtIn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	labels := []uint16{0, 1, 0, 1, 0, 1, 0, 1}
	log := func(run string, wrong ...int) {
		w, err := predlog.Create(filepath.Join(dir, run), predlog.Header{Classes: predlog.Numbered(2), Labels: labels, Ranks: 1, Resumed: predlog.NotResumed})
		if err != nil {
			t.Fatal(err)
		}
		for step, n := range wrong {
			p := predlog.Part{Step: step, Epoch: math.NaN(), Loss: math.NaN(), Seconds: math.NaN(), Predictions: make([]uint16, len(labels))}
			for i, l := range labels {
				if p.Predictions[i] = l; i < n {
					p.Predictions[i] = 1 - l
				}
			}
			if err := w.Log(p); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	log("a", 4, 2)
	log("b", 6, 1)
	for _, c := range [][]string{{"diff", "a", "b"}, {"compare", "a", "--reference", "m=run:b"}} {
		for _, run := range []string{"a", "b"} {
			if err := os.RemoveAll(filepath.Join(dir, run, runlog.Database)); err != nil {
				t.Fatal(err)
			}
		}
		out, err := shoalIn(dir, c...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "87.50") {
			t.Errorf("%v: %v\n%s", c, err, out)
		}
	}
}
