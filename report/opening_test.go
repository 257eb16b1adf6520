package report

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"shoal/internal/longtest"
	"shoal/report/internal/simrun"
)

// TestOpening holds pages of 10,000 examples and 1,000 evaluations to 15 MB with their images and 4 MB
// without, and prints how long a browser takes from the address to a page that answers. With
// SHOAL_PAGES, files with the separator of paths between them, it prints that of those pages instead.
func TestOpening(t *testing.T) {
	if pages := os.Getenv("SHOAL_PAGES"); pages != "" {
		for _, file := range filepath.SplitList(pages) {
			t.Logf("%s: %s", file, opening(t, file))
		}
		return
	}
	longtest.Only(t, "pages of 10,000 examples and 1,000 evaluations")
	sheet := regexp.MustCompile(`<script type="application/octet-stream" id="sheet-[0-9]+">[^<]*</script>\n`)
	for _, classes := range []int{10, 100} {
		o := simrun.MNIST(10_000)
		o.Classes, o.Steps = classes, simrun.EveryStep(999)
		in := simulatedInput("sample", "net", o, 32, classes > 10)
		file := filepath.Join(written(t, in, quick), "report.html")
		page := read(t, file)
		with, without := len(page), len(sheet.ReplaceAll(page, nil))
		t.Logf("%d classes: %.2f MB with images, %.2f MB without; %s", classes, float64(with)/1e6, float64(without)/1e6, opening(t, file))
		if with > 15<<20 || without > 4<<20 || with == without {
			t.Errorf("%d classes: %d bytes with images and %d without, want at most 15 and 4 MiB", classes, with, without)
		}
	}
}

// opening opens a page five times, and says when it first showed something, when it was ready, and when
// all below its first screen was drawn.
func opening(t *testing.T, file string) string {
	t.Helper()
	var paint, ready, drawn []float64
	for range 5 {
		b := openPage(t, file, 1400, 900)
		for values, expression := range map[*[]float64]string{
			&paint: "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN",
			&ready: "performance.getEntriesByName('ready')[0].startTime",
			&drawn: "performance.getEntriesByName('drawn')[0].startTime",
		} {
			ms, err := strconv.ParseFloat(b.Text(expression), 64)
			if err != nil {
				t.Fatal(err)
			}
			*values = append(*values, ms)
		}
	}
	slices.Sort(paint)
	slices.Sort(ready)
	slices.Sort(drawn)
	return fmt.Sprintf("shows something after %.0f ms, ready after %.0f ms (%.0f to %.0f), all drawn after %.0f ms (medians of five)",
		paint[2], ready[2], ready[0], ready[4], drawn[2])
}
