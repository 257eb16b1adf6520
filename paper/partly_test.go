package paper

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shoal/dynamics"
	"shoal/record"
	"shoal/runlog"
)

// copied is a copy of the shared paper, which a test may change.
func copied(t *testing.T) string {
	t.Helper()
	_, from := twoSeeds(t)
	to := filepath.Join(t.TempDir(), "paper")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// again is the plan of the shared paper, of its part that has runs, and its options, for a copy of it.
func again(out string) (Plan, Options) {
	p, o := shared.plan, shared.options
	p.Parts, o.Out = p.Parts[:1], out
	o.Track.Say = nil
	return p, o
}

// drawn has the page of a folder written, and returns its summary and its tables.
func drawn(t *testing.T, out string) (*Summary, string) {
	t.Helper()
	s, err := Write(context.Background(), out, WriteOptions{DPI: coarse})
	if err != nil {
		t.Fatal(err)
	}
	return s, string(read(t, out, RecordFolder, tablesFile))
}

// shapesOf is the part of the tiny plan that has runs.
func shapesOf(t *testing.T, s *Summary) DatasetSummary {
	t.Helper()
	k := slices.IndexFunc(s.Datasets, func(d DatasetSummary) bool { return d.Part == "shapes" })
	if k < 0 {
		t.Fatalf("no part shapes in %+v", s.Datasets)
	}
	return s.Datasets[k]
}

// While no run of a part is over, nothing is said of convergence, and what is shown is "so far".
func TestNothingConvergesBeforeTheEnd(t *testing.T) {
	out := copied(t)
	for _, dir := range []string{"shapes-seed1", "shapes-seed2"} {
		interrupt(t, filepath.Join(out, dir))
	}
	s, tables := drawn(t, out)
	d := shapesOf(t, s)
	if !d.SoFar || d.Accuracy == nil || len(d.Triplets) != 2 {
		t.Fatalf("got %+v", d)
	}
	for _, m := range d.Triplets {
		if m.Left != nil || m.Churn != nil || len(m.Evidence) != 2 {
			t.Errorf("%s: claim 4 over seeds %+v, churn %+v, want neither", m.Reference, m.Left, m.Churn)
		}
	}
	want(t, "the tables", tables, "so far, at epochs 2 and 2", "| – | – |\n")
	want(t, "the page", string(read(t, out, PageFile)), "so far, at epochs 2 and 2", "right on the same examples, so far")
	want(t, "the bands", string(read(t, out, "figures", "shapes-seeds-overview-svm.svg")), "so far")
	var said strings.Builder
	if err := s.Print(&said); err != nil {
		t.Fatal(err)
	}
	want(t, "the terminal", said.String(), "so far, at epochs 2 and 2")
}

// Of a run that isn't over nothing is said at convergence, whatever it kept when it was.
func TestVerdictsOfUnfinishedRuns(t *testing.T) {
	_, out := twoSeeds(t)
	for _, status := range []runlog.Status{runlog.Interrupted, runlog.Running, runlog.Failed} {
		r, err := readRun(t.Context(), filepath.Join(out, "shapes-seed1"))
		if err != nil {
			t.Fatal(err)
		}
		r.Status, r.Judgements = status, nil
		c := collected{runs: []*run{r}}
		m, err := c.triplet(t.Context(), c.references()[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, claim := range m.Claims {
			if slices.Contains([]int{3, 4, 6}, claim.Claim) && (claim.Verdict != dynamics.CannotJudge || claim.Seeds[0].Reason != "its training isn't over") {
				t.Errorf("%s run, claim %d: %s, %s", status, claim.Claim, claim.Verdict, claim.Seeds[0].Reason)
			}
		}
		if !m.Evidence[0].SoFar || !m.Claims[0].Seeds[0].SoFar {
			t.Errorf("%s run: the numbers aren't marked as so far", status)
		}
	}
}

// A finished run counts without its summary, which is made again; one that can't be read is named, and the
// rest is shown.
func TestLostFilesOfRuns(t *testing.T) {
	out := copied(t)
	first := filepath.Join(out, "shapes-seed1")
	before, err := record.ReadSummary(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(first, record.SummaryFile)); err != nil {
		t.Fatal(err)
	}
	if s, _ := drawn(t, out); len(shapesOf(t, s).Triplets[0].Evidence) != 2 {
		t.Errorf("without a summary a finished run doesn't count: %+v", shapesOf(t, s).Runs)
	}
	if err := Renew(context.Background(), out, record.Options{}); err != nil {
		t.Fatal(err)
	}
	if again, err := record.ReadSummary(first); err != nil || *again.Seed != 1 || again.Accuracy != before.Accuracy || !(again.Seconds.Training > 0) || again.References[0].Regime.Seeds != 2 {
		t.Errorf("the summary, made again: %+v, %v", again, err)
	}
	if err := os.WriteFile(filepath.Join(out, "shapes-seed2", "run.db"), []byte("no database"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Renew(context.Background(), out, record.Options{}); err != nil {
		t.Errorf("what can't be read stops all: %v", err)
	}
	s, tables := drawn(t, out)
	if d := shapesOf(t, s); len(d.Runs) != 1 || !strings.Contains(d.Skipped, "shapes-seed2") {
		t.Errorf("got %+v", d)
	}
	want(t, "the tables", tables, "has 1 of 2 runs.** ", "shapes-seed2")
}

// What an interruption left undrawn is drawn by the next command, whatever is finished; and what is lost is
// made again.
func TestUndrawnReportsAreDrawn(t *testing.T) {
	out := copied(t)
	p, o := again(out)
	page := func(k int) string { return filepath.Join(out, p.Parts[0].folder(k), PageFile) }
	if err := os.Remove(page(1)); err != nil {
		t.Fatal(err)
	}
	past := time.Now().Add(-time.Hour)
	if err := os.Chtimes(page(2), past, past); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(out, "shapes-seed2", record.SummaryFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(context.Background(), p, o); err != nil {
		t.Fatal(err)
	}
	for k := 1; k <= 2; k++ {
		if stale(filepath.Dir(page(k))) {
			t.Errorf("the report of seed %d isn't drawn again", k)
		}
	}
	if s, err := record.ReadSummary(filepath.Join(out, "shapes-seed2")); err != nil || s.References[0].Regime.Seeds != 2 {
		t.Errorf("the summary, made again: %+v, %v", s, err)
	}
}

// A ladder that fails leaves no report undrawn.
func TestReportsAreDrawnBeforeALadderFails(t *testing.T) {
	out := copied(t)
	p, o := again(out)
	if err := os.Remove(filepath.Join(out, "shapes-seed1", PageFile)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(out, "shapes-seed2", runlog.Database), []byte("no database"), 0o666); err != nil {
		t.Fatal(err)
	}
	x := &execution{plan: p, options: o, state: &state{}}
	if err := x.control(context.Background(), p.Parts[0]); err == nil || !strings.Contains(err.Error(), "shapes-seed2") {
		t.Errorf("got %v, want the error of the second seed", err)
	}
	read(t, out, "shapes-seed1", PageFile)
}

// A run whose references have no judgements knows of no other seed, and its ladder isn't whole.
func TestRunsWithoutJudgements(t *testing.T) {
	_, out := twoSeeds(t)
	r, err := readRun(t.Context(), filepath.Join(out, "shapes-seed1"))
	if err != nil || !r.standsWith(2) || r.standsWith(3) || !r.controlled() {
		t.Fatalf("%v, %+v", err, r.Judgements)
	}
	if r.Judgements = nil; r.standsWith(2) || r.controlled() {
		t.Error("without judgements it stands with its seeds")
	}
}

// A paper that is stopped in its second part leaves the page of the first.
func TestPageAfterEachPart(t *testing.T) {
	p, o := withSmaller(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	o.Track.Progress = func(record.Progress) {
		if runlog.Exists(filepath.Join(o.Out, "shapes-cnn2-seed1")) {
			stop()
		}
	}
	if _, err := Run(ctx, p, o); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	want(t, "the page", string(read(t, o.Out, PageFile)), "shapes-seed1/report.html", "· cnn2 is missing.")
}

// Two calls that share a folder, each with a part of its own, keep each other's.
func TestTwoCallsOnOneFolder(t *testing.T) {
	out := t.TempDir()
	plan := func(only string, seeds int) *state {
		p, err := NewPlan("evening", []string{only}, nil, seeds)
		if err != nil {
			t.Fatal(err)
		}
		s, err := openState(out, p)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	save := func(s *state) {
		if err := s.save(out); err != nil {
			t.Fatal(err)
		}
	}
	first, second := plan("cifar10", 1), plan("mnist", 4)
	first.skip("cifar10", "the disk is full")
	save(first)
	save(second)
	third := plan("cifar100", 1) // knows what both have said until now
	first.unskip("cifar10")
	save(first)
	save(third)
	got, err := readState(out)
	if err != nil || len(got.Parts) != 3 || got.Parts[0].Name != "mnist" || got.Parts[0].Seeds != 4 || got.Parts[1].Name != "cifar10" || got.Parts[1].Skipped != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	var wait sync.WaitGroup
	names, failed := PartNames("evening"), make([]error, 5)
	for k, s := range []*state{plan(names[0], 1), plan(names[1], 1), plan(names[2], 1), plan(names[3], 1), plan(names[4], 1)} {
		wait.Go(func() { failed[k] = s.save(out) })
	}
	wait.Wait()
	if got, err = readState(out); err != nil || errors.Join(failed...) != nil || len(got.Parts) != 5 {
		t.Errorf("five at once: got %+v, %v, %v", got, err, errors.Join(failed...))
	}
	first.Budget = "quick"
	if err := first.save(out); err == nil || !strings.Contains(err.Error(), "has budget evening, asked for is quick") {
		t.Errorf("another budget: %v", err)
	}
}

// Of two calls that draw one folder, the one that read first doesn't write last.
func TestTwoDrawOneFolder(t *testing.T) {
	out := copied(t)
	seed := filepath.Join(out, "shapes-seed2")
	aside := filepath.Join(t.TempDir(), "seed2")
	if err := os.Rename(seed, aside); err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	_, err := Write(t.Context(), out, WriteOptions{DPI: coarse, Progress: func(done, _ int, _ string) {
		if done != 1 { // the first has read the runs
			return
		}
		if err := os.Rename(aside, seed); err != nil {
			t.Error(err)
		}
		ended := make(chan struct{})
		go func() {
			_, err := Write(t.Context(), out, WriteOptions{DPI: coarse})
			second <- err
			close(ended)
		}()
		select {
		case <-ended:
		case <-time.After(3 * time.Second):
		}
	}})
	if err := errors.Join(err, <-second); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, SummaryFile))
	if err != nil {
		t.Fatal(err)
	}
	var got Summary
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, part := range got.parts() {
		n += len(part.Runs)
	}
	if n != 2 {
		t.Errorf("the page has %d runs, want the 2 that are there now", n)
	}
}
