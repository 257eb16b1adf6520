package figure

import (
	"bytes"
	"strings"
	"testing"
)

// The title of the figure says what its sentence says.
func TestRegimeFinding(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		regime Regime
		want   string
	}{
		{Regime{}, "Whether svm predicts the order of learning can’t be told"},
		{Regime{Found: &yes, Change: Between(.45, .4, .5)}, "svm stops predicting the order of learning at 45\u00a0%"},
		{Regime{Found: &yes}, "svm stops predicting the order of learning"},
		{Regime{Found: &no, UpTo: .6}, "svm predicts the order of learning up to 60\u00a0%"},
		{Regime{Found: &no}, "svm predicts the order of learning as a straight line does"},
	} {
		if c.regime.Reference = "svm"; c.regime.finding() != c.want {
			t.Errorf("%+v: %q, want %q", c.regime, c.regime.finding(), c.want)
		}
	}
}

// changed is a regime with a change.
func changed() Regime {
	yes := true
	return Regime{Dataset: "D", Network: "N", Reference: "svm", Found: &yes, Change: Between(.45, .4, .5), Slots: []RegimeSlot{{0, .5, 10, 8}, {.5, .9, 10, 2}, {1, 1, 5, 1}},
		Steps: []int{0, 1, 20, 3000}, Learned: []float64{0, .2, .61, .9}, Accuracy: []float64{.1, .33, .57, .86}}
}

// Beside a share learned stands the network's accuracy when so many are learned, which is another number.
func TestRegimeSaysAccuracy(t *testing.T) {
	r := changed()
	f := r.Draw()
	sound(t, f)
	sound(t, f.Slim())
	var b bytes.Buffer
	if err := f.SVG(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"45\u00a0% learned (step 20): accuracy 57\u00a0%", ">33</text>", ">86</text>", ">3,000</text>"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the figure lacks %q", want)
		}
	}
	if _, ok := r.Reached(1); ok {
		t.Error("all are learned of a network that never learns some")
	}
}

func TestLabelOfTheReachMeetsNoBand(t *testing.T) {
	px := func(share float64) float64 { return 100 * share }
	py := func(v float64) float64 { return 100 * v }
	r := Regime{Slots: []RegimeSlot{{From: 0, To: .2, N: 1000, Right: 600}, {From: .2, To: .4, N: 1000, Right: 200}, {From: .4, To: 1, N: 1000, Right: 90}, {From: 1, To: 1, N: 1000, Right: 50}}}
	at := box{x0: 3, y0: 8, x1: 50, y1: 16}
	if y := r.clear(at, 100, px, py); !(y > 22 && y < 30) { // above 20 % of the second slot, below 60 % of the first
		t.Errorf("placed at %v, want it above the second slot's band", y)
	}
	if y := r.clear(box{x0: 3, y0: 8, x1: 15, y1: 16}, 100, px, py); y != 8 {
		t.Errorf("placed at %v beside no band, want 8", y)
	}
	if y := r.clear(at, 20, px, py); y != 8 {
		t.Errorf("placed at %v where there is no room, want 8", y)
	}
}
