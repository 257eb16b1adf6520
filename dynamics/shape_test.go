package dynamics

import (
	"encoding/json"
	"math"
	"testing"

	"shoal/contingency"
)

func TestLogRatioByHand(t *testing.T) {
	v, variance := logRatio(contingency.Table{Both: 3, ShallowOnly: 1, DeepOnly: 1, Neither: 3})
	near(t, "value", v, math.Log(3.5/5)-math.Log(1.5/5), 1e-12)
	near(t, "variance", variance, 1/3.5-1./5+1/1.5-1./5, 1e-12)
	for _, empty := range []contingency.Table{{}, {Both: 5}, {Neither: 5}, {ShallowOnly: 5}} {
		if v, variance := logRatio(empty); math.IsNaN(v+variance) || math.IsInf(v+variance, 0) || !(variance > 0) {
			t.Errorf("%+v: %v ± %v", empty, v, variance)
		}
	}
}

// A local linear fit returns a line unchanged, whatever its weights, and the weights at every point
// sum to 1.
func TestSmootherKeepsLines(t *testing.T) {
	var points []Point
	for s := 0; s < 300; s += 1 + s/20 {
		points = append(points, Point{Step: s, Table: contingency.Table{Both: 5 + s, ShallowOnly: 30, DeepOnly: 5, Neither: 20}})
	}
	s := newSmoother(points)
	line := make([]float64, len(points))
	for i, p := range points {
		line[i] = 3 - 2*math.Log1p(float64(p.Step))
	}
	for j, y := range s.apply(line) {
		near(t, "line", y, line[s.at[j]], 1e-9)
		sum := 0.0
		for _, w := range s.rows[j].weights {
			sum += w
		}
		near(t, "weights", sum, 1, 1e-9)
	}
	if s.at[0] != 0 || s.at[len(s.at)-1] != len(points)-1 || len(s.at) >= len(points) {
		t.Errorf("%d points smoothed at %v", len(points), s.at)
	}
	one := newSmoother(points[:1]).apply([]float64{7})
	near(t, "a single point", one[0], 7, 1e-12)
}

func TestSmoothTakesNoiseOut(t *testing.T) {
	l, ref := constantOne(newWorld(9, 2000, 200))
	c, err := Curves(l, ref)
	if err != nil {
		t.Fatal(err)
	}
	raw, smoothed := 0.0, 0.0
	for _, p := range c.Points[100:] {
		raw = math.Max(raw, math.Abs(math.Log(p.Ratio().Value)))
	}
	for _, p := range Smooth(c) {
		if p.Lo.Known() != nil || p.Hi.Known() != nil {
			t.Fatalf("step %d has an interval [%v, %v], which nothing was resampled for", p.Step, p.Lo, p.Hi)
		}
		if p.Step >= 100 {
			smoothed = math.Max(smoothed, math.Abs(math.Log(p.Ratio)))
		}
	}
	if !(smoothed < raw/3) {
		t.Errorf("largest deviation from 1 is %v raw and %v smoothed", raw, smoothed)
	}
}

// overSteps is the shape of a curve whose accuracy rises with ln(1 + step).
func overSteps(steps, ratio []float64, settled bool) shape {
	accuracy := make([]float64, len(steps))
	for i, x := range steps {
		accuracy[i] = math.Log1p(x) / 10
	}
	return shapeOf(steps, accuracy, ratio, 1, settled)
}

