package regime

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// A world is a simulated learner with a known answer: labels, what the reference gets right, what the
// network gets right at every evaluation.
type world struct {
	labels []uint16
	right  []bool
	deep   [][]bool
}

// normals draws n standard normal numbers.
func normals(r *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = r.NormFloat64()
	}
	return out
}

// shapes are distributions of difficulty.
var shapes = map[string]func(r *rand.Rand) float64{
	"normal": func(r *rand.Rand) float64 { return r.NormFloat64() },
	"exp":    func(r *rand.Rand) float64 { return r.ExpFloat64() - 1 },
	"-exp":   func(r *rand.Rand) float64 { return 1 - r.ExpFloat64() },
	"t": func(r *rand.Rand) float64 { // Student's t with 3 degrees of freedom
		chi := 0.0
		for range 3 {
			x := r.NormFloat64()
			chi += x * x
		}
		return r.NormFloat64() / math.Sqrt(chi/3)
	},
	"uniform": func(r *rand.Rand) float64 { return -1.7 + 3.4*r.Float64() },
}

// rightShare says that the share m with the highest scores is right.
func rightShare(score []float64, m float64) []bool {
	sorted := slices.Sorted(slices.Values(score))
	limit := sorted[min(len(sorted)-1, int((1-m)*float64(len(sorted))))]
	out := make([]bool, len(score))
	for i, s := range score {
		out[i] = s > limit
	}
	return out
}

// ranks is 0 for the largest and towards 1 for the smallest.
func ranks(value []float64) []float64 {
	order := make([]int, len(value))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return value[order[a]] > value[order[b]] })
	out := make([]float64, len(value))
	for k, i := range order {
		out[i] = float64(k) / float64(len(value))
	}
	return out
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

// setting is the main world: one difficulty, or two phases with a change at .45. It has a one-class
// start, guessing at 1/K, 15 % of wrong evaluations that fall to 3 %, and classes that drop out for
// single evaluations.
type setting struct {
	two         bool
	noise       [2]float64 // of the reference, of the network
	shape       string
	classes     int
	m           float64 // the reference's accuracy
	evaluations int
}

func (s setting) make(seed uint64) world {
	const n, quiet = 10000, 8
	r := rand.New(rand.NewPCG(seed, 11))
	w := world{labels: make([]uint16, n)}
	offset := normals(r, s.classes)
	score, own, other := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		w.labels[i] = uint16(r.IntN(s.classes))
		off := .5 * offset[w.labels[i]]
		x := shapes[s.shape](r)
		score[i] = x + off + s.noise[0]*r.NormFloat64()
		own[i] = x + .7*off + s.noise[1]*r.NormFloat64()
		other[i] = shapes[s.shape](r)
	}
	w.right = rightShare(score, s.m)
	if s.two {
		own = then(own, other, .45)
	}
	rank, T := ranks(own), s.evaluations
	for t := range T {
		now := make([]bool, n)
		if t < quiet {
			only := uint16(r.IntN(s.classes))
			for i, y := range w.labels {
				now[i] = y == only
			}
			w.deep = append(w.deep, now)
			continue
		}
		level := .03 + .87*float64(t-quiet)/float64(T-quiet-1)
		flips := .15*(1-float64(t)/float64(T)) + .03*float64(t)/float64(T)
		down := make([]bool, s.classes)
		for c := range down {
			down[c] = r.Float64() < .25*(1-float64(t)/float64(T))
		}
		for i := range now {
			know, rate := rank[i] < level, flips
			if !know {
				rate *= .3
			}
			now[i] = know != (r.Float64() < rate) || !know && r.Float64() < .7/float64(s.classes)
			if down[w.labels[i]] && r.Float64() < .6 {
				now[i] = false
			}
		}
		w.deep = append(w.deep, now)
	}
	return w
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
func (w *world) log(r *rand.Rand, value, levels []float64, flip, guess float64) world {
	rank := ranks(value)
	for _, level := range levels {
		now := make([]bool, len(value))
		for i := range now {
			if know := rank[i] < level; know {
				now[i] = r.Float64() >= flip
			} else {
				now[i] = r.Float64() < guess
			}
		}
		w.deep = append(w.deep, now)
	}
	return *w
}

// base draws ten classes and two independent scores.
func base(seed uint64) (r *rand.Rand, w world, s, z []float64) {
	const n = 10000
	r = rand.New(rand.NewPCG(seed, 12))
	w.labels = make([]uint16, n)
	for i := range w.labels {
		w.labels[i] = uint16(r.IntN(10))
	}
	return r, w, normals(r, n), normals(r, n)
}

// noisy adds noise of a size that may depend on the example.
func noisy(r *rand.Rand, s []float64, size func(i int) float64) []float64 {
	out := make([]float64, len(s))
	for i, x := range s {
		out[i] = x + size(i)*r.NormFloat64()
	}
	return out
}

func always(x float64) func(int) float64 { return func(int) float64 { return x } }

// step is the paper's picture: a block that the reference mostly gets right, then the rest, without
// an order inside either.
func step(seed uint64, high, low float64) world {
	r, w, s, _ := base(seed)
	w.right = make([]bool, len(s))
	for i, k := range ranks(s) {
		rate := low
		if k < .4 {
			rate = high
		}
		w.right[i] = r.Float64() < rate
	}
	return w.log(r, s, even(.11, .9, 80), .03, .06)
}

