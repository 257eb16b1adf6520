package dynamics

import (
	"math"
	"strings"
	"testing"

	"shoal/contingency"
)

// goodEvidence is evidence on which claims 2 to 4 hold; tests spoil it.
func goodEvidence() *evidence {
	e := &evidence{log: &Log{}, ending: ending{m: .6, lateMean: .9, leastAlone: 40}, onset: 5, lastK: 10, core: newMask(10)}
	e.smooth = &smoother{}
	table := contingency.Table{Both: 5700, ShallowOnly: 300, DeepOnly: 3300, Neither: 700}
	for s := range 1001 {
		e.curve = &Curve{Points: append(e.curveOrNew().Points, Point{Step: s, Table: table})}
		e.smooth.at = append(e.smooth.at, s)
		e.smoothed = append(e.smoothed, SmoothPoint{Step: s, Ratio: 1})
	}
	e.last = e.curve.Last()
	e.shape = shape{peak: 40, modes: 1, rises: true, falls: true, settled: 300}
	e.byStep = flankEstimates{Estimate{1, .5, 1.5, true}, Estimate{1.2, 1, 1.4, true}, Estimate{1, .8, 1.2, true}}
	e.gained = flankEstimates{Estimate{.5, .2, .8, true}, Estimate{.2, .15, .25, true}, Estimate{.5, .3, .7, true}}
	e.epochs = Estimate{.1, .08, .15, true}
	e.log.Labels = []uint16{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	e.adjusted = shape{peak: 40, modes: 1}
	e.fromOnset = 5
	e.peak = Peak{Found: true, Ratio: Estimate{5, 4, 6, true}, Step: 44}
	e.fall = Estimate{3, 2, 4, true}
	return e
}

func (e *evidence) curveOrNew() *Curve {
	if e.curve == nil {
		return &Curve{}
	}
	return e.curve
}

func TestRulesOneByOne(t *testing.T) {
	still := func(e *evidence) { e.gain = .02 } // accuracy is still rising
	for _, c := range []struct {
		claim   func(*evidence) (Numbers, Outcome, string)
		spoil   []func(e *evidence)
		verdict Outcome
		reason  string
	}{
		{claim2, nil, Holds, "as claimed"},
		{claim2, []func(*evidence){still}, Holds, "as claimed"},
		{claim2, []func(*evidence){func(e *evidence) { e.shape.rises = false }}, Fails, "does not rise"},
		{claim2, []func(*evidence){func(e *evidence) { e.peak.Ratio.Lo = .9 }}, Fails, "does not rise"},
		{claim2, []func(*evidence){func(e *evidence) { e.shape.falls = false }}, Fails, "no maximum"},
		{claim2, []func(*evidence){func(e *evidence) { e.fall.Lo = .9 }}, Fails, "no maximum"},
		{claim2, []func(*evidence){func(e *evidence) { e.fall.Lo, e.lateMean = .9, .5 }, still}, CannotJudge, "too short"},
		{claim2, []func(*evidence){func(e *evidence) { e.fall.Lo = .9 }, still}, CannotJudge, "accuracy still rose"},
		{claim2, []func(*evidence){func(e *evidence) { e.fall.Lo, e.gain = .9, math.NaN() }}, CannotJudge, "too few evaluations at the end"},
		{claim7, []func(*evidence){func(e *evidence) { e.shape.falls = false }, still}, CannotJudge, "accuracy still rose"},
		{claim2, []func(*evidence){func(e *evidence) { e.shape.modes, e.adjusted.modes = 2, 2 }, still}, Fails, "2 modes"},
		{claim2, []func(*evidence){func(e *evidence) { e.shape.modes = 2 }}, Fails, "adjusted for class it has one"},
		{claim2, []func(*evidence){func(e *evidence) { e.byStep.skewness = Estimate{-1, -1.5, -.5, true} }}, Fails, "over ln(step)"},
		{claim2, []func(*evidence){func(e *evidence) { e.byStep.skewness = Estimate{.05, -.1, .2, true} }}, CannotJudge, "not told apart"},
		{claim2, []func(*evidence){func(e *evidence) { e.byStep.skewness = Estimate{} }}, CannotJudge, "not told apart"},
		{claim2, []func(*evidence){func(e *evidence) { e.gained.skewness = Estimate{-1, -1.5, -.5, true} }}, Fails, "over accuracy"},
		{claim2, []func(*evidence){func(e *evidence) { e.gained.skewness = Estimate{-1, -1.5, -.5, true} }, still}, CannotJudge, "but training is too short"},
		{claim2, []func(*evidence){func(e *evidence) { e.byStep.width = Estimate{3, 2.5, 3.5, true} }}, Fails, "doublings"},
		{claim2, []func(*evidence){func(e *evidence) { e.byStep.width = Estimate{2.1, 2, 2.2, true} }}, CannotJudge, "doublings"},
		{claim2, []func(*evidence){func(e *evidence) { e.gained.width = Estimate{.4, .35, .45, true} }}, Fails, "share of the accuracy"},
		{claim2, []func(*evidence){func(e *evidence) { e.gained.width = Estimate{.4, .35, .45, true} }, still}, CannotJudge, "too short"},
		{claim2, []func(*evidence){func(e *evidence) { e.fall = Estimate{} }}, CannotJudge, "resampled"},
		{claim2, []func(*evidence){func(e *evidence) { e.fromOnset = len(e.smooth.at) }}, CannotJudge, "never leaves chance"},
		{claim3, nil, Holds, "settling slowly is as claimed"},
		{claim3, []func(*evidence){still}, CannotJudge, "still rose"},
		{claim3, []func(*evidence){func(e *evidence) { e.gain = math.NaN() }}, CannotJudge, "too few evaluations at the end"},
		{claim3, []func(*evidence){func(e *evidence) { e.lateMean = .59 }}, CannotJudge, "below the reference's"},
		{claim3, []func(*evidence){func(e *evidence) { e.byStep.slowness = Estimate{-1, -1.5, -.5, true} }}, Fails, "slowly is refuted"},
		{claim3, []func(*evidence){func(e *evidence) { e.gained.slowness = Estimate{0, -1, 1, true} }}, CannotJudge, "not told apart"},
		{claim3, []func(*evidence){func(e *evidence) {
			e.last.Table = contingency.Table{Both: 5000, ShallowOnly: 1000, DeepOnly: 3700, Neither: 300}
		}}, Fails, "is below 1"},
		{claim3, []func(*evidence){func(e *evidence) { e.shape.falls = false }}, Fails, "no peak"},
		{claim3, []func(*evidence){func(e *evidence) {
			e.last.Table = contingency.Table{Both: 5400, ShallowOnly: 600, DeepOnly: 3600, Neither: 400}
		}}, Fails, "1 within"},
		// The most nested table of these margins is at 1.0005: nothing to tell apart.
		{claim3, []func(*evidence){func(e *evidence) {
			e.last.Table = contingency.Table{Both: 5999, ShallowOnly: 1, DeepOnly: 3999, Neither: 1}
		}}, CannotJudge, "cannot be told from 1"},
		{claim3, []func(*evidence){func(e *evidence) {
			e.last.Table = contingency.Table{Both: 10, ShallowOnly: 10, DeepOnly: 5000, Neither: 4980}
		}}, CannotJudge, "20 examples right"},
		// The network is right no more often than the reference at the last evaluation, so no ratio is the
		// most: with many examples the interval is about 1, with few it says nothing.
		{claim3, []func(*evidence){func(e *evidence) {
			e.last.Table = contingency.Table{Both: 3600, ShallowOnly: 2400, DeepOnly: 2400, Neither: 1600}
		}}, Fails, "1 within"},
		{claim3, []func(*evidence){func(e *evidence) {
			e.last.Table = contingency.Table{Both: 36, ShallowOnly: 24, DeepOnly: 24, Neither: 16}
		}}, CannotJudge, "cannot be told from 1"},
		{claim4, nil, CannotJudge, "takes another seed"},
		{claim4, []func(*evidence){still}, CannotJudge, "too short"},
		{claim4, []func(*evidence){func(e *evidence) { e.leastAlone = 0 }}, Fails, "is 0 at an evaluation"},
		{claim6, nil, Holds, "a difference of"},
		{claim6, []func(*evidence){still}, CannotJudge, "too short"},
		{claim6, []func(*evidence){func(e *evidence) {
			e.last.Table = contingency.Table{Both: 5000, ShallowOnly: 1000, DeepOnly: 3700, Neither: 300}
		}}, Fails, "a difference of -0.09"},
		{claim6, []func(*evidence){func(e *evidence) {
			e.last.Table = contingency.Table{Both: 5400, ShallowOnly: 600, DeepOnly: 3600, Neither: 400}
		}}, Fails, "a difference of 0.000"},
		{claim6, []func(*evidence){func(e *evidence) {
			e.last.Table = contingency.Table{Both: 54, ShallowOnly: 6, DeepOnly: 36, Neither: 4}
		}}, CannotJudge, "either sign"},
		{claim7, nil, Holds, "at epoch 0.100"},
		{claim7, []func(*evidence){func(e *evidence) { e.epochs = Estimate{.3, .25, .4, true} }}, Fails, "at epoch"},
		{claim7, []func(*evidence){func(e *evidence) { e.epochs.Hi = .25 }}, CannotJudge, "within it"},
		{claim7, []func(*evidence){func(e *evidence) { e.epochs = Estimate{} }}, CannotJudge, "at which epochs"},
		{claim7, []func(*evidence){func(e *evidence) { e.shape.falls = false }}, Fails, "no maximum"},
	} {
		e := goodEvidence()
		for _, spoil := range c.spoil {
			spoil(e)
		}
		if _, verdict, reason := c.claim(e); verdict != c.verdict || !strings.Contains(reason, c.reason) {
			t.Errorf("got %s (%s), want %s with %q", verdict, reason, c.verdict, c.reason)
		}
	}
}

// Ten classes of ten examples and m = .6: chance is left at .1 + .05 = .15.
func TestOnset(t *testing.T) {
	l := &Log{Labels: make([]uint16, 100)}
	for i := range l.Labels {
		l.Labels[i] = uint16(i % 10)
	}
	onsetOf := func(right ...int) int {
		c := &Curve{}
		for s, k := range right {
			c.Points = append(c.Points, Point{Step: s, Table: contingency.Table{Both: k, Neither: 100 - k}})
		}
		return onset(l, c, .6)
	}
	for _, c := range []struct {
		right []int
		want  int
	}{
		{[]int{10, 12, 15, 16, 30}, 3},
		{[]int{90, 12, 30, 30, 30}, 2},             // not the untrained network
		{[]int{10, 30, 30, 10, 30}, 1},             // 1 + step had doubled before the dip
		{[]int{10, 10, 10, 30, 10, 30, 30}, 5},     // it had not
		{[]int{10, 10, 15, 15}, 4}, {[]int{10}, 1}, // never
	} {
		if got := onsetOf(c.right...); got != c.want {
			t.Errorf("%v: onset at %d, want %d", c.right, got, c.want)
		}
	}
}

func TestLastEvaluations(t *testing.T) {
	l := &Log{}
	for s := range 301 {
		l.Steps = append(l.Steps, s)
	}
	for _, c := range []struct{ k, want int }{{0, 30}, {7, 7}, {999, 301}} {
		if got := lastEvaluations(l, c.k); got != c.want {
			t.Errorf("%d: got %d, want %d", c.k, got, c.want)
		}
	}
	l.Steps = l.Steps[:51]
	if got := lastEvaluations(l, 0); got != 10 {
		t.Errorf("of 51 evaluations the last %d, want 10", got)
	}
}

func TestLateAccuracy(t *testing.T) {
	curve := func(every int) *Curve {
		out := &Curve{}
		for s := 0; s <= 100; s += every {
			out.Points = append(out.Points, Point{Step: s, Table: contingency.Table{Both: s * s, ShallowOnly: 101 - s, Neither: 9899 - s*s + s}})
		}
		return out
	}
	e := endingOf(curve(2))
	near(t, "mean", e.lateMean, (92*92+94*94+96*96+98*98+100*100)/50000., 1e-12)
	near(t, "gain", e.gain, e.lateMean-(82*82+84*84+86*86+88*88+90*90)/50000., 1e-12)
	if e.leastAlone != 1 {
		t.Errorf("shallow_only was %d at least, want 1", e.leastAlone)
	}
	if e := endingOf(curve(3)); !math.IsNaN(e.gain) || !(e.lateMean > .89) {
		t.Errorf("mean %v, gain %v of three evaluations in a tenth", e.lateMean, e.gain)
	}
}

// The last fifth of a log has all that its ending is read from.
func TestEndingOfTheLastFifth(t *testing.T) {
	l, ref := shallowFirst(newWorld(1, 300, 100))
	for T := range len(l.Steps) {
		first := &Log{Labels: l.Labels, Steps: l.Steps[:T+1], Epochs: l.Epochs[:T+1], Predictions: l.Predictions[:T+1]}
		var got, want ending
		for _, c := range []struct {
			l  *Log
			to *ending
		}{{first, &want}, {endOf(first), &got}} {
			*c.to = endingOf(curveOf(c.l, "m", rightMasks(c.l), ref.right(l.Labels)))
		}
		if math.IsNaN(want.gain) && math.IsNaN(got.gain) {
			want.gain, got.gain = 0, 0
		}
		if got != want {
			t.Fatalf("%d evaluations: got %+v, want %+v", T+1, got, want)
		}
	}
}

func TestImportanceByHand(t *testing.T) {
	table := contingency.Table{Both: 3, ShallowOnly: 1, DeepOnly: 1, Neither: 3}
	_, variance := logRatio(table)
	points := []Point{{Table: table}, {Table: table}, {Table: table}}
	w := importance(points, []float64{0, 1, 4})
	for i, stretch := range []float64{.5, 2, 1.5} {
		near(t, "importance", w[i], stretch/variance, 1e-12)
	}
}

func TestPeakHasTheHighestSingleRatio(t *testing.T) {
	l, ref := shallowFirst(newWorld(1, 1000, 100))
	e := newEvidence(l, ref, JudgeOptions{})
	compared, found := 0, 0
	for _, p := range e.curve.Points[e.onset:] {
		r := p.Ratio()
		if r.Defined {
			compared++
		}
		if r.Defined && r.Value > e.peak.Raw.Value {
			t.Errorf("step %d has %v, above %v", p.Step, r, e.peak.Raw)
		}
		if p.Step == e.peak.RawStep {
			found++
			if r != e.peak.Raw {
				t.Errorf("step %d has %v, not %v", p.Step, r, e.peak.Raw)
			}
		}
	}
	if compared < 50 || found != 1 {
		t.Errorf("compared %d ratios, want most of 101; %d of them are at the peak's step %d, want 1", compared, found, e.peak.RawStep)
	}
}

// Where the network predicts some classes only, the crude ratio shows which; the adjusted one is 1
// throughout.
func TestClassAdjustedCurve(t *testing.T) {
	w := newWorld(5, 4000, 12)
	ref := Reference{Name: "m", Predictions: w.answers(func(i int) bool { return w.r.Float64() < .3+.06*float64(w.labels[i]) })}
	l := w.network(0, func(i, step int) float64 {
		if int(w.labels[i]) < step-2 {
			return 1
		}
		return 0
	})
	e := newEvidence(l, ref, JudgeOptions{})
	logs := e.classAdjustedLogs()
	if len(logs) != 13 {
		t.Fatalf("%d values, want one for each of 13 evaluations", len(logs))
	}
	for k, y := range logs {
		crude, _ := logRatio(e.curve.Points[k].Table)
		if k < 3 {
			near(t, "undefined", y, crude, 1e-12)
			continue
		}
		near(t, "adjusted", y, 0, 1e-9)
		if k < 11 && !(math.Abs(crude) > .05) {
			t.Errorf("evaluation %d: crude %v is no contrast", k, crude)
		}
	}
}
