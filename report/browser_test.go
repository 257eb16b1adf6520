package report

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// chromium finds a browser. Without one the tests that need it are skipped, unless SHOAL_BROWSER is "required": then they fail.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("SHOAL_BROWSER") == "required" {
		t.Fatal("no Chromium on the PATH, and SHOAL_BROWSER=required; install chromium")
	}
	t.Skip("no Chromium on the PATH; set SHOAL_BROWSER=required to make this an error")
	return ""
}

// tab is a page in a headless browser that collects what it says on the console.
type tab struct {
	t   *testing.T
	ctx context.Context
	mu  sync.Mutex
	log []string
}

func openPage(t *testing.T, file string, width, height int64) *tab {
	t.Helper()
	path := chromium(t)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	t.Cleanup(stop)
	b := &tab{t: t}
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	b.ctx = ctx
	b.do() // start the browser
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			b.mu.Lock()
			b.log = append(b.log, m.String())
			b.mu.Unlock()
		}
	}()
	size := func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600})
		return chromedp.Void{}, err
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(file)}
	b.do(size, chromedp.Navigate(address.String()), chromedp.WaitReady(chromedp.CSS("html[data-ready]")))
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// text is the value of a JavaScript expression as a string.
func (b *tab) text(expression string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return s
}

func (b *tab) want(expression, want string) {
	b.t.Helper()
	if got := b.text(expression); got != want {
		b.t.Errorf("%s is %q, want %q", expression, got, want)
	}
}

// eventually waits up to two seconds for what a timer or a frame of the page has to do first.
func (b *tab) eventually(expression, want string) {
	b.t.Helper()
	for range 40 {
		if b.text(expression) == want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.want(expression, want)
}

// silent checks that the page has written nothing. It writes a line itself and waits for that: when it comes, everything
// before it has come, and the ear is open.
func (b *tab) silent() {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](`console.log("that is all")`))
	for range 100 {
		b.mu.Lock()
		said := slices.Clone(b.log)
		b.mu.Unlock()
		if len(said) == 0 || said[len(said)-1] != "log: that is all" {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		if len(said) > 1 {
			b.t.Errorf("the page wrote to the console: %s", strings.Join(said, "; "))
		}
		return
	}
	b.t.Errorf("the console cannot be heard: %q", b.log)
}

func inner(id string) string { return fmt.Sprintf("document.querySelector(%q).textContent", id) }

func TestPageInBrowser(t *testing.T) {
	chromium(t)
	in := smallInput()
	file := filepath.Join(written(t, in, quick), "report.html")
	d := pageJSON(t, read(t, file))
	b := openPage(t, file, 1200, 900)
	t.Run("slider", func(t *testing.T) { b.t = t; sliderMoves(b, d) })
	t.Run("reference", func(t *testing.T) { b.t = t; referenceChanges(b, d) })
	t.Run("gallery", func(t *testing.T) { b.t = t; galleryFollows(b, d) })
	t.Run("table", func(t *testing.T) { b.t = t; tableSorts(b) })
	t.Run("console", func(t *testing.T) { b.t = t; b.silent() })
}

// sliderMoves: keys move the slider, and with it T, the readout, the cursor on every curve and the oval.
func sliderMoves(b *tab, d pageData) {
	last := len(d.Steps) - 1
	b.want("document.querySelector('#slider').max", fmt.Sprint(last))
	b.do(chromedp.Focus(chromedp.CSS("#slider")), chromedp.KeyEvent(kb.Home))
	b.want(inner("#when"), "step 0 · epoch 0")
	b.want(inner("#n-both"), fmt.Sprint(d.References[0].Values[0].Cells[0]))
	at := "document.querySelector('.fig:not([hidden]) .cursor').getAttribute('x1')"
	before := b.text(at)
	b.do(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.PageDown), chromedp.KeyEvent(kb.PageUp), chromedp.KeyEvent(kb.PageUp))
	b.want("document.querySelector('#slider').value", "20") // to 1; ten back is clamped to 0; ten forward twice
	b.do(chromedp.KeyEvent(kb.End))
	b.want(inner("#n-shallow"), fmt.Sprint(d.References[0].Values[last].Cells[1]))
	b.want(inner("#v-ratio"), d.References[0].Values[last].Ratio)
	if b.text(at) == before {
		b.t.Error("the cursor on the curve does not move")
	}
	b.eventually("document.querySelector('#oval').dataset.drawn", fmt.Sprint(last))
	b.do(chromedp.Evaluate[chromedp.Void](`{ const s = document.querySelector('.fig:not([hidden]) svg'), a = s.querySelector('g.area').dataset, r = s.getBoundingClientRect(), k = r.width / s.viewBox.baseVal.width;
		s.dispatchEvent(new MouseEvent('click', { bubbles: true, clientX: r.left + a.left * k, clientY: r.top + 50 })); }`))
	b.want("document.querySelector('#slider').value", "0")
	b.do(chromedp.Click(chromedp.CSS("#play")))
	b.eventually("+document.querySelector('#slider').value > 2", "true")
	b.do(chromedp.Click(chromedp.CSS("#play")))
	b.want("document.querySelector('#play').getAttribute('aria-pressed')", "false")
}

