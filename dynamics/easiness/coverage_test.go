package easiness

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/internal/simdraws"
)

// world is a simulated reference and network whose shares of variance are known.
type world struct {
	n, classes    int
	refits, seeds int
	m, d          float64    // accuracy of the reference, and of the network at its end
	ref, net      [2]float64 // variance of example and of family; the rest of 1 is noise
	spread        [2]float64 // by how much refits, and seeds, differ in how they depend on both; a part of the mean
	shape         func(r *rand.Rand) float64
	planted       int // in the mean so many examples the reference always gets right and no seed does
	sameKind      bool
	byClass       float64 // standard deviation of the classes' easiness
	labels        []uint16
	reference     Family
	logs          []*dynamics.Log
	wantExample   [2]float64 // of reference and network
	wantRatio     float64
}

func normal(r *rand.Rand) float64 { return r.NormFloat64() }

// skewed has variance 1 and mean 0, and a long tail of hard examples.
func skewed(r *rand.Rand) float64 { return 1 - r.ExpFloat64() }

// make draws the world.
func (w *world) make(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	w.labels = make([]uint16, w.n)
	effect := make([]float64, w.classes)
	for c := range effect {
		effect[c] = w.byClass * r.NormFloat64()
	}
	var planted []int
	example, m, d := make([]float64, w.n), make([]float64, w.n), make([]float64, w.n)
	for i := range w.n {
		w.labels[i] = uint16(r.IntN(w.classes))
		example[i], m[i], d[i] = w.shape(r), r.NormFloat64(), r.NormFloat64()
		if w.planted > 0 && r.Float64() < float64(w.planted)/float64(w.n) {
			planted = append(planted, i)
		}
	}
	if w.sameKind {
		d = m
	}
	score := func(shares [2]float64, own []float64, spread float64) []float64 {
		return w.score(r, spreadOut(r, shares, spread), example, own, effect)
	}
	w.reference = Family{Name: "m"}
	for range w.refits {
		w.reference.Right = append(w.reference.Right, best(score(w.ref, m, w.spread[0]), w.m))
	}
	w.logs = nil
	for range w.seeds {
		s := score(w.net, d, w.spread[1])
		l := &dynamics.Log{Labels: w.labels}
		for k, share := range []float64{.05, w.m + float64(len(planted))/float64(w.n), w.d} {
			l.Append(k, float64(k), w.labels, best(s, share))
		}
		w.logs = append(w.logs, l)
	}
	for _, i := range planted {
		for _, right := range w.reference.Right {
			right[i] = true
		}
		for _, l := range w.logs {
			for t := range l.Steps {
				l.Correct(t)[i] = false
			}
		}
	}
	rho := [2]float64{w.ref[0] + w.ref[1], w.net[0] + w.net[1]}
	between := math.Sqrt(w.ref[0] * w.net[0])
	if w.sameKind {
		between = rho[0]
	}
	w.wantRatio = between / math.Sqrt(rho[0]*rho[1])
	w.wantExample = [2]float64{w.wantRatio * rho[0], w.wantRatio * rho[1]}
}

// spreadOut varies shares by a part of them: nearly normal, but bounded, so that there is room for noise always.
func spreadOut(r *rand.Rand, shares [2]float64, spread float64) [2]float64 {
	if spread > 0 {
		for k := range shares {
			shares[k] *= math.Pow(1+spread*math.Sqrt(6)*(r.Float64()+r.Float64()-1), 2)
		}
	}
	return shares
}

// score is that of one model, by its shares of variance.
func (w *world) score(r *rand.Rand, shares [2]float64, example, own, effect []float64) []float64 {
	noise := math.Sqrt(1 - shares[0] - shares[1])
	out := make([]float64, w.n)
	for i := range out {
		out[i] = float64(math.Sqrt(shares[0])*example[i]) + float64(math.Sqrt(shares[1])*own[i]) + float64(noise*r.NormFloat64()) + effect[w.labels[i]]
	}
	return out
}

// best says that the share with the highest scores is right.
func best(score []float64, share float64) []bool {
	limit := slices.Sorted(slices.Values(score))[int((1-share)*float64(len(score)))]
	out := make([]bool, len(score))
	for i, s := range score {
		out[i] = s >= limit
	}
	return out
}

