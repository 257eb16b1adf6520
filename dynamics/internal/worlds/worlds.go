// Package worlds simulates learners whose order of learning is known: with one difficulty, on which
// the reference and the network both depend, with two phases, and with what looks like either. It is
// for tests only.
package worlds

import (
	"cmp"
	"math"
	"slices"

	"shoal/internal/pcg"
)

// A World is a simulated learner with a known answer: labels, what the reference gets right, what the
// network gets right at every evaluation.
type World struct {
	Labels []uint16
	Right  []bool
	Deep   [][]bool
	// Again trains the network with another seed, nil where a world has no such thing; Starved is what a
	// network of its kind gets right that was trained on few examples, until its accuracy is m.
	Again   func(seed uint64) [][]bool
	Starved func(seed uint64, m float64) []bool
}

// normals draws n standard normal numbers.
func normals(r *stream, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = r.NormFloat64()
	}
	return out
}

// shapes are distributions of difficulty.
var shapes = map[string]func(r *stream) float64{
	"normal": func(r *stream) float64 { return r.NormFloat64() },
	"exp":    func(r *stream) float64 { return r.ExpFloat64() - 1 },
	"-exp":   func(r *stream) float64 { return 1 - r.ExpFloat64() },
	"t": func(r *stream) float64 { // Student's t with 3 degrees of freedom
		chi := 0.0
		for range 3 {
			x := r.NormFloat64()
			chi += x * x
		}
		return r.NormFloat64() / math.Sqrt(chi/3)
	},
	"uniform": func(r *stream) float64 { return -1.7 + 3.4*r.Float64() },
}

// RightShare says that the share m with the highest scores is right.
func RightShare(score []float64, m float64) []bool {
	limit := kth(slices.Clone(score), min(len(score)-1, int((1-m)*float64(len(score)))))
	out := make([]bool, len(score))
	for i, s := range score {
		out[i] = s > limit
	}
	return out
}

