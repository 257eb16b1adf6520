package figure

import (
	"strings"
	"testing"
)

func someTrials() Trials {
	line := func(name string, difference Point, apart bool) Trial {
		return Trial{Name: name, Steps: []int{0, 1, 10}, Epochs: []float64{0, .1, 1}, Accuracy: []Point{Exact(.1), Between(.5, .4, .6), Between(.9, .8, 1)},
			Seeds: []float64{.85, .95}, Final: Between(.9, .8, 1), Difference: difference, Apart: apart}
	}
	return Trials{Dataset: "MNIST", Network: "cnn2", Baseline: "random", List: []Trial{
		line("easy-first", Between(.001, -.002, .004), false), line("easy-only", Between(-.004, -.006, -.002), true),
		line("hard-only", Between(-.5, -.6, -.4), true), line("random", Point{}, false)}}
}

// Every order but the baseline has a panel, and the baseline stands behind each.
func TestTrialsDrawTheBaselineBehindEach(t *testing.T) {
	svg := someTrials().Curves().Inline()
	for name, want := range map[string]int{"easy-first": 1, "easy-only": 1, "hard-only": 1, "random": 3} {
		if got := strings.Count(svg, `data-series="`+name+`"`); got != want {
			t.Errorf("%s is drawn %d times, want %d", name, got, want)
		}
	}
	alone := Trials{Baseline: "random", List: someTrials().List[3:]}
	if svg := alone.Curves().Inline(); strings.Count(svg, `data-series="random"`) != 1 {
		t.Error("a baseline alone is not drawn once")
	}
}

// With two seeds nothing can be compared: both figures have the accuracies, and no empty axis.
func TestTrialsWithoutDifferences(t *testing.T) {
	trials := someTrials()
	for k := range trials.List {
		trials.List[k].Difference = Point{}
	}
	for _, f := range []*Figure{trials.Finals(), trials.Finals().Slim()} {
		if svg := f.Inline(); strings.Contains(svg, "points above") || !strings.Contains(svg, "accuracy in %") {
			t.Errorf("%v wide: want accuracies alone", f.Width)
		}
	}
}

// One order that is far off must not hide differences of tenths of a point.
func TestTrialsCutTheAxisOfDifferences(t *testing.T) {
	trials := someTrials()
	a := trials.differenceScale()
	if x := a.pos(-.5); x >= 0 {
		t.Errorf("a difference of 50 points is on the axis, at %v", x)
	}
	if x := a.pos(-.006); x <= 0 || x > .4 {
		t.Errorf("one of 0.6 points is at %v, want it well left of the middle", x)
	}
	svg := trials.Finals().Inline()
	for _, want := range []string{"+0.10 [−0.20, +0.40] ~", "−0.40 [−0.60, −0.20]<", "−50.00 [−60.00, −40.00]<"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the figure lacks %q", want)
		}
	}
	if wide, slim := trials.Finals(), trials.Finals().Slim(); slim == nil || !(slim.Width < wide.Width) || strings.Contains(slim.Inline(), "accuracy in %") {
		t.Error("no slim figure with the differences alone")
	}
}
