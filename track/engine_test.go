package track

import (
	"testing"

	"shoal/record"
	"shoal/record/learnertest"
)

// shoal's own engine is the first learner: a network with dropout, on augmented images.
func TestEngineIsALearner(t *testing.T) {
	s, o := tiny(t)
	s.Training.Crop, s.Training.Flip = 2, true
	learnertest.Suite(t, learnertest.Learning{Examples: 36, Classes: 3, Steps: 18, New: func(t *testing.T) record.Learner {
		x, err := newTraining(t.Context(), s, kept{}, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(x.learner.close)
		return x.learner
	}})
}

// A learner that has taken steps may be taken back.
func TestEngineLoadsAfterSteps(t *testing.T) {
	s, o := tiny(t)
	x, err := newTraining(t.Context(), s, kept{}, o)
	if err != nil {
		t.Fatal(err)
	}
	defer x.learner.close()
	dir := t.TempDir()
	if err := x.learner.Save(dir+"/network", dir+"/state"); err != nil {
		t.Fatal(err)
	}
	var first, second []float64
	for _, losses := range []*[]float64{&first, &second} {
		for range 5 {
			loss, err := x.learner.Step(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			*losses = append(*losses, loss)
		}
		if err := x.learner.Load(dir + "/state"); err != nil {
			t.Fatal(err)
		}
	}
	for k := range first {
		if first[k] != second[k] {
			t.Fatalf("losses %v, after returning to the start %v", first, second)
		}
	}
}
