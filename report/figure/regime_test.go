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
