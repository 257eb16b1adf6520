package regime

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"shoal/dynamics/internal/worlds"
	"shoal/internal/longtest"
	"shoal/internal/simdraws"
)

// answers are those of a world by the two orders, and of both together.
type answers struct {
	main, check, both Answer
	share, lo, hi     float64
	upTo              float64 // of both; of "none"
}

func answersOf(w worlds.World) answers {
	l := Learned(w.Labels, len(w.Deep), func(t int) []bool { return w.Deep[t] })
	f, g := l.BySpeed.Against(w.Labels, w.Right), l.BySwitch.Against(w.Labels, w.Right)
	a := answers{main: f.Answer(), check: g.Answer(), both: CannotTell, share: f.Share, lo: math.Min(f.From, g.From), hi: math.Max(f.To, g.To), upTo: math.Min(f.UpTo, g.UpTo)}
	if a.main == a.check {
		a.both = a.main
	}
	return a
}

// A rate is what a world has to answer: at least and at most so many of the draws.
type rate struct {
	name                  string
	make                  func(seed uint64) worlds.World
	leastFound, mostFound float64
	mostNone              float64
	change                float64 // where it is; 0 for none
}

func with(s worlds.Setting, shape string, two bool) func(uint64) worlds.World {
	s.Shape, s.Two = shape, two
	return s.Make
}

// changingEarly is a setting with an early change, as networks of a hundred classes would have: their reach is short.
func changingEarly(s worlds.Setting) worlds.Setting {
	s.Change = .2
	return s
}

// rates are the worlds, with what the test has to reach in them: found in a world of one difficulty is
// an error, and so is "none" up to a share beyond a change.
func rates() []rate {
	strong := worlds.Setting{Noise: [2]float64{.5, .3}, Classes: 10, M: .41, Evaluations: 86}
	weak := worlds.Setting{Noise: [2]float64{1.2, 1.2}, Classes: 10, M: .41, Evaluations: 86}
	hundred := worlds.Setting{Noise: [2]float64{.5, .3}, Classes: 100, M: .15, Evaluations: 86}
	out := []rate{
		{"two phases, strong", with(strong, "normal", true), .85, 1, 0, .45},
		{"two phases, weak", with(weak, "normal", true), .75, 1, 0, .45},
		{"two phases, 100 classes", with(hundred, "normal", true), .4, 1, 0, .45},
		{"two phases, 100 classes, change at .2", with(changingEarly(hundred), "normal", true), .6, 1, 0, .2},
		{"two phases, 100 classes, change at .2, -exp", with(changingEarly(hundred), "-exp", true), .3, 1, 0, .2},
		{"two phases, weak, change at .2", with(changingEarly(weak), "normal", true), .5, 1, 0, .2},
		{"one difficulty, 100 classes", with(hundred, "normal", false), 0, .02, 1, 0},
	}
	for _, shape := range []string{"normal", "exp", "-exp", "t"} {
		out = append(out, rate{"one difficulty, strong, " + shape, with(strong, shape, false), 0, .02, 1, 0},
			rate{"one difficulty, weak, " + shape, with(weak, shape, false), 0, .02, 1, 0})
		if shape != "normal" {
			out = append(out, rate{"two phases, strong, " + shape, with(strong, shape, true), .3, 1, 0, .45},
				rate{"two phases, weak, " + shape, with(weak, shape, true), .6, 1, 0, .45})
		}
	}
	return append(out,
		rate{"a step, .75 to .20", func(s uint64) worlds.World { return worlds.Step(s, .75, .2) }, .6, 1, 0, .4},
		rate{"a step, .60 to .28", func(s uint64) worlds.World { return worlds.Step(s, .6, .28) }, .6, 1, 0, .4},
		rate{"M often right, one difficulty", func(s uint64) worlds.World { return worlds.OftenRight(s, 0) }, 0, .02, 1, 0},
		rate{"M often right, change at .45", func(s uint64) worlds.World { return worlds.OftenRight(s, .45) }, .85, 1, 0, .45},
		rate{"M often right, change at .7", func(s uint64) worlds.World { return worlds.OftenRight(s, .7) }, .85, 1, 0, .7},
		rate{"12 evaluations, one difficulty", func(s uint64) worlds.World { return worlds.Twelve(s, 0) }, 0, 0, 0, 0},
		rate{"12 evaluations, change at .45", func(s uint64) worlds.World { return worlds.Twelve(s, .45) }, 0, 0, 0, .45},
		rate{"margins, noisier when hard", func(s uint64) worlds.World { return worlds.Margins(s, 5, 0) }, 0, .02, 1, 0},
		rate{"margins, noisier early", func(s uint64) worlds.World { return worlds.Margins(s, 0, 3) }, 0, .02, 1, 0},
		rate{"noise grows with difficulty", worlds.NoiseGrows, 0, .02, 1, 0},
		rate{"slopes differ by class", worlds.ByClass, 0, .02, 1, 0},
		rate{"equally hard below 0", func(s uint64) worlds.World { return worlds.Saturated(s, 0) }, 0, .06, 1, 0},
		rate{"equally hard below -.5", func(s uint64) worlds.World { return worlds.Saturated(s, -.5) }, 0, .06, 1, 0},
		rate{"90:10, one difficulty", func(s uint64) worlds.World { return worlds.Imbalanced(s, false) }, 0, .02, 1, 0},
		rate{"90:10, two phases", func(s uint64) worlds.World { return worlds.Imbalanced(s, true) }, .6, 1, .03, .45},
		rate{"one difficulty, comes to rest", func(s uint64) worlds.World { return worlds.Plateau(s, false) }, 0, .02, 1, 0},
		// Less than the .85 that was hoped for: a long rest adds noise to share right, which puts the change late.
		rate{"two phases, comes to rest", func(s uint64) worlds.World { return worlds.Plateau(s, true) }, .6, 1, 0, .45},
		rate{"independent", worlds.Independent, 0, 0, 0, 0},
		rate{"a training split, 10 % wrong labels", worlds.WrongLabels, .85, 1, .05, 0},
	)
}

