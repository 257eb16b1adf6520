package serve

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"shoal/dynamics/groups"
	"shoal/internal/browsertest"
	"shoal/internal/longtest"
	"shoal/runlog"
)

// saysEnd is whether the page calls the last evaluation the end of the run.
const saysEnd = "/\\b(at|throughout) the end/i.test([...document.querySelectorAll('header.top, #explore, #missed-kinds, #examples, .groups')].map(e => e.textContent).join())"

const lastStep = "document.documentElement.dataset.step"

// A page follows its run: evaluations come, the slider stands at the end, curves and what takes long
// are drawn again; and it says when the run ends, and when it is deleted.
func TestPageGrows(t *testing.T) {
	w := newWorld(200, 20)
	r := w.grown(t, 10)
	address := started(t, Options{Runs: []string{r.Dir()}})
	b := browsertest.Visit(t, address, 1400, 900, "html[data-ready]")
	b.Eventually(lastStep, "10")
	b.Want("document.querySelector('#slider').max", "10")
	b.Run("document.querySelector('#gallery').scrollIntoView()") // what nobody sees is not drawn
	b.Eventually("document.querySelectorAll('#gallery-cards .thumb').length > 0", "true")
	growsTo60(t, b, w, r)
	keepsWhatIsLookedAt(t, b, w, r)
	ends(t, b, r)
	if status, page := get(t, address+"run/0/"); status != 200 || !strings.Contains(page, `id="slider"`) {
		t.Errorf("the page of a deleted run: status %d", status)
	}
}

// growsTo60 adds evaluations to a run at step 10, and wants them everywhere on its page.
func growsTo60(t *testing.T, b *browsertest.Tab, w *world, r *runlog.Run) {
	t.Helper()
	curve := "document.querySelector('#explore .fig:not([hidden]) .series[data-name=ratio] path, #explore .fig:not([hidden]) svg').outerHTML.length"
	before := b.Text(curve)
	w.evaluate(t, r, 11, 60)
	b.Eventually(lastStep, "60")
	b.Want("document.querySelector('#when').textContent", "step 60 · epoch 0.6")
	both, shallowOnly := 0, 0
	for i, p := range w.at(60) {
		switch {
		case w.reference[i] != w.labels[i]:
		case p == w.labels[i]:
			both++
		default:
			shallowOnly++
		}
	}
	b.Want("document.querySelector('#n-both').textContent", fmt.Sprint(both))
	b.Eventually(curve+" !== "+before, "true")
	b.Eventually("document.querySelector('#h-answer [data-as-of]').textContent", "60")
	b.Eventually("document.querySelector('#h-examples [data-as-of]').textContent", "60")
	b.Want("document.querySelector('#stream').dataset.kind", "running")
	b.Want(saysEnd, "false")
	b.Want("/so far/.test(document.querySelector('#explore .fig:not([hidden])').textContent)", "true")
	b.Eventually("document.querySelector('#cells [aria-checked=true]').textContent", fmt.Sprintf("shallow_only %d", shallowOnly))
	b.Run("document.querySelector('#examples').scrollIntoView()")
	b.Eventually("document.querySelectorAll('#rows tbody tr').length", "50")
}

// keepsWhatIsLookedAt adds evaluations while somebody looks at an earlier step and another reference.
func keepsWhatIsLookedAt(t *testing.T, b *browsertest.Tab, w *world, r *runlog.Run) {
	t.Helper()
	b.Run("{ const s = document.querySelector('#slider'); s.value = 5; s.dispatchEvent(new Event('input')); }")
	b.Run("{ const s = document.querySelector('#reference'); s.value = '1'; s.dispatchEvent(new Event('change')); }")
	w.evaluate(t, r, 61, 62)
	b.Eventually(lastStep, "62")
	b.Want("document.querySelector('#when').textContent", "step 5 · epoch 0.05") // who looks at a step keeps it
	b.Want("[...document.querySelectorAll('.fig[data-for]')].filter(f => !f.hidden).every(f => f.dataset.for === '1')", "true")
}

