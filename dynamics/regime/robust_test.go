package regime

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A sample has examples of some classes with one difficulty, which reference and network see through noise:
// the order of learning, larger being earlier, and what the reference gets right. What is earlier than last
// is learned.
type sample struct {
	labels []uint16
	early  []int
	right  []bool
	last   int
}

// sampleOf draws examples, the first share of them of class 0. The network's noise grows with the difficulty, so
// that no straight line is the truth. A share of the examples is never learned. There are about 25 times at
// which examples are learned, each in a bin of its own: what moves from bin to bin would be no derivative.
func sampleOf(r *rand.Rand, n, classes int, first, never float64) sample {
	s := sample{make([]uint16, n), make([]int, n), make([]bool, n), 0}
	for i := range n {
		if r.Float64() >= first {
			s.labels[i] = uint16(r.IntN(classes))
		}
		x := r.NormFloat64()
		s.early[i] = int(math.Floor(5 * (x + (.2+math.Max(0, x))*r.NormFloat64())))
		s.right[i] = x+.4*r.NormFloat64() > float64(.3*float64(s.labels[i]%3))
	}
	s.last = slices.Sorted(slices.Values(s.early))[int(never*float64(n))]
	return s
}

func (s sample) fit() Fit {
	l := &Learning{WithinClasses: withinClasses(s.labels)}
	return l.shares(s.labels, s.early, func(i int) bool { return s.early[i] < s.last }).Straight(s.labels, s.right)
}

// without leaves out an example.
func (s sample) without(i int) sample {
	return sample{slices.Delete(slices.Clone(s.labels), i, i+1), slices.Delete(slices.Clone(s.early), i, i+1), slices.Delete(slices.Clone(s.right), i, i+1), s.last}
}

// The standard error is that of the jackknife, which leaves out one example at a time and ranks the others
// again: where the line isn't the truth, where many are never learned, and where ranks are within classes. The
// one that takes the line for the truth is less.
func TestRobustIsThatOfTheJackknife(t *testing.T) {
	const n = 1500
	for name, w := range map[string]struct {
		first, never float64
		within       float64 // the jackknife is larger by a share that falls as 1/n
	}{"all learned": {0, 0, .035}, "half of it never learned": {0, .5, .015}, "within classes": {.7, .1, .015}} {
		s := sampleOf(rand.New(rand.NewPCG(3, 1)), n, 3, w.first, w.never)
		if withinClasses(s.labels) != (w.first > 0) {
			t.Fatalf("%s: ranks are not", name)
		}
		f, sum, squares := s.fit(), 0.0, 0.0
		for i := range n {
			away := s.without(i).fit().Slope - f.Slope
			sum, squares = sum+away, squares+float64(away*away)
		}
		want := math.Sqrt((squares - float64(sum*sum/n)) * (n - 1) / n)
		if !(math.Abs(f.RobustSE/want-1) < w.within) || f.SlopeSE > .95*want {
			t.Errorf("%s: slope %.3f ± %.4f, the jackknife gives %.4f, the line's own error is %.4f", name, f.Slope, f.RobustSE, want, f.SlopeSE)
		}
	}
}

// Where one class has more than half of the examples, its shares are ranks among its own. One more example at
// share .2 makes the one at .5 later by 1/n less its .5/n, and its own share by half of it less .2/n.
func TestRanksAmong(t *testing.T) {
	s := &straightLine{groups: &groups{class: []int{1, 0, 1}, classes: 2}, level: []float64{.5, .3, .2}}
	within, all := s.ranked([]uint16{0, 1, 1, 1, 1}), s.ranked([]uint16{0, 0, 1, 1})
	if len(within) != 2 || !slices.Equal(within[1].groups, []int{2, 0}) || within[1].n != 4 || !slices.Equal(within[0].groups, []int{1}) || within[0].n != 1 {
		t.Fatalf("within classes: %+v", within)
	}
	if len(all) != 1 || !slices.Equal(all[0].groups, []int{2, 1, 0}) || all[0].n != 4 {
		t.Fatalf("all together: %+v", all)
	}
	shift, rest := within[1].shifts(s.level, []float64{8, 100, 4})
	if want := []float64{(4*(.5-.2) + 8*(1-.5)) / 4, 4 * -.2 / 4}; !(math.Abs(shift[0]-want[0]) < 1e-12) || !(math.Abs(shift[1]-want[1]) < 1e-12) || !(math.Abs(rest-(4*-.2+8*-.5)/4) < 1e-12) {
		t.Errorf("shifts %v, %v, want %v", shift, rest, want)
	}
}

// Of straight lines with an effect of each of many classes, the slope is too steep by its bias on average.
func TestBiasOfManyClasses(t *testing.T) {
	const n, classes, slope, draws = 1000, 40, 1., 150
	r := rand.New(rand.NewPCG(4, 1))
	order := make(Order, n)
	for i := range order {
		order[i] = (float64(i) + .5) / n
	}
	labels, right := make([]uint16, n), make([]bool, n)
	bias, sum, squares := 0.0, 0.0, 0.0
	for range draws {
		for i := range n {
			labels[i] = uint16(r.IntN(classes))
			right[i] = r.Float64() < cumulative(-1.2+.05*float64(labels[i])+float64(slope*early(order[i])))
		}
		f := order.Straight(labels, right)
		bias, sum, squares = bias+f.Bias/draws, sum+f.Slope/draws, squares+float64(f.Slope*f.Slope/draws)
	}
	se := math.Sqrt((squares - float64(sum*sum)) / draws)
	if !(math.Abs(sum-bias-slope) < 3*se) || !(sum-slope > 6*se) {
		t.Errorf("slope %.4f ± %.4f on average, its bias %.4f; the truth is %v", sum, se, bias, slope)
	}
}

// A class that is all right or all wrong adds nothing to bias and error.
func TestBiasAndErrorOfClassesThatSayNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	s := sampleOf(r, 900, 3, 0, 0)
	o := (&Learning{}).shares(s.labels, s.early, func(int) bool { return false })
	want := o.Straight(s.labels, s.right)
	for _, right := range []bool{true, false} {
		order, labels, answers := append(Order{}, o...), append([]uint16{}, s.labels...), append([]bool{}, s.right...)
		for k := range 200 {
			order, labels, answers = append(order, float64(k)/200), append(labels, 3), append(answers, right)
		}
		got := order.Straight(labels, answers)
		// Its examples count among those that are ranked: the same influences, of more examples, of which 200 have
		// but what they do to ranks.
		if !(math.Abs(got.Bias/want.Bias-1) < .02) || !(math.Abs(got.RobustSE/want.RobustSE-1) < .05) {
			t.Errorf("all %t: bias %.5f, error %.4f; without the class %.5f and %.4f", right, got.Bias, got.RobustSE, want.Bias, want.RobustSE)
		}
	}
}
