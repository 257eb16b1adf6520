package dynamics

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"shoal/internal/longtest"
	"shoal/internal/simdraws"
)

// judge wants a judgement that comes back from JSON as it was.
func judge(t *testing.T, l *Log, ref Reference, o JudgeOptions) *Judgement {
	t.Helper()
	if o.Replicates == 0 {
		o.Replicates = 100
	}
	j, err := Judge(context.Background(), l, ref, o)
	if err != nil {
		t.Fatal(err)
	}
	comesBack(t, j)
	return j
}

// outcome is a verdict and a part of its reason.
type outcome struct {
	verdict Outcome
	reason  string
}

// expect checks verdicts, given by claim.
func expect(t *testing.T, j *Judgement, want map[int]outcome) {
	t.Helper()
	if len(j.Verdicts) != 7 {
		t.Fatalf("%d verdicts, want one a claim", len(j.Verdicts))
	}
	for i, v := range j.Verdicts {
		if v.Claim != i+1 {
			t.Errorf("verdict %d is on claim %d", i, v.Claim)
		}
		if w, asked := want[v.Claim]; asked && (v.Verdict != w.verdict || !strings.Contains(v.Reason, w.reason)) {
			t.Errorf("claim %d: %s (%s), want %s with %q", v.Claim, v.Verdict, v.Reason, w.verdict, w.reason)
		}
	}
}

func TestVerdictsOnSimulatedLearners(t *testing.T) {
	for name, c := range map[string]struct {
		learner func(*world) (*Log, Reference)
		want    map[int]outcome
	}{
		// The peak is skewed to the right over ln(step), but most of the accuracy is gained before it.
		"shallow first": {shallowFirst, map[int]outcome{2: {Fails, "over accuracy"}, 3: {Fails, "in accuracy"}, 4: {CannotJudge, "another seed"}, 6: {Holds, "a difference of"}, 7: {Holds, "at epoch"}}},
		// In one of forty the highest point is above 1 by chance; then it does not fall from there.
		"independent":  {independent, map[int]outcome{2: {Fails, ""}, 3: {Fails, "1 within"}, 4: {CannotJudge, "another seed"}, 7: {Fails, ""}}},
		"constant 1.0": {constantOne, map[int]outcome{2: {Fails, "does not rise"}, 3: {Fails, ""}}},
		"steady rise":  {steadyRise, map[int]outcome{2: {Fails, "no maximum"}, 3: {Fails, "no peak"}, 7: {Fails, "no maximum"}}},
		"two peaks":    {twoPeaks, map[int]outcome{2: {Fails, "2 modes"}}},
	} {
		t.Run(name, func(t *testing.T) {
			seeds := uint64(1)
			if longtest.On() {
				seeds = 2
			}
			for seed := range seeds {
				w := newWorld(seed, 3000, 400)
				l, ref := c.learner(w)
				expect(t, judge(t, l, ref, JudgeOptions{}), c.want)
			}
		})
	}
}

// A learner that follows difficulty alone has a peak above 1, too, though the reference predicts the order
// to the end, and R± says no more than one association does.
func TestEasyFirstHasThePeakAsWell(t *testing.T) {
	l, ref, _ := easyFirst(newWorld(0, 3000, 400))
	j := judge(t, l, ref, JudgeOptions{})
	expect(t, j, map[int]outcome{6: {Holds, ""}})
	if p := j.Peak; !p.Found || !(p.Ratio.Lo > 1.5) || !(p.Ratio.Lo > j.Last.Hi) {
		t.Errorf("the peak of R± is %v and its end %v: want one that is clearly above 1.5 and above the end", p.Ratio, j.Last)
	}
	if r := j.Regime; r.Found == nil || *r.Found || r.ShallowFirst != nil {
		t.Errorf("found is %s, want none where there is one difficulty: %s", yesNo(r.Found), r.Reason)
	}
	if b := j.BeyondAccuracy; yesNo(b.Says) != "no" {
		t.Errorf("R± says more than accuracy: %s, want no: %s", yesNo(b.Says), b.Reason)
	}
}