func TestShapeByHand(t *testing.T) {
	// Doublings of 1 + step: 0 to 7. Up from 1 to 5 in two, down to 2 in four, by straight lines.
	steps := []float64{0, 1, 3, 7, 15, 31, 63, 127}
	ratio := []float64{1, 1, 3, 5, 4.25, 3.5, 2.75, 2}
	s := overSteps(steps, ratio, true)
	if s.peak != 3 || s.modes != 1 || !s.rises || !s.falls || s.base != 2 {
		t.Errorf("got %+v", s)
	}
	half := .75 + 2 // 5 to 3.5 on either side, in doublings
	near(t, "width", s.step.width/math.Ln2, half, 1e-12)
	near(t, "width in accuracy", s.gained.width/math.Ln2*10, half, 1e-12)
	near(t, "rise", s.step.rise/math.Ln2, 2.7/2, 1e-12)
	near(t, "fall", s.step.fall/math.Ln2, 2.7/.75, 1e-12)
	near(t, "slowness", s.step.slowness(), math.Log(2/.75), 1e-12)
	near(t, "settled", s.settled, 127, 1e-12)
	// A triangle with feet 0 and 4.125 and its top at 1.125: (a+b-2c)(2a-b-c)(a-2b+c)√2 / (5(a²+b²+c²-ab-ac-bc)^1.5).
	b, c := 4.125, 1.125
	want := math.Sqrt2 * (b - 2*c) * (-b - c) * (-2*b + c) / (5 * math.Pow(b*b+c*c-b*c, 1.5))
	near(t, "skewness", s.step.skewness, want, 1e-3)
	near(t, "skewness in accuracy", s.gained.skewness, want, 1e-3)
	unsettled := overSteps(steps, ratio, false)
	if unsettled.base != 1 || !math.IsNaN(overSteps(steps[:6], ratio[:6], false).step.fall) || math.IsNaN(unsettled.step.width) {
		t.Errorf("not settled: %+v", unsettled)
	}
	mirrored := overSteps(steps, []float64{1, 2, 2.75, 3.5, 4.25, 5, 3, 1}, true)
	if !(mirrored.step.skewness < -.3) || !(mirrored.step.slowness() < -.3) {
		t.Errorf("mirrored: %+v", mirrored)
	}
	// Symmetric in ln(1 + step), though over steps its right side is four times as long.
	symmetric := overSteps([]float64{0, 1, 3, 7, 15, 31}, []float64{1, 1, 2, 3, 2, 1}, true)
	near(t, "symmetric skewness", symmetric.step.skewness, 0, 1e-9)
	near(t, "symmetric slowness", symmetric.step.slowness(), 0, 1e-12)
	// Its foot lies before the first evaluation: how it rose isn't known.
	if s := overSteps([]float64{3, 7, 15, 31, 63}, []float64{2, 3, 2, 1.5, 1}, true); !math.IsNaN(s.step.rise) || !math.IsNaN(s.step.skewness) {
		t.Errorf("a peak that began high: %+v", s)
	}
	up := overSteps([]float64{0, 1, 2}, []float64{1, 2, 3}, false)
	if up.peak != 2 || up.falls || up.modes != 0 || !math.IsNaN(up.step.width) {
		t.Errorf("rising: %+v", up)
	}
	flat := overSteps([]float64{0, 1, 2}, []float64{1, 1, 1}, true)
	if flat.rises || flat.falls || flat.modes != 0 || !math.IsNaN(flat.step.skewness) {
		t.Errorf("flat: %+v", flat)
	}
}

// Accuracy that falls back is what was reached before.
func TestShapeOverAccuracyReached(t *testing.T) {
	s := shapeOf([]float64{0, 1, 2, 3, 4}, []float64{0, .2, .4, .3, .6}, []float64{1, 1, 3, 2.5, 1}, 1, true)
	near(t, "rise", s.gained.rise, .9*.2, 1e-12)
	near(t, "fall", s.gained.fall, 1.3/1.5*.2, 1e-12)
}

func TestModes(t *testing.T) {
	for _, c := range []struct {
		ratio []float64
		want  int
	}{
		{[]float64{1, 2, 3, 2, 1}, 1},
		{[]float64{1, 3, 1, 3, 1}, 2},
		{[]float64{1, 3, 2.9, 3, 1}, 1},         // the dip is too shallow
		{[]float64{1, 1.05, 1}, 0},              // too low
		{[]float64{1, 8, 2, 2.3, 2}, 1},         // under a quarter of the main one
		{[]float64{1, 2, 1.9, 4, 1.5, 3, 1}, 2}, // a shoulder is no mode
		{[]float64{1, 3, 3, 1}, 1},              // a plateau is one
		{[]float64{3, 2, 1}, 0}, {[]float64{1, 2}, 0},
	} {
		if got := modes(c.ratio); got != c.want {
			t.Errorf("%v has %d modes, want %d", c.ratio, got, c.want)
		}
	}
}

func TestEstimateJSON(t *testing.T) {
	for want, e := range map[string]Estimate{
		`{"value":2,"lo":1,"hi":3}`:          {2, 1, 3, true},
		`{"value":null,"lo":null,"hi":null}`: {},
	} {
		b, err := json.Marshal(e)
		var back Estimate
		if err != nil || string(b) != want || json.Unmarshal(b, &back) != nil || back != e {
			t.Errorf("%+v is %s, %v, and back %+v", e, b, err, back)
		}
	}
	if estimate(1, math.Inf(-1), 2).Defined || estimate(math.NaN(), 0, 1).Defined {
		t.Error("an estimate that is not finite is defined")
	}
	if got := (Estimate{.1234, .1, .2, true}).String() + (Estimate{}).String(); got != "0.123 [0.100, 0.200]undefined" {
		t.Error(got)
	}
}
