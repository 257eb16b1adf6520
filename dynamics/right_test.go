package dynamics

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"shoal/contingency"
)

// A log that says what is right gives the same numbers as one of which it follows: everything that
// counts right answers asks the log.
func TestRightIsAskedEverywhere(t *testing.T) {
	plain := logOf([]int{0, 1, 2, 3}, []float64{0, .5, 1, 1.5}, "0011", "0111", "1101", "1011")
	ref := Reference{Name: "m", Predictions: []uint16{1, 0, 1, 0}, Margins: []float32{.1, .2, .3, .4}}
	told := &Log{Labels: plain.Labels}
	for k := range plain.Steps { // all classes are wrong, what is right is said
		told.Append(plain.Steps[k], plain.Epochs[k], []uint16{7, 7, 7, 7}, plain.Correct(k))
	}
	toldRef := Reference{Name: "m", Predictions: []uint16{7, 7, 7, 7}, Margins: ref.Margins, Right: ref.Correct(plain.Labels)}
	both := func(f func(*Log, Reference) any) {
		t.Helper()
		if a, b := f(plain, ref), f(told, toldRef); !reflect.DeepEqual(a, b) {
			t.Errorf("got %+v, want %+v", b, a)
		}
	}
	both(func(l *Log, r Reference) any { c, _ := Curves(l, r); return c })
	both(func(l *Log, r Reference) any { m, _ := Measure(l); return m })
	both(func(l *Log, r Reference) any { return l.Accuracies() })
	both(func(l *Log, r Reference) any { return l.PerEpoch().Accuracies() })
	both(func(l *Log, r Reference) any { c, _ := Churn([]*Log{l, l}, r, 2); return c })
	both(func(l *Log, r Reference) any { c, _ := ByClass(l.Labels, r, l.Final("d")); return c })
	both(func(l *Log, r Reference) any { c, _ := KappaMatrix(l.Labels, []Reference{r, l.At("d", 1)}); return c })
	both(func(l *Log, r Reference) any { m, _ := Measure(l); p, _ := PredictLearning(l, r, m); return p })
	both(func(l *Log, r Reference) any { e, _ := AtEqualAccuracy(l, l, .5); return e })
	both(func(l *Log, r Reference) any {
		learned, _ := l.Learning()
		c, _ := ConstantAssociation(t.Context(), l, learned, r, Resampling{Replicates: 10})
		return c
	})
}

// A log may say what is right of some evaluations only.
func TestRightOfSome(t *testing.T) {
	l := &Log{Labels: []uint16{0, 1}}
	l.Append(0, 0, []uint16{0, 0}, nil)
	l.Append(1, .1, []uint16{0, 0}, []bool{false, true})
	l.Append(2, .2, []uint16{1, 1}, nil)
	if err := l.Check(); err != nil {
		t.Fatal(err)
	}
	for k, want := range [][]bool{{true, false}, {false, true}, {false, true}} {
		if got := l.Correct(k); !reflect.DeepEqual(got, want) {
			t.Errorf("evaluation %d: %v, want %v", k, got, want)
		}
	}
}

// An epoch that is not known is null, and nothing that is counted by epochs is made up.
func TestUnknownEpochs(t *testing.T) {
	l := logOf([]int{0, 1, 2}, []float64{0, math.NaN(), 2}, "0011", "0111", "1101")
	if err := l.Check(); err != nil {
		t.Fatal(err)
	}
	m, err := Measure(l)
	if err != nil || m.ForgettingPerEpoch != nil || l.KnowsEpochs() {
		t.Errorf("measures per epoch %v (%v) of a log whose epochs are not all known", m.ForgettingPerEpoch, err)
	}
	c, err := Curves(l, Reference{Predictions: []uint16{1, 0, 1, 0}[:len(l.Labels)]})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(c.Points[1])
	var back struct{ Epoch NullFloat }
	if err != nil || json.Unmarshal(text, &back) != nil || back.Epoch.Known() != nil {
		t.Errorf("%s (%v) has epoch %v, want none", text, err, back.Epoch)
	}
	if b := NullFloat(math.NaN()).below(.2); b != nil {
		t.Errorf("an unknown epoch is before .2: %v", *b)
	}
	l.Epochs[2] = 0
	l.Epochs[0] = 1
	if l.Check() == nil {
		t.Error("epochs that decrease around an unknown one were taken")
	}
	if _, err := contingency.CountRight([]bool{true}, nil); err == nil {
		t.Error("vectors of two lengths were counted")
	}
}
