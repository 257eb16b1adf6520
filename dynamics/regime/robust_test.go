package regime

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A sample has examples of some classes with one difficulty, which reference and network see through noise:
// the order of learning, larger being earlier, and what the reference gets right.
type sample struct {
	labels []uint16
	early  []int
	right  []bool
}

// The network's noise grows with the difficulty, so that no straight line is the truth. The first share of the
// examples are of class 0, a good third is never learned.
func sampleOf(r *rand.Rand, n, classes int, first float64) sample {
	s := sample{make([]uint16, n), make([]int, n), make([]bool, n)}
	for i := range n {
		if r.Float64() >= first {
			s.labels[i] = uint16(r.IntN(classes))
		}
		x := r.NormFloat64()
		s.early[i] = int(1e4 * (x + (.2+math.Max(0, x))*r.NormFloat64()))
		s.right[i] = x+.5*r.NormFloat64() > float64(.3*float64(s.labels[i]%3))
	}
	return s
}

func (s sample) fit() Fit {
	l := &Learning{WithinClasses: withinClasses(s.labels)}
	return l.shares(s.labels, s.early, func(i int) bool { return s.early[i] < -2000 }).Straight(s.labels, s.right)
}

// again draws the examples with replacement.
func (s sample) again(r *rand.Rand) sample {
	var out sample
	for range s.labels {
		i := r.IntN(len(s.labels))
		out.labels, out.early, out.right = append(out.labels, s.labels[i]), append(out.early, s.early[i]), append(out.right, s.right[i])
	}
	return out
}

// The standard error is that of resampling the examples and ranking them again, where the line isn't the
// truth, and where ranks are within classes; the one that takes the line for the truth is less.
func TestRobustIsThatOfResampling(t *testing.T) {
	for name, first := range map[string]float64{"all together": 0, "within classes": .7} {
		r := rand.New(rand.NewPCG(3, 1))
		s := sampleOf(r, 1000, 5, first)
		if withinClasses(s.labels) != (first > 0) {
			t.Fatalf("%s: ranks are not", name)
		}
		f, sum, squares := s.fit(), 0.0, 0.0
		const times = 250 // they know the standard error to 4.5 %
		for range times {
			b := s.again(r).fit().Slope
			sum, squares = sum+b, squares+float64(b*b)
		}
		want := math.Sqrt(squares/times - float64(sum/times*sum/times))
		if !(math.Abs(f.RobustSE/want-1) < .12) || f.SlopeSE > .95*want {
			t.Errorf("%s: slope %.3f ± %.4f, resampling gives %.4f, the line's own error is %.4f", name, f.Slope, f.RobustSE, want, f.SlopeSE)
		}
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
	s := sampleOf(r, 900, 3, 0)
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
		if !(math.Abs(got.Bias/want.Bias-1) < .01) || !(math.Abs(got.RobustSE/want.RobustSE-1) < .05) {
			t.Errorf("all %t: bias %.5f, error %.4f; without the class %.5f and %.4f", right, got.Bias, got.RobustSE, want.Bias, want.RobustSE)
		}
	}
}
