package ingest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shoal/predlog"
)

// twoWriters begin the logs of two ranks.
func twoWriters(t *testing.T, dir string) (w [2]*predlog.Writer) {
	t.Helper()
	for rank := range w {
		var err error
		w[rank], err = predlog.Create(dir, header(rank, 2))
		must(t, err)
		t.Cleanup(func() { _ = w[rank].Close() })
	}
	return w
}

func TestTwoRanks(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	w := twoWriters(t, dir)
	log := func(rank int, steps ...int) {
		t.Helper()
		for _, s := range steps {
			must(t, w[rank].Log(share(whole(0, s), rank, 2)))
		}
	}
	log(0, 0, 5, 10)
	if r := refresh(t, dir); r.Added != 0 || r.Waiting != 3 {
		t.Errorf("%+v with one rank's parts", r)
	}
	log(1, 0, 10) // 5 is late
	if r := refresh(t, dir); r.Added != 2 || r.Waiting != 1 {
		t.Errorf("%+v, want that step 5 waits", r)
	}
	log(1, 15)
	log(0, 15)
	refresh(t, dir)
	want(t, dir, "0:0 10:0 15:0")
	// Rank 0 resumed and rank 1 did not yet: the parts of two trainings don't mix.
	writeLog(t, dir, resumed(header(0, 2), 5), share(whole(1, 10), 0, 2))
	refresh(t, dir)
	want(t, dir, "0:0 10:0 15:0")
	writeLog(t, dir, resumed(header(1, 2), 5), share(whole(1, 10), 1, 2))
	refresh(t, dir)
	want(t, dir, "0:0 10:1")
}

// A step that was late for one rank is added between those that were imported.
func TestLateRank(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	parts := func(rank int) (out []predlog.Part) {
		for _, s := range []int{0, 5, 10} {
			out = append(out, share(whole(0, s), rank, 3))
		}
		return out
	}
	writeLog(t, dir, header(0, 3), parts(0)...)
	writeLog(t, dir, header(1, 3), parts(1)...)
	third := writeLog(t, dir, header(2, 3), parts(2)...)
	text, err := os.ReadFile(third)
	must(t, err)
	lines := strings.SplitAfter(string(text), "\n")
	must(t, os.WriteFile(third, []byte(lines[0]+lines[1]), 0o666))
	if r := refresh(t, dir); r.Added != 1 || r.Waiting != 2 {
		t.Errorf("%+v", r)
	}
	for cut := range []byte(lines[2]) { // copied while it is written
		must(t, os.WriteFile(third, []byte(lines[0]+lines[1]+lines[2][:cut]), 0o666))
		if cut%40 == 0 {
			if r := refresh(t, dir); r.Added != 0 {
				t.Fatalf("%+v of a line that is not there", r)
			}
		}
	}
	must(t, os.WriteFile(third, text, 0o666))
	if r := refresh(t, dir); r.Added != 2 || r.Waiting != 0 {
		t.Errorf("%+v", r)
	}
	want(t, dir, "0:0 5:0 10:0")
}

// A step that waits is not forgotten when a later one is whole without the rank that it waits for.
func TestStepWaitsBehindWholeOnes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	for rank := range 2 {
		writeLog(t, dir, header(rank, 3), share(whole(0, 5), rank, 3), share(whole(0, 10), rank, 2))
	}
	if r := refresh(t, dir); r.Added != 1 || r.Waiting != 1 {
		t.Errorf("%+v, want step 10 alone", r)
	}
	writeLog(t, dir, header(2, 3), share(whole(0, 5), 2, 3))
	if r := refresh(t, dir); r.Added != 1 || r.Waiting != 0 {
		t.Errorf("%+v, want step 5", r)
	}
	want(t, dir, "5:0 10:0")
}

// A rank that first writes after the training resumed has nothing to do with what was before.
func TestRankOfTheResumedTraining(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	writeLog(t, dir, header(0, 2), share(whole(0, 5), 0, 2), share(whole(0, 6), 0, 2))
	writeLog(t, dir, resumed(header(1, 2), 5), share(whole(1, 6), 1, 2))
	if r := refresh(t, dir); r.Added != 0 {
		t.Errorf("%+v of parts of two trainings", r)
	}
	writeLog(t, dir, resumed(header(0, 2), 5), share(whole(1, 6), 0, 2))
	refresh(t, dir)
	want(t, dir, "6:1")
}

// Where every rank logs the whole split the lowest one's answers are stored, whenever an import comes.
func TestWholeRanks(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	w := twoWriters(t, dir)
	log := func(rank, step int) *Result {
		t.Helper()
		p := whole(0, step)
		p.Predictions[0] = (p.Predictions[0] + uint16(rank)) % 3 // the rounding of another batch
		must(t, w[rank].Log(p))
		return refresh(t, dir)
	}
	if r := log(1, 0); r.Added != 1 { // it may be the only rank that logs
		t.Errorf("%+v of the first line", r)
	}
	log(0, 0)
	want(t, dir, "0:0")
	if r := log(1, 5); r.Added != 0 || r.Waiting != 1 {
		t.Errorf("%+v, want that step 5 waits for rank 0", r)
	}
	log(0, 5)
	log(0, 10)
	log(1, 10)
	log(0, 15)
	log(0, 20) // rank 1 is behind
	log(1, 15)
	log(1, 20)
	want(t, dir, "0:0 5:0 10:0 15:0 20:0")
	log(0, 25)
	must(t, w[1].Log(whole(1, 25)))
	_, err := Refresh(t.Context(), dir, Options{})
	if err == nil || !strings.Contains(err.Error(), "two models") {
		t.Errorf("error %v of another model's answers that came late", err)
	}
}