func TestCannotJudge(t *testing.T) {
	w := newWorld(1, 3000, 300)
	l, ref := shallowFirst(w)
	short := l.pick(func(t int) bool { return t <= 25 })
	expect(t, judge(t, short, ref, JudgeOptions{}), map[int]outcome{3: {CannotJudge, "too few evaluations at the end"}, 4: {CannotJudge, "too few evaluations at the end"}, 6: {CannotJudge, "at the end"}})

	sparse := l.pick(func(t int) bool { return t%50 == 0 })
	expect(t, judge(t, sparse, ref, JudgeOptions{}), map[int]outcome{2: {CannotJudge, "too few to see"}, 3: {CannotJudge, "too few to see"}})

	late := l.pick(func(t int) bool { return t >= 10 })
	expect(t, judge(t, late, ref, JudgeOptions{}), map[int]outcome{2: {CannotJudge, "sparse before"}})

	steady, m := steadyRise(newWorld(2, 3000, 300))
	early := steady.pick(func(t int) bool { return t <= 30 })
	expect(t, judge(t, early, m, JudgeOptions{}), map[int]outcome{2: {CannotJudge, "too short"}})

	perfect := Reference{Name: "labels", Predictions: l.Labels}
	expect(t, judge(t, l, perfect, JudgeOptions{}), map[int]outcome{2: {CannotJudge, "0 wrong"}, 5: {CannotJudge, "0 wrong"}, 6: {CannotJudge, "0 wrong"}})

	untrained := l.pick(func(t int) bool { return t == 0 })
	expect(t, judge(t, untrained, ref, JudgeOptions{}), map[int]outcome{1: {CannotJudge, "0 were scored"}, 2: {CannotJudge, ""}, 3: {CannotJudge, ""}, 4: {CannotJudge, ""}})
}

// Claim 5 on a world with the paper's margins: m = .1442.
func TestClaimFive(t *testing.T) {
	w := newWorld(3, 5000, 60)
	ref := w.reference(.1442)
	to := func(top float64) func(int) float64 {
		return func(s int) float64 { return .01 + (top-.01)*math.Min(1, float64(s)/30) }
	}
	l := w.byReference(ref, .02, to(.65), to(.155))
	expect(t, judge(t, l, ref, JudgeOptions{}), map[int]outcome{5: {Holds, "R+"}})
	flat := w.byReference(ref, .02, to(.3), to(.3))
	expect(t, judge(t, flat, ref, JudgeOptions{}), map[int]outcome{5: {Fails, "R+"}})
	far := w.byReference(ref, .02, to(.1), to(.1))
	expect(t, judge(t, far, ref, JudgeOptions{}), map[int]outcome{5: {CannotJudge, "near 20 %"}})
	strong := w.reference(.9)
	expect(t, judge(t, flat, strong, JudgeOptions{}), map[int]outcome{5: {CannotJudge, "at most"}})
}

