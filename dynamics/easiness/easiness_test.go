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

	"shoal/contingency"
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
		if spread > 0 { // nearly normal, but bounded, so that there is room for noise always
			for k := range shares {
				shares[k] *= math.Pow(1+spread*math.Sqrt(6)*(r.Float64()+r.Float64()-1), 2)
			}
		}
		noise := math.Sqrt(1 - shares[0] - shares[1])
		out := make([]float64, w.n)
		for i := range out {
			out[i] = float64(math.Sqrt(shares[0])*example[i]) + float64(math.Sqrt(shares[1])*own[i]) + float64(noise*r.NormFloat64()) + effect[w.labels[i]]
		}
		return out
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
		tallies := []struct {
			what string
			want float64
			of   func(s Shared) dynamics.Estimate
		}{
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

// With one class and two members the estimate is the plain tetrachoric correlation, but for the
// correction of thresholds that are estimates.
func TestCommonIsTheTetrachoric(t *testing.T) {
	w := latent()
	w.classes, w.refits, w.byClass = 1, 2, 0
	w.make(1)
	s := strataOf(w.labels)
	a, b := w.reference.Right[0], w.reference.Right[1]
	got := s.common(within(s.members(0, Family{Right: [][]bool{a, b}})), 2)
	table, err := contingency.CountRight(a, b)
	if err != nil {
		t.Fatal(err)
	}
	if want := table.Tetrachoric(); !(math.Abs(got.rho-want.Value) < 5e-4) || got.rho == want.Value {
		t.Errorf("correlation %v, the tetrachoric is %v", got.rho, want)
	}
}

// The influence of an example is what the estimate loses without it.
func TestInfluenceIsThatOfLeavingOneOut(t *testing.T) {
	w := latent()
	w.n, w.classes = 1500, 3
	w.make(2)
	full, influence := rhoOf(w.labels, w.reference.Right)
	for _, i := range []int{0, 5, 77, 400, 1499} {
		var right [][]bool
		for _, r := range w.reference.Right {
			right = append(right, slices.Delete(slices.Clone(r), i, i+1))
		}
		without, _ := rhoOf(slices.Delete(slices.Clone(w.labels), i, i+1), right)
		if got := full - without; !(math.Abs(got-influence[i]) < .1*math.Abs(influence[i])+2e-5) {
			t.Errorf("example %d: the estimate changes by %.6f without it, the influence is %.6f", i, got, influence[i])
		}
	}
}

// What the other members give without one is that of their own pairs, but for what one step of Newton's
// method leaves: a twentieth of the change.
func TestWithoutAMember(t *testing.T) {
	w := latent()
	w.refits, w.spread[0] = 5, .05
	w.make(3)
	s := strataOf(w.labels)
	c := s.common(within(s.members(0, w.reference)), 6)
	for id := range w.reference.Right {
		want, influence := rhoOf(w.labels, slices.Concat(w.reference.Right[:id], w.reference.Right[id+1:]))
		rho, own := c.without(id)
		if change := want - c.rho; !(math.Abs(rho-want) < .05*math.Abs(change)) {
			t.Errorf("without %d: %.5f, want %.5f; with it %.5f", id, rho, want, c.rho)
		}
		// They are taken at the correlation of all.
		if same := covariance(own, influence) / covariance(influence, influence); !(math.Abs(same-1) < .1) {
			t.Errorf("without %d: influences are %.3f of what they are at the root", id, same)
		}
	}
	if rho, _ := c.without(5); rho != c.rho {
		t.Errorf("without a model of no pair: %v, want %v", rho, c.rho)
	}
}

// By hand: rows 1, 2, 6 of one correlation and 0, 3, 3 of another differ from their means by -2, -1, 3
// and -2, 1, 1.
func TestScatterByHand(t *testing.T) {
	got := scatter([3][][]float64{{{1}, {2}, {6}}, {{0}, {3}, {3}}, {{5}, {5}, {5}}})
	for i, row := range (matrix{{28. / 3, 4, 0}, {4, 4, 0}, {0, 0, 0}}) {
		for j, want := range row {
			if !(math.Abs(got[i][j]-want) < 1e-12) {
				t.Errorf("scatter %v, want %v in row %d", got, row, i)
			}
		}
	}
}

func rhoOf(labels []uint16, right [][]bool) (float64, []float64) {
	s := strataOf(labels)
	c := s.common(within(s.members(0, Family{Right: right})), len(right))
	return c.rho, c.influence
}

// By hand: of a variance of .04 over examples .01 is chance in the answers of the seeds, which is among the .05
// over seeds.
func TestAroundByHand(t *testing.T) {
	x := &estimates{examples: matrix{{.04}}, few: []drawn{{whole: matrix{{.05}}, chance: matrix{{.01}}, freedom: 2}}}
	if got, want := x.around(7, [3]float64{1}), dynamics.Combined(7, .03, dynamics.Component{Variance: .05, Freedom: 2}); math.Abs(got.Hi-want.Hi) > 1e-12 || got.Value != 7 {
		t.Errorf("%v, want %v", got, want)
	}
	x.few[0].chance[0][0] = .06 // more than examples have: they have none for themselves
	if got, want := x.around(7, [3]float64{1}), dynamics.Combined(7, 0, dynamics.Component{Variance: .05, Freedom: 2}); math.Abs(got.Lo-want.Lo) > 1e-12 {
		t.Errorf("%v, want %v", got, want)
	}
}

// What can't be told says why, and gives no number.
func TestReasons(t *testing.T) {
	for what, c := range map[string]struct {
		change func(*world)
		want   string
		missed string
	}{
		"one refit":           {func(w *world) { w.refits = 1 }, "it takes 2 refits and 2 seeds", "it takes 2 refits and 3 seeds"},
		"one seed":            {func(w *world) { w.seeds = 1 }, "one seed: it takes 2 refits and 2 seeds", "one seed: it takes 2 refits and 3 seeds"},
		"two seeds":           {func(w *world) { w.seeds = 2 }, "", "two seeds are too few for an interval: it takes 2 refits and 3 seeds"},
		"no seed":             {func(w *world) { w.seeds = 0 }, "there are 4 and 0", "there are 4 and 0"},
		"no better":           {func(w *world) { w.d = .8 }, "", "no better than m"},
		"nearly always right": {func(w *world) { w.m, w.d = .9995, .9998 }, "to share", ""},
	} {
		w := latent()
		c.change(&w)
		s := w.compare(t, 1)
		if !has(s.Reason, c.want) || s.Ratio.Defined != (s.Reason == "" && w.seeds > 2) {
			t.Errorf("%s: reason %q, want %q; ratio %v", what, s.Reason, c.want, s.Ratio)
		}
		m := w.miss(t, 1)
		if !has(m.Reason, c.missed) || (m.Reason != "") == m.Difference.Defined {
			t.Errorf("%s: reason %q, want %q; difference %v", what, m.Reason, c.missed, m.Difference)
		}
	}
	w := latent()
	w.make(1)
	for _, l := range w.logs { // no evaluation near the reference's accuracy
		*l = dynamics.Log{Labels: l.Labels, Steps: []int{0, 2}, Epochs: []float64{0, 2}, Predictions: [][]uint16{l.Predictions[0], l.Predictions[2]}, Right: [][]bool{l.Right[0], l.Right[2]}}
	}
	if s, err := Compare(w.labels, w.reference, "d", w.logs); err != nil || !strings.Contains(s.Reason, "score more often") || s.Ratio.Defined {
		t.Errorf("%+v, %v: want a reason", s, err)
	}
	w.logs[0].Labels = slices.Clone(w.labels)
	w.logs[0].Labels[5] = (w.labels[5] + 1) % 10
	if _, err := Compare(w.labels, w.reference, "d", w.logs); err == nil {
		t.Error("a run of other examples is accepted")
	}
	if _, err := Miss(w.labels, Family{Name: "m", Right: [][]bool{{true}}}, "d", nil); err == nil {
		t.Error("a refit of other examples is accepted")
	}
}

// Of two seeds both are shown, and no interval, share or verdict of them together; of two refits the
// intervals don't cover other ones, and the answer says so.
func TestTwoOfAFamily(t *testing.T) {
	w := latent()
	w.seeds = 2
	s, m := w.compare(t, 1), w.miss(t, 1)
	both := s.BySeed
	if len(both) != 2 || s.Ratio.Defined || s.Between.Defined || s.NetworkVariance.Example.Defined || !s.WithinReference.Defined || !strings.Contains(s.Note, "two seeds: too few") {
		t.Fatalf("two seeds: %+v", s)
	}
	for _, one := range both {
		if !(one.Ratio.Lo < .714 && .714 < one.Ratio.Hi) || !one.ReferenceVariance.Family.Defined || !one.Between.Defined {
			t.Errorf("a seed: %+v", one)
		}
	}
	text := s.Sentence()
	for _, want := range []string{two(both[0].Ratio), two(both[1].Ratio), "two seeds are too few"} {
		if !strings.Contains(text, want) || strings.Contains(text, "easiness is") {
			t.Errorf("%q lacks %q, or has a verdict", text, want)
		}
	}
	if len(m.BySeed) != 2 || m.Difference.Defined || !strings.Contains(m.Sentence(), fmt.Sprintf("%.1f and %.1f: two seeds are too few", m.BySeed[0].ByNetwork, m.BySeed[1].ByNetwork)) {
		t.Errorf("%+v: %s", m, m.Sentence())
	}
	w = latent()
	w.refits = 2
	if s := w.compare(t, 1); !s.Ratio.Defined || !strings.Contains(s.Note, "two refits") || strings.Contains(s.Note, "seeds") {
		t.Errorf("two refits: %q, ratio %v", s.Note, s.Ratio)
	}
	if w = latent(); w.compare(t, 1).Note != "" {
		t.Error("four refits and three seeds have a note")
	}
}

// Three seeds of which the middle one alone varies where each of the others does have no agreement without it.
func TestNothingLeftWithoutASeed(t *testing.T) {
	w := latent()
	w.classes = 2
	w.make(1)
	deep := Family{Name: "d"}
	for k, l := range w.logs {
		right := slices.Clone(l.Correct(1))
		for i, y := range w.labels {
			right[i] = right[i] || k == 0 && y == 0 || k == 2 && y == 1
		}
		deep.Right = append(deep.Right, right)
	}
	var s Shared
	s.estimate(w.labels, w.reference, deep)
	if !strings.Contains(s.Reason, "too few examples") || s.Ratio.Defined || s.BySeed != nil {
		t.Errorf("%+v", s)
	}
}

// has reports whether text has a part, or is empty where none is wanted.
func has(text, part string) bool {
	if part == "" {
		return text == ""
	}
	return strings.Contains(text, part)
}

// A sentence says no more than its interval: one that has both answers within gives neither.
func TestSentences(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{
		{.9, 1.1, "nothing of it is told apart as the family's"},
		{-.1, .2, "nothing of it is told apart as the example's"},
		{.2, .8, "part of easiness is the example's, part the family's"},
		{1.1, 1.3, "doesn't explain"},
		{-.1, 1.1, "can't be told"},
	} {
		s := Shared{Seeds: 3, Compared: Compared{Ratio: dynamics.Estimate{Value: (c.lo + c.hi) / 2, Lo: c.lo, Hi: c.hi, Defined: true}}}
		if got := s.Sentence(); !strings.Contains(got, c.want) {
			t.Errorf("a ratio from %v to %v: %q, want %q", c.lo, c.hi, got, c.want)
		}
	}
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{{1, 5, "more than churn"}, {-5, -1, "fewer than churn"}, {-5, 90, "not told apart from churn"}} {
		m := Missed{Difference: dynamics.Estimate{Value: (c.lo + c.hi) / 2, Lo: c.lo, Hi: c.hi, Defined: true}}
		if got := m.Sentence(); !strings.Contains(got, c.want) {
			t.Errorf("a difference from %v to %v: %q, want %q", c.lo, c.hi, got, c.want)
		}
	}
}