func latent() world {
	return world{n: 4000, classes: 10, refits: 4, seeds: 3, m: .8, d: .95, ref: [2]float64{.5, .2}, net: [2]float64{.5 * .8 / .7, .8 - .5*.8/.7}, shape: normal, byClass: .4}
}

func (w *world) compare(t testing.TB, seed uint64) Shared {
	t.Helper()
	w.make(seed)
	s, err := Compare(w.labels, w.reference, "d", w.logs)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (w *world) miss(t testing.TB, seed uint64) Missed {
	t.Helper()
	w.make(seed)
	m, err := Miss(w.labels, w.reference, "d", w.logs)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// tally counts how often an interval holds the truth, and where the estimates lie.
type tally struct {
	want                   float64
	n, covers              int
	sum, squares, widthSum float64
}

func (y *tally) add(e dynamics.Estimate) {
	y.n++
	if e.Lo <= y.want && y.want <= e.Hi {
		y.covers++
	}
	y.sum += e.Value
	y.squares += e.Value * e.Value
	y.widthSum += e.Hi - e.Lo
}

// covered fails where an interval holds the truth less often than in .92 of the draws, or is so wide that
// this says nothing. It prints a line of the table of records/.
func covered(t *testing.T, what string, y *tally) {
	t.Helper()
	n := float64(y.n)
	mean := y.sum / n
	sd := math.Sqrt(math.Max(0, y.squares/n-float64(mean*mean)))
	t.Logf("| %s | %.3f | %.3f | %.3f | %.3f | %.3f |", what, y.want, mean, sd, y.widthSum/n/2, float64(y.covers)/n)
	if err := (simdraws.Bound{Least: .92, Most: 1}).Check(y.covers, y.n); err != nil {
		t.Errorf("%s: the interval holds the truth: %v", what, err)
	}
	if wide := y.widthSum / n / sd; n >= 100 && !(wide < widest) { // of few draws sd isn't known
		t.Errorf("%s: the interval is %.1f standard deviations wide, want less than %v", what, wide, widest)
	}
}

// widest is how wide an interval may be on average, in standard deviations of the estimate: 3.92 of a normal
// one, about 8 of Student's with 2 degrees of freedom.
const widest = 10

// worlds in which correlations, ratio and shares are known.
func worlds() map[string]world {
	one := latent() // all that either repeats is the example's; the network is far less noisy
	one.ref, one.net = [2]float64{.5, 0}, [2]float64{.9, 0}
	weak := latent() // as accurate as on CIFAR-10
	weak.m, weak.d = .41, .9
	strong := latent() // as accurate as on MNIST
	strong.n, strong.m, strong.d = 10000, .975, .988
	hundred := latent()
	hundred.n, hundred.classes, hundred.m, hundred.d = 10000, 100, .15, .75
	apart := latent() // families that have little in common
	apart.ref, apart.net = [2]float64{.14, .56}, [2]float64{.16, .64}
	differ := latent() // about as much by seeds and refits as by examples
	differ.spread = [2]float64{.04, .04}
	much := latent() // more by seeds and refits
	much.ref, much.net, much.spread = [2]float64{.4, .2}, [2]float64{.4, .2}, [2]float64{.1, .1}
	five := much
	five.refits, five.seeds = 5, 5
	seeds := much // and refits alike
	seeds.spread[0] = 0
	pair := seeds
	pair.refits = 2
	return map[string]world{"shares": latent(), "one difficulty": one, "41 %": weak, "97.5 %": strong, "100 classes": hundred, "families apart": apart,
		"seeds differ": differ, "seeds differ much": much, "five seeds differ much": five, "only seeds differ": seeds, "only seeds differ, two refits": pair}
}

// A tallied number of an answer has an interval, and a truth.
type tallied struct {
	what string
	want float64
	of   func(s Shared) dynamics.Estimate
}

// The intervals hold the truth in worlds whose shares are known, for other refits, seeds and examples.
func TestCoverage(t *testing.T) {
	n, all := simdraws.Of(t, 6), worlds()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		w := all[name]
		if n <= 6 && w.n > 4000 || !strings.Contains(name, os.Getenv("SHOAL_WORLD")) {
			continue
		}
		w.make(0)
		within, own := w.ref[0]+w.ref[1], w.net[0]+w.net[1]
		tallies := []tallied{
			{"rho between refits", within, func(s Shared) dynamics.Estimate { return s.WithinReference }},
			{"rho between seeds", own, func(s Shared) dynamics.Estimate { return s.WithinNetwork }},
			{"rho between", math.Sqrt(w.ref[0] * w.net[0]), func(s Shared) dynamics.Estimate { return s.Between }},
			{"ratio", w.wantRatio, func(s Shared) dynamics.Estimate { return s.Ratio }},
			{"share of the example", w.wantExample[0], func(s Shared) dynamics.Estimate { return s.ReferenceVariance.Example }},
			{"share of the family", within - w.wantExample[0], func(s Shared) dynamics.Estimate { return s.ReferenceVariance.Family }},
			{"share of the noise", 1 - within, func(s Shared) dynamics.Estimate { return s.ReferenceVariance.Noise }},
			{"share of the example, network", w.wantExample[1], func(s Shared) dynamics.Estimate { return s.NetworkVariance.Example }},
			{"share of the family, network", own - w.wantExample[1], func(s Shared) dynamics.Estimate { return s.NetworkVariance.Family }},
			{"share of the noise, network", 1 - own, func(s Shared) dynamics.Estimate { return s.NetworkVariance.Noise }},
		}
		if w.spread == [2]float64{} { // else a seed has a truth of its own
			tallies = append(tallies, tallied{"ratio of one seed, over examples", w.wantRatio, func(s Shared) dynamics.Estimate { return s.BySeed[0].Ratio }})
		}
		counts := make([]tally, len(tallies))
		for k := range n {
			s := w.compare(t, simdraws.Seed(t, k)-1)
			if s.Reason != "" {
				t.Fatal(s.Reason)
			}
			for i, y := range tallies {
				counts[i].want = y.want
				counts[i].add(y.of(s))
			}
		}
		for i, y := range tallies {
			covered(t, name+" | "+y.what, &counts[i])
		}
	}
}

// Learners of one kind miss no more of each other than each other's seeds do, and planted examples
// are counted. Both by intervals that hold the truth.
func TestMissedWorlds(t *testing.T) {
	n := simdraws.Of(t, 6)
	same := latent()
	same.n, same.ref, same.net, same.sameKind, same.seeds = 10000, [2]float64{.5, .2}, [2]float64{.5, .2}, true, 4
	three, mnist, cifar := same, same, same
	three.seeds = 3
	mnist.m, mnist.d = .979, .988
	mnist.ref, mnist.net = [2]float64{.6, .3}, [2]float64{.6, .3}
	cifar.m, cifar.d = .41, .95
	for name, base := range map[string]world{"four seeds": same, "three seeds": three, "97.9 and 98.8 %": mnist, "41 and 95 %": cifar} {
		if n <= 6 && name != "four seeds" {
			continue
		}
		for _, planted := range []int{0, 30} {
			w := base
			w.planted = planted
			y := &tally{want: float64(planted)}
			for k := range n {
				m := w.miss(t, simdraws.Seed(t, k)-1)
				if m.Reason != "" {
					t.Fatal(m.Reason)
				}
				y.add(m.Difference)
			}
			covered(t, fmt.Sprintf("what a better network misses | %s, %d planted", name, planted), y)
			if mean := y.sum / float64(y.n); planted > 0 && !(mean > 22 && mean < 38) {
				t.Errorf("%s: %d planted examples give a difference of %.1f", name, planted, mean)
			}
		}
	}
}

// At equal accuracy a ratio of 1 stays 1, whatever the shape of the difficulty; classes of different
// easiness don't look like agreement about examples.
func TestRatioOfOneDifficulty(t *testing.T) {
	w := latent()
	w.n, w.ref, w.net, w.shape, w.byClass = 10000, [2]float64{.5, 0}, [2]float64{.9, 0}, skewed, .8
	if s := w.compare(t, 3); !(math.Abs(s.Ratio.Value-1) < .08) {
		t.Errorf("ratio %v in a world of one skewed difficulty, want about 1", s.Ratio)
	}
	w.ref, w.net, w.shape, w.byClass = [2]float64{0, .7}, [2]float64{0, .8}, normal, 1
	if s := w.compare(t, 4); !(math.Abs(s.Ratio.Value) < .08) {
		t.Errorf("ratio %v in a world that shares nothing but the classes, want about 0", s.Ratio)
	}
}
