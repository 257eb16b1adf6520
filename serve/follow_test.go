package serve

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"shoal/dynamics"
	"shoal/ingest"
	"shoal/internal/longtest"
	"shoal/predlog"
	"shoal/runlog"
)

// followed is a run that is followed without a server.
func followed(t *testing.T, dir string, bring func(context.Context, string, ingest.Options) (*ingest.Result, error)) *run {
	t.Helper()
	s, err := newServer(Options{Runs: []string{dir}, pace: quick})
	if err != nil {
		t.Fatal(err)
	}
	r := s.runs[0]
	if bring != nil {
		r.source.bring = bring
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan bool)
	go func() { r.follow(ctx, t.Logf); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	return r
}

// steps are those that a page has which began with nothing.
func (r *run) steps() []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.growing == nil {
		return nil
	}
	return r.growing.Shown()
}

func (r *run) kind() (kind, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status.Kind, r.status.Text
}

func (r *run) currentKey() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.key
}

// What takes the place of a run's data makes pages begin again; what only adds to them, or writes the
// same again, does not.
func TestDataAreReplaced(t *testing.T) {
	w := newWorld(60, 10)
	file := w.grown(t, 8)
	r := followed(t, file.Dir(), nil)
	eventually(t, "step 8", func() bool { return len(r.steps()) == 9 })
	key := r.currentKey()

	if err := file.Rewind(4); err != nil {
		t.Fatal(err)
	}
	w.evaluate(t, file, 5, 10)
	eventually(t, "step 10 of the training that is repeated", func() bool { return len(r.steps()) == 11 })
	if r.currentKey() != key {
		t.Error("the same evaluations, written again, make pages begin again")
	}
	if err := file.Rewind(6); err != nil {
		t.Fatal(err)
	}
	other := newWorld(60, 3)
	other.evaluate(t, file, 7, 10)
	eventually(t, "another training", func() bool { return r.currentKey() != key })
	eventually(t, "its evaluations", func() bool { return len(r.steps()) == 11 })
	key = r.currentKey()

	if _, err := file.AddReference(runlog.Reference{Reference: w.references()[0].Reference, Kind: "svm", ParamsJSON: "{}"}); err == nil {
		t.Fatal("a reference is added twice")
	}
	ref := w.references()[1]
	ref.Name = "later"
	if _, err := file.AddReference(ref); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a page with another reference", func() bool { return r.currentKey() != key })
	key = r.currentKey()

	dir := file.Dir()
	file.Close()
	remove(t, dir)
	eventually(t, "that the run is deleted", func() bool { kind, _ := r.kind(); return kind == "deleted" })
	again := w.begin(t, dir, false)
	defer again.Close()
	w.addReferences(t, again)
	w.evaluate(t, again, 0, 2)
	eventually(t, "a new run in its place", func() bool { return len(r.steps()) == 3 && r.currentKey() != key })
}

