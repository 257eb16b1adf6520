package runlog

import (
	"errors"
	"math"
	"slices"
	"testing"

	"shoal/internal/machine"
)

// What is taken from a log comes in any order, replaces a stretch, and notes how far files were read,
// all or nothing.
func TestTake(t *testing.T) {
	r := sampleRun(t) // steps 0 and 4
	take := func(step int, replaced *Stretch) error {
		e := evaluation(step, 0, 0, 2, 0, 0, 2)
		_, err := r.Take(Taken{Evaluation: e, Replaced: replaced, Read: map[string]int64{"a": int64(step)}})
		return err
	}
	want := func(read int64, steps ...int) {
		t.Helper()
		got, epochs, err := r.Times()
		sources, err2 := r.Sources()
		if errors.Join(err, err2) != nil || !slices.Equal(got, steps) || len(epochs) != len(steps) || sources["a"] != read {
			t.Errorf("steps %v, read %v (%v, %v), want %v and %d", got, sources, err, err2, steps, read)
		}
	}
	must(t, take(9, nil))
	must(t, take(2, nil))
	want(2, 0, 2, 4, 9)
	if err := take(9, nil); err == nil {
		t.Error("step 9 was taken twice")
	}
	want(2, 0, 2, 4, 9)
	if _, err := r.Take(Taken{Evaluation: Evaluation{Step: 11}, Replaced: &Stretch{-1, math.MaxInt}, Read: map[string]int64{"a": 11}}); err == nil {
		t.Error("an evaluation without predictions was taken")
	}
	must(t, take(5, &Stretch{2, 8}))
	want(5, 0, 2, 5, 9)
	must(t, take(3, &Stretch{2, math.MaxInt}))
	want(3, 0, 2, 3)
	if last, err := r.LastStep(); err != nil || last != 3 {
		t.Errorf("the last step is %d, %v", last, err)
	}
	must(t, r.SetSessions("a", []string{"a"}))
	want(0)
	h, err := r.Load(t.Context())
	must(t, err)
	if len(h.Log.Steps) != 0 || len(h.References) != 2 {
		t.Errorf("%+v", h)
	}
}

// A log that is larger than the memory is refused before it is read.
func TestLogBeyondMemory(t *testing.T) {
	r := sampleRun(t)
	available = func() int64 { return 2*2*int64(len(testLabels)) - 1 }
	defer func() { available = machine.Available }()
	if _, err := r.Load(t.Context()); !errors.Is(err, ErrMemory) {
		t.Errorf("error %v", err)
	}
	available = func() int64 { return 2 * 2 * int64(len(testLabels)) }
	if _, err := r.Load(t.Context()); err != nil {
		t.Error(err)
	}
}