// Networks that answer one class each have an R± of their own; only the ratio of their means is 1,
// and claim 1 is about that.
func TestClaimOne(t *testing.T) {
	w := newWorld(4, 5000, 5)
	byClass := func(hard float64) Reference {
		return Reference{Name: "m", Predictions: w.answers(func(i int) bool {
			if w.labels[i] == 3 {
				return w.r.Float64() < hard
			}
			return w.r.Float64() < .5
		})}
	}
	ref := byClass(.95)
	l, _ := independent(w)
	for i := range l.Predictions[0] {
		l.Predictions[0][i] = 3
	}
	claim := func(ref Reference, in [][]uint16) (StartNumbers, Verdict) {
		v := judge(t, l, ref, JudgeOptions{Initial: in}).Verdicts[0]
		return *v.Numbers.Start, v
	}
	in := w.initial(200, 5000)
	n, v := claim(ref, in)
	if v.Verdict != Holds || !strings.Contains(v.Reason, "mean over classes only") || !(*n.Initial.Most > 1.5) || n.Initial.OneClass != 1 {
		t.Errorf("%s: %s", v.Verdict, v.Reason)
	}
	near(t, "adjusted", n.ClassAdjustedRatio.Value, 1, 1e-12)
	if _, v := claim(ref, in[:99]); v.Verdict != CannotJudge || !strings.Contains(v.Reason, "99 were scored") {
		t.Errorf("99 initialisations: %s: %s", v.Verdict, v.Reason)
	}
	for k := range in {
		in[k] = in[k][:40]
	}
	if _, v := claim(ref, in); v.Verdict != CannotJudge || !strings.Contains(v.Reason, "of each") {
		t.Errorf("40 examples: %s: %s", v.Verdict, v.Reason)
	}
	// Networks that all answer the class which the reference is best at.
	same := make([][]uint16, 100)
	for k := range same {
		same[k] = l.Predictions[0]
	}
	if _, v := claim(ref, same); v.Verdict != Fails {
		t.Errorf("the reference's best class throughout: %s: %s", v.Verdict, v.Reason)
	}
	for k := range same {
		same[k] = l.Predictions[0][:150]
	}
	if _, v := claim(byClass(.6), same); v.Verdict != CannotJudge || !strings.Contains(v.Reason, "too wide") {
		t.Errorf("few examples: %s: %s", v.Verdict, v.Reason)
	}
}

// The interval of initialisations covers 1, about which they lie, in 92 % of the draws or more: it is
// on the safe side, since examples are in both parts of its variance.
func TestInitialisationsCover(t *testing.T) {
	draws := simdraws.Of(t, 40)
	hits := 0
	for d := range draws {
		w := newWorld(simdraws.Seed(t, d)-1, 1000, 0)
		ref := w.reference(.4)
		in := initialise(w.labels, ref.right(w.labels), w.initial(100, 1000))
		if in.Ratio.Lo <= 1 && 1 <= in.Ratio.Hi {
			hits++
		}
	}
	got := float64(hits) / float64(draws)
	t.Logf("| R+ over R− of random initialisations | %.3f |", got)
	if se := 3 * math.Sqrt(.95*.05/float64(draws)); !(got > .92-se) {
		t.Errorf("covers 1 in %.3f of %d draws", got, draws)
	}
}

// Claim 5 isn't judged where the paper doesn't make it.
func TestNotClaimed(t *testing.T) {
	l, ref := independent(newWorld(1, 500, 30))
	o := JudgeOptions{Claimed: func(reference string, claim int) bool { return reference != "m" || claim != 5 }}
	expect(t, judge(t, l, ref, o), map[int]outcome{5: {NotClaimed, "CIFAR-100"}})
	other := ref
	other.Name = "n"
	if v := judge(t, l, other, o).Verdicts[4]; v.Verdict == NotClaimed {
		t.Errorf("%s: %s", v.Verdict, v.Reason)
	}
}

