package report

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// luminance and contrast are WCAG's, of colours rrggbb.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for k, weight := range []float64{.2126, .7152, .0722} {
		c := float64(n>>(16-8*k)&255) / 255
		if c <= .04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		sum += float64(weight * c)
	}
	return sum
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

var (
	themed     = regexp.MustCompile(`<(path|text)[^>]* style="(stroke|fill):var\(--fig-([0-9a-f]{6}),#[0-9a-f]{6}\)"([^>]*)>`)
	darkColour = regexp.MustCompile(`--fig-([0-9a-f]{6}):#([0-9a-f]{6})`)
)

// Marks of figures stand out from their ground by 3:1 and letters by 4.5:1, in light and in dark. The
// grid and empty cells, which say nothing by themselves, and what is see-through lie behind them.
func TestFiguresStandOut(t *testing.T) {
	style, err := os.ReadFile("page/base.css")
	if err != nil {
		t.Fatal(err)
	}
	dark := map[string]string{}
	for _, m := range darkColour.FindAllStringSubmatch(string(style), -1) {
		dark[m[1]] = m[2]
	}
	const grid, empty, ground, darkGround = "d9dce0", "f0f1f3", "ffffff", "14171a"
	// Beside the figures of a report, those that other pages have.
	pages := [][]byte{read(t, plain(t), "report.html"), pageOf(t, withGroups(), quick), ordersHTML(t)}
	seen := map[string]bool{}
	for _, page := range pages {
		for _, m := range themed.FindAllSubmatch(page, -1) {
			element, attribute, colour, rest := string(m[1]), string(m[2]), string(m[3]), string(m[4])
			key := element + colour
			if seen[key] || colour == grid || colour == empty || colour == ground || regexp.MustCompile(`-opacity`).MatchString(rest) {
				continue
			}
			seen[key] = true
			least := 3.0
			if element == "text" {
				least = 4.5
			}
			other, mapped := dark[colour]
			if !mapped {
				other = colour
			}
			if element == "path" && attribute == "fill" && !mapped {
				continue // cells of a heat map, whose numbers are read
			}
			if c := contrast(t, colour, ground); !(c >= least) {
				t.Errorf("%s of #%s on white has a contrast of %.2f, want %.1f", element, colour, c, least)
			}
			if colour == "111111" || colour == "fefefe" {
				continue // letters on cells of a heat map, in both themes
			}
			if c := contrast(t, other, darkGround); !(c >= least) {
				t.Errorf("%s of #%s, in dark #%s, has a contrast of %.2f, want %.1f", element, colour, other, c, least)
			}
		}
	}
	if len(seen) < 8 {
		t.Errorf("%d colours were found: %v", len(seen), seen)
	}
}

func ordersHTML(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := WriteOrders(dir, someOrders(t), quick); err != nil {
		t.Fatal(err)
	}
	return read(t, dir, "report.html")
}
