package sweep

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/record"
	"shoal/runlog"
	"shoal/track"
)

// fewDraws keeps tests short.
var fewDraws = ReportOptions{DPI: 20, Resampling: dynamics.Resampling{Replicates: 100}}

// A copy of one seed's run in the place of another's is not counted as that seed by anything.
func TestCopiedRuns(t *testing.T) {
	dir := t.TempDir()
	items := planned(t, dir, "1..3", nil, "mnist")
	made(t, dir, items[0], 20, 1, 1)
	made(t, dir, items[1], 20, 1, 1)
	must(t, os.CopyFS(items[2].Path(dir), os.DirFS(items[0].Path(dir))))
	const want = "seed is 1 in the run and 3 now"
	refuses := func(what string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", what, err, want)
		}
	}
	_, err := Report(t.Context(), dir, fewDraws)
	refuses("report", err)
	_, err = Diff(t.Context(), dir, dir, fewDraws.Resampling)
	refuses("diff", err)
	s, err := ReadStatus(dir)
	must(t, err)
	if s.Count[Finished] != 2 || s.Count[Failed] != 1 || !strings.Contains(s.Items[2].Why, want) {
		t.Errorf("status %v, %+v", s.Count, s.Items[2])
	}
	if open := unfinished(dir, items); len(open) != 1 || open[0].Item != 2 {
		t.Errorf("items to be run %v, want the last", open)
	}
}

// A run that was trained elsewhere may stand for an item, but not for one of another seed.
func TestRunsFromElsewhere(t *testing.T) {
	for log, want := range map[string]string{`{"seed": 2}`: "", `{}`: "", `{"seed": 7}`: "is of seed 7, want 2"} {
		dir := t.TempDir()
		it := planned(t, dir, "2", nil, "mnist")[0]
		study, err := it.study()
		must(t, err)
		run, err := runlog.Create(it.Path(dir), runlog.Meta{Dataset: study.Data.Dataset, Network: study.Network.Name, Classes: []string{"0", "1"}, LogJSON: log}, runlog.Examples{Labels: []uint16{0, 1}})
		must(t, err)
		_, err = run.AppendEvaluation(runlog.Evaluation{Predictions: []uint16{0, 1}})
		must(t, err)
		must(t, run.SetStatus(runlog.Finished, ""))
		must(t, run.Close())
		_, err = it.glance(dir)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", log, err, want)
		}
	}
}

// What settings of the same seeds are told to differ by depends neither on the order in which a plan grew, nor
// on that of runs on a command line.
func TestOrderOfSeeds(t *testing.T) {
	compared := func(grow ...func(string) []Item) []Comparison {
		dir := t.TempDir()
		var items []Item
		for _, plan := range grow {
			items = plan(dir)
		}
		for _, it := range items {
			made(t, dir, it, 60, 3, .5+float64(len(it.Set["training.epochs"])))
		}
		s, err := Report(t.Context(), dir, fewDraws)
		must(t, err)
		return s.Families[0].Compared
	}
	plan := func(seeds, epochs string) func(string) []Item {
		return func(dir string) []Item { return planned(t, dir, seeds, []string{"training.epochs=" + epochs}, "mnist") }
	}
	want, got := compared(plan("1..3", "1,10")), compared(plan("1,3", "1"), plan("1..3", "1,10"))
	if len(want) == 0 || len(got) != len(want) {
		t.Fatalf("%d comparisons, want as many as %d, and some", len(got), len(want))
	}
	for k := range want {
		if !reflect.DeepEqual(want[k], got[k]) && want[k].Difference.Defined {
			t.Errorf("grown plan: %+v, want %+v", got[k], want[k])
		}
	}
}

// A comparison of two runs names their own seeds.
func TestSeedsOfRuns(t *testing.T) {
	dir := t.TempDir()
	items := planned(t, dir, "4,9", nil, "mnist")
	for _, it := range items {
		made(t, dir, it, 20, 1, 1)
	}
	d, err := Diff(t.Context(), items[0].Path(dir), filepath.Join(dir, items[1].Folder), fewDraws.Resampling)
	must(t, err)
	if s := d.Settings[0]; !reflect.DeepEqual([][]uint64{s.SeedsA, s.SeedsB}, [][]uint64{{4}, {9}}) {
		t.Errorf("seeds %v and %v, want 4 and 9", s.SeedsA, s.SeedsB)
	}
}

// An item that fails before there is a run has failed, and says why; the next attempt forgets it.
func TestFailureWithoutRun(t *testing.T) {
	dir := t.TempDir()
	it := planned(t, dir, "1", nil, "mnist")[0]
	o := track.Options{Options: record.Options{DataDir: t.TempDir(), CacheDir: t.TempDir(), Offline: true}}
	if _, _, err := RunItem(t.Context(), dir, 0, o); err == nil {
		t.Fatal("an item is run without data")
	}
	s, err := ReadStatus(dir)
	must(t, err)
	if one := s.Items[0]; one.State != Failed || !strings.Contains(one.Why, "images") {
		t.Errorf("%+v, want that it failed for want of data", one)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, _, err := RunItem(stopped, dir, 0, o); err == nil {
		t.Error("an item is run after the end")
	}
	if s, err = ReadStatus(dir); err != nil || s.Items[0].State != Waiting {
		t.Errorf("%v, %+v of %s, which was interrupted", err, s.Items[0], it.Folder)
	}
}
