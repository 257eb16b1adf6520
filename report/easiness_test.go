package report

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/dynamics/easiness"
	"shoal/internal/browsertest"
	"shoal/published"
)

// answered is a report in which one reference has answers and another has none.
func answered() *easiness.Report {
	e := func(v, lo, hi float64) dynamics.Estimate {
		return dynamics.Estimate{Value: v, Lo: lo, Hi: hi, Defined: true}
	}
	unknown := dynamics.NullFloat(math.NaN())
	r := &easiness.Report{Dataset: "mnist", Network: "cnn2", Classes: []string{"0", "<b>"}, Runs: []string{"a", "b", "c"}, Seeds: []uint64{1, 2, 3}, Examples: 40, Refits: 5,
		LabelErrors: "people", Left: 7, Notes: []string{"the other was left out"}}
	shares := easiness.Shares{Example: e(.66, .6, .7), Family: e(-.004, -.01, .02), Noise: e(.344, .3, .4)}
	r.Answers = []easiness.Answer{
		{Shared: easiness.Shared{Reference: "svm", Network: "cnn2", Refits: 5, Seeds: 3, Accuracy: .9, NetworkAccuracy: .91, Steps: []int{3, 4, 5},
			WithinReference: e(.7, .6, .8), WithinNetwork: e(.8, .7, .9),
			Compared: easiness.Compared{Between: e(.7, .6, .8), Ratio: e(.97, .9, 1.04), ReferenceVariance: shares, NetworkVariance: shares}},
			Missed: easiness.Missed{Reference: "svm", Network: "cnn2", ByReference: 12.4, ByNetwork: 3, Difference: e(9.4, 4.4, 14.4), Named: []int{3}}},
		{Shared: easiness.Shared{Reference: "knn", Network: "cnn2", Reason: "no luck"}, Missed: easiness.Missed{Reference: "knn", Network: "cnn2", Reason: "no luck", Named: []int{}}},
	}
	of := func(name string, margin dynamics.NullFloat) easiness.ExampleReference {
		return easiness.ExampleReference{Reference: name, Prediction: 1, RefitsRight: .8, Margin: margin}
	}
	r.Census = []easiness.Example{
		{ID: 3, Label: 1, LabelError: true, ShallowOnly: []string{"svm"}, Network: []uint16{0, 1, 0}, References: []easiness.ExampleReference{of("svm", .5), of("knn", unknown)}, Contrast: .3, Own: 4.5, Other: 3.5, Picture: []byte("x")},
		{ID: 9, Label: 0, Never: true, ShallowOnly: []string{}, Network: []uint16{1, 1, 1}, References: []easiness.ExampleReference{of("svm", .5), of("knn", unknown)}, Contrast: .2, Own: unknown, Other: unknown},
	}
	for _, name := range []string{"svm alone", "never right", "of the whole split"} {
		r.Groups = append(r.Groups, easiness.GroupOf(name, append(slices.Repeat([]easiness.Example{{Label: 1}}, 7), r.Census...), r.Census, 2, 2))
	}
	return r
}

func TestWriteEasiness(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "answers")
	if err := WriteEasiness(dir, answered(), quick); err != nil {
		t.Fatal(err)
	}
	page := string(read(t, dir, "report.html"))
	for _, want := range []string{"nothing of it is told apart as the family", "no luck", "label error</span>", "net 0 (2 of 3), &lt;b&gt; (1 of 3)", "the other was left out", "&#43;9.4 [&#43;4.4, &#43;14.4]", "7 more are not shown", "medians of 2 of them, evenly chosen", `<td class="num">9</td>`, "over seeds and examples together, from three seeds on", "data:image/png;base64,eA=="} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	svg := string(read(t, dir, "figures", "easiness.svg"))
	if badNumber.MatchString(page) || badNumber.MatchString(svg) || !strings.Contains(svg, "example 66 % [60, 70]") || !strings.Contains(svg, "family 0 % [−1, 2]") {
		t.Error("page or figure has bad numbers, or lacks the shares")
	}
	read(t, dir, "figures", "easiness.png")
	f, err := os.Open(filepath.Join(dir, CensusFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][4] != "true" || rows[2][4] != "false" || rows[2][7] != "" || rows[1][12] != "true" {
		t.Errorf("census %q, %v", rows, err)
	}
	if err := WriteEasiness(dir, answered(), quick); err != nil {
		t.Errorf("its own folder: %v", err)
	}
	for _, width := range []int64{360, 420, 1400} {
		b := browsertest.Open(t, filepath.Join(dir, "report.html"), width, 800, "body")
		b.Fits()
		b.Accessible()
	}
	if err := WriteEasiness(filepath.Join(dir, "figures"), answered(), Options{}); err == nil || !strings.Contains(err.Error(), "holds other files") {
		t.Errorf("a folder of something else: %v", err)
	}
}

// Of two seeds the page, the table and the figure show both, and no number of them together.
func TestEasinessOfTwoSeeds(t *testing.T) {
	r := answered()
	whole := r.Answers[0].Shared.Compared
	other := whole
	other.Ratio, other.NetworkVariance.Example.Value = dynamics.Estimate{Value: .5, Lo: .4, Hi: .6, Defined: true}, .41
	r.Answers[0].Shared.Compared, r.Answers[0].Shared.BySeed, r.Answers[0].Shared.Note = easiness.Compared{}, []easiness.Compared{whole, other}, "two seeds: too few"
	r.Answers[0].Missed = easiness.Missed{Reference: "svm", Network: "cnn2", Reason: "two seeds", BySeed: []easiness.SeedMissed{{ByReference: 12.4, ByNetwork: 3}, {ByReference: 15, ByNetwork: 4.5}}}
	dir := filepath.Join(t.TempDir(), "answers")
	if err := WriteEasiness(dir, r, quick); err != nil {
		t.Fatal(err)
	}
	page := string(read(t, dir, "report.html"))
	for _, want := range []string{">0.97 [0.90, 1.04], 0.50 [0.40, 0.60]<", ">0.70 [0.60, 0.80], 0.70 [0.60, 0.80]<", "Two seeds: too few.", ">12.4, 15.0<", ">3.0, 4.5<", "cnn2 1", "cnn2 2", "example 41 %"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if badNumber.MatchString(page) || strings.Contains(page, "easiness is the example’s") {
		t.Error("two seeds have bad numbers, or a verdict")
	}
}

// A run of a split with known label errors marks them, in the galleries and in words.
func TestLabelErrorsOnThePage(t *testing.T) {
	in := smallInput()
	if page := string(pageOf(t, in, quick)); strings.Contains(page, `"label_errors"`) || strings.Contains(page, "no mark says nothing") {
		t.Error("label errors are marked of a split of which nothing is known")
	}
	in.LabelErrors = &published.LabelErrors{Examples: []int{2, 5}, Checked: 9, Source: "some people"}
	page := string(pageOf(t, in, quick))
	for _, want := range []string{`"label_errors":[2,5]`, "(some people; 9 were checked)", "class: 'badge fails'"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
