package report

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"shoal/dynamics"
	"shoal/runlog"
)

var tags = regexp.MustCompile(`<[^>]*>`)

// The sentences count what the predictions say.
func TestFindings(t *testing.T) {
	in := smallInput()
	in.References[1].Name = "<forest> & co"
	a, err := analyse(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	found := a.findings()
	if len(found) != 4 {
		t.Fatalf("%d sentences: %v", len(found), found)
	}
	right, end, never, alone := in.References[0].Correct(in.Log.Labels), in.Log.Correct(len(in.Log.Steps)-1), 0, 0
	both := 0
	for i := range right {
		if right[i] && end[i] {
			both++
		}
		if a.learned.Never(i) {
			never++
			if right[i] {
				alone++
			}
		}
	}
	if never == 0 {
		t.Fatal("nothing is never learned")
	}
	first := tags.ReplaceAllString(string(found[0]), "")
	if want := fmt.Sprintf("%d of 200 test examples are never learned by the network; svm gets %d of them right. ", never, alone); !strings.HasPrefix(first, want) {
		t.Errorf("%q, want %q", first, want)
	}
	if want := fmt.Sprintf(" right. %d are right for both svm", both); !strings.Contains(first, want) {
		t.Errorf("%q, want %q", first, want)
	}
	if last := string(found[3]); !strings.Contains(last, "&lt;forest&gt; &amp; co") || strings.Contains(last, "reference=<") {
		t.Errorf("a name is not escaped: %s", last)
	}
}

// Which of the two is learned first is said only where the interval leaves one.
func TestOrderOfFindings(t *testing.T) {
	for want, c := range map[string]counted{
		"learned first what svm gets right": {name: "svm", separate: true, earlier: estimateOf(.8, .7, .9)},
		"learned first what svm gets wrong": {name: "svm", separate: true, earlier: estimateOf(.2, .1, .3)},
		"did not clearly learn first":       {name: "svm", separate: true, earlier: estimateOf(.55, .45, .65)},
		"can’t be told":                     {name: "svm"},
	} {
		if got := string(c.order()); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Numbers behind a verdict have the digits that people read.
func TestValueText(t *testing.T) {
	for want, v := range map[string]any{"0.02985": dynamics.NullFloat(2. / 67), "undefined": dynamics.NullFloat(math.NaN()), "1,234": 1234, "136,851": 136850.7, "−0.25": -.25, "yes": true} {
		if got := valueText(v); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		}
	}
}

// How many known label errors are among the suspects is said where any are known.
func TestFoundText(t *testing.T) {
	f := &runlog.FoundErrors{Known: 15, Checked: 1000, Listed: 12, Among: []runlog.Found{{First: 15, Errors: 2}, {First: 50, Errors: 5}}}
	want := "Of the 15 labels here that people found to be wrong (they looked at 1,000, those that another program doubted), 12 are on this list, marked “label error”: 2 among the first 15 and 5 among the first 50."
	if got := foundText(f); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for listed, want := range map[int]string{0: "is not", 1: "is"} {
		want = "The one label here that people found to be wrong (they looked at 9, those that another program doubted) " + want + " on this list, marked “label error”."
		if got := foundText(&runlog.FoundErrors{Known: 1, Checked: 9, Listed: listed}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := foundText(nil); got != "" {
		t.Errorf("%q where nothing is known", got)
	}
}

// The first screen shows examples of every kind, leads to their gallery, and explains its words.
func TestFirstScreenInBrowser(t *testing.T) {
	file := filepath.Join(plain(t), "report.html")
	b := openPage(t, file, 1400, 900)
	b.Want("document.querySelectorAll('#strips .strip').length", "4")
	b.Want("[...document.querySelectorAll('#strips h2 a')].map(a => +a.textContent.split('· ')[1]).reduce((a, b) => a + b)", "200")
	b.Want("document.querySelectorAll('#strips .strip .thumb').length > 12", "true")
	never := b.Text("document.querySelector('#findings a[href=\"#show=never\"]').textContent")
	b.Do(chromedp.Click(chromedp.CSS(`#findings a[href="#show=never"]`)))
	b.Eventually("document.querySelector('#learned-kinds [aria-checked=true]').textContent", "never "+never)
	b.Want("document.querySelectorAll('#learned-cards .card').length", never)
	b.Run(`location.hash = document.querySelector('#findings a[href*="only=right"]').getAttribute('href')`)
	b.Eventually("document.querySelectorAll('#learned-cards .card').length", b.Text(`document.querySelector('#findings a[href*="only=right"]').textContent`))
	b.Run("document.querySelector('.term').focus()")
	b.Eventually("document.querySelector('#tip').hidden ? '' : document.querySelector('#tip').textContent === document.querySelector('#g-never').textContent", "true")
	b.Do(chromedp.KeyEvent(kb.Escape))
	b.Want("document.querySelector('#tip').hidden", "true")
	b.Want("document.querySelectorAll('#suspects-cards .card').length > 0", "true")
	b.Want("document.querySelector('#claims .badge.open') === null && !document.querySelector('#claims details').open", "true")
	b.Silent()
	b.Accessible()
}

// A link keeps step, reference, example and filters.
func TestLinksKeepTheView(t *testing.T) {
	file := filepath.Join(plain(t), "report.html")
	b := openPage(t, file, 1200, 900)
	b.Run("location.hash = '#step=40&reference=forest&label=3&find=13&example=13'")
	b.Eventually("document.querySelector('#when').textContent.split(' · ')[0]", "step 40")
	b.Want("document.querySelector('#table-t [data-reference]').textContent", "forest")
	b.Want("document.querySelector('#reference').value", "1")
	b.Want("document.querySelector('#filter-class').value", "3")
	b.Want("document.querySelector('#detail').open && document.querySelector('#detail-title').textContent", "Example #13")
	b.Do(chromedp.KeyEvent(kb.Escape))
	b.Eventually("location.hash", "#step=40&reference=forest&label=3&find=13")
	b.Run("{ const s = document.querySelector('#slider'); s.value = 50; s.dispatchEvent(new Event('input')); }")
	b.Eventually("location.hash", "#step=50&reference=forest&label=3&find=13")
	b.Run("location.hash = '#step=nonsense&example=99999&reference=none&show=none'") // what doesn't exist changes nothing
	b.Eventually("document.querySelector('#when').textContent.split(' · ')[0]", "step 50")
	b.Want("document.querySelector('#detail').open", "false")
	b.Silent()
}

// What is selected is saved with the names of the export; an exact number comes first.
func TestSelectionIsSaved(t *testing.T) {
	b := openPage(t, filepath.Join(plain(t), "report.html"), 1200, 900)
	b.Run("{ const s = document.querySelector('#filter-id'); s.value = '1'; s.dispatchEvent(new Event('input')); document.querySelectorAll('#rows th button')[8].click(); }")
	b.Want("document.querySelector('#rows tbody tr').dataset.example", "1")
	b.Run("document.querySelector('#rows tbody .pick-box').click()")
	b.Want("document.querySelector('#picked').hidden + document.querySelector('#picked-count').textContent", "false1 selected")
	b.Run(`URL.createObjectURL = x => { x.text().then(t => { window.saved = t; }); return 'blob:none'; }; HTMLAnchorElement.prototype.click = () => {}; document.querySelector('#picked-save').click()`)
	b.Eventually("(window.saved ?? '').split('\\n')[0]", "id,label,class,first_right_step,never_right,right_for_good_step,learned_step,never_learned,share_learned,times_forgotten,share_right,final_prediction,final_right,prediction_svm,right_svm,margin_svm,prediction_forest,right_forest,margin_forest")
	b.Want("window.saved.split('\\n')[1].split(',')[0]", "1")
	b.Want("window.saved.split('\\n').length", "3")
	b.Silent()
}

// On a phone the first screen, details and selection fit.
func TestFirstScreenFitsAPhone(t *testing.T) {
	b := openPage(t, filepath.Join(plain(t), "report.html"), 420, 800)
	b.Run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
	b.Fits()
	b.Run("document.querySelector('#strips button').click()")
	b.Want("document.querySelector('#detail').open", "true")
	b.Fits()
	b.Run("document.querySelector('#detail').close()")
	b.Accessible()
}

func estimateOf(value, lo, hi float64) dynamics.Estimate {
	return dynamics.Estimate{Value: value, Lo: lo, Hi: hi, Defined: true}
}

// A class of which most is learned at one time has no order: beside the other classes, neither may those of it stand
// that are never learned. When half of the examples is learned is known of all.
func TestFindingsLeaveOutAClass(t *testing.T) {
	const n, T = 600, 40
	labels, m, log := make([]uint16, n), make([]uint16, n), dynamics.Log{}
	learned := make([]int, n)
	for i := range n {
		switch {
		case i >= 320: // two classes that are learned one by one, the early half of which the reference gets right
			labels[i], learned[i] = uint16(1+i%2), 3+(i-320)/2*36/140
			m[i] = labels[i]
			if learned[i] > 20 {
				m[i] = 0
			}
		case i >= 160: // never learned, and right for the reference
			learned[i] = T
		default: // at one time, and wrong for the reference
			learned[i], m[i] = 2, 1
		}
	}
	log.Labels = labels
	for k := range T {
		predictions := make([]uint16, n)
		for i, label := range labels {
			switch {
			case learned[i] <= k:
				predictions[i] = label
			case label == 0:
				predictions[i] = 1
			default: // a guess
				predictions[i] = uint16(7*i+k) % 3
			}
		}
		log.Append(10*k, math.NaN(), predictions, nil)
	}
	a, err := analyse(context.Background(), &Input{Dataset: "d", Network: "net", Log: log, References: []runlog.Reference{{Reference: dynamics.Reference{Name: "m", Predictions: m}}}})
	if err != nil {
		t.Fatal(err)
	}
	c := a.count(0)
	if c.leftOut != 1 || c.earlier.Value < .99 {
		t.Errorf("%d classes are left out, learned earlier in %v, want 1 and nearly all", c.leftOut, c.earlier)
	}
	if want := "of all pairs without 1 class, whose order can’t be read. Of what m gets right half is never learned, of what it gets wrong half is learned by step 30."; !strings.HasSuffix(string(c.order()), want) {
		t.Errorf("%q, want ... %q", c.order(), want)
	}
}
