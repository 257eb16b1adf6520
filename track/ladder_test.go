package track

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/internal/tinydata"
	"shoal/record"
	"shoal/runlog"
)

// curve is a made-up learning curve: logit linear in ln n.
func curve(n int) float64 { return 1 / (1 + math.Exp(-(math.Log(float64(n))-7)/1.5)) }

func TestSearchFindsTheNumberOfExamples(t *testing.T) {
	for _, target := range []float64{.2, .3, .41, .8, .9} {
		known, calls := trials{}, 0
		n, ok, err := known.search(context.Background(), 32, 60000, target, func(n int) (float64, error) { calls++; return curve(n), nil })
		if err != nil || !ok || !dynamics.SameAccuracy(curve(n), target) || calls > 5 {
			t.Errorf("%v: %d examples after %d trials, %v, %v", target, n, calls, ok, err)
		}
		again, _, _ := known.search(context.Background(), 32, 60000, target, func(int) (float64, error) { t.Error("tried again"); return 0, nil })
		if again != n {
			t.Errorf("%d examples the second time, %d the first", again, n)
		}
	}
	// What isn't reached ends, at the nearest that there is.
	for target, want := range map[float64]int{.001: 32, .999: 60000} {
		n, ok, err := trials{}.search(context.Background(), 32, 60000, target, func(n int) (float64, error) { return curve(n), nil })
		if n != want || ok || err != nil {
			t.Errorf("%v: %d examples, %v, %v, want %d and no", target, n, ok, err, want)
		}
	}
	// A step that no number of examples is within, and a curve that isn't monotone.
	for _, f := range []func(n int) float64{
		func(n int) float64 { return map[bool]float64{true: .9, false: .1}[n > 1000] },
		func(n int) float64 { return .5 + .4*math.Sin(float64(n)) },
	} {
		if _, _, err := (trials{}).search(context.Background(), 32, 60000, .5, func(n int) (float64, error) { return f(n), nil }); err != nil {
			t.Error(err)
		}
	}
	failed := errors.New("x")
	if _, _, err := (trials{}).search(context.Background(), 32, 60000, .5, func(int) (float64, error) { return 0, failed }); !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
}

func TestLadder(t *testing.T) {
	data := filepath.Join(t.TempDir(), "shapes")
	if err := tinydata.Write(data, 16, 12); err != nil {
		t.Fatal(err)
	}
	s, err := Builtin("mnist")
	if err != nil {
		t.Fatal(err)
	}
	s.Name, s.Data.Dataset = "tiny", "folder:"+data
	s.Training.Epochs, s.Training.Batch, s.Training.LearningRate, s.Training.Momentum = 3, 16, .03, .9
	s.Evaluation.Initialisations = 2
	s.References = record.References{{Name: "m", Kind: "forest", Preset: "default", Parameters: record.Parameters{"trees": "3", "max-depth": "2"}}}
	o := Options{Out: filepath.Join(t.TempDir(), "run"), Version: "test", Options: record.Options{Offline: true, CacheDir: t.TempDir(), Workers: 1}}
	if _, err := Run(context.Background(), s, o); err != nil {
		t.Fatal(err)
	}
	l := Ladder{Starved: true, Early: true, Steps: 10}
	summary, err := l.Do(context.Background(), o.Out, o)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range summary.References {
		if names = append(names, r.Name); r.Name == "m" {
			continue
		}
		if !strings.HasPrefix(r.Name, dynamics.RungPrefix) && !strings.HasPrefix(r.Name, dynamics.StarvedPrefix) {
			t.Errorf("reference %q", r.Name)
		}
	}
	h, err := runlog.Load(context.Background(), o.Out)
	if err != nil {
		t.Fatal(err)
	}
	if len(names) < 3 || len(h.Judgements) != len(names) {
		t.Errorf("references %q, %d judgements", names, len(h.Judgements))
	}
	target := math.Inf(1)
	for _, r := range h.References {
		if r.Name == "m" || strings.HasPrefix(r.Name, dynamics.RungPrefix) {
			target = math.Min(target, r.Accuracy)
		}
	}
	for _, r := range h.References {
		if strings.HasPrefix(r.Name, dynamics.RungPrefix) && math.Abs(logit(r.Accuracy)-logit(target)) > 2*dynamics.SameLogit+1e-9 {
			t.Errorf("%s has accuracy %v, another rung %v", r.Name, r.Accuracy, target)
		}
	}
	// Again, nothing is trained and no reference added.
	o.Progress = func(p record.Progress) {
		if p.Part == record.PartTrain {
			t.Error("trained again")
		}
	}
	again, err := l.Do(context.Background(), o.Out, o)
	if err != nil || len(again.References) != len(names) {
		t.Errorf("again: %d references, %v", len(again.References), err)
	}
}

func TestStarvedStudy(t *testing.T) {
	s, err := Builtin("cifar10")
	if err != nil {
		t.Fatal(err)
	}
	s.Training.LearningRate, s.Training.Schedule = 0, "linear:0@0,0.2@1,0.01@2"
	x := &climb{study: s, perEpoch: 10, total: 30}
	x.Seed = 4
	for _, n := range []int{32, 2000, 50000} {
		got := x.starvedStudy(n, 1)
		perPass := (n + 127) / 128
		if err := got.Check(); err != nil || got.Data.SampleTrain != n || got.Training.LearningRate != .2 || got.Seed == 4 || got.Seed == s.Seed || len(got.References) != 0 ||
			int(got.Training.Epochs)*perPass < starvedSteps || got.Training.Epochs < starvedPasses {
			t.Errorf("%d examples: %+v, %v", n, got, err)
		}
	}
	if len(x.study.References) == 0 || x.study.Data.SampleTrain != 0 {
		t.Error("the run's study was changed")
	}
}

func TestConverged(t *testing.T) {
	l := &dynamics.Log{Labels: []uint16{0, 1}}
	right := []bool{true, true}
	for step, r := range [][]bool{{false, false}, {false, true}, {false, true}, {true, true}, {true, true}} {
		l.Append(step, float64(step), []uint16{0, 1}, r)
	}
	if !converged(l) {
		t.Error("a log that ends flat hasn't converged")
	}
	l.Right[4] = right
	l.Right[3] = []bool{false, true}
	if converged(l) {
		t.Error("a log that still gains half of the examples has converged")
	}
}

// The other seed of a ladder stops early: its estimate doesn't grow with the run.
func TestEarlyRungIsNoWholeTraining(t *testing.T) {
	short, long := Estimate{PerEpoch: 100, Steps: 200, StepSeconds: 1}, Estimate{PerEpoch: 100, Steps: 35000, StepSeconds: 1}
	if got := short.early(); got != 200 {
		t.Errorf("of 2 epochs it takes %v s, want 200 at most", got)
	}
	if got := long.early(); got != 375 {
		t.Errorf("of 350 epochs it takes %v s, want 375", got)
	}
}
