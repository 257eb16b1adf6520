// Package browsertest looks at pages in a headless Chromium, for the tests of the rooms that write
// pages. The browser reaches no network: whatever a page would fetch fails, which its console
// shows.
package browsertest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"shoal/internal/longtest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Chromium finds a browser, for tests of the long part. Where SHOAL_BROWSER is "required" they run in the
// quick suite, too, and without a browser they fail instead of being skipped.
func Chromium(t *testing.T) string {
	t.Helper()
	required := os.Getenv("SHOAL_BROWSER") == "required"
	if !required {
		longtest.Only(t, "pages in a browser (or set SHOAL_BROWSER=required)")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if required {
		t.Fatal("no Chromium on the PATH, and SHOAL_BROWSER=required; install chromium")
	}
	t.Skip("no Chromium on the PATH; set SHOAL_BROWSER=required to make this an error")
	return ""
}

// Tab is a page whose console output is collected. Once its code throws what nothing catches, nothing
// can be done with it any more: the test fails at once and says what was thrown, and where.
type Tab struct {
	T     *testing.T // the test that fails; subtests set their own
	ctx   context.Context
	fail  context.CancelCauseFunc // ends ctx
	limit time.Duration           // for each thing that is done
	width int64
	mu    sync.Mutex
	log   []string
}

// browser is the one of the test binary, which the first Open starts: starting one takes longer than
// most tests.
var browser struct {
	sync.Mutex
	ctx  context.Context
	stop []func()
}

// Main runs the tests of a package, ends their browser and cleans up: the TestMain of a package that
// opens pages calls it.
func Main(m *testing.M, cleanup ...func()) {
	code := m.Run()
	for _, stop := range slices.Backward(append(cleanup, browser.stop...)) {
		stop()
	}
	os.Exit(code)
}

// start starts the browser, or returns the one that runs.
func start(t *testing.T) context.Context {
	t.Helper()
	path := Chromium(t)
	browser.Lock()
	defer browser.Unlock()
	if browser.ctx != nil {
		return browser.ctx
	}
	profile, err := os.MkdirTemp("", "browser-")
	if err != nil {
		t.Fatal(err)
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(profile), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("proxy-server", "http://127.0.0.1:9"))
	ctx, cancel := chromedp.NewContext(alloc)
	browser.stop = []func(){func() { _ = os.RemoveAll(profile) }, stop, cancel}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	browser.ctx = ctx
	return ctx
}

// Open opens the page in a file; see Visit.
func Open(t *testing.T, file string, width, height int64, ready string) *Tab {
	t.Helper()
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(file)}
	return Visit(t, address.String(), width, height, ready)
}

// Visit opens the page at an address of this machine, in a window of width × height pixels (a phone below a width of
// 600), and waits for the element that the CSS selector ready finds. The window is closed with the
// test, the browser by Main.
func Visit(t *testing.T, address string, width, height int64, ready string) *Tab {
	t.Helper()
	b := window(t, width)
	if err := b.visit(address, height, ready); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := context.Cause(b.ctx); err != nil && !t.Failed() {
			t.Error(err) // thrown by the last thing that the test did
		}
	})
	return b
}

// window opens an empty window, whose console is read from then on.
func window(t *testing.T, width int64) *Tab {
	t.Helper()
	ctx, stop := chromedp.NewContext(start(t))
	b := &Tab{T: t, width: width, limit: patience}
	b.ctx, b.fail = context.WithCancelCause(ctx)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil { // opens the window, which lives as long as this context
		t.Fatal(err)
	}
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
	// The console comes in its own time. What was thrown while something was done is known when that
	// ends, and with it every syntax error and rejected promise.
	err := chromedp.Listen(ctx, func(event any) {
		if e, ok := event.(*runtime.EventExceptionThrown); ok {
			b.fail(thrown(e.ExceptionDetails))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// thrown is the error that a page didn't catch. Lines and columns count from 1, as editors do.
func thrown(d *runtime.ExceptionDetails) error {
	text, where := d.Text, d.URL // the text is "Uncaught", maybe "(in promise)"
	if x := d.Exception; x != nil {
		said, _, _ := strings.Cut(x.Description, "\n    at ") // no stack
		if said == "" {
			said = string(x.Value)
		}
		text += " " + said
	}
	line, column := d.LineNumber, d.ColumnNumber
	if d.StackTrace != nil && len(d.StackTrace.CallFrames) > 0 {
		f := d.StackTrace.CallFrames[0]
		line, column, where = f.LineNumber, f.ColumnNumber, f.URL
	}
	return fmt.Errorf("the page's code fails: %s, in line %d, column %d of %s", text, line+1, column+1, where)
}

func (b *Tab) visit(address string, height int64, ready string) error {
	size := func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: b.width, Height: height, DeviceScaleFactor: 1, Mobile: b.width < 600})
		return chromedp.Void{}, err
	}
	if err := b.act(size, chromedp.Navigate(address), chromedp.WaitReady(chromedp.CSS(ready))); err != nil {
		return fmt.Errorf("open %s until it has %s: %w", address, ready, err)
	}
	return nil
}

// act acts on the page within the limit.
func (b *Tab) act(steps ...chromedp.Action[chromedp.Void]) error {
	_, err := within(b, func(ctx context.Context) (struct{}, error) { return struct{}{}, chromedp.Do(ctx, steps...) })
	return err
}

// within runs f on the page until the limit. Where that fails, the error says what the page did.
func within[T any](b *Tab, f func(context.Context) (T, error)) (T, error) {
	ctx, stop := context.WithTimeout(b.ctx, b.limit)
	defer stop()
	v, err := f(ctx)
	if cause := context.Cause(b.ctx); cause != nil {
		return v, cause
	}
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("not within %v; the console has %q", b.limit, b.said())
	}
	return v, err
}

