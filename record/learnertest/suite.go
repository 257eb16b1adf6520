// Package learnertest is the test that says that a [record.Learner] is complete: whoever puts an
// engine or a framework behind that interface runs [Suite] on it.
package learnertest

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"shoal/record"
)

// Learning is what the suite needs to know of the learners that it tests.
type Learning struct {
	// New makes an untrained learner; every call the same one.
	New      func(t *testing.T) record.Learner
	Examples int // of the evaluation split
	Classes  int
	Steps    int // that the learner can take, at least 4
}

// Suite tests that steps are counted and learned from, that scoring changes nothing that a step
// sees, that a learner which was saved and loaded continues as one that was never stopped, that
// damaged states are refused, and that a learner stops when it is asked to.
func Suite(t *testing.T, l Learning) {
	t.Run("steps", l.steps)
	t.Run("scoring changes nothing", l.scoringChangesNothing)
	t.Run("save and load", l.saveAndLoad)
	t.Run("damaged states", l.damagedStates)
	t.Run("cancelled", l.cancelled)
}

func step(t *testing.T, l record.Learner, n int) {
	t.Helper()
	for range n {
		before := l.Steps()
		loss, err := l.Step(t.Context())
		if err != nil {
			t.Fatalf("step %d: %v", before+1, err)
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) || l.Steps() != before+1 {
			t.Fatalf("step %d: loss %v and %d steps, want a finite loss and one step more", before+1, loss, l.Steps())
		}
	}
}

// score returns the predictions, which must be classes, and the loss; the same when asked again.
func (l Learning) score(t *testing.T, learner record.Learner) ([]uint16, float64) {
	t.Helper()
	var all [2][]uint16
	var losses [2]float64
	for k := range all {
		all[k] = slices.Repeat([]uint16{math.MaxUint16}, l.Examples)
		var err error
		if losses[k], err = learner.Score(t.Context(), all[k]); err != nil {
			t.Fatal(err)
		}
	}
	for i, p := range all[0] {
		if int(p) >= l.Classes {
			t.Fatalf("example %d is predicted as class %d, want one below %d", i, p, l.Classes)
		}
	}
	if !slices.Equal(all[0], all[1]) || math.Float64bits(losses[0]) != math.Float64bits(losses[1]) {
		t.Fatal("the same learner scored twice gives two answers")
	}
	return all[0], losses[0]
}

func (l Learning) steps(t *testing.T) {
	learner := l.New(t)
	if n := learner.Steps(); n != 0 {
		t.Fatalf("an untrained learner has done %d steps", n)
	}
	_, untrained := l.score(t, learner)
	step(t, learner, l.Steps)
	_, trained := l.score(t, learner)
	if !math.IsNaN(untrained) && !(trained < untrained) {
		t.Errorf("after %d steps the loss is %v, untrained it was %v", l.Steps, trained, untrained)
	}
}

func (l Learning) scoringChangesNothing(t *testing.T) {
	scored, quiet := l.New(t), l.New(t)
	for range l.Steps {
		l.score(t, scored)
		step(t, scored, 1)
		step(t, quiet, 1)
	}
	l.same(t, "a learner that was scored after every step", scored, quiet)
}

func (l Learning) same(t *testing.T, what string, a, b record.Learner) {
	t.Helper()
	x, first := l.score(t, a)
	y, second := l.score(t, b)
	if !slices.Equal(x, y) || math.Float64bits(first) != math.Float64bits(second) {
		t.Errorf("%s differs from one that wasn't: loss %v and %v", what, first, second)
	}
}

// saved returns the path of the state of a learner that has done half of the steps.
func (l Learning) saved(t *testing.T) (state string, half int) {
	t.Helper()
	learner := l.New(t)
	step(t, learner, l.Steps/2)
	dir := t.TempDir()
	network, state := filepath.Join(dir, "network"), filepath.Join(dir, "state")
	if err := learner.Save(network, state); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Fatalf("a checkpoint is %d files (%v), want the two that were named", len(left), err)
	}
	return state, l.Steps / 2
}

func (l Learning) saveAndLoad(t *testing.T) {
	state, half := l.saved(t)
	resumed, whole := l.New(t), l.New(t)
	if err := resumed.Load(state); err != nil {
		t.Fatal(err)
	}
	if resumed.Steps() != half {
		t.Fatalf("loaded at step %d, saved at %d", resumed.Steps(), half)
	}
	step(t, resumed, l.Steps-half)
	step(t, whole, l.Steps)
	l.same(t, "a learner that was saved and loaded", resumed, whole)
}

func (l Learning) damagedStates(t *testing.T) {
	state, _ := l.saved(t)
	text, err := os.ReadFile(state)
	if err != nil || len(text) == 0 {
		t.Fatalf("a state of %d bytes, %v", len(text), err)
	}
	for name, damaged := range map[string][]byte{"empty": nil, "cut": text[:len(text)/2], "other": []byte("not a state")} {
		if err := os.WriteFile(state, damaged, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := l.New(t).Load(state); err == nil {
			t.Errorf("a state that is %s was loaded", name)
		}
	}
	if err := l.New(t).Load(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a state that isn't there was loaded")
	}
}

func (l Learning) cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	learner := l.New(t)
	if _, err := learner.Step(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	for k := range l.Steps { // a batch that is ready may still be taken
		if _, err := learner.Step(ctx); err != nil {
			if !record.Cancelled(err) {
				t.Errorf("stopped by %v, want the context's error", err)
			}
			return
		}
		if k == l.Steps-2 {
			t.Error("a cancelled learner takes steps to its last")
			return
		}
	}
}