// Whatever the log, what comes out is JSON (see judge): no NaN, no infinity.
func TestJudgementsOfDegenerateLogs(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for k := range 60 {
		n, T := 1+r.IntN(120), 1+r.IntN(40)
		l := &Log{Labels: randomClasses(r, n, 1+r.IntN(3))}
		still := randomClasses(r, n, 1+r.IntN(3))
		if k%5 == 0 {
			still = l.Labels
		}
		for s := range T {
			p := still // a network that never changes
			if k%2 == 0 {
				p = randomClasses(r, n, 1+r.IntN(3))
			}
			l.Steps, l.Epochs, l.Predictions = append(l.Steps, s+k%3), append(l.Epochs, float64(s)), append(l.Predictions, p)
		}
		ref := Reference{Name: "m", Predictions: randomClasses(r, n, 1+r.IntN(3))}
		if k%7 == 0 {
			ref.Predictions = l.Labels
		}
		if j := judge(t, l, ref, JudgeOptions{Resampling: Resampling{Replicates: 25}}); len(j.Verdicts) != 7 {
			t.Errorf("%d verdicts", len(j.Verdicts))
		}
		m, err := Measure(l)
		if err != nil {
			t.Fatal(err)
		}
		p, err := PredictLearning(l, ref, m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(p); err != nil {
			t.Error(err)
		}
	}
}

func TestPersistentCoreByHand(t *testing.T) {
	l := logOf([]int{1, 2, 3, 4}, []float64{1, 2, 3, 4},
		"1000", // missed at the last three
		"0001", // right at the end
		"0010", // right once among the last three
		"0000",
	)
	ref := Reference{Name: "m", Predictions: []uint16{1, 1, 1, 0}}
	j := judge(t, l, ref, JudgeOptions{LastK: 3, Resampling: Resampling{Replicates: 25}})
	if len(j.Persistent) != 1 || j.Persistent[0] != 0 || j.LastK != 3 {
		t.Errorf("core %v over %d evaluations, want example 0 over 3", j.Persistent, j.LastK)
	}
	other := logOf([]int{1, 2, 3, 4}, []float64{1, 2, 3, 4}, "0111", "0000", "0111", "0111")
	c, err := Churn([]*Log{l, other}, ref, 3)
	if err != nil {
		t.Fatal(err)
	}
	// Run 1 misses example 0 (and 3, which the reference has wrong), run 2 misses example 1; no
	// example that the reference gets right is missed by both.
	if len(c.MissedByAll) != 0 || c.Missed[0] != 1 || c.Missed[1] != 1 || c.ShallowOnly[0] != 2 || c.ShallowOnly[1] != 1 {
		t.Errorf("got %+v", c)
	}
	if c.NetworkOnly[0][1] != 0 || c.NetworkOnly[1][0] != 2 {
		t.Errorf("network only: %v", c.NetworkOnly)
	}
	if _, err := Churn(nil, ref, 0); err == nil {
		t.Error("churn of no runs")
	}
}

func TestJudgeStopsAndDoesNotDependOnWorkers(t *testing.T) {
	l, ref := shallowFirst(newWorld(1, 1000, 100))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Judge(ctx, l, ref, JudgeOptions{}); err != context.Canceled {
		t.Errorf("got %v, want canceled", err)
	}
	var first []byte
	for _, workers := range []int{1, 2, 3} {
		b, err := json.Marshal(judge(t, l, ref, JudgeOptions{Resampling: Resampling{Workers: workers, Seed: 9, Replicates: 60}}))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		}
		if string(b) != string(first) {
			t.Errorf("%d workers judge otherwise than 1", workers)
		}
	}
	if _, err := Judge(context.Background(), l, Reference{}, JudgeOptions{}); err == nil {
		t.Error("judged against nothing")
	}
}

// R± of a reference that gets everything right, or nothing, is undefined at every evaluation, and of one
// that gets a few examples wrong, or right, it is about those few: the half example that smoothing adds
// to each cell must not make a peak of it.
func TestNoPeakWithoutARatio(t *testing.T) {
	for k := range 4 {
		right, others := k%2 == 0, 4*(k/2)
		l, ref := independent(newWorld(1, 400, 40))
		for i, label := range l.Labels {
			if ref.Predictions[i] = label; right == (i < others) {
				ref.Predictions[i] = (label + 1) % 10
			}
		}
		j := judge(t, l, ref, JudgeOptions{})
		if j.Peak.Found || j.Peak.Ratio.Defined || others == 0 && j.Last.Defined {
			t.Errorf("right but for %d %v: a peak %v where R± at the end is defined %v", others, right, j.Peak.Ratio, j.Last.Defined)
		}
		for _, v := range j.Verdicts {
			if v.Claim != 1 && v.Claim != 4 && v.Claim != 5 && v.Verdict != CannotJudge {
				t.Errorf("right but for %d %v: claim %d is judged: %s (%s)", others, right, v.Claim, v.Verdict, v.Reason)
			}
		}
	}
}
