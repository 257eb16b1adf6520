package worlds

import (
	"math"

	"shoal/internal/pcg"
)

// Independent learns in an order of its own; classes differ in how often the reference is right.
func Independent(seed uint64) World {
	r, w, s, _ := base(seed)
	w.Right = make([]bool, len(s))
	for i, y := range w.Labels {
		w.Right[i] = r.Float64() < .2+.04*float64(y)
	}
	w.repeat(seed, func(r *stream) []float64 { return noisy(r, s, always(.3)) }, plateau())
	return w
}

// Plateau has one difficulty, or two phases, and comes to rest for the last third of its evaluations.
func Plateau(seed uint64, two bool) World {
	r, w, s, z := base(seed)
	w.Right = RightShare(noisy(r, s, always(.5)), .41)
	value := func(first, rest []float64) []float64 {
		if two {
			return then(first, rest, .45)
		}
		return first
	}
	w.repeat(seed, func(r *stream) []float64 {
		return value(noisy(r, s, always(.3)), noisy(r, z, always(.3)))
	}, plateau())
	w.Starved = func(seed uint64, m float64) []bool { return starved(newStream(seed, 14), value(s, z), m) }
	return w
}

// repeat trains a network on values that are drawn again for every seed.
func (w *World) repeat(seed uint64, value func(r *stream) []float64, levels []float64) {
	labels := w.Labels
	train := func(r *stream) [][]bool {
		run := World{Labels: labels}
		return run.log(r, value(r), levels, .03, .06).Deep
	}
	w.Deep = train(newStream(seed, 15))
	w.Again = func(seed uint64) [][]bool { return train(newStream(seed, 13)) }
}

// plateau are levels that rise until two thirds of the evaluations, fastest at the tenth.
func plateau() []float64 {
	out := make([]float64, 120)
	for t := range out {
		x := math.Pow(float64(min(t, 80))/12, 2)
		out[t] = .06 + .86*x/(1+x)
	}
	return out
}

// DropOut is a world in which a network loses single classes for single evaluations: of a fourth of the
// classes it names, at each evaluation, only two in five of what it knows.
func DropOut(seed uint64, w World) World {
	classes := 0
	for _, y := range w.Labels {
		classes = max(classes, int(y)+1)
	}
	fall := pcg.Limit(.6)
	drop := func(r *stream, deep [][]bool) [][]bool {
		down := make([]int, classes)
		for _, now := range deep {
			for c := range down {
				down[c] = bit(r.Float64() < .25)
			}
			for from := 0; from < len(now); from += few {
				u, used := r.peek(few+1), 0
				for i := from; i < min(from+few, len(now)); i++ {
					falls := down[w.Labels[i]]
					now[i] = bit(now[i])&^(falls&int(pcg.Below(u[used], fall))) == 1
					used += falls
				}
				r.drawn += used
			}
		}
		return deep
	}
	w.Deep = drop(newStream(seed, 16), w.Deep)
	if again := w.Again; again != nil {
		w.Again = func(seed uint64) [][]bool { return drop(newStream(seed, 17), again(seed)) }
	}
	return w
}
