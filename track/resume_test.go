package track

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"shoal/internal/usage"
	"shoal/record"
	"shoal/runlog"
)

// A run that is stopped at any step, with checkpoints or without, ends as one that never was.
func TestResumeGivesTheSameBits(t *testing.T) {
	s, o := tiny(t)
	whole := o
	if _, err := Run(t.Context(), s, whole); err != nil {
		t.Fatal(err)
	}
	for stop, every := range map[int]time.Duration{0: time.Nanosecond, 1: time.Hour, 7: time.Nanosecond, 17: time.Hour, 18: time.Nanosecond} {
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
		var stopped *Stopped
		if !errors.As(err, &stopped) || !stopped.Interrupted() || stopped.Step != stop {
			t.Fatalf("stopped at step %d: %v", stop, err)
		}
		cut.Progress = nil
		if stop == 7 { // as if it had been stopped while it scored
			dropAfter(t, cut.Out, stop-1)
		}
		if _, err := Resume(ctx, cut.Out, nil, cut); !errors.As(err, &stopped) || err.Error() != "interrupted before training" || stopped.Dir != cut.Out {
			t.Errorf("stopped again while it loads: %v, want that it was interrupted", err)
		}
		if _, err := Resume(t.Context(), cut.Out, nil, cut); err != nil {
			t.Fatalf("stopped at step %d: %v", stop, err)
		}
		same(t, fmt.Sprintf("stopped at step %d", stop), whole.Out, cut.Out)
	}
}

func dropAfter(t *testing.T, dir string, step int) {
	t.Helper()
	run, err := runlog.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	if err := errors.Join(run.Rewind(step), run.Trim()); err != nil {
		t.Fatal(err)
	}
}

// The evaluations may have got further than the checkpoint, which is what a killed process leaves.
func TestResumeFromAnOldCheckpoint(t *testing.T) {
	s, o := tiny(t)
	whole := o
	if _, err := Run(t.Context(), s, whole); err != nil {
		t.Fatal(err)
	}
	cut := o
	cut.Out, cut.Checkpoint = filepath.Join(t.TempDir(), "run"), time.Nanosecond
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cut.Progress = func(p record.Progress) {
		if p.Part == record.PartTrain && p.Done == 9 {
			cancel()
		}
	}
	if _, err := Run(ctx, s, cut); err == nil {
		t.Fatal("the run was not interrupted")
	}
	steps, err := record.Checkpoints(cut.Out)
	if err != nil || !slices.Equal(steps, []int{8, 9}) {
		t.Fatalf("checkpoints of steps %v, %v: want the last two", steps, err)
	}
	// The newest one is damaged, so the one before is used.
	path := filepath.Join(cut.Out, "checkpoints", "step-00000009.state.safetensors")
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	cut.Progress = nil
	var said []string
	cut.Say = func(line string) { said = append(said, line) }
	if _, err := Resume(t.Context(), cut.Out, nil, cut); err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(said, "\n"); !strings.Contains(all, "checkpoint of step 9 can't be used") || !strings.Contains(all, "from the checkpoint of step 8") {
		t.Errorf("said %q", all)
	}
	same(t, "from an old checkpoint", whole.Out, cut.Out)
}

func TestResumeRefuses(t *testing.T) {
	s, o := tiny(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.Progress = func(p record.Progress) {
		if p.Part == record.PartTrain && p.Done == 3 {
			cancel()
		}
	}
	if _, err := Run(ctx, s, o); err == nil {
		t.Fatal("the run was not interrupted")
	}
	o.Progress = nil
	_, err := Resume(t.Context(), o.Out, func(s *Study) error { s.Training.Batch = 8; return nil }, o)
	var usage *usage.Error
	if !errors.As(err, &usage) || !strings.Contains(err.Error(), "training.batch is 16 in the run and 8 now") {
		t.Errorf("changed study: %v", err)
	}
	path := filepath.Join(o.Out, StudyFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), "momentum = 0.9", "momentum = 0.25", 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Resume(t.Context(), o.Out, nil, o); err == nil || !strings.Contains(err.Error(), "training.momentum is 0.9 in the run and 0.25 now") {
		t.Errorf("edited study.toml: %v", err)
	}
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(o.Out, "checkpoints", "step-00000003.state.safetensors"), 50); err != nil {
		t.Fatal(err)
	}
	if _, err := Resume(t.Context(), o.Out, nil, o); err == nil || !strings.Contains(err.Error(), "no usable checkpoint") || strings.Contains(err.Error(), "\n") {
		t.Errorf("damaged checkpoint: %v", err)
	}
	if _, err := Resume(t.Context(), t.TempDir(), nil, o); !errors.Is(err, runlog.ErrNotRun) {
		t.Errorf("an empty folder: %v", err)
	}
	// Other data of the same shape.
	other := strings.TrimPrefix(s.Data.Dataset, "folder:")
	first, second := filepath.Join(other, "train", "bar", "0000.png"), filepath.Join(other, "train", "dot", "0000.png")
	img, err := os.ReadFile(second)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(first, img, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Resume(t.Context(), o.Out, nil, o); err == nil || !strings.Contains(err.Error(), "other examples") {
		t.Errorf("changed data: %v", err)
	}
}

// A finished run whose checkpoints were removed keeps its evaluations: only what follows from them
// is made again.
func TestResumeOfAFinishedRunWithoutCheckpoints(t *testing.T) {
	for _, damage := range []func(folder string) error{
		os.RemoveAll,
		func(folder string) error {
			return os.Truncate(filepath.Join(folder, "step-00000018.state.safetensors"), 10)
		},
	} {
		s, o := tiny(t)
		before, err := Run(t.Context(), s, o)
		if err != nil {
			t.Fatal(err)
		}
		evaluations, _ := blobs(t, o.Out)
		if err := damage(filepath.Join(o.Out, "checkpoints")); err != nil {
			t.Fatal(err)
		}
		o.Progress = func(p record.Progress) {
			if p.Part == record.PartTrain || p.Part == record.PartEvaluate {
				t.Errorf("%s at step %d: it trains again", p.Part, p.Done)
			}
		}
		after, err := Resume(t.Context(), o.Out, nil, o)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(after.Seconds, after.PeakRSSBytes, after.Precision, after.Tier, after.Workers, *after.Seed) !=
			fmt.Sprint(before.Seconds, before.PeakRSSBytes, before.Precision, before.Tier, before.Workers, *before.Seed) || after.Precision == "" {
			t.Errorf("the summary has %+v; what only the training knew was in %+v", after, before)
		}
		kept, _ := blobs(t, o.Out)
		if len(kept) != len(evaluations) || after.Accuracy != before.Accuracy {
			t.Errorf("%d evaluations and accuracy %v are left of %d and %v", len(kept), after.Accuracy, len(evaluations), before.Accuracy)
		}
	}
}

// A seed that a study file can't hold would make a run that can't be resumed.
func TestSeedBeyondAStudyFile(t *testing.T) {
	s, o := tiny(t)
	s.Seed = math.MaxInt64 + 1
	if _, err := Run(t.Context(), s, o); err == nil || !strings.Contains(err.Error(), "seed is 9223372036854775808") {
		t.Errorf("error %v, want one about the seed", err)
	}
	s.Seed, s.Training.Epochs = math.MaxInt64, .2
	if _, err := Run(t.Context(), s, o); err != nil {
		t.Fatal(err)
	}
	if _, err := Resume(t.Context(), o.Out, nil, o); err != nil {
		t.Errorf("the largest seed can't be resumed: %v", err)
	}
}
