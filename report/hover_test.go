package report

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"shoal/report/figure"
)

// A curve says its values where the pointer is, and for the keyboard where the slider stands.
func TestCurvesSayTheirValues(t *testing.T) {
	file := filepath.Join(plain(t), "report.html")
	d := pageJSON(t, read(t, file))
	b := openPage(t, file, 1400, 900)
	const ratio = "document.querySelector('#explore .fig[data-for=\"0\"] .roomy svg')"
	b.Run(`{ const s = ` + ratio + `, a = s.querySelector('g.area').dataset, r = s.getBoundingClientRect(), k = r.width / s.viewBox.baseVal.width;
		s.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, clientX: r.left + a.right * k, clientY: r.top + 50 })); }`)
	b.Want("document.querySelector('#reading').hidden", "false")
	last := len(d.Steps) - 1
	b.Want("document.querySelector('#reading b').textContent.split(' · ')[0]", fmt.Sprintf("step %d", d.Steps[last]))
	at := func(name string, k int) string {
		for j, s := range readouts() {
			if s.Name == name {
				return d.References[0].Values[k].Statistics[j]
			}
		}
		return ""
	}
	b.Want("[...document.querySelectorAll('#reading div')].find(e => e.querySelector('dt').textContent === 'R±').querySelector('dd').textContent", at("ratio", last))
	for line, name := range map[string]string{figure.OneAssociation: "R± at one association", figure.SmoothedRatio: "R±, smoothed"} {
		said := d.References[0].Lines[line][d.Steps[last]]
		if said == "" {
			t.Errorf("the page has no value of %q at the end", line)
		}
		b.Want(fmt.Sprintf("[...document.querySelectorAll('#reading div')].find(e => e.querySelector('dt').textContent === %q)?.querySelector('dd').textContent", name), said)
	}
	b.Run(ratio + ".dispatchEvent(new PointerEvent('pointerleave'))")
	b.Want("document.querySelector('#reading').hidden", "true")

	b.Do(chromedp.Focus(chromedp.CSS("#slider")), chromedp.KeyEvent(kb.Home))
	b.Do(chromedp.KeyEvent(kb.Tab)) // to the first figure that is shown
	b.Want("document.activeElement === "+ratio, "true")
	b.Do(chromedp.KeyEvent(kb.ArrowRight))
	b.Want("document.querySelector('#slider').value", "1")
	b.Want("document.querySelector('#reading').hidden", "false")
	if said := b.Text(ratio + ".getAttribute('aria-valuetext')"); !strings.HasPrefix(said, fmt.Sprintf("step %d", d.Steps[1])) || !strings.Contains(said, "R± "+at("ratio", 1)) {
		t.Errorf("the figure says %q", said)
	}
	b.Do(chromedp.KeyEvent(kb.Escape))
	b.Want("document.querySelector('#reading').hidden", "true")

	// The learning order counts at every evaluation what the figure draws.
	b.Run(`{ const s = document.querySelector('#order .fig[data-for="0"] .roomy svg'), a = s.querySelector('g.area').dataset, r = s.getBoundingClientRect(), k = r.width / s.viewBox.baseVal.width;
		s.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, clientX: r.left + a.right * k, clientY: r.top + 50 })); }`)
	b.Want("[...document.querySelectorAll('#reading dt')].map(e => e.textContent).sort().join()",
		"first right where the reference is right,first right where the reference is wrong,right for good where the reference is right,right for good where the reference is wrong")
	b.Silent()
}