// leastNone is how often worlds of one difficulty have to say that the reference predicts the order to the
// end: an answer that is never told would pass all their other bounds. Where noise hides the few easy ones
// of a long tail, they alone tell how steep the line is.
var leastNone = map[string]float64{
	"one difficulty, strong, normal": .9, "one difficulty, weak, normal": .9, "one difficulty, strong, exp": .9, "one difficulty, weak, exp": .3,
	"one difficulty, strong, -exp": .9, "one difficulty, weak, -exp": .9, "one difficulty, strong, t": .9, "one difficulty, weak, t": .9,
	"one difficulty, 100 classes": .7, "M often right, one difficulty": .9, "margins, noisier when hard": .9, "margins, noisier early": .9,
	"noise grows with difficulty": .9, "slopes differ by class": .9, "equally hard below -.5": .6, "90:10, one difficulty": .9, "one difficulty, comes to rest": .9,
}

// TestRates draws four worlds four times, and in the long part all of them twelve times, so that every
// bound can be missed; SHOAL_DRAWS=1000 draws each a thousand times, which takes
// an hour, and prints the table of records/; SHOAL_WORLD=NAME those whose name has NAME in it.
func TestRates(t *testing.T) {
	few := 4
	if longtest.On() {
		few = 12
	}
	draws := simdraws.Of(t, few)
	quick := []string{"two phases, strong", "one difficulty, weak, normal", "M often right, one difficulty", "12 evaluations, change at .45"}
	worlds := rates()
	for name := range leastNone {
		if !slices.ContainsFunc(worlds, func(r rate) bool { return r.name == name }) {
			t.Errorf("no world is called %q", name)
		}
	}
	for _, r := range worlds {
		if draws == few && !longtest.On() && !slices.Contains(quick, r.name) || !strings.Contains(r.name, os.Getenv("SHOAL_WORLD")) {
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
				all[s] = answersOf(r.make(simdraws.Seed(t, s)))
				<-slots
			}()
		}
		wait.Wait()
		r.judge(t, all)
	}
}

func (r rate) judge(t *testing.T, all []answers) {
	t.Helper()
	number := func(of func(answers) Answer, want Answer) (count int) {
		for _, a := range all {
			if of(a) == want {
				count++
			}
		}
		return count
	}
	share := func(of func(answers) Answer, want Answer) float64 {
		return float64(number(of, want)) / float64(len(all))
	}
	both := func(a answers) Answer { return a.both }
	text := func(of func(answers) Answer) string {
		return fmt.Sprintf("%.3f / %.3f", share(of, Found), share(of, None))
	}
	place := r.place(t, all)
	t.Logf("| %s | %d | %s | %s | %s | %s |", r.name, len(all), text(func(a answers) Answer { return a.main }), text(func(a answers) Answer { return a.check }), text(both), place)
	none := number(func(a answers) Answer {
		if a.both == None && r.change > 0 && a.upTo <= r.change {
			return CannotTell // no error: it says nothing of what comes after
		}
		return a.both
	}, None)
	for s, a := range all {
		if a.both == None && r.change > 0 {
			t.Logf("%s: draw %d says none up to %.3f; the change is at %.2f", r.name, s, a.upTo, r.change)
		}
	}
	if err := (simdraws.Bound{Least: r.leastFound, Most: r.mostFound}).Check(number(both, Found), len(all)); err != nil {
		t.Errorf("%s: found: %v", r.name, err)
	}
	if err := (simdraws.Bound{Least: leastNone[r.name], Most: r.mostNone}).Check(none, len(all)); err != nil {
		t.Errorf("%s: none (of a change: beyond it): %v", r.name, err)
	}
}

// farOff is how far from the change the places may lie on average. Where easy examples have a long tail, M is
// often right or accuracy comes to rest they are late by .05 to .1, elsewhere by .02.
const farOff = .15

// place says where the change was found, not far from it on average, and how often the interval covers it:
// in nine of ten draws or more.
func (r rate) place(t *testing.T, all []answers) string {
	t.Helper()
	count, sum, squares, covered := 0., 0., 0., 0
	for _, a := range all {
		if a.both == Found {
			count, sum, squares = count+1, sum+a.share, squares+float64(a.share*a.share)
			if a.lo <= r.change && r.change <= a.hi {
				covered++
			}
		}
	}
	if r.change == 0 || count == 0 {
		return ""
	}
	mean := sum / count
	if err := (simdraws.Bound{Least: .9, Most: 1}).Check(covered, int(count)); count > 1 && err != nil { // one change alone tells nothing
		t.Errorf("%s: the interval covers %.2f: %v", r.name, r.change, err)
	}
	if !(math.Abs(mean-r.change) < farOff) {
		t.Errorf("%s: the change is found at %.3f on average, want within %.2f of %.2f", r.name, mean, farOff, r.change)
	}
	return fmt.Sprintf("%+.3f ± %.3f, the interval covers it in %.3f", mean-r.change, math.Sqrt(math.Max(0, squares/count-mean*mean)), float64(covered)/count)
}
