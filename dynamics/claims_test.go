package dynamics

import (
	"math"
	"strings"
	"testing"

	"shoal/contingency"
)

// goodEvidence is evidence on which claims 2 to 4 hold; tests spoil it.
func goodEvidence() *evidence {
	e := &evidence{log: &Log{}, m: .6, onset: 5, lateMean: .9, lastK: 10, leastAlone: 40, core: newMask(10)}
	e.smooth = &smoother{}
	table := contingency.Table{Both: 5700, ShallowOnly: 300, DeepOnly: 3300, Neither: 700}
	for s := range 1001 {
		e.curve = &Curve{Points: append(e.curveOrNew().Points, Point{Step: s, Table: table})}
		e.smooth.at = append(e.smooth.at, s)
		e.smoothed = append(e.smoothed, SmoothPoint{Step: s, Ratio: 1})
	}
	e.last = e.curve.Last()
	e.shape = shape{peak: 40, modes: 1, rises: true, falls: true, skewness: 1, leftHalf: 10, rightHalf: 90, settled: 300}
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
		{claim2, nil, Holds, "one peak"},
		{claim2, []func(*evidence){still}, Holds, "one peak"},
		{claim2, []func(*evidence){func(e *evidence) { e.shape.rises = false }}, Fails, "does not rise"},
		{claim2, []func(*evidence){func(e *evidence) { e.peak.Ratio.Lo = .9 }}, Fails, "does not rise"},
		{claim2, []func(*evidence){func(e *evidence) { e.shape.falls = false }}, Fails, "no maximum"},
		{claim2, []func(*evidence){func(e *evidence) { e.fall.Lo = .9 }}, Fails, "no maximum"},
		{claim2, []func(*evidence){func(e *evidence) { e.fall.Lo, e.lateMean = .9, .5 }, still}, CannotJudge, "too short"},
		{claim2, []func(*evidence){func(e *evidence) { e.shape.modes, e.adjusted.modes = 2, 2 }, still}, Fails, "2 modes"},
		{claim2, []func(*evidence){func(e *evidence) { e.shape.modes = 2 }}, Fails, "adjusted for class it has one"},
		{claim2, []func(*evidence){func(e *evidence) { e.shape.skewness = -1 }}, Fails, "skewed"},
		{claim2, []func(*evidence){func(e *evidence) { e.shape.skewness = math.NaN() }}, Fails, "skewed"},
		{claim2, []func(*evidence){func(e *evidence) { e.shape.leftHalf = 91 }}, Fails, "skewed"},
		{claim2, []func(*evidence){func(e *evidence) { e.shape.leftHalf = 91 }, still}, CannotJudge, "skewed"},
		{claim2, []func(*evidence){func(e *evidence) { e.shape.rightHalf = 191 }}, Fails, "20 %"},
		{claim2, []func(*evidence){func(e *evidence) { e.shape.rightHalf = 191 }, still}, CannotJudge, "too short"},
		{claim2, []func(*evidence){func(e *evidence) { e.fall = Estimate{} }}, CannotJudge, "resampled"},
		{claim2, []func(*evidence){func(e *evidence) { e.fromOnset = len(e.smooth.at) }}, CannotJudge, "never leaves chance"},
		{claim3, nil, Holds, "settled in 256 steps after rising for 44"},
		{claim3, []func(*evidence){still}, CannotJudge, "still rose"},
		{claim3, []func(*evidence){func(e *evidence) { e.gain = math.NaN() }}, CannotJudge, "too few evaluations to tell"},
		{claim3, []func(*evidence){func(e *evidence) { e.lateMean = .59 }}, CannotJudge, "below the reference's"},
		{claim3, []func(*evidence){func(e *evidence) { e.shape.settled = 131 }}, Fails, "settled in 87"},
		{claim3, []func(*evidence){func(e *evidence) { e.shape.falls = false }}, Fails, "no peak"},
		{claim3, []func(*evidence){func(e *evidence) {
			e.last.Table = contingency.Table{Both: 5400, ShallowOnly: 600, DeepOnly: 3600, Neither: 400}
		}}, Fails, "1 within"},
		// The most nested table of these margins is at 1.0005: nothing to tell apart.
		{claim3, []func(*evidence){func(e *evidence) {
			e.last.Table = contingency.Table{Both: 5999, ShallowOnly: 1, DeepOnly: 3999, Neither: 1}
		}}, CannotJudge, "nor from the most"},
		{claim3, []func(*evidence){func(e *evidence) {
			e.last.Table = contingency.Table{Both: 10, ShallowOnly: 10, DeepOnly: 5000, Neither: 4980}
		}}, CannotJudge, "20 examples right"},
		{claim4, nil, Holds, "never below 40"},
		{claim4, []func(*evidence){still}, CannotJudge, "too short"},
		{claim4, []func(*evidence){func(e *evidence) { e.leastAlone = 0 }}, Fails, "is 0 at one of the last 10"},
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

func TestFirstRatioTooWide(t *testing.T) {
	w := newWorld(1, 300, 0)
	ref := w.reference(.8)
	l := w.network(0, func(int, int) float64 { return .1 })
	e := newEvidence(l, ref, JudgeOptions{})
	if _, verdict, reason := claim1(e); verdict != CannotJudge || !strings.Contains(reason, "too wide") {
		t.Errorf("got %s (%s)", verdict, reason)
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
	var points []Point
	for s := range 11 {
		points = append(points, Point{Step: s * 10, Table: contingency.Table{Both: s * s, Neither: 100 - s*s}})
	}
	mean, gain := lateAccuracy(points)
	near(t, "mean", mean, 1, 1e-12) // step 100 alone
	near(t, "gain", gain, 1-.81, 1e-12)
	if _, gain := lateAccuracy(points[:1]); !math.IsNaN(gain) {
		t.Errorf("gain %v of a single evaluation", gain)
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
