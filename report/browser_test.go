package report

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"shoal/internal/browsertest"
)

// openPage opens a report and waits until its code has filled it.
func openPage(t *testing.T, file string, width, height int64) *browsertest.Tab {
	t.Helper()
	return browsertest.Open(t, file, width, height, "html[data-drawn]")
}

func inner(id string) string { return fmt.Sprintf("document.querySelector(%q).textContent", id) }

func TestPageInBrowser(t *testing.T) {
	file := filepath.Join(plain(t), "report.html")
	d := pageJSON(t, read(t, file))
	b := openPage(t, file, 1200, 900)
	t.Run("glance", func(t *testing.T) { b.T = t; glance(b) })
	t.Run("slider", func(t *testing.T) { b.T = t; sliderMoves(b, d) })
	t.Run("reference", func(t *testing.T) { b.T = t; referenceChanges(b, d) })
	t.Run("gallery", func(t *testing.T) { b.T = t; galleryFollows(b, d) })
	t.Run("table", func(t *testing.T) { b.T = t; tableSorts(b) })
	t.Run("console", func(t *testing.T) { b.T = t; b.Silent() })
}

// glance: what happened against each reference stands above everything else, and the slider begins
// at the peak.
func glance(b *browsertest.Tab) {
	b.Want("[...document.querySelectorAll('#glance tbody th')].map(e => e.textContent.trim()).join()", "svm,forest")
	b.Want("document.querySelectorAll('#glance .badge').length", "0")
	b.Want("[...document.querySelectorAll('#answer figcaption')].filter(c => /^Of what the network learns first .* gets (\\d+ of \\d+|[\\d.]+\\s%) right, of what it learns last (\\d+ of \\d+|[\\d.]+\\s%);/.test(c.textContent)).length", "2")
	b.Want("document.querySelector('#live').offsetTop < document.querySelector('#claims').offsetTop", "true")
	b.Want("document.querySelector('#when').textContent.split(' · ')[0]", b.Text("document.querySelector('#glance tbody tr').children[4].textContent.split(',')[0]"))
	b.Legible("7")
}

// sliderMoves: keys move the slider, and with it T, the readout, the cursor on every curve and the
// oval.
func sliderMoves(b *browsertest.Tab, d pageData) {
	last := len(d.Steps) - 1
	b.Want("document.querySelector('#slider').max", fmt.Sprint(last))
	b.Do(chromedp.Focus(chromedp.CSS("#slider")), chromedp.KeyEvent(kb.Home))
	b.Want(inner("#when"), "step 0 · epoch 0")
	b.Want(inner("#n-both"), fmt.Sprint(d.References[0].Values[0].Cells[0]))
	at := "document.querySelector('#explore .fig:not([hidden]) .cursor').getAttribute('x1')"
	before := b.Text(at)
	b.Do(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.PageDown), chromedp.KeyEvent(kb.PageUp), chromedp.KeyEvent(kb.PageUp))
	b.Want("document.querySelector('#slider').value", "20") // to 1; ten back is clamped to 0; ten forward twice
	b.Do(chromedp.KeyEvent(kb.End))
	b.Want(inner("#n-shallow"), fmt.Sprint(d.References[0].Values[last].Cells[1]))
	for k, s := range readouts() {
		b.Want(inner("#v-"+s.Name), d.References[0].Values[last].Statistics[k])
	}
	if b.Text(at) == before {
		b.T.Error("the cursor on the curve does not move")
	}
	b.Eventually("document.querySelector('#oval').dataset.drawn", fmt.Sprint(last))
	b.Run(`{ const s = document.querySelector('#explore .fig:not([hidden]) svg'), a = s.querySelector('g.area').dataset, r = s.getBoundingClientRect(), k = r.width / s.viewBox.baseVal.width;
		s.dispatchEvent(new MouseEvent('click', { bubbles: true, clientX: r.left + a.left * k, clientY: r.top + 50 })); }`)
	b.Want("document.querySelector('#slider').value", "0")
	b.Do(chromedp.Click(chromedp.CSS("#play")))
	b.Eventually("+document.querySelector('#slider').value > 2", "true")
	b.Do(chromedp.Click(chromedp.CSS("#play")))
	b.Want("document.querySelector('#play').getAttribute('aria-pressed')", "false")
}

func referenceChanges(b *browsertest.Tab, d pageData) {
	b.Run(`{ const s = document.querySelector('#reference'); s.value = '1'; s.dispatchEvent(new Event('change')); }`)
	k := b.Text("document.querySelector('#slider').value")
	var at int
	fmt.Sscan(k, &at)
	b.Want(inner("#n-neither"), fmt.Sprint(d.References[1].Values[at].Cells[3]))
	b.Want("document.querySelector('#table-t [data-reference]').textContent", "forest")
	b.Want("[...document.querySelectorAll('.fig[data-for]')].filter(f => !f.hidden).every(f => f.dataset.for === '1')", "true")
}

