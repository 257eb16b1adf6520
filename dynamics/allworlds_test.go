package dynamics

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"shoal/contingency"
	"shoal/dynamics/internal/worlds"
	"shoal/dynamics/regime"
	"shoal/internal/longtest"
	"shoal/internal/parallel"
	"shoal/internal/simdraws"
)

// A simulated is one simulated study: runs that differ by their seed, the first of which is judged, and
// a reference.
type simulated struct {
	runs    []*Log
	ref     Reference
	starved *Reference
	initial [][]uint16
	kin     *Reference // another seed of the network, where it is as accurate as the reference
}

// A cell is how often a verdict may give an answer in a world, as shares of the draws, and why.
type cell struct {
	verdict, answer string
	least, most     float64
	why             string
}

// everywhere are the cells of all worlds.
var everywhere = []cell{
	{"starts at 1 (claim 1)", "fails", 0, .02, "R+ and R- of networks that answer one class are equal in the mean over classes"},
	{"shallow_only, one run (claim 4)", "holds", 0, 0, "one run can't tell"},
	{"shallow_only, kin (claim 4)", "holds", 0, .05, "the reference is one more seed"},
	{"shallow_only, kin (claim 4)", "fails by its interval", 0, .025, "its interval has 0"},
	{"a better D misses, kin (control 2)", "more", 0, .05, "the reference is one more seed"},
	{"a better D misses, 60 planted (control 2)", "more", .5, 1, "60 examples are the reference's alone; half, where whole classes are missing at the ends"},
}

// risingToTheEnd are the cells of worlds whose accuracy rises to the end.
var risingToTheEnd = []cell{
	{"converged", "yes", 0, .02, "accuracy rises to the end"},
	{"settles above 1 (claim 3)", "holds", 0, 0, "accuracy rises to the end"},
	{"R+ > R- (claim 6)", "holds", 0, 0, "accuracy rises to the end"},
}

// resting are the cells of worlds whose accuracy comes to rest.
var resting = []cell{{"converged", "yes", .9, 1, "accuracy rests for a third of the run"}}

// straight are the cells of worlds of one difficulty, and of none, with what R± says there.
func straight(found float64, says cell) []cell {
	return []cell{
		{"regime", "found", 0, found, "there is no change"},
		{"shallow first", "yes", 0, min(found, .02), "there is no change"},
		says,
	}
}

// constant is what R± says beyond accuracy where the association is one constant: nothing, in most draws.
func constant(most float64) cell {
	return cell{"beyond accuracy", "yes", 0, most, "the association is constant"}
}

// varies is the same where the association differs although there is no change of regime.
func varies(why string) cell { return cell{"beyond accuracy", "yes", .8, 1, why} }

// changed are the cells of worlds with two phases.
func changed(found, none float64) []cell {
	return []cell{
		{"regime", "found", found, 1, "there is a change"},
		{"regime", "none", 0, none, "there is a change"},
	}
}

// says is what R± says beyond accuracy in worlds with two phases, in so many draws at least.
func says(least float64) []cell {
	return []cell{{"beyond accuracy", "yes", least, 1, "the association isn't constant"}}
}

// notChance: all networks share the second score of two phases.
var notChance = cell{"shallow first", "no", 0, .05, "networks share the second score"}

// shared are the cells of two phases where that can be seen.
func shared(yes float64) []cell {
	return []cell{{"shallow first", "yes", yes, 1, "networks share the second score"}, notChance}
}

// beyondReach: R+ at an accuracy of 20 % is at most .2/m.
var beyondReach = cell{"R+ about 60 % (claim 5)", "holds", 0, 0, "at an accuracy of 20 % R+ can't be 50 %"}

// A setting is a world with its cells.
type setting struct {
	name  string
	make  func(seed uint64) *simulated
	shape bool // its cells are about the shape alone
	cells [][]cell
}

// Where the association is constant, and R± is moved by something else than the order of learning.
var (
	dropOuts     = cell{"beyond accuracy", "yes", 0, .4, "it should be never: the association is constant, but classes that drop out at single evaluations move R±, in .20 of 20 fresh draws and .095 of 200"}
	fallingNoise = cell{"beyond accuracy", "yes", 0, .3, "the association is constant along the order, but the noise of early evaluations isn't that of late ones"}
	tooFew       = cell{"beyond accuracy", "can't tell", 1, 1, "too few evaluations for a line in the order"}
)

