package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// A page with one of each fault, to see that the checks can fail. The checks report to a test of
// their own, which is asked whether it failed.
func TestChecksCanFail(t *testing.T) {
	good, bad := `<!doctype html><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><p>well</p><figure><svg viewBox="0 0 300 30"><text y="20" font-size="12">a</text></svg></figure>`,
		`<!doctype html><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><div style="width:900px">wide</div><figure><svg viewBox="0 0 3000 30"><text y="20" font-size="12">a</text></svg></figure><img src="missing.png"><script>console.error("ill")</script>`
	for page, want := range map[string]bool{good: false, bad: true} {
		file := filepath.Join(t.TempDir(), "page.html")
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		b := Open(t, file, 360, 600, "body")
		for name, check := range map[string]func(){
			"Fits": b.Fits, "SelfContained": b.SelfContained, "Silent": b.Silent, "Legible": func() { b.Legible("7") },
			"Want": func() { b.Want("document.querySelector('p') !== null", "true") },
		} {
			b.T = &testing.T{}
			check()
			if got := b.T.Failed(); got != want {
				t.Errorf("%s: failed is %v, want %v", name, got, want)
			}
		}
	}
}

// What a page's code throws fails the test at once, with its place: while the page is read, later by
// itself, and in answer to what the test does.
func TestThrowingPagesFailAtOnce(t *testing.T) {
	const head = "<!doctype html><link rel=\"icon\" href=\"data:,\"><button>press</button>\n"
	for name, c := range map[string]struct{ page, ready, want string }{
		"syntax":    {"<script>\nlet a = ;\n</script>", "#never", "Uncaught SyntaxError: Unexpected token ';', in line 3, column 9 of file:"},
		"exception": {"<script>\n\n  missing();</script>", "#never", "Uncaught ReferenceError: missing is not defined, in line 4, column 3 of file:"},
		"thrown":    {"<script>throw 'words'</script>", "#never", "Uncaught \"words\", in line 2, column 9 of file:"},
		"promise":   {"<script>Promise.reject(new TypeError('no'))</script>", "#never", "Uncaught (in promise) TypeError: no, in line 2, column 24 of file:"},
		"module":    {"<script type=module>\nawait null; null.x;</script>", "#never", "Uncaught TypeError: Cannot read properties of null (reading 'x'), in line 3, column 18 of file:"},
		"frame":     {"<script>requestAnimationFrame(() => { never() })</script>", "#never", "Uncaught ReferenceError: never is not defined, in line 2, column 39 of file:"},
		"handler":   {"<script>document.querySelector('button').onclick = () => { const c = 1; c = 2 }</script>", "button", "Uncaught TypeError: Assignment to constant variable., in line 2, column 75 of file:"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "page.html")
			if err := os.WriteFile(file, []byte(head+c.page), 0o644); err != nil {
				t.Fatal(err)
			}
			b, begun := window(t, 400), time.Now()
			err := b.visit("file://"+file, 400, c.ready)
			if c.ready == "button" {
				if err != nil {
					t.Fatal(err)
				}
				if err = b.act(chromedp.Click(chromedp.CSS("button"))); err == nil {
					_, err = b.text("1")
				}
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || time.Since(begun) > patience {
				t.Errorf("after %v: %v, want %q", time.Since(begun), err, c.want)
			}
		})
	}
}

// What never comes is an error with what the page said until then.
func TestWaitingEnds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte("<!doctype html><link rel=\"icon\" href=\"data:,\"><script>console.error('not', 7)</script>"), 0o644); err != nil {
		t.Fatal(err)
	}
	b := Open(t, file, 400, 400, "body")
	for len(b.said()) == 0 {
		time.Sleep(time.Millisecond)
	}
	b.limit = 50 * time.Millisecond
	const want = `not within 50ms; the console has ["error: not 7"]`
	if err := b.act(chromedp.WaitReady(chromedp.CSS("#never"))); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestMain(m *testing.M) { Main(m) }

// axe finds nothing in a good page and a picture without words in a bad one.
func TestAxeCanFail(t *testing.T) {
	NeedsAxe(t)
	const page = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>x</title><main><h1>x</h1>%s</main>`
	for rest, want := range map[string]bool{"<p>well</p>": false, `<p style="color:#aaa;background:#fff">pale</p>`: true} {
		file := filepath.Join(t.TempDir(), "page.html")
		if err := os.WriteFile(file, fmt.Appendf(nil, page, rest), 0o644); err != nil {
			t.Fatal(err)
		}
		b := Open(t, file, 420, 600, "body")
		b.T = &testing.T{}
		b.Accessible()
		if got := b.T.Failed(); got != want {
			t.Errorf("%s: failed is %v, want %v", rest, got, want)
		}
	}
}
