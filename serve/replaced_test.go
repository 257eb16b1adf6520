package serve

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shoal/runlog"
)

// looked is a run in dir that a test looks at by itself.
func looked(t *testing.T, dir string) *run {
	t.Helper()
	s, err := newServer(Options{Runs: []string{dir}, pace: quick})
	if err != nil {
		t.Fatal(err)
	}
	r := s.runs[0]
	t.Cleanup(r.closeDatabase)
	r.lookAndSay(t)
	return r
}

// lookAndSay is what follow does before it draws.
func (r *run) lookAndSay(t *testing.T) {
	t.Helper()
	now, err := r.look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.say(now)
}

// replace puts a run of another world in the place of one, which stays open: closing it waits for readers.
func replace(t *testing.T, r *run, file *runlog.Run, w *world) *runlog.Run {
	t.Helper()
	remove(t, file.Dir())
	again := w.begin(t, file.Dir(), true)
	t.Cleanup(func() { r.closeDatabase(); again.Close() })
	return again
}

// A run that has nothing yet is replaced by one with other labels: these count.
func TestEmptyRunIsReplaced(t *testing.T) {
	w := newWorld(60, 10)
	file := w.begin(t, filepath.Join(t.TempDir(), "run"), false)
	t.Cleanup(func() { file.Close() })
	r := looked(t, file.Dir())
	other := newWorld(60, 10)
	clear(other.labels) // all of class 0
	again := replace(t, r, file, other)
	if _, err := again.AppendEvaluation(runlog.Evaluation{Step: 1, Predictions: other.labels}); err != nil {
		t.Fatal(err)
	}
	r.lookAndSay(t)
	if _, text := r.kind(); !strings.Contains(text, "accuracy 100") {
		t.Errorf("the network is right on all, and the page says %q", text)
	}
}

// What was said of a run is not said of the one that takes its place.
func TestNothingOfTheReplacedRunStays(t *testing.T) {
	w := newWorld(60, 10)
	file := w.grown(t, 3)
	r := looked(t, file.Dir())
	r.problem, r.pageAt = "the page can't be drawn", time.Now().Add(time.Hour)
	replace(t, r, file, w)
	r.lookAndSay(t)
	if kind, text := r.kind(); kind != "waiting" || !r.pageAt.IsZero() || !r.grew.IsZero() {
		t.Errorf("a new run is %q %q, its page waits until %v, its last evaluation came %v", kind, text, r.pageAt, r.grew)
	}
}

// A card that is fetched between two changes is fetched again after the second.
func TestCardsKeepUp(t *testing.T) {
	w := newWorld(60, 10)
	file := w.begin(t, filepath.Join(t.TempDir(), "run"), false)
	defer file.Close()
	s, err := newServer(Options{Runs: []string{file.Dir()}, pace: quick})
	if err != nil {
		t.Fatal(err)
	}
	r := s.runs[0]
	defer r.closeDatabase()
	var told cardState
	shown := s.cardOf(r)
	check := func(when string) {
		t.Helper()
		if now := s.cardOf(r); r.cardState() != told {
			told, shown = r.cardState(), now
		} else if now.Status != shown.Status || now.Title != shown.Title {
			t.Errorf("%s the card says %q %q, and the front page isn't told: it has %q %q", when, now.Title, now.Status.Text, shown.Title, shown.Status.Text)
		}
	}
	check("at first")
	now, err := r.look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	check("after a look")
	if text := shown.Status.Text; text != "waiting for the first evaluation" {
		t.Errorf("with the run's title its card says %q", text)
	}
	r.say(now)
	check("after what is said")
	r.update(func() { r.head.title = "another" })
	check("with another title")
	r.say(status{Kind: now.Kind, Text: "another"})
	check("with another text")
}

// A page that waits for its turn while its run is replaced is drawn of the new run: it isn't shown as
// one of the old.
func TestRunIsReplacedWhileItsPageWaits(t *testing.T) {
	w := newWorld(60, 10)
	file := w.grown(t, 8)
	r := looked(t, file.Dir())
	r.arrive(1)
	key := r.key
	r.drawing <- struct{}{} // another run's page is drawn
	r.redraw(t.Context())
	other := newWorld(30, 10)
	again := replace(t, r, file, other)
	other.addReferences(t, again)
	other.evaluate(t, again, 0, 4)
	<-r.drawing
	r.background.Wait()
	if r.page != nil || r.problem != "" || r.pageBusy {
		t.Errorf("under the key of the old run there is a page, or the problem %q", r.problem)
	}
	r.lookAndSay(t)
	r.redraw(t.Context())
	r.background.Wait()
	if r.key == key || r.page == nil || !strings.Contains(string(r.page.plain), `"examples":30`) {
		t.Error("the page of the new run doesn't come")
	}
}

// Who follows a run ends with what draws its page, also when that waits for its turn.
func TestEndsWhileAPageWaits(t *testing.T) {
	w := newWorld(60, 10)
	r := looked(t, w.grown(t, 3).Dir())
	r.arrive(1)
	r.drawing <- struct{}{} // for ever
	ctx, cancel := context.WithCancel(t.Context())
	r.redraw(ctx)
	cancel()
	r.follow(ctx, t.Logf)
	if r.pageBusy {
		t.Error("the page is still to be drawn")
	}
}