// galleryFollows: the cards of a cell are as many as the cell counts, their images are loaded,
// arrow keys change the cell.
func galleryFollows(b *browsertest.Tab, d pageData) {
	b.Do(chromedp.Focus(chromedp.CSS("#slider")), chromedp.KeyEvent(kb.End))
	cells := d.References[1].Values[len(d.Steps)-1].Cells
	b.Eventually("document.querySelector('#cells [aria-checked=true]').textContent", fmt.Sprintf("shallow_only %d", cells[1]))
	b.Eventually("document.querySelectorAll('#gallery-cards .card').length", fmt.Sprint(min(cells[1], 48)))
	b.Do(chromedp.Focus(chromedp.CSS("#cells [aria-checked=true]")), chromedp.KeyEvent(kb.ArrowRight))
	b.Want("document.querySelector('#cells [aria-checked=true]').textContent", fmt.Sprintf("deep_only %d", cells[2]))
	b.Eventually("document.querySelectorAll('#gallery-cards .card').length", fmt.Sprint(min(cells[2], 48)))
	b.Want("document.querySelectorAll('#gallery-cards .thumb').length", fmt.Sprint(min(cells[2], 48)))
	b.Run(`{ window.shown = 'waiting'; const i = new Image(); i.onload = () => { window.shown = i.width + 'x' + i.height; }; i.onerror = () => { window.shown = 'broken'; };
		i.src = document.querySelector('.thumb').style.backgroundImage.slice(5, -2); }`)
	b.Eventually("window.shown", "1400x112")
}

func tableSorts(b *browsertest.Tab) {
	cell := func(row, column int) string {
		return fmt.Sprintf("document.querySelectorAll('#rows tbody tr')[%d].children[%d].textContent", row, column)
	}
	b.Want("document.querySelectorAll('#rows tbody tr').length", "50")
	b.Want(cell(0, 1), "#0")
	head := "#rows th:nth-child(10) button" // share right
	b.Do(chromedp.Focus(chromedp.CSS(head)), chromedp.KeyEvent(kb.Enter))
	b.Want("document.querySelector('#rows th:nth-child(10)').getAttribute('aria-sort')", "ascending")
	rising := "[...document.querySelectorAll('#rows tbody tr')].map(r => parseFloat(r.children[9].textContent))"
	b.Want(rising+".every((v, i, a) => !i || a[i - 1] <= v)", "true")
	b.Do(chromedp.Focus(chromedp.CSS(head)), chromedp.KeyEvent(kb.Enter))
	b.Want(rising+".every((v, i, a) => !i || a[i - 1] >= v)", "true")
	b.Do(chromedp.Click(chromedp.CSS("#rows-pager button:last-child")))
	b.Want("document.querySelector('#rows-pager span').textContent", "page 2 of 4 · 200 examples")
	b.Run(`{ const s = document.querySelector('#filter-class'); s.value = '3'; s.dispatchEvent(new Event('input')); }`)
	b.Want(inner("#rows-count"), "20 of 200")
	b.Want("[...document.querySelectorAll('#rows tbody tr')].every(r => r.children[2].textContent === '3')", "true")
}

// On a phone nothing may be wider than the screen but what scrolls in its own box.
func TestPageFitsAPhone(t *testing.T) {
	b := openPage(t, filepath.Join(plain(t), "report.html"), 360, 740)
	b.Fits()
	b.Legible("7")
	b.Want("document.querySelector('#explore .fig:not([hidden]) .slim .cursor').getAttribute('x1') > 0", "true") // the figure that shows has the cursor
	b.SelfContained()
	b.Silent()
}

// A run that keeps no images and has one evaluation, whose examples have names, whose epoch is not
// known and which says itself what is right, must still make a page without errors.
func TestBarePageInBrowser(t *testing.T) {
	in := smallInput()
	in.Image = nil
	in.Log.Steps, in.Log.Epochs, in.Log.Predictions = in.Log.Steps[:1], in.Log.Epochs[:1], in.Log.Predictions[:1]
	for k := range in.References {
		in.References[k].Margins = nil
	}
	in.Log.Epochs[0] = math.NaN()
	right := make([]bool, len(in.Log.Labels)) // those that the predictions get wrong
	for i, label := range in.Log.Labels {
		right[i] = in.Log.Predictions[0][i] != label
		in.Names = append(in.Names, fmt.Sprintf("<b>/%d.png", i))
	}
	in.Log.Right = [][]bool{right}
	in.References[0].Right = right
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, pageOf(t, in, quick), 0o666); err != nil {
		t.Fatal(err)
	}
	b := openPage(t, file, 1200, 900)
	b.Want(inner("#when"), "step 0")
	b.Want("document.querySelectorAll('#gallery-cards .thumb').length", "0")
	count := 0
	for _, r := range right {
		if r {
			count++
		}
	}
	b.Eventually("[...document.querySelectorAll('#cells button')].map(e => e.textContent).join()", fmt.Sprintf("both %d,shallow_only 0,deep_only 0,neither %d", count, 200-count))
	b.Want("document.querySelector('#rows tbody tr').children[1].textContent", "#0 <b>/0.png")
	b.Run(`{ const s = document.querySelector('#filter-id'); s.value = '/17.'; s.dispatchEvent(new Event('input')); }`)
	b.Want("[...document.querySelectorAll('#rows tbody tr')].map(r => r.children[1].textContent).join()", "#17 <b>/17.png")
	mark := map[bool]string{true: "✓", false: "✗"}[right[17]]
	b.Want("document.querySelector('#rows tbody tr').children[3].textContent[0] + document.querySelector('#rows tbody tr').children[4].textContent[0]", mark+mark)
	b.Silent()
}
