package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"shoal/report/figure"
)

// Curves of a run that grows keep what takes long to compute, as far as the last page knew it, and say so.
func TestLiveCurvesKeepTheirBand(t *testing.T) {
	in := smallInput()
	d, err := makeDrawing(t.Context(), in, quick)
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewGrowing(in)
	if err != nil {
		t.Fatal(err)
	}
	drawn := regexp.MustCompile(`data-series="one association band">\s*<path`)
	ratio := func(k int) string {
		figures, err := g.Figures(k)
		if err != nil {
			t.Fatal(err)
		}
		return string(figures[0])
	}
	if drawn.MatchString(ratio(0)) {
		t.Error("there is a band before one was computed")
	}
	g.SetSlow(&Slow{d.drawn})
	if text := ratio(0); !drawn.MatchString(text) || strings.Contains(text, "as of step") {
		t.Error("the band isn't drawn, or its moment is named although there is no later evaluation")
	}
	last := len(in.Log.Steps) - 1
	step := in.Log.Steps[last]
	if err := g.Add(step+1, 2, in.Log.Predictions[last], nil); err != nil {
		t.Fatal(err)
	}
	if text := ratio(1); !drawn.MatchString(text) || !strings.Contains(text, fmt.Sprintf("as of step %d", step)) {
		t.Error("after one more evaluation the band has gone, or doesn't say of when it is")
	}
	early, err := NewGrowing(in)
	if err != nil {
		t.Fatal(err)
	}
	early.drawn.curves[0].Points = early.drawn.curves[0].Points[:40] // a page can know more than the curves
	early.SetSlow(&Slow{d.drawn})
	g = early
	if !drawn.MatchString(ratio(0)) {
		t.Error("curves that end before the page lack the band")
	}
}

// The page's code knows every line that a curve draws, but for guides of one value.
func TestEveryLineHasValues(t *testing.T) {
	in := smallInput()
	d, err := makeDrawing(t.Context(), in, quick)
	if err != nil {
		t.Fatal(err)
	}
	script, err := scripts([]string{"core.js", "hover.js"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range d.sets[0].curves {
		for _, m := range regexp.MustCompile(`data-series="([^"]+)"`).FindAllStringSubmatch(f.Inline(), -1) {
			if name := m[1]; name != "independence" && !strings.HasSuffix(name, " band") {
				names = append(names, name)
			}
		}
	}
	if !slices.Contains(names, "smoothed ratio") || !slices.Contains(names, "one association") {
		t.Fatalf("the figures draw %q", names)
	}
	for _, name := range names {
		if text := string(script); !strings.Contains(text, "'"+name+"'") && !strings.Contains(text, name+": '") {
			t.Errorf("the page's code doesn't know the line %q", name)
		}
	}
	c, lines := d.drawn[0], d.lines(0)
	for name, points := range map[string][]figure.Point{"one association": c.Constant, "smoothed ratio": c.Smoothed} {
		count := 0
		for _, k := range d.shown {
			if points[k].OK {
				count++
			}
		}
		if count == 0 || len(lines[name]) != count {
			t.Errorf("%d values of %q, want %d", len(lines[name]), name, count)
		}
	}
}

// The answer is what the page begins with, and its sentence stands above its figure.
func TestAnswerComesFirst(t *testing.T) {
	page := string(read(t, plain(t), "report.html"))
	page = page[strings.Index(page, "<body>"):]
	at := -1
	for _, part := range []string{`id="answer"`, "<figcaption>Of what the network learns first svm gets ", "<svg", "<figcaption>Of what the network learns first forest gets ", `id="glossary"`, `id="findings"`, `id="strips"`, `id="numbers"`} {
		k := strings.Index(page, part)
		if k <= at {
			t.Errorf("%s is at %d, after %d is wanted", part, k, at)
		}
		at = k
	}
	many := answers{{Reference: "a"}, {Reference: "b"}, {Reference: "c"}}
	if len(many.First()) != 2 || many.Rest()[0].Reference != "c" || len(many[:1].Rest()) != 0 {
		t.Errorf("of three answers %d are shown and %v folded", len(many.First()), many.Rest())
	}
}
