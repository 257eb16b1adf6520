package track

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"shoal/contingency"
	"shoal/internal/tinydata"
	"shoal/internal/usage"
	"shoal/record"
	"shoal/runlog"
)

// tiny is a study of a second on a dataset made for the test.
func tiny(t *testing.T) (Study, Options) {
	t.Helper()
	data := filepath.Join(t.TempDir(), "shapes")
	if err := tinydata.Write(data, 30, 12); err != nil {
		t.Fatal(err)
	}
	s := defaultsFor("folder:" + data)
	s.Name = "tiny"
	s.Training.Epochs, s.Training.Batch, s.Training.LearningRate, s.Training.Momentum = 3, 16, .03, .9
	s.Training.Mean, s.Training.Std = []float32{.2}, []float32{.2}
	s.References = record.References{
		{Name: "svm", Kind: "svm", Preset: "default"},
		{Name: "forest", Kind: "forest", Preset: "default", Parameters: map[string]string{"trees": "5"}},
	}
	return s, Options{Out: filepath.Join(t.TempDir(), "run"), Options: record.Options{NoCache: true}, Version: "test"}
}

// blobs reads all that a run's numbers rest on.
func blobs(t *testing.T, dir string) ([]runlog.Evaluation, []runlog.Reference) {
	t.Helper()
	run, err := runlog.OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	var all []runlog.Evaluation
	for e, err := range run.Evaluations(-1) {
		if err != nil {
			t.Fatal(err)
		}
		e.Seconds = 0
		all = append(all, e)
	}
	references, err := run.References()
	if err != nil {
		t.Fatal(err)
	}
	return all, references
}

// same fails unless two runs have the same evaluations and references.
func same(t *testing.T, what, dir, other string) {
	t.Helper()
	a, ra := blobs(t, dir)
	b, rb := blobs(t, other)
	if len(a) != len(b) || len(ra) != len(rb) {
		t.Fatalf("%s: %d evaluations and %d references, want %d and %d", what, len(b), len(rb), len(a), len(ra))
	}
	for i := range a {
		if a[i].Step != b[i].Step || a[i].Loss != b[i].Loss || a[i].Epoch != b[i].Epoch || !slices.Equal(a[i].Predictions, b[i].Predictions) {
			t.Fatalf("%s: evaluation of step %d differs", what, a[i].Step)
		}
	}
	for i := range ra {
		if !slices.Equal(ra[i].Predictions, rb[i].Predictions) {
			t.Fatalf("%s: reference %q differs", what, ra[i].Name)
		}
	}
}

func TestRunWritesWhatItPromises(t *testing.T) {
	s, o := tiny(t)
	summary, err := Run(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	const steps = 18 // 90 examples in batches of 16: 6 a pass, 3 passes
	if summary.Steps != steps || summary.Evaluations != steps+1 || summary.Epochs != 3 || len(summary.References) != 2 {
		t.Errorf("summary %+v", summary)
	}
	h, err := runlog.Load(t.Context(), o.Out)
	if err != nil || h.Status != runlog.Finished || len(h.Judgements) != 2 || h.Seconds != summary.Seconds {
		t.Fatalf("loaded %+v, %v", h, err)
	}
	run, err := runlog.OpenReadOnly(o.Out)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	evaluations, references := blobs(t, o.Out)
	for _, r := range references {
		tables, err := run.Tables(r.ID)
		if err != nil || len(tables) != steps+1 {
			t.Fatalf("%d tables, %v", len(tables), err)
		}
		for i, table := range tables {
			want, err := contingency.Count(run.Labels(), r.Predictions, evaluations[i].Predictions)
			if err != nil || table.Table != want || table.Step != i || evaluations[i].Step != i {
				t.Fatalf("step %d against %s: %+v, recounted %+v, %v", table.Step, r.Name, table.Table, want, err)
			}
		}
	}
	if got := contingency.Accuracy(run.Labels(), evaluations[steps].Predictions); got != summary.Accuracy || !(got > .5) {
		t.Errorf("last accuracy is %v, summary has %v, want more than a half", got, summary.Accuracy)
	}
	read, err := ReadStudy(filepath.Join(o.Out, StudyFile))
	if err != nil {
		t.Fatal(err)
	}
	if d, err := Differences(s, read); len(d) > 0 || err != nil {
		t.Errorf("the folder's study differs: %v, %v", d, err)
	}
	for _, name := range []string{"step-00000018.safetensors", "step-00000018.state.safetensors"} {
		if _, err := os.Stat(filepath.Join(o.Out, "checkpoints", name)); err != nil {
			t.Error(err)
		}
	}
}

func TestSummaryHasExactlyTheseKeys(t *testing.T) {
	s, o := tiny(t)
	s.Training.Epochs = .2
	if _, err := Run(t.Context(), s, o); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(o.Out, record.SummaryFile))
	if err != nil {
		t.Fatal(err)
	}
	var top map[string]any
	if err := json.Unmarshal(text, &top); err != nil {
		t.Fatal(err)
	}
	keys := func(v any) string {
		var names []string
		for k := range v.(map[string]any) {
			names = append(names, k)
		}
		slices.Sort(names)
		return strings.Join(names, " ")
	}
	reference := top["references"].([]any)[0].(map[string]any)
	for _, c := range []struct{ got, want string }{
		{keys(top), "accuracy best_accuracy dataset epochs evaluations network peak_rss_bytes precision references seconds seed simd steps study workers"},
		{keys(top["seconds"]), "data evaluation references report total training"},
		{keys(reference), "accuracy association beyond_accuracy final final_ratio first_ratio fit_seconds log_odds_ratio name peak_epoch peak_ratio peak_step persistent_shallow_only regime verdicts"},
		{keys(reference["log_odds_ratio"]), "first last"},
		{keys(reference["association"]), "hi lo rho slope"},
		{keys(reference["regime"]), "accuracy by_switch_time found hi jump lo lr reason seeds shallow_first share slope_after slope_before slots up_to"},
		{keys(reference["final"]), "both deep_only neither shallow_only"},
	} {
		if c.got != c.want {
			t.Errorf("keys %q, want %q", c.got, c.want)
		}
	}
}

