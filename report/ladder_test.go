package report

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/runlog"
)

// rung is a reference of a ladder with made-up answers.
func rung(name, kind string, rho float64, found *bool) Rung {
	slope, lo, hi := rho/.8, rho-.05, rho+.05
	return Rung{runlog.Reference{Reference: dynamics.Reference{Name: name}, Kind: kind, Accuracy: .9, ParamsJSON: `{"train_examples": 1234}`},
		&dynamics.Judgement{Association: dynamics.Association{Slope: &slope, Rho: &rho, Lo: &lo, Hi: &hi}, Regime: dynamics.Regime{Found: found, Reason: "reason of " + name}}}
}

func TestLadderOnThePage(t *testing.T) {
	in := smallInput()
	yes := true
	in.Ladder = Ladder{rung("ladder-linear", "logistic", .6, nil), rung("ladder-starved", "network", .5, &yes), rung("starved-svm", "network", .5, nil)}
	in.Ladder[0].Judgement.Association.Slope = nil
	at := .45
	in.Ladder[1].Judgement.Regime.Share = &at
	dir := written(t, in, quick)
	page := string(read(t, dir, "report.html"))
	for _, want := range []string{`<th scope="row">linear</th><td>logistic</td><td class="num">1,234</td>`, "undefined", "Stops predicting it at 45\u00a0%.", "Reason of starved-svm.", `id="ladder-table"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	read(t, dir, "figures", "ladder.svg")
	if strings.Contains(string(read(t, dir, "figures", "ladder.svg")), "starved-svm") {
		t.Error("a control of another accuracy is in the figure")
	}
	for _, width := range []int64{420, 1400} {
		b := openPage(t, filepath.Join(dir, "report.html"), width, 800)
		b.Fits()
		b.Accessible()
	}
}

// The slope of a rung has the interval of its association, on the scale of slopes: the one whose coverage is
// tested in package dynamics.
func TestRungSlope(t *testing.T) {
	in := smallInput()
	learned, err := in.Log.Learning()
	if err != nil {
		t.Fatal(err)
	}
	ref := in.References[0].Reference
	a, r := dynamics.JudgeRegime(&in.Log, learned, ref)
	f := learned.BySpeed.Straight(in.Log.Labels, ref.Correct(in.Log.Labels))
	got := Rung{Judgement: &dynamics.Judgement{Association: a, Regime: r}}.slope()
	if half := 1.96 * f.RobustSE; !got.OK || !(math.Abs(got.Value-(f.Slope-f.Bias)) < 1e-9) || !(math.Abs(got.High-got.Value-half) < 1e-6) || !(math.Abs(got.Value-got.Low-half) < 1e-6) {
		t.Errorf("slope %+v, want %.6f - %.6f ± %.6f", got, f.Slope, f.Bias, half)
	}
}

// A rung says in few words what its judgement says.
func TestRungSays(t *testing.T) {
	yes, no, some, none := true, false, .93, 0.0
	for _, c := range []struct {
		regime dynamics.Regime
		want   string
	}{
		{dynamics.Regime{Reason: "it can't be told"}, "it can't be told"},
		{dynamics.Regime{Found: &yes, Share: &some}, "stops predicting it at 93 %"},
		{dynamics.Regime{Found: &yes}, "stops predicting it"},
		{dynamics.Regime{Found: &no, UpTo: &some}, "no change up to 93 %"},
		{dynamics.Regime{Found: &no, UpTo: &none}, "no change, as one straight line"},
		{dynamics.Regime{Found: &no}, "no change, as one straight line"},
	} {
		if got := (Rung{Judgement: &dynamics.Judgement{Regime: c.regime}}).says(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.regime, got, c.want)
		}
	}
}

// Every curve of R± has the band of one association, and the page says whether R± lies outside.
func TestOneAssociationOnThePage(t *testing.T) {
	dir := plain(t)
	page := string(read(t, dir, "report.html"))
	for _, want := range []string{"one association band", "beyond accuracy", "id=\"answer\""} {
		if !strings.Contains(page, want) && !(want == "beyond accuracy" && strings.Contains(page, "R± says more than accuracy")) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "ladder-table") {
		t.Error("a run without a ladder shows one")
	}
	if text := string(read(t, dir, "figures", "ratio-svm.svg")); !strings.Contains(text, "one association") {
		t.Error("the figure of R± lacks the band")
	}
}