func settings() []setting {
	strong := worlds.Setting{Noise: [2]float64{.5, .3}, Shape: "normal", Classes: 10, M: .41, Evaluations: 86}
	two := func(s worlds.Setting) worlds.Setting { s.Two = true; return s }
	shaped := func(shape string) worlds.Setting { s := strong; s.Shape = shape; return s }
	weak, hundred := strong, strong
	weak.Noise = [2]float64{1.2, 1.2}
	hundred.Classes, hundred.M = 100, .15
	of := func(draw func(uint64) worlds.World) func(uint64) *simulated {
		return func(seed uint64) *simulated { return simulate(seed, draw(seed)) }
	}
	only := func(c ...cell) []cell { return c }
	lasting := append(slices.Clone(risingToTheEnd), beyondReach)
	resting := append(slices.Clone(resting), beyondReach)
	out := []setting{
		{"independent, comes to rest", of(worlds.Independent), false, [][]cell{straight(0, constant(.07)), resting, only(
			cell{"right-skewed peak (claim 2)", "holds", 0, .05, "R± is 1 throughout"},
			cell{"settles above 1 (claim 3)", "holds", 0, .05, "R± is 1 throughout"},
			cell{"R+ > R- (claim 6)", "holds", 0, .05, "R+ and R- are equal"},
			cell{"early peak (claim 7)", "holds", 0, .05, "there is no peak"})}},
		{"independent, classes drop out", of(func(s uint64) worlds.World { return worlds.DropOut(s, worlds.Independent(s)) }), false, [][]cell{straight(0, constant(.1)), only(
			cell{"right-skewed peak (claim 2)", "holds", 0, .05, "R± is 1 but for classes"},
			cell{"settles above 1 (claim 3)", "holds", 0, .05, "R± is 1 but for classes"})}},
		{"one difficulty, comes to rest", of(func(s uint64) worlds.World { return worlds.Plateau(s, false) }), false, [][]cell{straight(.02, constant(.1)), resting, only(
			cell{"R+ > R- (claim 6)", "holds", .95, 1, "what is easy for one is easy for the other"},
			cell{"R+ > R- (claim 6)", "fails", 0, 0, "what is easy for one is easy for the other"})}},
		{"two phases, comes to rest", of(func(s uint64) worlds.World { return worlds.Plateau(s, true) }), false, [][]cell{changed(.6, 0), says(.9), resting, shared(.6), only(
			cell{"R+ > R- (claim 6)", "fails", 0, 0, "what the reference knows comes first"})}},
		{"one difficulty, comes to rest, classes drop out", of(func(s uint64) worlds.World { return worlds.DropOut(s, worlds.Plateau(s, false)) }), false, [][]cell{straight(.02, dropOuts)}},
		{"two phases, comes to rest, classes drop out", of(func(s uint64) worlds.World { return worlds.DropOut(s, worlds.Plateau(s, true)) }), false, [][]cell{changed(.5, 0), says(.8), only(notChance)}},
		{"90:10, one difficulty", of(func(s uint64) worlds.World { return worlds.Imbalanced(s, false) }), false, [][]cell{straight(.02, constant(.1)), risingToTheEnd}},
		{"90:10, two phases", of(func(s uint64) worlds.World { return worlds.Imbalanced(s, true) }), false, [][]cell{changed(.6, .03), says(.5), risingToTheEnd}},
		{"two phases, strong", of(two(strong).Make), false, [][]cell{changed(.85, 0), says(.9), lasting, shared(.8)}},
		{"two phases, weak", of(two(weak).Make), false, [][]cell{changed(.75, 0), says(.6), lasting, only(notChance)}},
		{"two phases, 100 classes", of(two(hundred).Make), false, [][]cell{changed(.5, 0), risingToTheEnd, only(notChance)}},
		{"one difficulty, strong", of(strong.Make), false, [][]cell{straight(.02, constant(.1)), lasting}},
		{"one difficulty, weak", of(weak.Make), false, [][]cell{straight(.02, constant(.1)), lasting}},
		{"one difficulty, 100 classes", of(hundred.Make), false, [][]cell{straight(.02, constant(.1)), risingToTheEnd}},
		{"one difficulty, tail of easy ones", of(shaped("exp").Make), false, [][]cell{straight(.02, varies("the difficulty has a long tail")), lasting}},
		{"one difficulty, tail of hard ones", of(shaped("-exp").Make), false, [][]cell{straight(.02, varies("the difficulty has a long tail")), lasting}},
		{"one difficulty, both tails", of(shaped("t").Make), false, [][]cell{straight(.02, constant(.1)), lasting}},
		{"a step", of(func(s uint64) worlds.World { return worlds.Step(s, .75, .2) }), false, [][]cell{changed(.6, 0), says(.8), lasting}},
		{"M often right, one difficulty", of(func(s uint64) worlds.World { return worlds.OftenRight(s, 0) }), false, [][]cell{straight(.02, constant(.1)), only(beyondReach)}},
		{"M often right, two phases", of(func(s uint64) worlds.World { return worlds.OftenRight(s, .45) }), false, [][]cell{changed(.85, 0), says(.8), only(beyondReach)}},
		{"12 evaluations, one difficulty", of(func(s uint64) worlds.World { return worlds.Twelve(s, 0) }), false, [][]cell{straight(0, tooFew), only(beyondReach), few}},
		{"12 evaluations, two phases", of(func(s uint64) worlds.World { return worlds.Twelve(s, .45) }), false, [][]cell{only(cell{"regime", "can't tell", 1, 1, "too few evaluations"}, tooFew, beyondReach), few}},
		{"margins, noisier when hard", of(func(s uint64) worlds.World { return worlds.Margins(s, 5, 0) }), false, [][]cell{straight(.02, varies("the network's noise grows with difficulty")), lasting}},
		{"margins, noisier early", of(func(s uint64) worlds.World { return worlds.Margins(s, 0, 3) }), false, [][]cell{straight(.02, fallingNoise), lasting}},
		{"noise grows with difficulty", of(worlds.NoiseGrows), false, [][]cell{straight(.02, varies("the network's noise grows with difficulty")), lasting}},
		{"slopes differ by class", of(worlds.ByClass), false, [][]cell{straight(.02, varies("the line has one slope for all classes, which differ")), lasting}},
		{"equally hard below 0", of(func(s uint64) worlds.World { return worlds.Saturated(s, 0) }), false, [][]cell{straight(.06, varies("below a level the order is chance")), lasting, only(cell{"shallow first", "yes", 0, 0, "the order after is chance"})}},
		{"equally hard below -.5", of(func(s uint64) worlds.World { return worlds.Saturated(s, -.5) }), false, [][]cell{straight(.06, varies("below a level the order is chance")), lasting, only(cell{"shallow first", "yes", 0, 0, "the order after is chance"})}},
		{"a training split, 10 % wrong labels", of(worlds.WrongLabels), false, nil},
	}
	for _, p := range profiles() {
		out = append(out, setting{p.name, func(seed uint64) *simulated {
			l, ref := p.draw(seed, 3000, 400)
			return &simulated{runs: []*Log{l}, ref: ref}
		}, true, [][]cell{p.cells()}})
	}
	return out
}

