package orders

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// known are orders as package curriculum has them.
var known = []Order{
	{"easy-first", "random"}, {"hard-first", "random"}, {"easy-only", "random-as-easy"}, {"hard-only", "random-as-hard"},
	{"random", "random"}, {"random-as-easy", "random-as-easy"}, {"random-as-hard", "random-as-hard"},
}

// outcomes are runs with seeds counting down from the number of values, scored at steps 0 and 10;
// the last seed has a step of its own.
func outcomes(o string, passes int, finals ...float64) []Outcome {
	var out []Outcome
	for i, v := range finals {
		r := Outcome{Run: o, Order: o, Passes: passes, Examples: 7, Seed: uint64(len(finals) - i),
			Steps: []int{0, 10}, Epochs: []float64{0, 1}, Accuracy: []float64{v / 2, v}}
		if i == 0 {
			r.Steps, r.Epochs, r.Accuracy = []int{0, 3, 10}, []float64{0, .3, 1}, []float64{v / 2, .3, v}
		}
		out = append(out, r)
	}
	return out
}

// Student's quantiles for 1, 2 and 3 degrees of freedom are 12.7062, 4.3027 and 3.1824; the
// intervals below follow from them by hand.
func TestCompare(t *testing.T) {
	all, err := Compare(slices.Concat(
		outcomes("random", 0, .93, .92, .91), // seeds 3, 2, 1
		outcomes("easy-first", 1, .96, .95, .94),
		outcomes("hard-first", 2, .92, .92, .92),
		outcomes("easy-only", 0, .90, .85, .80),
		outcomes("random-as-easy", 0, .93, .87, .91, .89),
		outcomes("random-as-hard", 0, .5)), known, "random")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	rows := map[string]Row{}
	for _, r := range all {
		names, rows[r.Order] = append(names, r.Name()), r
	}
	if !slices.Equal(names, []string{"easy-first", "hard-first (2 passes)", "easy-only", "random", "random-as-easy", "random-as-hard"}) {
		t.Errorf("orders %q", names)
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) < 1e-5) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	random := rows["random"]
	if !slices.Equal(random.Seeds, []uint64{1, 2, 3}) || !slices.Equal(random.Values, []float64{.91, .92, .93}) {
		t.Errorf("random: seeds %v, accuracies %v", random.Seeds, random.Values)
	}
	near("mean of random", random.Accuracy.Value, .92)
	near("its upper end", random.Accuracy.Hi, .92+4.30265*.01/math.Sqrt(3))
	// The curve has the steps of all seeds.
	if c := random.Curve; len(c) != 2 || c[0].Step != 0 || c[1].Step != 10 || c[1].Epoch != 1 || c[1].Accuracy != random.Accuracy {
		t.Errorf("curve of random: %+v", c)
	}
	near("where it begins", random.Curve[0].Mean, .46)
	// The same seeds: pairs. .03 with every seed; .01, 0, -.01.
	if d := rows["easy-first"].ToRandom; !d.Paired || d.Verdict != "better" {
		t.Errorf("easy-first: %+v", d)
	}
	if d := rows["hard-first"].ToRandom; !d.Paired || d.Verdict != "~" || rows["hard-first"].ToControl != d || rows["hard-first"].OwnControl() {
		t.Errorf("hard-first: %+v", d)
	}
	near("hard-first, lower end", rows["hard-first"].ToRandom.Difference.Lo, -4.30265*.01/math.Sqrt(3))
	// Other seeds: two groups, compared with the control of its size.
	d := rows["easy-only"].ToControl
	if d.Paired || d.Control != "random-as-easy" || d.Verdict != "~" || !rows["easy-only"].OwnControl() || rows["random-as-easy"].OwnControl() {
		t.Errorf("easy-only: %+v", d)
	}
	near("easy-only", d.Difference.Value, -.05)
	if d := random.ToRandom; d.Verdict != "" || d.Difference.Defined || random.OwnControl() {
		t.Errorf("random was compared with itself: %+v", d)
	}
	if got := random.Text(); got != "92.00 ± 2.48" {
		t.Errorf("random is written %q", got)
	}
	// Two seeds are shown as they are: Student's interval of them would be 25 standard errors wide.
	if got := (Row{Values: []float64{.7438, .72}}).Text(); got != "74.38, 72.00 (too few)" {
		t.Errorf("two seeds are written %q", got)
	}
	// One seed has a mean and no interval.
	if one := rows["random-as-hard"]; one.Accuracy.Defined || one.Mean() != .5 || one.Curve[2].Mean != .5 || one.Curve[2].Accuracy.Defined || one.ToRandom.Verdict != "" {
		t.Errorf("one seed: %+v", one)
	}
}

func TestCompareRefuses(t *testing.T) {
	bare, odd := outcomes("random", 0, .5), outcomes("random", 0, .5)
	bare[0].Accuracy = nil
	odd[0].Steps = odd[0].Steps[:1]
	for want, runs := range map[string][]Outcome{
		"seed 1, which another run has too": slices.Concat(outcomes("random", 0, .5), outcomes("random", 0, .6)),
		`the order "sideways": want one of [easy-first hard-first easy-only hard-only random random-as-easy random-as-hard]`: outcomes("sideways", 0, .5),
		"has no evaluation":          bare,
		"1 steps and 3 epochs for 3": odd,
	} {
		if _, err := Compare(runs, known, "random"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
}
