package dynamics

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"shoal/dynamics/internal/worlds"
)

// What describes a change is null unless one was found, and up_to unless there is none: the best place
// to break a line exists in every run.
func TestWhatWasNotFoundHasNoNumbers(t *testing.T) {
	strong := worlds.Setting{Noise: [2]float64{.5, .3}, Shape: "normal", Classes: 10, M: .41, Evaluations: 86}
	two := strong
	two.Two = true
	for _, c := range []struct {
		name           string
		world          worlds.World
		answer         string // of Found
		change, none   bool   // whether their numbers are there
		within         bool   // classes, which have no accuracy
		checkHasChange bool
	}{
		{"a change", two.Make(1), "yes", true, false, false, true},
		{"none", strong.Make(1), "no", false, true, false, false},
		{"can't be told", worlds.Twelve(1, .45), "can't tell", false, false, false, false},
		{"a change within classes", worlds.Imbalanced(1, true), "yes", true, false, true, true},
	} {
		l, ref := logOfWorld(c.world)
		learned, err := l.Learning()
		if err != nil {
			t.Fatal(err)
		}
		_, r := JudgeRegime(l, learned, ref)
		if got := yesNo(r.Found); got != c.answer || learned.WithinClasses != c.within {
			t.Fatalf("%s: found is %q (%s), within classes %v; want %q and %v", c.name, got, r.Reason, learned.WithinClasses, c.answer, c.within)
		}
		for name, x := range map[string]*float64{"share": r.Share, "lo": r.Lo, "hi": r.Hi, "slope_before": r.SlopeBefore, "slope_after": r.SlopeAfter, "jump": r.Jump} {
			if (x != nil) != c.change {
				t.Errorf("%s: %s is there: %v, want %v", c.name, name, x != nil, c.change)
			}
		}
		if (r.UpTo != nil) != c.none || (r.Accuracy != nil) != (c.change && !c.within) || (r.BySwitchTime.Share != nil) != c.checkHasChange || r.LR == nil {
			t.Errorf("%s: up_to %v, accuracy %v, share by switch time %v, lr %v", c.name, r.UpTo, r.Accuracy, r.BySwitchTime.Share, r.LR)
		}
	}
}

// The accuracy at a change is that of learning: a network that was right about everything before it
// left chance, as one that answers the commonest class nearly is, hasn't learned the share then.
func TestAccuracyAtAChangeIsFromTheStartOfLearning(t *testing.T) {
	w := worlds.Setting{Two: true, Noise: [2]float64{.5, .3}, Shape: "normal", Classes: 10, M: .41, Evaluations: 86}.Make(1)
	one := make([]bool, len(w.Labels))
	for i, c := range w.Labels {
		one[i] = c == 0
	}
	w.Deep = slices.Insert(w.Deep, 0, slices.Repeat([]bool{true}, len(w.Labels)), one)
	l, ref := logOfWorld(w)
	learned, err := l.Learning()
	if err != nil {
		t.Fatal(err)
	}
	_, r := JudgeRegime(l, learned, ref)
	if learned.From < 2 || r.Share == nil || r.Accuracy == nil || !(*r.Accuracy >= *r.Share && *r.Accuracy < *r.Share+.1) {
		r.Slots = nil
		text, err := json.Marshal(r)
		t.Errorf("learning from evaluation %d; want an accuracy just above the share, got %s (%v)", learned.From, text, err)
	}
}

// Where ranks are within classes, and every class is learned in few lumps, it isn't examples that are wanting.
func TestReasonOfClassesLeftOut(t *testing.T) {
	const n, T = 2000, 30
	l, m := &Log{Labels: make([]uint16, n)}, make([]uint16, n)
	for i := range n {
		l.Labels[i], m[i] = uint16(i*9/n/5), uint16(i%2) // 5 of 9 are of class 0
	}
	for k := range T {
		predictions := make([]uint16, n)
		for i, label := range l.Labels {
			if predictions[i] = label; 5+5*(i%3) > k {
				predictions[i] = 1 - label
			}
		}
		l.Append(k, math.NaN(), predictions, nil)
	}
	learned, err := l.Learning()
	if err != nil {
		t.Fatal(err)
	}
	_, r := JudgeRegime(l, learned, Reference{Name: "m", Predictions: m})
	if want := "most examples are of classes of which a fifth or more is learned at one time"; r.Found != nil || !strings.Contains(r.Reason, want) {
		t.Errorf("%q, want %q", r.Reason, want)
	}
}