// attach begins a log of the world in dir.
func (w *world) attach(t *testing.T, dir string) *predlog.Writer {
	t.Helper()
	log, err := predlog.Create(dir, predlog.Header{Classes: classes, Labels: w.labels, Dataset: "mnist", Network: "elsewhere", Resumed: predlog.NotResumed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	return log
}

func (w *world) log(t *testing.T, log *predlog.Writer, steps ...int) {
	t.Helper()
	for _, step := range steps {
		if err := log.Log(predlog.Part{Step: step, Epoch: math.NaN(), Loss: math.NaN(), Seconds: math.NaN(), Predictions: w.at(step)}); err != nil {
			t.Fatal(err)
		}
	}
}

// The log of a training elsewhere is imported as it comes; a reference may come in between, and a line
// that can't be read is said.
func TestAttachedRun(t *testing.T) {
	w := newWorld(60, 10)
	dir := filepath.Join(t.TempDir(), "attached")
	log := w.attach(t, dir)
	r := followed(t, dir, nil)
	w.log(t, log, 0, 1)
	eventually(t, "two evaluations", func() bool { _, text := r.kind(); return strings.Contains(text, "2 evaluations") })
	if kind, text := r.kind(); kind != "running" || !strings.HasPrefix(text, "following its log") {
		t.Errorf("status %q %q", kind, text)
	}
	file, err := runlog.Open(dir) // as shoal compare does, while the log is followed
	if err != nil {
		t.Fatal(err)
	}
	w.addReferences(t, file)
	w.log(t, log, 2)
	file.Close()
	eventually(t, "the evaluation that came while another process wrote", func() bool { return len(r.steps()) == 3 })

	written, err := os.OpenFile(log.Path(), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer written.Close()
	if _, err := written.WriteString("{\"step\": 3, \"predictions\": \"???\"}\n"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "what is wrong with the log", func() bool {
		kind, text := r.kind()
		return kind == "problem" && strings.Contains(text, filepath.Base(log.Path()))
	})
	if got := r.steps(); !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("evaluations before a line that can't be read: %v", got)
	}
}

// A log in a folder that can't be written is imported into a copy, with the references that the run
// has; the folder stays as it is, and the copy goes.
func TestFolderThatCantBeWritten(t *testing.T) {
	w := newWorld(60, 10)
	dir := filepath.Join(t.TempDir(), "attached")
	log := w.attach(t, dir)
	w.log(t, log, 0, 1)
	if _, err := ingest.Refresh(context.Background(), dir, ingest.Options{}); err != nil {
		t.Fatal(err)
	}
	file, err := runlog.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w.addReferences(t, file)
	file.Close()
	before := contents(t, dir)
	s, err := newServer(Options{Runs: []string{dir}, pace: quick})
	if err != nil {
		t.Fatal(err)
	}
	r := s.runs[0]
	r.source.bring = func(context.Context, string, ingest.Options) (*ingest.Result, error) {
		return nil, fmt.Errorf("open run: %w", fs.ErrPermission)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan bool)
	go func() { r.follow(ctx, t.Logf); close(ended) }()
	eventually(t, "the evaluations", func() bool { return len(r.steps()) == 2 })
	w.log(t, log, 2, 3)
	eventually(t, "new evaluations", func() bool { return len(r.steps()) == 4 })
	r.mu.Lock()
	place := r.source.copy
	r.mu.Unlock()
	cancel()
	<-ended
	if _, err := os.Stat(place); place == "" || !os.IsNotExist(err) {
		t.Errorf("the copy %q stays: %v", place, err)
	}
	if after := contents(t, dir); after != before {
		t.Errorf("the folder has %s, it had %s", after, before)
	}
}

// contents lists the files of a folder, but for its log, with size and time.
func contents(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if info, err := e.Info(); err == nil && !e.IsDir() {
			out = append(out, fmt.Sprint(e.Name(), info.Size(), info.ModTime()))
		}
	}
	return strings.Join(out, "; ")
}

// The band of one association takes as long as a page; curves that are drawn at once keep that of the last page.
func TestCurvesKeepTheBandOfThePage(t *testing.T) {
	w := newWorld(200, 10)
	file := w.grown(t, 30)
	r := followed(t, file.Dir(), nil)
	r.arrive(1)
	eventually(t, "the page", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.page != nil && r.page.evaluations == 31
	})
	w.evaluate(t, file, 31, 31)
	eventually(t, "the new evaluation", func() bool { return len(r.steps()) == 32 })
	r.mu.Lock()
	defer r.mu.Unlock()
	d, err := r.curves(0)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`data-series="one association band">\s*<path`).MatchString(string(d.figures[0])) {
		t.Error("the curves lack the band that the page has")
	}
}

// A reader never sees what draws the page hold an evaluation that isn't written above it, or the other
// way round.
func TestGrowsAtOnce(t *testing.T) {
	w := newWorld(60, 10)
	file := w.grown(t, 1)
	r := followed(t, file.Dir(), nil)
	has := func(n int) bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.growing == nil {
			return false
		}
		drawn, above := r.growing.Len(), len(r.head.log.Steps)
		if drawn != above {
			t.Fatalf("what draws the page has %d evaluations, what is above it %d", drawn, above)
		}
		return drawn == n
	}
	for step := 2; step <= 40; step++ {
		w.evaluate(t, file, step, step)
		for until := time.Now().Add(time.Minute); !has(step + 1); {
			if time.Now().After(until) {
				t.Fatalf("evaluation %d never comes", step)
			}
		}
	}
}

