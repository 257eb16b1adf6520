package track

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"shoal/dynamics"
	"shoal/record"
	"shoal/runlog"
)

// trained reads the values and predictions of a run's training examples, by step.
func trained(t *testing.T, dir string) (*runlog.History, map[string][]runlog.StepValues) {
	t.Helper()
	h, err := runlog.LoadSplit(t.Context(), dir, dynamics.TrainSplit)
	if err != nil {
		t.Fatal(err)
	}
	run, err := runlog.OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	view, err := run.Split(dynamics.TrainSplit)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][]runlog.StepValues{}
	for _, name := range []string{dynamics.ValueP, dynamics.ValueMargin, dynamics.ValueLoss, dynamics.ValueEL2N} {
		for v, err := range view.Values(name) {
			if err != nil {
				t.Fatal(err)
			}
			values[name] = append(values[name], v)
		}
	}
	return h, values
}

// Training examples are scored with the test split, at the same steps, and their values are those of
// their predictions.
func TestScoredTrainingExamples(t *testing.T) {
	s, o := tiny(t)
	s.References, s.Evaluation.Train = nil, 40
	if _, err := Run(t.Context(), s, o); err != nil {
		t.Fatal(err)
	}
	main, err := runlog.Load(t.Context(), o.Out)
	if err != nil {
		t.Fatal(err)
	}
	h, values := trained(t, o.Out)
	if !slices.Equal(h.Log.Steps, main.Log.Steps) || len(h.Log.Labels) != 40 {
		t.Fatalf("%d training examples at steps %v, want 40 at %v", len(h.Log.Labels), h.Log.Steps, main.Log.Steps)
	}
	for k, loss := range h.Loss {
		p, margin, losses, el2n := values[dynamics.ValueP][k].Values, values[dynamics.ValueMargin][k].Values, values[dynamics.ValueLoss][k].Values, values[dynamics.ValueEL2N][k].Values
		mean := 0.0
		for i, l := range losses {
			mean += float64(l) / 40
			right := h.Log.Correct(k)[i]
			if !(math.Abs(math.Exp(-float64(l))-float64(p[i])) < 3e-3) || right != (margin[i] > 0) && margin[i] != 0 || !(el2n[i] >= 0 && el2n[i] <= 1.415) {
				t.Fatalf("step %d, example %d: p %v, margin %v, loss %v, EL2N %v, right %v", h.Log.Steps[k], i, p[i], margin[i], l, el2n[i], right)
			}
		}
		if !(math.Abs(mean-loss) < 2e-3) {
			t.Errorf("step %d: the mean of the losses is %v, the loss %v", h.Log.Steps[k], mean, loss)
		}
	}
	plain := o
	s.Evaluation.Train, plain.Out = 0, filepath.Join(t.TempDir(), "run")
	if _, err := Run(t.Context(), s, plain); err != nil {
		t.Fatal(err)
	}
	same(t, "without scored training examples", o.Out, plain.Out)
}

// A run that is stopped ends as one that never was, its training examples included: also one that was
// stopped between the two scorings of a step.
func TestScoredTrainingExamplesResume(t *testing.T) {
	s, o := tiny(t)
	s.References, s.Evaluation.Train, s.Training.Epochs = nil, 40, 2
	if _, err := Run(t.Context(), s, o); err != nil {
		t.Fatal(err)
	}
	want, wantValues := trained(t, o.Out)
	for stop, every := range map[int]time.Duration{0: time.Hour, 7: time.Nanosecond, 8: time.Hour} {
		cut := o
		cut.Out, cut.Checkpoint = filepath.Join(t.TempDir(), "run"), every
		ctx, cancel := context.WithCancel(t.Context())
		cut.Progress = func(p record.Progress) {
			if p.Part == record.PartTrain && p.Done == stop {
				cancel()
			}
		}
		_, err := Run(ctx, s, cut)
		cancel()
		if err == nil {
			t.Fatal("the run was not stopped")
		}
		cut.Progress = nil
		if stop == 7 {
			dropAfter(t, cut.Out, stop-1)
		}
		if _, err := Resume(t.Context(), cut.Out, nil, cut); err != nil {
			t.Fatalf("stopped at step %d: %v", stop, err)
		}
		same(t, fmt.Sprintf("stopped at step %d", stop), o.Out, cut.Out)
		got, values := trained(t, cut.Out)
		if !slices.Equal(got.Log.Steps, want.Log.Steps) {
			t.Fatalf("stopped at step %d: training examples at steps %v, want %v", stop, got.Log.Steps, want.Log.Steps)
		}
		for k := range want.Log.Steps {
			if !slices.Equal(got.Log.Predictions[k], want.Log.Predictions[k]) || !slices.Equal(values[dynamics.ValueEL2N][k].Values, wantValues[dynamics.ValueEL2N][k].Values) {
				t.Errorf("stopped at step %d: training examples differ at step %d", stop, want.Log.Steps[k])
			}
		}
	}
}