// ends gives a run groups, ends it and deletes it.
func ends(t *testing.T, b *browsertest.Tab, r *runlog.Run) {
	t.Helper()
	a := groups.Attribute{Name: "ground", Groups: []string{"land", "sea"}, Of: make([]int, 200)}
	a.Of[7] = 1
	if err := r.SetGroups([]groups.Attribute{a}); err != nil { // nothing is new but these
		t.Fatal(err)
	}
	b.Eventually("document.querySelectorAll('#groups tbody tr').length", "2")
	if err := r.SetStatus("finished", ""); err != nil {
		t.Fatal(err)
	}
	b.Eventually("document.querySelector('#stream').dataset.kind", "finished")
	b.Eventually("/at the end/.test(document.querySelector('#findings').textContent)", "true")
	remove(t, r.Dir())
	b.Eventually("document.querySelector('#stream').dataset.kind", "deleted")
	b.Want("document.querySelector('#stream-text').textContent.startsWith('the run was deleted')", "true")
	b.Want("document.querySelector('#slider').max", "62")
	b.Silent()
	b.Accessible()
}

// A slider that is moved while an update is unpacked stays where it was moved to.
func TestSliderIsMovedMeanwhile(t *testing.T) {
	w := newWorld(60, 20)
	r := w.grown(t, 10)
	b := browsertest.Visit(t, started(t, Options{Runs: []string{r.Dir()}}), 1400, 900, "html[data-ready]")
	b.Eventually(lastStep, "10")
	b.Run(`{
		const packed = DecompressionStream;
		window.DecompressionStream = function (kind) {
			const s = document.querySelector('#slider');
			if (s.value !== '5') { s.value = 5; s.dispatchEvent(new Event('input')); }
			return new packed(kind);
		};
	}`)
	w.evaluate(t, r, 11, 13)
	b.Eventually(lastStep, "13")
	b.Want("document.querySelector('#when').textContent", "step 5 · epoch 0.05")
	b.Silent()
}

// Runs side by side, one without a reference and one that has nothing yet; a phone shows them below
// each other.
func TestRunsSideBySide(t *testing.T) {
	w := newWorld(60, 20)
	a := w.grown(t, 5)
	bare := w.begin(t, filepath.Join(t.TempDir(), "run"), false)
	defer bare.Close()
	w.evaluate(t, bare, 0, 3)
	empty := w.begin(t, filepath.Join(t.TempDir(), "empty"), false)
	defer empty.Close()
	address := started(t, Options{Runs: []string{a.Dir(), bare.Dir(), empty.Dir()}})
	b := browsertest.Visit(t, address, 360, 800, ".run")
	b.Eventually("document.querySelectorAll('#run-0 figure').length", "2")
	b.Want("document.querySelector('#run-0 h2').textContent", a.Dir()) // names that are equal become paths
	b.Eventually("document.querySelectorAll('#run-1 figure').length", "1")
	b.Want("document.querySelector('#run-1 .hint') !== null", "true")
	b.Eventually("document.querySelector('#run-2 .stream').textContent.trim()", "waiting for the first evaluation")
	b.Fits()
	b.Legible("7")
	w.evaluate(t, empty, 0, 1)
	b.Eventually("document.querySelectorAll('#run-2 figure').length", "1")
	w.addReferences(t, bare)
	b.Eventually("document.querySelector('#run-1 h2 a') !== null", "true")
	b.Silent()
	b.Accessible()
}

// The page of a run without a reference waits for one.
func TestPageWaitsForAReference(t *testing.T) {
	w := newWorld(60, 20)
	r := w.begin(t, filepath.Join(t.TempDir(), "run"), false)
	defer r.Close()
	address := started(t, Options{Runs: []string{r.Dir()}})
	b := browsertest.Visit(t, address, 800, 600, ".run")
	w.evaluate(t, r, 0, 3)
	b.Eventually("document.querySelectorAll('#run-0 figure').length", "1")
	w.addReferences(t, r)
	b.Eventually("document.querySelector('#slider')?.max", "3")
	b.Silent()
}

