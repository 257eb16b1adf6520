package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
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

// A page that reads itself again all the time has values in between, which are waited for.
func TestEventuallyOutlastsNavigation(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.html")
	page := `<!doctype html><link rel="icon" href="data:,"><p></p><script>
const n = +location.hash.slice(1); document.querySelector('p').textContent = n; if (n < 40) { location.replace('?' + n + '#' + (n + 1)); }</script>`
	if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	b := Open(t, file, 800, 600, "p")
	b.Eventually("document.querySelector('p').textContent", "40")
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