// said is what the console has so far.
func (b *Tab) said() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.log)
}

// Do acts on the page.
func (b *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.T.Helper()
	if err := b.act(steps...); err != nil {
		b.T.Fatal(err)
	}
}

// Run runs JavaScript.
func (b *Tab) Run(script string) {
	b.T.Helper()
	b.Do(chromedp.Evaluate[chromedp.Void](script))
}

func (b *Tab) text(expression string) (string, error) {
	return within(b, func(ctx context.Context) (string, error) {
		return chromedp.Run(ctx, chromedp.Evaluate[string]("String("+expression+")"))
	})
}

// Text is the value of a JavaScript expression as a string.
func (b *Tab) Text(expression string) string {
	b.T.Helper()
	s, err := b.text(expression)
	if err != nil {
		b.T.Fatalf("%s: %v", expression, err)
	}
	return s
}

// Want checks the value of an expression.
func (b *Tab) Want(expression, want string) {
	b.T.Helper()
	if got := b.Text(expression); got != want {
		b.T.Errorf("%s is %q, want %q", expression, got, want)
	}
}

// patience is how long to wait for what has to come: long, since a machine may be busy, and no test
// that passes waits for its end.
const patience = time.Minute

// Eventually waits for an expression to have a value, after timers and frames of the page, which may be
// reading itself again: then it has no value for a moment.
func (b *Tab) Eventually(expression, want string) {
	b.T.Helper()
	for deadline := time.Now().Add(b.limit); time.Now().Before(deadline) && b.ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		if got, err := b.text(expression); err == nil && got == want {
			return
		}
	}
	b.Want(expression, want)
}

// Fits checks that nothing is wider than the window, except in a box that scrolls by itself (class
// scroll).
func (b *Tab) Fits() {
	b.T.Helper()
	// Not innerWidth: on a phone that grows with content that is too wide.
	b.Want(fmt.Sprintf(`[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > %d && !e.closest('.scroll, svg')).map(e => e.outerHTML.slice(0, 80)).join()`, b.width+1), "")
	b.Want(fmt.Sprintf("document.documentElement.scrollWidth <= %d", b.width), "true")
}

// Legible checks that the letters of every figure that is shown are at least least pixels high on
// the screen.
func (b *Tab) Legible(least string) {
	b.T.Helper()
	b.Want(`[...document.querySelectorAll('figure svg text')].map(e => [e, e.getBoundingClientRect()]).filter(([e, r]) => r.width > 0 &&
		parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a < `+least+` && e.getScreenCTM().a > .01).map(([e]) => e.textContent).join()`, "")
}

// SelfContained checks that the page loads nothing from beside its own file, and that every image
// of it shows.
func (b *Tab) SelfContained() {
	b.T.Helper()
	b.Want(`[...document.querySelectorAll('[src], link[href], image[href]')].map(e => e.getAttribute('src') ?? e.getAttribute('href')).filter(a => !/^(data|blob):/.test(a)).join()`, "")
	b.Want("[...document.images].filter(i => i.complete && !i.naturalWidth).length", "0")
}

// Silent checks that the page has written nothing to the console. It writes a line itself and waits
// for that: once it arrives, everything before it has arrived, and the console is known to be read.
func (b *Tab) Silent() {
	b.T.Helper()
	b.Run(`console.log("that is all")`)
	for deadline := time.Now().Add(b.limit); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		said := b.said()
		if len(said) == 0 || said[len(said)-1] != "log: that is all" {
			continue
		}
		if len(said) > 1 {
			b.T.Errorf("the page wrote to the console: %s", strings.Join(said, "; "))
		}
		return
	}
	b.T.Errorf("the console cannot be read: %q", b.said())
}

// Dark sets whether the page is shown in dark colours.
func (b *Tab) Dark(dark bool) {
	b.T.Helper()
	scheme := map[bool]string{false: "light", true: "dark"}[dark]
	b.Do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return chromedp.Void{}, err
	})
}

// Picture writes the whole page as a PNG, for people to look at.
func (b *Tab) Picture(file string) {
	b.T.Helper()
	data, err := within(b, func(ctx context.Context) ([]byte, error) { return chromedp.Run(ctx, chromedp.FullScreenshot(100)) })
	if err == nil {
		err = os.WriteFile(file, data, 0o644)
	}
	if err != nil {
		b.T.Fatal(err)
	}
}

// Memory is what the page's code holds, in bytes: objects, and the arrays behind them.
func (b *Tab) Memory() int {
	b.T.Helper()
	var total int
	b.Do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		u, err := cdp.Call(ctx, t, runtime.GetHeapUsage, cdp.Empty{})
		total = int(u.UsedSize + u.EmbedderHeapUsedSize + u.BackingStorageSize)
		return chromedp.Void{}, err
	})
	return total
}