// Neither workers nor the SIMD level change a bit.
func TestSameBitsForAnyWorkers(t *testing.T) {
	s, o := tiny(t)
	s.Training.Epochs, s.Data.LimitTest = .5, 9 // the portable kernels are slow
	s.Training.Crop, s.Training.Flip, s.Training.Rotate = 2, true, 10
	if _, err := Run(t.Context(), s, o); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		workers int
		level   string
	}{{"one worker", 1, ""}, {"three workers", 3, ""}, {"portable", 2, "portable"}} {
		other := o
		other.Out, other.Workers, other.Level = filepath.Join(t.TempDir(), "run"), c.workers, c.level
		if _, err := Run(t.Context(), s, other); err != nil {
			t.Fatal(err)
		}
		same(t, c.name, o.Out, other.Out)
	}
}

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

func TestDivergenceIsNamedAndTheRunKept(t *testing.T) {
	s, o := tiny(t)
	s.Training.LearningRate = 1e30
	_, err := Run(t.Context(), s, o)
	if err == nil || !strings.Contains(err.Error(), "diverged at step") || !strings.Contains(err.Error(), "layer") {
		t.Fatalf("error %v", err)
	}
	h, loadErr := runlog.Load(t.Context(), o.Out)
	if loadErr != nil {
		t.Fatal(loadErr)
	}
	if h.Status != runlog.Failed || !strings.Contains(h.Failure, "diverged") {
		t.Errorf("status %v, failure %q", h.Status, h.Failure)
	}
	if _, err := Resume(t.Context(), o.Out, nil, o); err == nil || !strings.Contains(err.Error(), "has failed") {
		t.Errorf("resume: %v", err)
	}
}

func TestFailureLeavesNothingBehind(t *testing.T) {
	s, o := tiny(t)
	cases := map[string]func(*Study){
		"reference without its file": func(s *Study) {
			s.References = record.References{{Name: "x", Kind: record.KindFile, Path: "no-such.npy"}}
		},
		"network that can't read the images": func(s *Study) { s.Network.Name = "resnet18" },
		"wrong preset":                       func(s *Study) { s.References.SetPreset("best") },
		"wrong parameter":                    func(s *Study) { s.References[0].Parameters = map[string]string{"c": "-1"} },
		"no such checkpoint":                 func(s *Study) { s.Network.Init = "no-such.safetensors" },
		"limit beyond the data":              func(s *Study) { s.Data.LimitTrain = 1000 },
		"crop beyond the image":              func(s *Study) { s.Training.Crop = 100 },
	}
	for name, change := range cases {
		broken := s.clone()
		change(&broken)
		_, err := Run(t.Context(), broken, o)
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line", name, err)
		}
		if _, err := os.Stat(o.Out); !os.IsNotExist(err) {
			t.Errorf("%s: the folder is there: %v", name, err)
		}
	}
}

func TestRunRefusesAUsedFolder(t *testing.T) {
	s, o := tiny(t)
	s.Training.Epochs = .2
	if _, err := Run(t.Context(), s, o); err != nil {
		t.Fatal(err)
	}
	before, _ := blobs(t, o.Out)
	if _, err := Run(t.Context(), s, o); !errors.Is(err, runlog.ErrExists) {
		t.Errorf("error %v", err)
	}
	if after, _ := blobs(t, o.Out); len(after) != len(before) {
		t.Error("the run that was there has changed")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	o.Out = file
	if _, err := Run(t.Context(), s, o); err == nil || !strings.Contains(err.Error(), "is a file") {
		t.Errorf("error %v", err)
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
