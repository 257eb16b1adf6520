package track

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/contingency"
	"shoal/internal/tinydata"
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
	s.Evaluation.Initialisations = 2 // the usual hundred take longer than all else
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
	surprise := 0. // the last loss, from what is kept of the labels at half precision
	for _, p := range h.LabelP {
		surprise -= math.Log(float64(p)) / float64(len(h.LabelP))
	}
	if last := h.Loss[len(h.Loss)-1]; len(h.LabelP) != len(h.Log.Labels) || !(math.Abs(surprise-last) < 1e-3*last) || h.Values != nil {
		t.Errorf("the labels of %d of %d examples have a mean loss of %v, want %v; other values %v", len(h.LabelP), len(h.Log.Labels), surprise, last, h.Values)
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
	if d, err := Differences(read, s); len(d) > 0 || err != nil {
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
		{keys(top), "accuracy best_accuracy dataset epochs evaluations network peak_rss_bytes precision references seconds seed simd steps study suspects workers"},
		{keys(top["seconds"]), "data evaluation references report total training"},
		{keys(reference), "accuracy association beyond_accuracy final final_ratio first first_ratio fit_seconds log_odds_ratio name peak_epoch peak_ratio peak_step persistent_shallow_only regime verdicts"},
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
		if testing.Short() && c.level != "" {
			continue // under the race detector it takes minutes, and no other goroutines
		}
		other := o
		other.Out, other.Workers, other.Level = filepath.Join(t.TempDir(), "run"), c.workers, c.level
		if _, err := Run(t.Context(), s, other); err != nil {
			t.Fatal(err)
		}
		same(t, c.name, o.Out, other.Out)
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
		"network that can't read the images": func(s *Study) { s.Network.Name = "densenet121" },
		"share of a split that is there":     func(s *Study) { s.Data.Split = .3 },
		"colour that is none":                func(s *Study) { s.Data.Colour = "red" },
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
		if name == "limit beyond the data" && !strings.HasPrefix(err.Error(), "limit of 1000 training examples: ") {
			t.Errorf("%s: %v, want the limit that was given alone", name, err)
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
