package dynamics

import (
	"math"
	"math/rand/v2"
)

// A world is a set of examples on which learners of a known kind are simulated.
type world struct {
	r      *rand.Rand
	labels []uint16
	steps  []int
	epochs []float64
}

const simClasses = 10

// newWorld has an evaluation at every one of steps steps, 100 an epoch.
func newWorld(seed uint64, n, steps int) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 77)), labels: make([]uint16, n)}
	for i := range w.labels {
		w.labels[i] = uint16(w.r.IntN(simClasses))
	}
	for s := range steps + 1 {
		w.steps, w.epochs = append(w.steps, s), append(w.epochs, float64(s)/100)
	}
	return w
}

// answers gives predictions that are right where right says so, and some other class elsewhere.
func (w *world) answers(right func(i int) bool) []uint16 {
	out := make([]uint16, len(w.labels))
	for i, y := range w.labels {
		out[i] = y
		if !right(i) {
			out[i] = (y + 1 + uint16(w.r.IntN(simClasses-1))) % simClasses
		}
	}
	return out
}

// reference is right on a share m of the examples, at random.
func (w *world) reference(m float64) Reference {
	return Reference{Name: "m", Predictions: w.answers(func(int) bool { return w.r.Float64() < m })}
}

// network simulates a learner that is right on example i at step s with probability chance(i, s).
// Each example has a level of its own that stays, so that what is right once tends to stay right;
// flicker is the share of answers that are drawn again at each evaluation.
func (w *world) network(flicker float64, chance func(i, step int) float64) *Log {
	level := make([]float64, len(w.labels))
	for i := range level {
		level[i] = w.r.Float64()
	}
	l := &Log{Labels: w.labels, Steps: w.steps, Epochs: w.epochs}
	for _, s := range w.steps {
		l.Predictions = append(l.Predictions, w.answers(func(i int) bool {
			u := level[i]
			if w.r.Float64() < flicker {
				u = w.r.Float64()
			}
			return u < chance(i, s)
		}))
	}
	return l
}

// initial are the answers of untrained networks on the first examples: most answer one class for
// nearly all of them, whichever it is.
func (w *world) initial(count, examples int) [][]uint16 {
	out := make([][]uint16, count)
	for k := range out {
		class := uint16(w.r.IntN(simClasses))
		for range examples {
			y := class
			if w.r.Float64() < .05 {
				y = uint16(w.r.IntN(simClasses))
			}
			out[k] = append(out[k], y)
		}
	}
	return out
}

// rising goes from a tenth, chance level, to top; half way at the given step, and the faster the
// greater power is.
func rising(top float64, half, power float64) func(step int) float64 {
	return func(step int) float64 {
		x := math.Pow(float64(step)/half, power)
		return .1 + (top-.1)*x/(1+x)
	}
}

// byReference is a learner with one course on what ref gets right and another on what it gets
// wrong.
func (w *world) byReference(ref Reference, flicker float64, right, wrong func(step int) float64) *Log {
	shallow := rightMask(w.labels, ref.Predictions)
	chances := map[int][2]float64{} // by step: they are the same for all examples
	for _, s := range w.steps {
		chances[s] = [2]float64{wrong(s), right(s)}
	}
	at, now := -1, [2]float64{}
	return w.network(flicker, func(i, step int) float64 {
		if step != at {
			at, now = step, chances[step]
		}
		return now[shallow[i/64]>>(i%64)&1]
	})
}

// The learners, each against a reference that is right on 60 %.

// shallowFirst learns what the reference knows at once and the rest later, and not all of it.
func shallowFirst(w *world) (*Log, Reference) {
	ref := w.reference(.6)
	return w.byReference(ref, .02, rising(.98, 8, 3), rising(.8, 50, 2)), ref
}

// independent learns regardless of the reference.
func independent(w *world) (*Log, Reference) {
	ref := w.reference(.6)
	both := rising(.9, 15, 2)
	return w.byReference(ref, .05, both, both), ref
}

// constantOne is right on a fixed share from the first step on, drawn again each time: R± is 1.0
// throughout, in noise.
func constantOne(w *world) (*Log, Reference) {
	ref := w.reference(.3)
	same := func(step int) float64 {
		if step == 0 {
			return .1
		}
		return .5
	}
	return w.byReference(ref, 1, same, same), ref
}

// steadyRise learns only what the reference knows.
func steadyRise(w *world) (*Log, Reference) {
	ref := w.reference(.6)
	return w.byReference(ref, .02, rising(.97, 20, 1.5), func(int) float64 { return .12 }), ref
}

// twoPeaks learns, loses and learns again what the reference knows.
func twoPeaks(w *world) (*Log, Reference) {
	ref := w.reference(.6)
	return w.byReference(ref, .02, func(s int) float64 {
		bump := func(at, width float64) float64 {
			return math.Exp(-math.Pow(math.Log(float64(s+1)/at)/width, 2))
		}
		return math.Min(.97, rising(.97, 60, 2)(s)+.5*bump(8, .45)+.5*bump(45, .45))
	}, rising(.8, 90, 2)), ref
}

// easyFirst: one difficulty for all models. The reference, the control and the network are equal
// learners who see it through noise of their own.
func easyFirst(w *world) (l *Log, ref, control Reference) {
	difficulty := make([]float64, len(w.labels))
	for i := range difficulty {
		difficulty[i] = w.r.NormFloat64()
	}
	learner := func(name string) Reference {
		return Reference{Name: name, Predictions: w.answers(func(i int) bool { return difficulty[i]+.5*w.r.NormFloat64() < .3 })}
	}
	ref, control = learner("m"), learner("control")
	own := make([]float64, len(w.labels))
	for i := range own {
		own[i] = difficulty[i] + .5*w.r.NormFloat64()
	}
	l = &Log{Labels: w.labels, Steps: w.steps, Epochs: w.epochs}
	for _, s := range w.steps {
		reach := -2.5 + 4.5*(1-math.Exp(-float64(s)/40))
		l.Predictions = append(l.Predictions, w.answers(func(i int) bool {
			return own[i]+.1*w.r.NormFloat64() < reach || w.r.Float64() < .1
		}))
	}
	return l, ref, control
}