// few: 12 evaluations have no shape.
var few = []cell{
	{"converged", "yes", 0, 0, "too few evaluations at the end"},
	{"right-skewed peak (claim 2)", "holds", 0, 0, "too few evaluations"},
	{"settles above 1 (claim 3)", "holds", 0, 0, "too few evaluations"},
}

// cells are what a profile says it must say, and what its shape is.
func (p profile) cells() []cell {
	var out []cell
	names := map[int]string{2: "right-skewed peak (claim 2)", 3: "settles above 1 (claim 3)", 6: "R+ > R- (claim 6)", 7: "early peak (claim 7)"}
	for claim, o := range p.want {
		out = append(out, cell{names[claim], string(o), .8, 1, "the profile is so"})
	}
	for claim, o := range p.never {
		out = append(out, cell{names[claim], string(o), 0, .05, "the profile is not so"})
	}
	if strings.HasPrefix(p.name, "peak symmetric") || strings.HasPrefix(p.name, "left-skewed") {
		out = append(out, cell{"right-skewed", "holds", 0, .05, "the profile is not so"}, cell{"slow", "holds", 0, .05, "the profile is not so"})
	}
	if p.name == "wide peak" {
		out = append(out, cell{"sharp", "holds", 0, .05, "the profile is not so"})
	}
	return out
}

// logOfWorld is a simulated network as a log, and its reference.
func logOfWorld(w worlds.World) (*Log, Reference) {
	answers := func(right []bool) []uint16 {
		out := make([]uint16, len(right))
		for i, r := range right {
			wrong := uint16(1) // without a branch, which would be mispredicted
			if r {
				wrong = 0
			}
			out[i] = w.Labels[i] + wrong
		}
		return out
	}
	l := &Log{Labels: w.Labels}
	for t, right := range w.Deep {
		l.Append(t, float64(t)/10, answers(right), nil)
	}
	return l, Reference{Name: "m", Predictions: answers(w.Right)}
}

