package dynamics

import (
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"shoal/contingency"
	"shoal/dynamics/internal/worlds"
	"shoal/dynamics/regime"
	"shoal/internal/longtest"
	"shoal/internal/parallel"
	"shoal/internal/simdraws"
)

// A lined world is one in which the straight line is the truth: examples are learned in the order of a normal
// score, which is read without error, and the reference is right with the probability that this score and the
// effect of the class give.
type lined struct {
	name       string
	n, classes int
	slope, m   float64 // m is about the reference's accuracy
}

func linedWorlds() []lined {
	return []lined{
		{"a line, 10 classes", 10000, 10, .75, .41},
		{"a line, 100 classes", 10000, 100, .75, .15},
		{"a line, no slope", 10000, 10, 0, .41},
		{"a line, steep", 10000, 10, 2, .41},
		{"a line, M often right", 10000, 10, .75, .979},
		{"a line, 1,000 examples", 1000, 10, .75, .95},
		{"a line, 300 examples", 300, 10, .75, .41},
		{"a line, steep, 300 examples", 300, 10, 2, .9},
	}
}

func (w lined) association(seed uint64) Association {
	r := rand.New(rand.NewPCG(seed, 31))
	order, labels, right := make(regime.Order, w.n), make([]uint16, w.n), make([]bool, w.n)
	effect := make([]float64, w.classes)
	for c := range effect {
		effect[c] = float64(contingency.NormalQuantile(w.m)*math.Sqrt(1.25+float64(w.slope*w.slope))) + .5*r.NormFloat64()
	}
	score := make([]float64, w.n)
	for i := range order {
		score[i], labels[i] = -r.NormFloat64(), uint16(r.IntN(w.classes))
		right[i] = r.Float64() < contingency.Normal(effect[labels[i]]-float64(w.slope*score[i]))
	}
	for i, rank := range midranks(score) {
		order[i] = (rank - .5) / float64(w.n)
	}
	return associationOf(order.Straight(labels, right))
}

// A logged world is one whose order is read from a log, with flips and guesses. Its slope is the mean of 300
// draws: what many examples of the same training would give.
type logged struct {
	name  string
	slope float64
	make  func(seed uint64) worlds.World
}

func loggedWorlds() []logged {
	one := func(noise, reference float64, shape string, classes int, m float64) func(uint64) worlds.World {
		return worlds.Setting{Noise: [2]float64{reference, noise}, Shape: shape, Classes: classes, M: m, Evaluations: 86, Training: 5}.Make
	}
	return []logged{
		{"one difficulty, strong", 1.6046, one(.3, .5, "normal", 10, .41)},
		{"one difficulty, weak", 0.4312, one(1.2, 1.2, "normal", 10, .41)},
		{"one difficulty, 100 classes", 1.6021, one(.3, .5, "normal", 100, .15)},
		{"one difficulty, tail of easy ones", 1.3805, one(.3, .5, "exp", 10, .41)},
		{"one difficulty, comes to rest", 1.5125, func(s uint64) worlds.World { return worlds.Plateau(s, false) }},
		{"two phases, comes to rest", 1.2567, func(s uint64) worlds.World { return worlds.Plateau(s, true) }},
		{"M often right", 1.6573, func(s uint64) worlds.World { return worlds.OftenRight(s, 0) }},
		{"90:10, within classes", 1.6250, func(s uint64) worlds.World { return worlds.Imbalanced(s, false) }},
		{"margins, noisier when hard", 1.0436, func(s uint64) worlds.World { return worlds.Margins(s, 5, 0) }},
		{"noise grows with difficulty", 0.5550, worlds.NoiseGrows},
		{"slopes differ by class", 1.0287, worlds.ByClass},
		{"equally hard below -.5", 1.2706, func(s uint64) worlds.World { return worlds.Saturated(s, -.5) }},
		{"independent", 0.0005, worlds.Independent},
		{"a rung: a starved network", 1.5133, func(s uint64) worlds.World {
			w := worlds.Plateau(s, false)
			w.Right = w.Starved(s, .41)
			return w
		}},
	}
}

func (w logged) association(seed uint64) Association {
	x := w.make(seed)
	l := regime.Learned(x.Labels, len(x.Deep), func(t int) []bool { return x.Deep[t] })
	return associationOf(l.BySpeed.Straight(x.Labels, x.Right))
}

// TestAssociationCovers holds the interval of an association, and so that of a slope, against the truth: of
// straight lines, and of what many examples give where the line isn't straight. It draws small worlds six
// times, in the long part all of them twelve times; SHOAL_DRAWS=300 prints the table of records/.
func TestAssociationCovers(t *testing.T) {
	few := 6
	if longtest.On() {
		few = 12
	}
	draws := simdraws.Of(t, few)
	cover := func(name string, slope float64, of func(seed uint64) Association) {
		if !strings.Contains(name, os.Getenv("SHOAL_WORLD")) {
			return
		}
		all := make([]Association, draws)
		parallel.For(parallel.Workers(0), draws, func(_, d int) { all[d] = of(simdraws.Seed(t, d)) })
		var slopes []float64
		for _, a := range all {
			slopes = append(slopes, *a.Slope)
		}
		mean, variance := moments(slopes)
		rho := slope / math.Sqrt(1+float64(slope*slope))
		var y coverage
		for _, a := range all {
			y.add(Estimate{Value: *a.Rho, Lo: *a.Lo, Hi: *a.Hi, Defined: true}, rho)
		}
		t.Logf("| %s | %.4f | %.4f | %.4f | %.3f | %.2f |", name, slope, mean, math.Sqrt(variance), float64(y.hits)/float64(draws), y.spread())
		if err := (simdraws.Bound{Least: .92, Most: 1}).Check(y.hits, draws); err != nil {
			t.Errorf("%s: covered: %v", name, err)
		}
		if draws >= 12 && !(y.spread() < widest) {
			t.Errorf("%s: the interval is %.1f standard deviations wide, want less than %v", name, y.spread(), widest)
		}
	}
	for _, w := range linedWorlds() {
		if w.n <= 1000 || draws > few || longtest.On() {
			cover(w.name, w.slope, w.association)
		}
	}
	for k, w := range loggedWorlds() {
		if k == 1 || draws > few || longtest.On() {
			cover(w.name, w.slope, w.association)
		}
	}
}