// A writer that holds the run is no problem: the log is read later.
func TestRunIsLocked(t *testing.T) {
	w := newWorld(30, 10)
	dir := filepath.Join(t.TempDir(), "attached")
	log := w.attach(t, dir)
	w.log(t, log, 0)
	var locked atomic.Bool
	locked.Store(true)
	r := followed(t, dir, func(ctx context.Context, dir string, o ingest.Options) (*ingest.Result, error) {
		if locked.Load() {
			return nil, fmt.Errorf("%q %w", dir, runlog.ErrLocked)
		}
		return ingest.Refresh(ctx, dir, o)
	})
	eventually(t, "a first look", func() bool { r.mu.Lock(); defer r.mu.Unlock(); return r.looked })
	time.Sleep(3 * quick.look)
	if kind, text := r.kind(); kind != "waiting" {
		t.Errorf("status %q %q", kind, text)
	}
	locked.Store(false)
	eventually(t, "the evaluation", func() bool { _, text := r.kind(); return strings.Contains(text, "· 1 evaluation ·") })
}

// A database that is damaged while it is followed is said, and what was read stays.
func TestDamagedRun(t *testing.T) {
	w := newWorld(60, 10)
	file := w.grown(t, 4)
	r := followed(t, file.Dir(), nil)
	eventually(t, "the evaluations", func() bool { return len(r.steps()) == 5 })
	file.Close()
	db, err := sql.Open("sqlite", filepath.Join(file.Dir(), runlog.Database))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("UPDATE evaluation SET checksum = 1 WHERE step = 4"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "that it is damaged", func() bool { kind, _ := r.kind(); return kind == "problem" })
	if len(r.steps()) != 5 {
		t.Error("what was read before is gone")
	}
}

// Of many evaluations a page is sent each once, and told which were dropped: it holds what a page that
// begins now would get.
func TestUpdatesAddUp(t *testing.T) {
	longtest.Only(t, "200 evaluations, each sent once")
	w := newWorld(60, 200)
	r := &run{news: newNews(), all: newNews(), pace: quick}
	r.newKey()
	r.history = &runlog.History{Meta: runlog.Meta{Study: "s", Network: "n", Classes: classes, RewoundTo: runlog.NotRewound}, References: w.references()}
	r.history.Log.Labels = w.labels
	var have []int
	at := cursor{key: r.key}
	for step, chunk := 0, 1; step < 900; step, chunk = step+chunk, chunk%37+1 {
		var fresh dynamics.Log
		for s := step; s < step+chunk; s++ {
			fresh.Append(s, math.NaN(), w.at(s), nil)
		}
		if err := r.grow(&fresh, false); err != nil {
			t.Fatal(err)
		}
		if chunk%5 == 0 { // a page that comes back after a while
			continue
		}
		u, now, _ := r.since(parseCursor(at.String()))
		at = now
		if u.Keep != nil {
			have = slices.DeleteFunc(have, func(s int) bool { return !slices.Contains(u.Keep, s) })
		}
		for _, row := range u.Evaluations {
			var e struct{ Step int }
			if err := json.Unmarshal(row, &e); err != nil {
				t.Fatal(err)
			}
			have = append(have, e.Step)
		}
		if want := r.steps(); !slices.Equal(have, want) {
			t.Fatalf("after step %d a page has %v, want %v", step+chunk-1, have, want)
		}
	}
	if n := len(have); n < 300 || n >= 600 || have[0] != 0 {
		t.Errorf("a page has %d evaluations of 900, want 300 to 599", n)
	}
	if u, _, _ := r.since(cursor{key: r.key, evaluations: 99999}); !u.Reload {
		t.Error("a page that has more than there is doesn't begin again")
	}
	if u, _, more := r.since(cursor{over: true}); u != nil || more != nil {
		t.Error("a page that was told to begin again is told more")
	}
}
