package browsertest

import (
	"os"
	"strings"
	"testing"
	"time"
)

// axeFile is the variable that names axe.min.js, of Deque's axe-core. It isn't ours, so the repository
// doesn't hold it: `npm pack axe-core` fetches it, and .ci/run does.
const axeFile = "SHOAL_AXE"

// axe is the checker's code; "" where there is none.
func axe(t *testing.T) string {
	t.Helper()
	file := os.Getenv(axeFile)
	if file == "" {
		return ""
	}
	code, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("read the file that %s names: %v", axeFile, err)
	}
	return string(code)
}

// NeedsAxe skips a test that is about axe alone where there is none.
func NeedsAxe(t *testing.T) {
	t.Helper()
	if axe(t) == "" {
		t.Skip(axeFile + " names no axe.min.js: pages are not checked by axe (npm pack axe-core)")
	}
}

// Accessible checks the page with axe, and its contrasts in dark colours as well, with all that is folded
// opened, and stays so. It does nothing where there is no axe; see NeedsAxe.
func (b *Tab) Accessible() {
	b.T.Helper()
	code := axe(b.T)
	if code == "" {
		return
	}
	b.Run(code + ";void 0")
	b.Run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
	defer b.Dark(false)
	for _, dark := range []bool{false, true} {
		b.Dark(dark)
		options := map[bool]string{false: "{ iframes: false }", true: "{ iframes: false, runOnly: ['color-contrast'] }"}[dark]
		b.Run(`window.axeSaid = undefined; axe.run(` + options + `).then(r => { window.axeSaid = r.violations.map(v => v.impact + ' ' + v.id + ': ' +
			v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + ((n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? '')).join('; ')).join('\n') || 'nothing'; })`)
		for range 600 { // large pages take it seconds, a busy machine more
			if b.Text("window.axeSaid !== undefined") == "true" {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if said := b.Text("window.axeSaid"); said != "nothing" {
			b.T.Errorf("axe, %d pixels wide, dark %v:\n%s", b.width, dark, strings.TrimSpace(said))
		}
	}
}