func referenceChanges(b *tab, d pageData) {
	b.do(chromedp.Evaluate[chromedp.Void](`{ const s = document.querySelector('#reference'); s.value = '1'; s.dispatchEvent(new Event('change')); }`))
	k := b.text("document.querySelector('#slider').value")
	var at int
	fmt.Sscan(k, &at)
	b.want(inner("#n-neither"), fmt.Sprint(d.References[1].Values[at].Cells[3]))
	b.want("document.querySelector('#table-t [data-reference]').textContent", "forest")
	b.want("[...document.querySelectorAll('.fig[data-for]')].filter(f => !f.hidden).every(f => f.dataset.for === '1')", "true")
}

// galleryFollows: the cards of a cell are as many as the cell counts, their images are loaded, arrow keys change the cell.
func galleryFollows(b *tab, d pageData) {
	b.do(chromedp.Focus(chromedp.CSS("#slider")), chromedp.KeyEvent(kb.End))
	cells := d.References[1].Values[len(d.Steps)-1].Cells
	b.eventually("document.querySelector('#cells [aria-checked=true]').textContent", fmt.Sprintf("shallow_only %d", cells[1]))
	b.eventually("document.querySelectorAll('#gallery-cards .card').length", fmt.Sprint(min(cells[1], 48)))
	b.do(chromedp.Focus(chromedp.CSS("#cells [aria-checked=true]")), chromedp.KeyEvent(kb.ArrowRight))
	b.want("document.querySelector('#cells [aria-checked=true]').textContent", fmt.Sprintf("deep_only %d", cells[2]))
	b.eventually("document.querySelectorAll('#gallery-cards .card').length", fmt.Sprint(min(cells[2], 48)))
	b.want("document.querySelectorAll('#gallery-cards .thumb').length", fmt.Sprint(min(cells[2], 48)))
	b.do(chromedp.Evaluate[chromedp.Void](`{ window.shown = 'waiting'; const i = new Image(); i.onload = () => { window.shown = i.width + 'x' + i.height; }; i.onerror = () => { window.shown = 'broken'; };
		i.src = document.querySelector('.thumb').style.backgroundImage.slice(5, -2); }`))
	b.eventually("window.shown", "1400x112")
}

func tableSorts(b *tab) {
	cell := func(row, column int) string {
		return fmt.Sprintf("document.querySelectorAll('#rows tbody tr')[%d].children[%d].textContent", row, column)
	}
	b.want("document.querySelectorAll('#rows tbody tr').length", "50")
	b.want(cell(0, 1), "#0")
	head := "#rows th:nth-child(10) button" // share right
	b.do(chromedp.Focus(chromedp.CSS(head)), chromedp.KeyEvent(kb.Enter))
	b.want("document.querySelector('#rows th:nth-child(10)').getAttribute('aria-sort')", "ascending")
	rising := "[...document.querySelectorAll('#rows tbody tr')].map(r => parseFloat(r.children[9].textContent))"
	b.want(rising+".every((v, i, a) => !i || a[i - 1] <= v)", "true")
	b.do(chromedp.Focus(chromedp.CSS(head)), chromedp.KeyEvent(kb.Enter))
	b.want(rising+".every((v, i, a) => !i || a[i - 1] >= v)", "true")
	b.do(chromedp.Click(chromedp.CSS("#rows-pager button:last-child")))
	b.want("document.querySelector('#rows-pager span').textContent", "page 2 of 4 · 200 examples")
	b.do(chromedp.Evaluate[chromedp.Void](`{ const s = document.querySelector('#filter-class'); s.value = '3'; s.dispatchEvent(new Event('input')); }`))
	b.want(inner("#rows-count"), "20 of 200")
	b.want("[...document.querySelectorAll('#rows tbody tr')].every(r => r.children[2].textContent === '3')", "true")
}

// On a phone nothing may be wider than the screen but what scrolls in its own box.
func TestPageFitsAPhone(t *testing.T) {
	chromium(t)
	b := openPage(t, filepath.Join(written(t, smallInput(), quick), "report.html"), 360, 740)
	b.want(`[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > 361 && !e.closest('.scroll, .fig')).map(e => e.outerHTML.slice(0, 80)).join()`, "")
	b.want("document.documentElement.scrollWidth <= 360", "true")
	b.silent()
}

// A run that keeps no images and has one evaluation must still make a page without errors.
func TestBarePageInBrowser(t *testing.T) {
	chromium(t)
	in := smallInput()
	in.Image = nil
	in.Log.Steps, in.Log.Epochs, in.Log.Predictions = in.Log.Steps[:1], in.Log.Epochs[:1], in.Log.Predictions[:1]
	for k := range in.References {
		in.References[k].Margins = nil
	}
	b := openPage(t, filepath.Join(written(t, in, quick), "report.html"), 1200, 900)
	b.want(inner("#when"), "step 0 · epoch 0")
	b.want("document.querySelectorAll('#gallery-cards .thumb').length", "0")
	b.silent()
}