func TestLivePageFitsAPhone(t *testing.T) {
	w := newWorld(100, 20)
	r := w.grown(t, 30)
	b := browsertest.Visit(t, started(t, Options{Runs: []string{r.Dir()}}), 360, 740, "html[data-ready]")
	b.Eventually(lastStep, "30")
	b.Fits()
	b.Legible("7")
	b.Silent()
	b.Accessible()
}

// TestPictures writes pictures of live pages to the folder named by SHOAL_SAMPLES, for people to look
// at.
func TestPictures(t *testing.T) {
	dir := os.Getenv("SHOAL_SAMPLES")
	if dir == "" {
		t.Skip("SHOAL_SAMPLES names no folder: nothing to look at")
	}
	w := newWorld(3000, 60)
	r := w.grown(t, 150)
	ground := groups.Attribute{Name: "ground", Groups: []string{"land", "sea"}, Of: make([]int, 3000)}
	for i := range ground.Of {
		if w.learnt[i] > 60 && i%7 == 0 {
			ground.Of[i] = 1
		}
	}
	if err := r.SetGroups([]groups.Attribute{ground}); err != nil {
		t.Fatal(err)
	}
	other := w.grown(t, 20)
	for name, runs := range map[string][]string{"live": {r.Dir()}, "runs": {r.Dir(), other.Dir()}} {
		address := started(t, Options{Runs: runs})
		for _, width := range []int64{1400, 420} {
			b := browsertest.Visit(t, address, width, 900, map[string]string{"live": "html[data-ready]", "runs": "#run-1 figure"}[name])
			for _, dark := range []bool{false, true} {
				b.Run("document.querySelectorAll('section, #oval').forEach((e, k) => setTimeout(() => e.scrollIntoView(), 300 * k))")
				time.Sleep(5 * time.Second) // all of it is drawn
				b.Dark(dark)
				b.Picture(filepath.Join(dir, fmt.Sprintf("%s-%d-%v.png", name, width, map[bool]string{false: "light", true: "dark"}[dark])))
			}
		}
	}
}

// A thousand evaluations of ten thousand examples: what the page holds, and how long its updates take.
// Times are said, not judged; see records.
func TestThousandEvaluations(t *testing.T) {
	longtest.Only(t, "a page of 1,000 evaluations")
	w := newWorld(10_000, 200)
	r := w.grown(t, 990)
	address := started(t, Options{Runs: []string{r.Dir()}, pace: pace{}.orUsual()})
	b := browsertest.Visit(t, address, 1200, 900, "body")
	for range 300 { // a busy machine draws it late; while the page is replaced there is no element
		if b.Text("document.documentElement?.dataset.ready") == "yes" {
			break
		}
		time.Sleep(time.Second)
	}
	b.Eventually(lastStep, "990")
	b.Run("window.long = []; new PerformanceObserver(l => window.long.push(...l.getEntries().map(e => Math.round(e.duration)))).observe({ type: 'longtask' })")
	for step := 991; step <= 1010; step++ {
		w.evaluate(t, r, step, step)
		b.Eventually(lastStep, fmt.Sprint(step))
		time.Sleep(time.Second) // curves are drawn once a second
		t.Logf("step %d: %s ms", step, b.Text("document.documentElement.dataset.took"))
	}
	t.Logf("tasks of the page of more than 50 ms, in ms: %s", b.Text("window.long.join(' ')"))
	t.Logf("the page holds %d evaluations", must(strconv.Atoi(b.Text("document.querySelector('#slider').max")))+1)
	if mb := b.Memory() / 1e6; mb > 60 {
		t.Errorf("the page holds %d MB, want at most 60", mb)
	} else {
		t.Logf("the page holds %d MB", mb)
	}
}
