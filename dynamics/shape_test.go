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
		if p.Step >= 100 {
			smoothed = math.Max(smoothed, math.Abs(math.Log(p.Ratio)))
		}
	}
	if !(smoothed < raw/3) {
		t.Errorf("largest deviation from 1 is %v raw and %v smoothed", raw, smoothed)
	}
}

func TestShapeByHand(t *testing.T) {
	// Up to 5 in ten steps, down to 2 in forty, by straight lines, then flat.
	steps := []float64{0, 10, 20, 30, 40, 50, 60, 70}
	ratio := []float64{1, 5, 4.25, 3.5, 2.75, 2, 2, 2}
	s := shapeOf(steps, ratio)
	if s.peak != 1 || s.modes != 1 || !s.rises || !s.falls || s.base != 2 {
		t.Errorf("got %+v", s)
	}
	near(t, "left half", s.leftHalf, 10*1.5/4, 1e-12) // 5 to 3.5 on the way up
	near(t, "right half", s.rightHalf, 20, 1e-12)     // 3.5 at step 30
	near(t, "settled", s.settled, 50, 1e-12)          // 2.75/2 is more than a tenth of 5/2, in logs
	if !(s.skewness > .3) {
		t.Errorf("skewness %v of a peak with a long right tail", s.skewness)
	}
	mirrored := shapeOf(steps, []float64{1, 1, 1, 1.75, 2.5, 3.25, 4, 1})
	if !(mirrored.skewness < -.3) || !(mirrored.leftHalf > mirrored.rightHalf) {
		t.Errorf("mirrored: %+v", mirrored)
	}
	symmetric := shapeOf([]float64{0, 1, 2, 3, 4}, []float64{1, 2, 3, 2, 1})
	near(t, "symmetric skewness", symmetric.skewness, 0, 1e-12)
	up := shapeOf([]float64{0, 1, 2}, []float64{1, 2, 3})
	if up.peak != 2 || up.falls || up.modes != 0 {
		t.Errorf("rising: %+v", up)
	}
	flat := shapeOf([]float64{0, 1, 2}, []float64{1, 1, 1})
	if flat.rises || flat.falls || flat.modes != 0 || !math.IsNaN(flat.skewness) {
		t.Errorf("flat: %+v", flat)
	}
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
