package figure

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A heading that is wider than its sheet is broken between words, and the sheet is higher by its lines.
func TestHeadingBreaks(t *testing.T) {
	short := newHeading("A finding", "what is drawn", "")
	long := newHeading("Half is kept from step 120 where svm is right, never where it is wrong, in all of the seeds", "learning order, by whether the reference is right · MNIST · cnn2", "mean of three seeds, with their range")
	endless := newHeading(strings.Repeat("word ", 200), "", "")
	wide := newHeading(strings.Repeat("x", 300), "", "")
	for _, c := range []struct {
		name            string
		h               heading
		title, subtitle int
		cut             bool
	}{{"short", short, 1, 1, false}, {"long", long, 2, 2, false}, {"endless", endless, mostLines, 1, true}, {"one word", wide, 1, 1, true}} {
		s := newSheet(nil, slimWidth, singleHeight)
		b := c.h.breakFor(slimWidth)
		title, subtitle := b.title, b.subtitle
		if len(title) != c.title || len(subtitle) != c.subtitle || strings.Contains(strings.Join(title, ""), "…") != c.cut {
			t.Errorf("%s: title %q, subtitle %q; want %d and %d lines, cut %v", c.name, title, subtitle, c.title, c.subtitle, c.cut)
		}
		if got := strings.Join(title, " "); !c.cut && got != c.h.title {
			t.Errorf("%s: the lines say %q, want %q", c.name, got, c.h.title)
		}
		for _, line := range title {
			if w := s.textWidth(line, titleLetters); w > slimWidth-2*headMargin {
				t.Errorf("%s: %q is %g points wide", c.name, line, w)
			}
		}
		if more, want := float64(b.more()), lineHeight*float64(c.title+c.subtitle-2); more != want {
			t.Errorf("%s: the sheet is %g points higher, want %g", c.name, more, want)
		}
	}
	if (heading{}).breakFor(slimWidth).more() != 0 {
		t.Error("no heading takes room")
	}
}

// Where the page draws its cursor moves down with the panel.
func TestAreaIsBelowTheHeading(t *testing.T) {
	f := Rates(simulated("MNIST", "cnn2", small(), 0))
	edges := regexp.MustCompile(`data-top="([0-9.]+)" data-bottom="([0-9.]+)"`)
	read := func() (out [2]float64) {
		m := edges.FindStringSubmatch(f.Inline())
		for k := range out {
			v, err := strconv.ParseFloat(m[k+1], 64)
			if err != nil {
				t.Fatal(err)
			}
			out[k] = v
		}
		return out
	}
	f.head = newHeading("one line", "", "")
	before := read()
	f.head = newHeading(strings.Repeat("many words ", 12), "", "")
	if after, more := read(), float64(f.head.breakFor(f.Width).more()); more == 0 || after[0] != before[0]+more || after[1] != before[1]+more {
		t.Errorf("the panel is at %v, with %g points more above it at %v", before, more, after)
	}
}

// No slim figure cuts its heading.
func TestSlimHeadings(t *testing.T) {
	c := simulated("MNIST", "cnn2", small(), 0)
	c.Note = "epochs=0.02 limit-test=300 limit-train=2000 reference=lda"
	for _, f := range []*Figure{Overview(c), Ratio(c), Rates(c), Cells(c)} {
		text := f.Slim().Inline()
		i := strings.Index(text, "limit-train=2000")
		if i < 0 {
			t.Errorf("%s: the note is cut", f.Name)
		}
	}
}

// One is, several are, and what is rounded to zero has no sign.
func TestFindingsInWords(t *testing.T) {
	c := Curves{Steps: []int{0}, Reference: "svm", Nestedness: []Point{Exact(-.001)}, Kappa: []Point{Exact(-.05)}, Tetrachoric: []Point{{}}}
	c.Cells[ShallowOnly], c.Cells[DeepOnly] = []int{1}, []int{0}
	at := func(accuracy float64, ratio Point, soFar bool) Curves {
		return Curves{Steps: []int{9}, Accuracy: []float64{accuracy}, Ratio: []Point{ratio}, SoFar: soFar}
	}
	beside := func(curves ...Curves) string { return Beside{Reference: "svm", Curves: curves}.finding() }
	finals := Trials{SoFar: true, List: []Trial{{Name: "a", Final: Exact(.5)}, {Name: "b", Final: Exact(.6)}}}
	o := func(right []bool, forGood ...int) string {
		return Order{Reference: "svm", Steps: []int{0, 10}, ReferenceRight: right, ForGood: forGood}.finding()
	}
	for _, said := range [][2]string{
		{o([]bool{true, false}, 10, -1), "Half is kept: from step 10 where svm is right, never where wrong"},
		{o([]bool{true, true}, 10, -1), "svm is right everywhere; half is kept: from step 10"},
		{o([]bool{false, false}, -1, -1), "svm is wrong everywhere; half is kept: never"},
		{beside(at(.5, Exact(1.5), false), at(.6, Exact(2), false)), "At the end accuracy is 50.0 to 60.0 %, R± against svm 1.50 to 2.00"},
		{beside(at(.5, Exact(1.5), false), at(.5001, Exact(1.501), true)), "So far accuracy is 50.0 %, R± against svm 1.50"},
		{beside(at(.9996, Exact(1), false), at(.9998, Exact(1), false)), "At the end accuracy is 99.96 to 99.98 %, R± against svm 1.00"},
		{beside(at(.5, Exact(1.5), false), at(.6, Point{}, false)), "At the end accuracy is 50.0 to 60.0 %"},
		{finals.finding(), "So far: a 50.0\u00a0% to b 60.0\u00a0%"},
		{c.cellsFinding(), "At the end 1 is right for svm alone, 0 for the network alone"},
		{c.nestednessFinding(), "At the end nestedness is 0.00, kappa −0.05, tetrachoric undefined (svm)"},
		{withLast("kappa", []Point{Exact(-.001)}), "kappa 0.00"},
		{(&Curves{Reference: "svm", Ratio: []Point{{}}, Cells: [4][]int{{13}, {5}, {0}, {6}}}).ratioFinding(), "R± against svm is infinite at the end"},
		{(&Curves{Reference: "svm", Ratio: []Point{{}}, Cells: [4][]int{{13}, {5}, {0}, {0}}}).ratioFinding(), "R± against svm is undefined at the end"},
		{(&Curves{Reference: "svm", Ratio: []Point{{}}, Cells: [4][]int{{0}, {5}, {3}, {6}}}).ratioFinding(), "R± against svm is 0 at the end"},
		{(&Curves{Reference: "svm", Ratio: []Point{{}}, Cells: [4][]int{{0}, {5}, {0}, {6}}}).ratioFinding(), "R± against svm is undefined at the end"},
		{(&Curves{Reference: "svm", Ratio: []Point{{}}, Spread: []Point{{}}, Cells: [4][]int{{13}, {5}, {0}, {6}}}).ratioFinding(), "R± against svm has no mean over the seeds at the end"},
		{(&Curves{Steps: []int{0, 1}, Cells: [4][]int{{13, 13}, {5, 5}, {0, 1}, {6, 5}}}).highest(), "highest finite"},
		{(&Curves{Steps: []int{0, 1}, Cells: [4][]int{{13, 13}, {5, 5}, {1, 1}, {5, 5}}}).highest(), "highest"},
	} {
		if got, want := said[0], said[1]; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
