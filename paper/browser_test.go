package paper

import (
	"os"
	"path/filepath"
	"testing"

	"shoal/internal/browsertest"
)

// The page opens without a network, shows every figure, and fits a phone.
func TestPageInBrowser(t *testing.T) {
	browsertest.Chromium(t)
	_, out := twoSeeds(t)
	for _, width := range []int64{360, 420, 1400} {
		b := browsertest.Open(t, filepath.Join(out, PageFile), width, 800, "#notes")
		// Figure 1 and its twin, the ladder, two learning orders, agreement, bands
		// over seeds for each reference.
		b.Want("[...document.querySelectorAll('figure svg')].filter(s => s.getBoundingClientRect().height > 50).length", "8")
		b.Want("[...document.images].filter(i => i.naturalWidth > 100).length", "4") // two infographics, still and moving
		b.Want("document.querySelectorAll('#table table')[0].querySelectorAll('tbody tr').length", "2")
		b.Want("[...document.querySelectorAll('nav a')].filter(a => !document.querySelector(a.getAttribute('href'))).length", "0")
		b.Run("document.querySelector('.wide summary').click()")
		b.Eventually("document.querySelector('.wide details img').getBoundingClientRect().height > 100", "true")
		b.Fits()
		b.Legible("7")
		b.SelfContained()
		b.Silent()
		b.Accessible()
	}
}

func TestMain(m *testing.M) {
	browsertest.Main(m, func() { os.RemoveAll(shared.dir) })
}