// kth is the value that has k others before it once all are sorted (Hoare's selection). It reorders them.
func kth(values []float64, k int) float64 {
	for lo, hi := 0, len(values)-1; lo < hi; {
		pivot, i, j := values[(lo+hi)/2], lo, hi
		for i <= j {
			for values[i] < pivot {
				i++
			}
			for pivot < values[j] {
				j--
			}
			if i <= j {
				values[i], values[j] = values[j], values[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return values[k]
		}
	}
	return values[k]
}

// ranks is 0 for the largest and towards 1 for the smallest; of equals the first comes first.
func ranks(value []float64) []float64 {
	keys := make([]key, len(value))
	for i, v := range value {
		keys[i] = key{falling(v), i}
	}
	out := make([]float64, len(value))
	for k, at := range sortedKeys(keys) {
		out[at.i] = float64(k) / float64(len(value))
	}
	return out
}

// A key is what example i is sorted by.
type key struct {
	bits uint64
	i    int
}

// falling are bits that are the smaller the larger a number is.
func falling(v float64) uint64 {
	bits := math.Float64bits(v + 0) // -0 is 0
	if bits>>63 == 1 {
		return bits
	}
	return ^bits &^ (1 << 63)
}

// sortedKeys sorts by bits, and keeps the order of equals: by digits from the lowest on, since a world
// sorts ten thousand numbers a dozen times.
func sortedKeys(keys []key) []key {
	const digit, digits = 11, 6
	other := make([]key, len(keys))
	for d := range digits {
		var at [1 << digit]int
		for _, k := range keys {
			at[k.bits>>(d*digit)&(1<<digit-1)]++
		}
		from := 0
		for b, n := range at {
			at[b], from = from, from+n
		}
		for _, k := range keys {
			b := k.bits >> (d * digit) & (1<<digit - 1)
			other[at[b]] = k
			at[b]++
		}
		keys, other = other, keys
	}
	return keys
}

// then is a score that ranks by first until a share of the examples, and by rest afterwards.
func then(first, rest []float64, share float64) []float64 {
	out := make([]float64, len(first))
	for i, k := range ranks(first) {
		if k < share {
			out[i] = 10 - k
		} else {
			out[i] = math.Atan(rest[i])
		}
	}
	return out
}

// Setting is the main world: one difficulty, or two phases. It has a one-class
// start, guessing at 1/K, 15 % of wrong evaluations that fall to 3 %, and classes that drop out for
// single evaluations.
type Setting struct {
	Two         bool
	Change      float64    // the share at which the second phase begins; 0 is .45
	Noise       [2]float64 // of the reference, of the network
	Shape       string     // normal, exp, -exp, t
	Classes     int
	M           float64 // the reference's accuracy
	Evaluations int
	// Training is the seed of what isn't an example's: how easy classes are, and which are named or missing
	// when. With 0 the seed of the world draws that, too; else worlds differ in their examples alone.
	Training uint64
}

// training draws what isn't an example's; r is the world's own.
func (s Setting) training(r *stream) *stream {
	if s.Training == 0 {
		return r
	}
	return newStream(s.Training, 18)
}

// Make draws the world of a seed.
func (s Setting) Make(seed uint64) World {
	const n = 10000
	r := newStream(seed, 11)
	w := World{Labels: make([]uint16, n)}
	offset := normals(s.training(r), s.Classes)
	score, own, other, ease := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		w.Labels[i] = uint16(r.IntN(s.Classes))
		off := .5 * offset[w.Labels[i]]
		x := shapes[s.Shape](r)
		ease[i] = x + .7*off
		score[i] = x + off + s.Noise[0]*r.NormFloat64()
		own[i] = x + .7*off + s.Noise[1]*r.NormFloat64()
		other[i] = shapes[s.Shape](r)
	}
	w.Right = RightShare(score, s.M)
	value := func(own, other []float64) []float64 {
		if s.Two {
			return then(own, other, cmp.Or(s.Change, .45))
		}
		return own
	}
	w.Deep = s.train(r, w.Labels, value(own, other))
	w.Again = func(seed uint64) [][]bool {
		r := newStream(seed, 13)
		return s.train(r, w.Labels, value(noisy(r, ease, always(s.Noise[1])), noisy(r, other, always(s.Noise[1]))))
	}
	w.Starved = func(seed uint64, m float64) []bool {
		r := newStream(seed, 14)
		return starved(r, value(ease, other), m)
	}
	return w
}

// starved follows the order in which networks of its kind learn, with noise.
func starved(r *stream, value []float64, m float64) []bool {
	score := ranks(value)
	for i, k := range score {
		score[i] = -math.Sqrt2*math.Erfinv(2*(k+.5/float64(len(value)))-1) + .5*r.NormFloat64()
	}
	return RightShare(score, m)
}

// train is the log of a network whose order is that of value.
func (s Setting) train(r *stream, labels []uint16, value []float64) (deep [][]bool) {
	const quiet = 8
	n, own := len(labels), s.training(r)
	rank, T := ranks(value), s.Evaluations
	for t := range T {
		now := make([]bool, n)
		if t < quiet {
			only := uint16(own.IntN(s.Classes))
			for i, y := range labels {
				now[i] = y == only
			}
			deep = append(deep, now)
			continue
		}
		level := .03 + .87*float64(t-quiet)/float64(T-quiet-1)
		flips := .15*(1-float64(t)/float64(T)) + .03*float64(t)/float64(T)
		down := make([]int, s.Classes)
		for c := range down {
			down[c] = bit(own.Float64() < .25*(1-float64(t)/float64(T)))
		}
		flip, guess, fall := [2]uint64{pcg.Limit(.3 * flips), pcg.Limit(flips)}, pcg.Limit(.7/float64(s.Classes)), pcg.Limit(.6)
		for from := 0; from < n; from += few {
			u, used := r.peek(3*few), 0
			for i := from; i < min(from+few, n); i++ {
				know := bit(rank[i] < level)
				right := know ^ int(pcg.Below(u[used], flip[know]))
				guesses := (1 - know) & (1 - right)
				used++
				right |= guesses & int(pcg.Below(u[used], guess))
				used += guesses
				falls := down[labels[i]]
				right &^= falls & int(pcg.Below(u[used], fall))
				used += falls
				now[i] = right == 1
			}
			r.drawn += used
		}
		deep = append(deep, now)
	}
	return deep
}

// even are levels that rise evenly.
func even(from, to float64, T int) []float64 {
	out := make([]float64, T)
	for t := range out {
		out[t] = from + (to-from)*float64(t)/float64(T-1)
	}
	return out
}

// log scores a network that knows the examples whose value ranks below a level.
func (w *World) log(r *stream, value, levels []float64, flip, guess float64) World {
	rank, limit := ranks(value), [2]uint64{pcg.Limit(guess), pcg.Limit(flip)}
	for _, level := range levels {
		now := make([]bool, len(value))
		for from := 0; from < len(now); from += few {
			u, to := r.peek(few), min(from+few, len(now))
			for i := from; i < to; i++ {
				know := bit(rank[i] < level)
				now[i] = int(pcg.Below(u[i-from], limit[know])) != know
			}
			r.drawn += to - from
		}
		w.Deep = append(w.Deep, now)
	}
	return *w
}

// base draws ten classes and two independent scores.
func base(seed uint64) (r *stream, w World, s, z []float64) {
	const n = 10000
	r = newStream(seed, 12)
	w.Labels = make([]uint16, n)
	for i := range w.Labels {
		w.Labels[i] = uint16(r.IntN(10))
	}
	return r, w, normals(r, n), normals(r, n)
}

// noisy adds noise of a size that may depend on the example.
func noisy(r *stream, s []float64, size func(i int) float64) []float64 {
	out := make([]float64, len(s))
	for i, x := range s {
		out[i] = x + size(i)*r.NormFloat64()
	}
	return out
}

func always(x float64) func(int) float64 { return func(int) float64 { return x } }

// Step is the paper's picture: a block that the reference mostly gets right, then the rest, without
// an order inside either.
func Step(seed uint64, high, low float64) World {
	r, w, s, _ := base(seed)
	w.Right = make([]bool, len(s))
	for i, k := range ranks(s) {
		rate := low
		if k < .4 {
			rate = high
		}
		w.Right[i] = r.Float64() < rate
	}
	return w.log(r, s, even(.11, .9, 80), .03, .06)
}

// OftenRight is MNIST: the reference gets 97.9 % right and the network 98.8.
func OftenRight(seed uint64, change float64) World {
	r, w, s, z := base(seed)
	w.Right = RightShare(noisy(r, s, always(.5)), .979)
	v := noisy(r, s, always(.3))
	if change > 0 {
		v = then(v, z, change)
	}
	levels := make([]float64, 120)
	for t := range levels {
		levels[t] = 1 - .85*math.Pow((1-.988)/.85, float64(t)/119)
	}
	return w.log(r, v, levels, .01, .006)
}

// Twelve has one evaluation an epoch: most is learned between two of them.
func Twelve(seed uint64, change float64) World {
	r, w, s, z := base(seed)
	w.Right = RightShare(noisy(r, s, always(.5)), .41)
	v := noisy(r, s, always(.3))
	if change > 0 {
		v = then(v, z, change)
	}
	return w.log(r, v, []float64{.1, .42, .55, .63, .69, .73, .76, .79, .81, .83, .86, .87}, .05, .05)
}

// Margins has one difficulty; the network is right where a margin with autocorrelated noise is
// positive, noisier for hard examples or early.
func Margins(seed uint64, hard, early float64) World {
	r, w, s, _ := base(seed)
	w.Right = RightShare(noisy(r, s, always(.5)), .41)
	own, e := noisy(r, make([]float64, len(s)), always(.3)), normals(r, len(s))
	noise := make([]float64, len(s))
	for i := range noise {
		noise[i] = .6 * (1 + hard*cumulative(-s[i]))
	}
	for t, level := range even(.11, .9, 80) {
		x := make([]float64, len(s))
		late := 1 - float64(t)/80
		for i := range x {
			e[i] = .7*e[i] + math.Sqrt(.51)*r.NormFloat64()
			x[i] = s[i] + own[i] + noise[i]*(1+early*late*late)*e[i]
		}
		now := RightShare(x, level)
		for i := range now {
			now[i] = now[i] || r.Float64() < .05
		}
		w.Deep = append(w.Deep, now)
	}
	return w
}

// NoiseGrows has one difficulty; the network's own noise grows with it.
func NoiseGrows(seed uint64) World {
	r, w, s, _ := base(seed)
	w.Right = RightShare(noisy(r, s, always(.5)), .41)
	return w.log(r, noisy(r, s, func(i int) float64 { return .3 + 2*cumulative(-s[i]) }), even(.11, .9, 80), .03, .06)
}

// ByClass has one difficulty; classes that the network learns early are those where the reference is
// informative.
func ByClass(seed uint64) World {
	r, w, s, _ := base(seed)
	c := func(i int) float64 { return float64(w.Labels[i]) / 9 }
	score := noisy(r, s, func(i int) float64 { return .3 + 2.5*c(i) })
	w.Right = make([]bool, len(s))
	for class := range 10 {
		var members []int
		var scores []float64
		for i, y := range w.Labels {
			if int(y) == class {
				members, scores = append(members, i), append(scores, score[i])
			}
		}
		for k, right := range RightShare(scores, .65-.48*float64(class)/9) {
			w.Right[members[k]] = right
		}
	}
	v := noisy(r, s, always(.3))
	for i := range v {
		v[i] += 3.2 * (.5 - c(i))
	}
	return w.log(r, v, even(.11, .9, 80), .03, .06)
}

// Saturated has one difficulty, but below a level everything is equally hard: the network's order
// there is chance.
func Saturated(seed uint64, floor float64) World {
	r, w, g, _ := base(seed)
	s := make([]float64, len(g))
	for i := range s {
		s[i] = math.Log1p(math.Exp(4*(g[i]-floor))) / 4
	}
	w.Right = RightShare(noisy(r, s, always(.5)), .41)
	out := w.log(r, noisy(r, s, always(.3)), even(.11, .9, 80), .03, .06)
	out.Again = func(seed uint64) [][]bool {
		r := newStream(seed, 13)
		again := World{Labels: out.Labels}
		return again.log(r, noisy(r, s, always(.3)), even(.11, .9, 80), .03, .06).Deep
	}
	out.Starved = func(seed uint64, m float64) []bool { return starved(newStream(seed, 14), s, m) }
	return out
}

// Imbalanced has two classes, nine to one; the large one is nearly all learned at once.
func Imbalanced(seed uint64, two bool) World {
	r, w, s, z := base(seed)
	score, v := noisy(r, s, always(.5)), noisy(r, s, always(.3))
	w.Right = make([]bool, len(s))
	rank := make([]float64, len(s))
	members := [2][]int{}
	for i := range w.Labels {
		w.Labels[i] = 0
		if r.Float64() > .9 {
			w.Labels[i] = 1
		}
		members[w.Labels[i]] = append(members[w.Labels[i]], i)
	}
	for c, m := range []float64{.98, .45} {
		pick := func(x []float64) []float64 {
			out := make([]float64, len(members[c]))
			for k, i := range members[c] {
				out[k] = x[i]
			}
			return out
		}
		value := pick(v)
		if two {
			value = then(value, pick(z), .45)
		}
		right, k := RightShare(pick(score), m), ranks(value)
		for j, i := range members[c] {
			w.Right[i], rank[i] = right[j], k[j]
		}
	}
	for t, level := range even(.02, .85, 80) {
		now := make([]bool, len(s))
		for i := range now {
			limit, flip := .985, .004
			if w.Labels[i] == 1 {
				limit, flip = level, .05*(1-float64(t)/80)+.01
			}
			now[i] = (rank[i] < limit) != (r.Float64() < flip)
		}
		w.Deep = append(w.Deep, now)
	}
	return w
}

// WrongLabels is a training split: wrong labels are memorised last and the reference misses them.
func WrongLabels(seed uint64) World {
	r, w, s, _ := base(seed)
	w.Right = RightShare(noisy(r, s, always(.5)), .6)
	v := noisy(r, s, always(.3))
	for i := range v {
		if r.Float64() < .1 {
			w.Right[i] = r.Float64() < .03
			v[i] = -4 + .8*r.NormFloat64()
		}
	}
	return w.log(r, v, even(.11, .995, 80), .02, 0)
}

// cumulative is the standard normal distribution function.
func cumulative(x float64) float64 { return .5 * math.Erfc(-x/math.Sqrt2) }