// simulate makes a study of a world: three seeds where the world has seeds, the starved control, and a
// hundred untrained networks that answer one class each.
func simulate(seed uint64, w worlds.World) *simulated {
	l, ref := logOfWorld(w)
	s := &simulated{runs: []*Log{l}, ref: ref}
	r := rand.New(rand.NewPCG(seed, 21))
	classes := int(slices.Max(w.Labels)) + 1
	for range 100 {
		s.initial = append(s.initial, slices.Repeat([]uint16{uint16(r.IntN(classes))}, 1000))
	}
	m := contingency.RightShare(w.Right)
	if w.Again != nil {
		for k := range uint64(3) {
			again, _ := logOfWorld(worlds.World{Labels: w.Labels, Right: w.Right, Deep: w.Again(10*seed + k)})
			if k == 2 {
				kin := again.At("kin", again.NearestAccuracy(m))
				s.kin = &kin
			} else {
				s.runs = append(s.runs, again)
			}
		}
	}
	if w.Starved != nil {
		_, starved := logOfWorld(worlds.World{Labels: w.Labels, Right: w.Starved(seed, m)})
		starved.Name = StarvedPrefix + ref.Name
		s.starved = &starved
	}
	return s
}

// claimNames are the claims as the table has them.
var claimNames = [Claims]string{"starts at 1 (claim 1)", "right-skewed peak (claim 2)", "settles above 1 (claim 3)", "shallow_only, one run (claim 4)",
	"R+ about 60 % (claim 5)", "R+ > R- (claim 6)", "early peak (claim 7)"}

// said is what every verdict answers, by its name; with shape alone, those about the shape of R±.
func (s *simulated) said(seed uint64, shape bool) (map[string]string, error) {
	ctx, l := context.Background(), s.runs[0]
	e := newEvidence(l, s.ref, JudgeOptions{Initial: s.initial})
	if err := e.resample(ctx, Resampling{Replicates: 200, Workers: 1, Seed: seed}); err != nil {
		return nil, err
	}
	out := map[string]string{"converged": "no"}
	if e.unconverged() == "" {
		out["converged"] = "yes"
	}
	for k, claim := range claims {
		_, verdict, _ := claim.judge(e)
		out[claimNames[k]] = string(verdict)
	}
	for name, of := range map[string]func() []quality{"right-skewed": e.skewedRight, "sharp": e.sharp, "slow": e.slow} {
		out[name] = "no peak"
		if _, why := e.noPeak(); e.noShape() == "" && why == "" {
			verdict, _ := e.judgeQualities("", of())
			out[name] = string(verdict)
		}
	}
	if shape {
		return out, nil
	}
	learned, err := l.Learning()
	if err != nil {
		return nil, err
	}
	constant, err := ConstantAssociation(ctx, l, learned, s.ref, Resampling{Workers: 1, Seed: seed, Replicates: 400})
	if err != nil {
		return nil, err
	}
	out["beyond accuracy"] = yesNo(constant.Says)
	s.order(learned, out)
	return out, s.left(out)
}

func yesNo(b *bool) string {
	switch {
	case b == nil:
		return "can't tell"
	case *b:
		return "yes"
	}
	return "no"
}

// order adds what the order of learning says.
func (s *simulated) order(own *regime.Learning, out map[string]string) {
	judge := func(ref Reference) *Judgement {
		l := s.runs[0]
		j := &Judgement{Reference: ref.Name, Final: tableOf(len(l.Labels), ref.right(l.Labels), l.at(len(l.Steps)-1))}
		j.Association, j.Regime = JudgeRegime(s.runs[0], own, ref)
		return j
	}
	judged := []*Judgement{judge(s.ref)}
	var others []*regime.Learning
	if found := judged[0].Regime.Found; s.starved != nil && found != nil && *found { // else nobody asks for company
		judged = append(judged, judge(*s.starved))
		for _, l := range s.runs[1:] {
			others = append(others, regime.Learned(l.Labels, len(l.Steps), l.Correct))
		}
	}
	InCompany(own, others, judged)
	out["regime"] = map[string]string{"yes": "found", "no": "none", "can't tell": "can't tell"}[yesNo(judged[0].Regime.Found)]
	out["shallow first"] = yesNo(judged[0].Regime.ShallowFirst)
}

