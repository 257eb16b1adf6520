package dynamics

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
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
	if len(j.Verdicts) != 5 {
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
		"shallow first": {shallowFirst, map[int]outcome{1: {Holds, ""}, 2: {Holds, "one peak"}, 3: {Holds, "settled"}, 4: {Holds, ""}}},
		"independent":   {independent, map[int]outcome{1: {Holds, ""}, 2: {Fails, "does not rise"}, 3: {Fails, "1 within"}, 4: {Holds, ""}}},
		"constant 1.0":  {constantOne, map[int]outcome{1: {Holds, ""}, 2: {Fails, "does not rise"}, 3: {Fails, ""}}},
		"steady rise":   {steadyRise, map[int]outcome{1: {Holds, ""}, 2: {Fails, "no maximum"}}},
		"two peaks":     {twoPeaks, map[int]outcome{1: {Holds, ""}, 2: {Fails, "2 modes"}}},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(3) {
				w := newWorld(seed, 3000, 400)
				l, ref := c.learner(w)
				expect(t, judge(t, l, ref, JudgeOptions{}), c.want)
			}
		})
	}
}

// A learner that follows difficulty alone has the paper's peak, too: claim 2 holds, and R± says no
// more than one association does.
func TestEasyFirstHasThePeakAsWell(t *testing.T) {
	for seed := range uint64(3) {
		l, ref, _ := easyFirst(newWorld(seed, 3000, 400))
		j := judge(t, l, ref, JudgeOptions{})
		expect(t, j, map[int]outcome{2: {Holds, "one peak"}})
		if r := j.Regime; r.Found != nil && *r.Found || r.ShallowFirst != nil && *r.ShallowFirst {
			t.Errorf("a change of regime where there is one difficulty: %s", r.Reason)
		}
	}
}

func TestCannotJudge(t *testing.T) {
	w := newWorld(1, 3000, 300)
	l, ref := shallowFirst(w)
	short := l.pick(func(t int) bool { return t <= 25 })
	expect(t, judge(t, short, ref, JudgeOptions{}), map[int]outcome{1: {Holds, ""}, 3: {CannotJudge, "too short"}, 4: {CannotJudge, "too short"}})

	sparse := l.pick(func(t int) bool { return t%50 == 0 })
	expect(t, judge(t, sparse, ref, JudgeOptions{}), map[int]outcome{2: {CannotJudge, "too few to see"}, 3: {CannotJudge, "too few to see"}})

	late := l.pick(func(t int) bool { return t >= 10 })
	expect(t, judge(t, late, ref, JudgeOptions{}), map[int]outcome{1: {CannotJudge, "step 10"}, 2: {CannotJudge, "sparse before"}})

	steady, m := steadyRise(newWorld(2, 3000, 300))
	early := steady.pick(func(t int) bool { return t <= 30 })
	expect(t, judge(t, early, m, JudgeOptions{}), map[int]outcome{2: {CannotJudge, "too short"}})

	perfect := Reference{Name: "labels", Predictions: l.Labels}
	expect(t, judge(t, l, perfect, JudgeOptions{}), map[int]outcome{1: {CannotJudge, "0 wrong"}, 2: {CannotJudge, "0 wrong"}, 5: {CannotJudge, "0 wrong"}})

	untrained := l.pick(func(t int) bool { return t == 0 })
	expect(t, judge(t, untrained, ref, JudgeOptions{}), map[int]outcome{1: {Holds, ""}, 2: {CannotJudge, ""}, 3: {CannotJudge, ""}, 4: {CannotJudge, ""}})
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

// An untrained network that predicts one class may have an R± other than 1; adjusted for class it
// is 1.
func TestClaimOneOfAConstantAnswer(t *testing.T) {
	w := newWorld(4, 5000, 30)
	ref := Reference{Name: "m", Predictions: w.answers(func(i int) bool {
		if w.labels[i] == 3 {
			return w.r.Float64() < .95
		}
		return w.r.Float64() < .5
	})}
	l, _ := shallowFirst(w)
	for i := range l.Predictions[0] {
		l.Predictions[0][i] = 3
	}
	j := judge(t, l, ref, JudgeOptions{})
	expect(t, j, map[int]outcome{1: {Fails, "class 3 for 100 %"}})
	adjusted := j.Verdicts[0].Numbers.Start.ClassAdjustedRatio
	near(t, "adjusted", adjusted.Value, 1, 1e-12)
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
		if j := judge(t, l, ref, JudgeOptions{Resampling: Resampling{Replicates: 25}}); len(j.Verdicts) != 5 {
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
