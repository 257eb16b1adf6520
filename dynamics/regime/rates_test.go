package regime

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// answers are those of a world by the two orders, and of both together.
type answers struct {
	main, check, both Answer
	share, lo, hi     float64
}

func (w world) answers() answers {
	l := Learned(w.labels, len(w.deep), func(t int) []bool { return w.deep[t] })
	f, g := l.BySpeed.Against(w.labels, w.right), l.BySwitch.Against(w.labels, w.right)
	a := answers{main: f.Answer(), check: g.Answer(), both: CannotTell, share: f.Share, lo: f.Lo, hi: f.Hi}
	if a.main == a.check {
		a.both = a.main
	}
	return a
}

// A rate is what a world has to answer: at least and at most so many of the draws.
type rate struct {
	name                  string
	make                  func(seed uint64) world
	leastFound, mostFound float64
	mostNone              float64
	change                float64 // where it is; 0 for none
}

func (s setting) with(shape string, two bool) setting { s.shape, s.two = shape, two; return s }

// rates are the worlds, with what the test has to reach in them: found in a world of one difficulty is
// an error, and so is "none" where there is a change.
func rates() []rate {
	strong := setting{noise: [2]float64{.5, .3}, classes: 10, m: .41, evaluations: 86}
	weak := setting{noise: [2]float64{1.2, 1.2}, classes: 10, m: .41, evaluations: 86}
	hundred := setting{noise: [2]float64{.5, .3}, classes: 100, m: .15, evaluations: 86}
	out := []rate{
		{"two phases, strong", strong.with("normal", true).make, .85, 1, 0, .45},
		{"two phases, weak", weak.with("normal", true).make, .75, 1, 0, .45},
		{"two phases, 100 classes", hundred.with("normal", true).make, .4, 1, 0, .45},
		{"one difficulty, 100 classes", hundred.with("normal", false).make, 0, .02, 1, 0},
	}
	for _, shape := range []string{"normal", "exp", "-exp", "t"} {
		out = append(out, rate{"one difficulty, strong, " + shape, strong.with(shape, false).make, 0, .02, 1, 0},
			rate{"one difficulty, weak, " + shape, weak.with(shape, false).make, 0, .02, 1, 0})
		if shape != "normal" {
			out = append(out, rate{"two phases, strong, " + shape, strong.with(shape, true).make, .3, 1, 0, .45},
				rate{"two phases, weak, " + shape, weak.with(shape, true).make, .6, 1, 0, .45})
		}
	}
	return append(out,
		rate{"a step, .75 to .20", func(s uint64) world { return step(s, .75, .2) }, .6, 1, 0, .4},
		rate{"a step, .60 to .28", func(s uint64) world { return step(s, .6, .28) }, .6, 1, 0, .4},
		rate{"M often right, one difficulty", func(s uint64) world { return oftenRight(s, 0) }, 0, .02, 1, 0},
		rate{"M often right, change at .45", func(s uint64) world { return oftenRight(s, .45) }, .85, 1, 0, .45},
		rate{"M often right, change at .7", func(s uint64) world { return oftenRight(s, .7) }, .85, 1, 0, .7},
		rate{"12 evaluations, one difficulty", func(s uint64) world { return twelve(s, 0) }, 0, 0, 0, 0},
		rate{"12 evaluations, change at .45", func(s uint64) world { return twelve(s, .45) }, 0, 0, 0, .45},
		rate{"margins, noisier when hard", func(s uint64) world { return margins(s, 5, 0) }, 0, .02, 1, 0},
		rate{"margins, noisier early", func(s uint64) world { return margins(s, 0, 3) }, 0, .02, 1, 0},
		rate{"noise grows with difficulty", noiseGrows, 0, .02, 1, 0},
		rate{"slopes differ by class", byClass, 0, .02, 1, 0},
		rate{"equally hard below 0", func(s uint64) world { return saturated(s, 0) }, 0, .06, 1, 0},
		rate{"equally hard below -.5", func(s uint64) world { return saturated(s, -.5) }, 0, .06, 1, 0},
		rate{"90:10, one difficulty", func(s uint64) world { return imbalanced(s, false) }, 0, .02, 1, 0},
		rate{"90:10, two phases", func(s uint64) world { return imbalanced(s, true) }, .6, 1, .03, .45},
		rate{"a training split, 10 % wrong labels", wrongLabels, .85, 1, .05, 0},
	)
}

// TestRates draws every world a few times; SHOAL_DRAWS=1000 draws each a thousand times, which takes
// hours, and prints the table of records/.
func TestRates(t *testing.T) {
	draws := 1
	if text := os.Getenv("SHOAL_DRAWS"); text != "" {
		var err error
		if draws, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	quick := []string{"two phases, strong", "one difficulty, weak, normal", "M often right, one difficulty", "12 evaluations, change at .45"}
	for _, r := range rates() {
		if draws == 1 && !slices.Contains(quick, r.name) {
			continue
		}
		all := make([]answers, draws)
		var wait sync.WaitGroup
		slots := make(chan bool, 2)
		for s := range all {
			wait.Add(1)
			slots <- true
			go func() {
				defer wait.Done()
				all[s] = r.make(uint64(s + 1)).answers()
				<-slots
			}()
		}
		wait.Wait()
		r.judge(t, all)
	}
}

func (r rate) judge(t *testing.T, all []answers) {
	t.Helper()
	share := func(of func(answers) Answer, want Answer) float64 {
		count := 0
		for _, a := range all {
			if of(a) == want {
				count++
			}
		}
		return float64(count) / float64(len(all))
	}
	both := func(a answers) Answer { return a.both }
	text := func(of func(answers) Answer) string {
		return fmt.Sprintf("%.3f / %.3f", share(of, Found), share(of, None))
	}
	var places []float64
	covered := 0
	for _, a := range all {
		if a.both == Found {
			places = append(places, a.share)
			if a.lo <= r.change && r.change <= a.hi {
				covered++
			}
		}
	}
	place := ""
	if len(places) > 0 && r.change > 0 {
		slices.Sort(places)
		place = fmt.Sprintf("%.2f, the interval covers %.2f in %.2f of them", places[len(places)/2], r.change, float64(covered)/float64(len(places)))
	}
	t.Logf("| %s | %s | %s | %s | %s |", r.name, text(func(a answers) Answer { return a.main }), text(func(a answers) Answer { return a.check }), text(both), place)
	found, none := share(both, Found), share(both, None)
	if len(all) >= 100 && (found < r.leastFound || found > r.mostFound || none > r.mostNone) {
		t.Errorf("%s: found %.3f, none %.3f, want found %.2f to %.2f and none at most %.2f", r.name, found, none, r.leastFound, r.mostFound, r.mostNone)
	}
	if len(all) < 100 && (found == 1 && r.mostFound < .1 || none == 1 && r.mostNone < .1) {
		t.Errorf("%s: found %v, none %v in a world where that is wrong", r.name, found, none)
	}
}