// left adds claim 4 and control 2 of a reference that is one more seed, and of one that has 60 examples
// of its own.
func (s *simulated) left(out map[string]string) error {
	if s.kin == nil {
		return nil
	}
	labels := s.runs[0].Labels
	right := slices.Clone(s.kin.Correct(labels))
	for _, planted := range []int{0, 60} {
		runs, name := s.runs, "kin"
		if planted > 0 {
			runs, name = without(s.runs, planted), "60 planted"
			for i := range planted {
				right[i] = true
			}
		}
		_, ref := logOfWorld(worlds.World{Labels: labels, Right: right})
		report, err := JudgeLeft(runs, ref)
		if err != nil {
			return err
		}
		answer := string(report.Verdict)
		if report.Verdict == Fails && report.Difference.Defined && report.Difference.Hi < 0 {
			answer = "fails by its interval"
		}
		out["shallow_only, "+name+" (claim 4)"] = answer
		share, at := make([]float64, len(right)), make([]int, len(runs))
		for i, r := range right {
			if r {
				share[i] = 1
			}
		}
		for a, l := range runs {
			at[a], _ = l.EquallyAccurate(contingency.RightShare(right))
		}
		d := SurplusOf(share, runs, at).Difference
		out["a better D misses, "+name+" (control 2)"] = "no more"
		if d.Lo > 0 {
			out["a better D misses, "+name+" (control 2)"] = "more"
		}
	}
	return nil
}

// without are the runs with the first examples always wrong.
func without(runs []*Log, first int) []*Log {
	var out []*Log
	for _, l := range runs {
		c := &Log{Labels: l.Labels, Steps: l.Steps, Epochs: l.Epochs}
		for _, p := range l.Predictions {
			p = slices.Clone(p)
			for i := range first {
				p[i] = l.Labels[i] + 1
			}
			c.Predictions = append(c.Predictions, p)
		}
		out = append(out, c)
	}
	return out
}

// TestEveryVerdictInAllWorlds draws all worlds six times, so that every bound can be missed; with
// SHOAL_DRAWS=1000 it draws them as often, or those whose name has SHOAL_WORLD in it, and prints the table
// of records/. A cell is missed where chance doesn't explain by how much.
func TestEveryVerdictInAllWorlds(t *testing.T) {
	const few = 6
	draws := simdraws.Of(t, few)
	if draws == few {
		longtest.Only(t, "every verdict in simulated worlds")
	}
	for _, s := range settings() {
		if !strings.Contains(s.name, os.Getenv("SHOAL_WORLD")) {
			continue
		}
		all, errs := make([]map[string]string, draws), make([]error, draws)
		parallel.For(parallel.Workers(0), draws, func(_, d int) {
			seed := simdraws.Seed(t, d)
			all[d], errs[d] = s.make(seed).said(seed, draws == few && s.shape)
		})
		count := map[string]map[string]int{}
		for d, said := range all {
			if errs[d] != nil {
				t.Fatal(errs[d])
			}
			for verdict, answer := range said {
				if count[verdict] == nil {
					count[verdict] = map[string]int{}
				}
				count[verdict][answer]++
			}
		}
		s.judge(t, count, draws)
	}
}

// judge prints the answers, and holds them against the cells.
func (s setting) judge(t *testing.T, count map[string]map[string]int, draws int) {
	t.Helper()
	own := slices.Concat(s.cells...)
	for _, c := range own {
		if _, said := count[c.verdict]; !said || c.least <= 0 && c.most >= 1 {
			t.Errorf("%s: %+v bounds nothing: the verdict isn't among those of the world, or any rate is within 0 to 1", s.name, c)
		}
	}
	cells := append(own, everywhere...)
	for _, verdict := range slices.Sorted(maps.Keys(count)) {
		var answers, bounds []string
		for _, answer := range slices.Sorted(maps.Keys(count[verdict])) {
			answers = append(answers, fmt.Sprintf("%s %.3f", answer, float64(count[verdict][answer])/float64(draws)))
		}
		for _, c := range cells {
			if c.verdict != verdict {
				continue
			}
			text := fmt.Sprintf("%s %g to %g: %s", c.answer, c.least, c.most, c.why)
			if err := (simdraws.Bound{Least: c.least, Most: c.most}).Check(count[verdict][c.answer], draws); err != nil {
				text += " (missed)"
				t.Errorf("%s: %s: %s: %v; %s", s.name, verdict, c.answer, err, c.why)
			}
			bounds = append(bounds, text)
		}
		if simdraws.Of(t, 0) > 0 {
			t.Logf("| %s | %s | %d | %s | %s |", s.name, verdict, draws, strings.Join(answers, ", "), strings.Join(bounds, "; "))
		}
	}
}
