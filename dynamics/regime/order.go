package regime

import (
	"math"
	"slices"
)

// An Order says when each of n examples is learned, as the share of all n examples that are learned
// before it, from 0 (first) to 1: the mid-rank of those that are learned at one time. NaN is an
// example that is never learned, or one of a class that is left out; see [Learned].
type Order []float64

// Learning is the order in which a network learns, read in two ways.
type Learning struct {
	// From is the evaluation, counted from 0, from which the order is read; see startOfLearning.
	From int
	// BySpeed orders by the share of evaluations that are right, the field's learning speed. It is the
	// main order: two seeds agree best on it.
	BySpeed Order
	// BySwitch orders by the switch time: the t in 0..T that minimises the evaluations before t that are
	// right plus those from t on that are wrong, the earliest of equals.
	BySwitch Order
	// Switch is the switch time of each example, as an evaluation counted from 0; T for one that is
	// never learned.
	Switch []int
	// Evaluations is T.
	Evaluations int
	// byMistake orders by the last evaluation that is wrong. Flips spoil it as an order, but early flips
	// are noise and late ones tell that an example is hard, which the others don't know; see Constant.
	byMistake Order
	// WithinClasses: one class has more than half of the examples, so that ranks are taken within
	// classes.
	WithinClasses bool
	// leftOut marks the examples of classes in which BySpeed has no order; nil where ranks are among all.
	leftOut []bool
}

// Learned reads the order of learning from T evaluations, at least one: correct says which examples
// the network gets right at one of them, counted from 0. Where one class has more than half of the
// examples, shares are ranks within classes, and a class of which more than a fifth is learned at one
// time is left out: it would say nothing about order.
func Learned(labels []uint16, T int, correct func(t int) []bool) *Learning {
	out := &Learning{
		From: min(startOfLearning(labels, T, correct), max(0, T-leastRead)), Evaluations: T,
		WithinClasses: withinClasses(labels),
	}
	courses := coursesOf(len(labels), out.From, T, correct)
	speed, late, mistake := make([]int, len(labels)), make([]int, len(labels)), make([]int, len(labels)) // larger is learned earlier
	out.Switch = make([]int, len(labels))
	for i := range labels {
		c := courses.read(i)
		speed[i], late[i], mistake[i] = c.right, -c.switched, -c.mistake
		out.Switch[i] = out.From + c.switched
	}
	out.byMistake = out.shares(labels, mistake, out.Never)
	out.BySpeed, out.BySwitch = out.shares(labels, speed, out.Never), out.shares(labels, late, out.Never)
	if out.WithinClasses {
		out.leftOut = out.BySpeed.withoutOrder(labels)
	}
	return out
}

// withoutOrder marks the examples of classes of which no example has a share.
func (o Order) withoutOrder(labels []uint16) []bool {
	has := make([]bool, len(classSizes(labels)))
	for i, a := range o {
		has[labels[i]] = has[labels[i]] || !math.IsNaN(a)
	}
	out := make([]bool, len(o))
	for i, class := range labels {
		out[i] = !has[class]
	}
	return out
}

// LeftOut reports whether example i is of a class that BySpeed leaves out; see [Learned]. Whether it is
// learned is known, but not when: beside the examples of other classes its never learned alone would say
// something else than the class does.
func (l *Learning) LeftOut(i int) bool { return l.leftOut != nil && l.leftOut[i] }

// withinClasses reports whether one class has more than half of the examples, so that ranks are taken
// within classes.
func withinClasses(labels []uint16) bool { return 2*slices.Max(classSizes(labels)) > len(labels) }

// Never reports whether example i is never learned.
func (l *Learning) Never(i int) bool { return l.Switch[i] == l.Evaluations }

// leastRead is the number of evaluations that are read at least, however late learning begins.
const leastRead = 10

// MostLeftOut reports whether one of the orders leaves out the classes of more than half of the learned examples,
// because too much of them is learned at one time: what can't be told then isn't for want of examples.
func (l *Learning) MostLeftOut() bool {
	learned, without := 0, [2]int{}
	for i := range l.Switch {
		if l.Never(i) {
			continue
		}
		learned++
		for k, o := range [2]Order{l.BySpeed, l.BySwitch} {
			if math.IsNaN(o[i]) {
				without[k]++
			}
		}
	}
	return 2*max(without[0], without[1]) > learned
}

// startOfLearning is the first of three evaluations in a row whose balanced accuracy is above chance
// by three standard errors; 0 where there is none. Before it a network answers one class for
// everything.
func startOfLearning(labels []uint16, T int, correct func(t int) []bool) int {
	sizes := classSizes(labels)
	k := float64(len(sizes))
	spread := 0.0
	for _, n := range sizes { // a class without examples has no balanced accuracy
		if n == 0 {
			k--
			continue
		}
		spread += 1 / float64(n)
	}
	above := 1/k + 3*math.Sqrt((1/k)*(1-1/k)*spread)/k
	inARow := 0
	for t := range T {
		right := make([]int, len(sizes))
		for i, r := range correct(t) {
			one := 0
			if r {
				one = 1
			}
			right[labels[i]] += one
		}
		balanced := 0.0
		for c, n := range sizes {
			if n > 0 {
				balanced += float64(right[c]) / float64(n)
			}
		}
		if inARow++; !(balanced/k > above) {
			inARow = 0
		}
		if inARow == 3 {
			return t - 2
		}
	}
	return 0
}

// classSizes counts the labels of each class up to the largest.
func classSizes(labels []uint16) []int {
	sizes := make([]int, int(slices.Max(labels))+1)
	for _, l := range labels {
		sizes[l]++
	}
	return sizes
}

// shares turns a key, larger for what is learned earlier, into shares learned.
func (l *Learning) shares(labels []uint16, early []int, never func(i int) bool) Order {
	n := len(labels)
	out := slices.Repeat(Order{math.NaN()}, n)
	if !l.WithinClasses {
		out.rank(allOf(n), early, never)
		return out
	}
	members := make([][]int, int(slices.Max(labels))+1)
	for i, c := range labels {
		members[c] = append(members[c], i)
	}
	for _, class := range members {
		if len(class) == 0 {
			continue
		}
		out.rank(class, early, never)
		mine := make(Order, len(class))
		for j, i := range class {
			mine[j] = out[i]
		}
		if mine.tied() > MostTied {
			for _, i := range class {
				out[i] = math.NaN()
			}
		}
	}
	return out
}

func allOf(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// rank writes the mid-ranks of the examples of a group among themselves. The never learned are
// counted and get none.
func (o Order) rank(group []int, early []int, never func(i int) bool) {
	first, last := math.MinInt, math.MaxInt
	for _, i := range group {
		first, last = max(first, early[i]), min(last, early[i])
	}
	at := make([]int, first-last+1) // examples at each time, the earliest first
	for _, i := range group {
		at[first-early[i]]++
	}
	share, n, to := make([]float64, len(at)), float64(len(group)), 0
	for k, count := range at {
		to += count
		share[k] = (float64(to) - float64(float64(count)/2)) / n
	}
	for _, i := range group {
		if !never(i) {
			o[i] = share[first-early[i]]
		}
	}
}

// MostTied is the share of the examples that may be learned at one time.
const MostTied = .2

// tied is the share of all examples that the largest group with one share learned has; 1 where none
// has any.
func (o Order) tied() float64 {
	most, count := 0, map[float64]int{}
	for _, a := range o {
		if !math.IsNaN(a) {
			count[a]++
			most = max(most, count[a])
		}
	}
	if most == 0 {
		return 1
	}
	return float64(most) / float64(len(o))
}