// oftenRight is MNIST: the reference gets 97.9 % right and the network 98.8.
func oftenRight(seed uint64, change float64) world {
	r, w, s, z := base(seed)
	w.right = rightShare(noisy(r, s, always(.5)), .979)
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

// twelve has one evaluation an epoch: most is learned between two of them.
func twelve(seed uint64, change float64) world {
	r, w, s, z := base(seed)
	w.right = rightShare(noisy(r, s, always(.5)), .41)
	v := noisy(r, s, always(.3))
	if change > 0 {
		v = then(v, z, change)
	}
	return w.log(r, v, []float64{.1, .42, .55, .63, .69, .73, .76, .79, .81, .83, .86, .87}, .05, .05)
}

// margins has one difficulty; the network is right where a margin with autocorrelated noise is
// positive, noisier for hard examples or early.
func margins(seed uint64, hard, early float64) world {
	r, w, s, _ := base(seed)
	w.right = rightShare(noisy(r, s, always(.5)), .41)
	own, e := noisy(r, make([]float64, len(s)), always(.3)), normals(r, len(s))
	for t, level := range even(.11, .9, 80) {
		x := make([]float64, len(s))
		late := 1 - float64(t)/80
		for i := range x {
			e[i] = .7*e[i] + math.Sqrt(.51)*r.NormFloat64()
			x[i] = s[i] + own[i] + .6*(1+hard*cumulative(-s[i]))*(1+early*late*late)*e[i]
		}
		now := rightShare(x, level)
		for i := range now {
			now[i] = now[i] || r.Float64() < .05
		}
		w.deep = append(w.deep, now)
	}
	return w
}

// noiseGrows has one difficulty; the network's own noise grows with it.
func noiseGrows(seed uint64) world {
	r, w, s, _ := base(seed)
	w.right = rightShare(noisy(r, s, always(.5)), .41)
	return w.log(r, noisy(r, s, func(i int) float64 { return .3 + 2*cumulative(-s[i]) }), even(.11, .9, 80), .03, .06)
}

// byClass has one difficulty; classes that the network learns early are those where the reference is
// informative.
func byClass(seed uint64) world {
	r, w, s, _ := base(seed)
	c := func(i int) float64 { return float64(w.labels[i]) / 9 }
	score := noisy(r, s, func(i int) float64 { return .3 + 2.5*c(i) })
	w.right = make([]bool, len(s))
	for class := range 10 {
		var members []int
		var scores []float64
		for i, y := range w.labels {
			if int(y) == class {
				members, scores = append(members, i), append(scores, score[i])
			}
		}
		for k, right := range rightShare(scores, .65-.48*float64(class)/9) {
			w.right[members[k]] = right
		}
	}
	v := noisy(r, s, always(.3))
	for i := range v {
		v[i] += 3.2 * (.5 - c(i))
	}
	return w.log(r, v, even(.11, .9, 80), .03, .06)
}

// saturated has one difficulty, but below a level everything is equally hard: the network's order
// there is chance.
func saturated(seed uint64, floor float64) world {
	r, w, g, _ := base(seed)
	s := make([]float64, len(g))
	for i := range s {
		s[i] = math.Log1p(math.Exp(4*(g[i]-floor))) / 4
	}
	w.right = rightShare(noisy(r, s, always(.5)), .41)
	return w.log(r, noisy(r, s, always(.3)), even(.11, .9, 80), .03, .06)
}

// imbalanced has two classes, nine to one; the large one is nearly all learned at once.
func imbalanced(seed uint64, two bool) world {
	r, w, s, z := base(seed)
	score, v := noisy(r, s, always(.5)), noisy(r, s, always(.3))
	w.right = make([]bool, len(s))
	rank := make([]float64, len(s))
	members := [2][]int{}
	for i := range w.labels {
		w.labels[i] = 0
		if r.Float64() > .9 {
			w.labels[i] = 1
		}
		members[w.labels[i]] = append(members[w.labels[i]], i)
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
		right, k := rightShare(pick(score), m), ranks(value)
		for j, i := range members[c] {
			w.right[i], rank[i] = right[j], k[j]
		}
	}
	for t, level := range even(.02, .85, 80) {
		now := make([]bool, len(s))
		for i := range now {
			limit, flip := .985, .004
			if w.labels[i] == 1 {
				limit, flip = level, .05*(1-float64(t)/80)+.01
			}
			now[i] = (rank[i] < limit) != (r.Float64() < flip)
		}
		w.deep = append(w.deep, now)
	}
	return w
}

// wrongLabels is a training split: wrong labels are memorised last and the reference misses them.
func wrongLabels(seed uint64) world {
	r, w, s, _ := base(seed)
	w.right = rightShare(noisy(r, s, always(.5)), .6)
	v := noisy(r, s, always(.3))
	for i := range v {
		if r.Float64() < .1 {
			w.right[i] = r.Float64() < .03
			v[i] = -4 + .8*r.NormFloat64()
		}
	}
	return w.log(r, v, even(.11, .995, 80), .02, 0)
}
