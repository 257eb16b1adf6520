package record

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

	"shoal/dataset"
	"shoal/internal/tinydata"
	"shoal/runlog"
)

// fake is a learner without a network: after n steps it gets the first n of its labels right.
type fake struct {
	labels  []uint16
	step    int
	stopAt  int // Step fails with errStop there
	loadErr error
}

var errStop = errors.New("stopped on purpose")

func (f *fake) Steps() int { return f.step }

func (f *fake) Step(context.Context) (float64, error) {
	if f.stopAt > 0 && f.step == f.stopAt {
		return 0, errStop
	}
	f.step++
	return 1 / float64(f.step), nil
}

func (f *fake) Score(_ context.Context, predicted []uint16) (float64, error) {
	for i, label := range f.labels {
		predicted[i] = label
		if i >= f.step {
			predicted[i] = (label + 1) % 3
		}
	}
	return math.NaN(), nil
}

func (f *fake) Save(network, state string) error {
	return errors.Join(os.WriteFile(network, nil, 0o666), os.WriteFile(state, []byte(fmt.Sprint(f.step)), 0o666))
}

func (f *fake) Load(state string) error {
	if f.loadErr != nil {
		return f.loadErr
	}
	text, err := os.ReadFile(state)
	if err != nil {
		return err
	}
	_, err = fmt.Sscan(string(text), &f.step)
	return err
}

// shapes makes the tiny dataset and returns it with the start of a run on its test split that no
// study defines.
func shapes(t *testing.T) (string, *dataset.Set, *runlog.Run) {
	t.Helper()
	name := "folder:" + filepath.Join(t.TempDir(), "shapes")
	if err := tinydata.Write(strings.TrimPrefix(name, "folder:"), 30, 12); err != nil {
		t.Fatal(err)
	}
	splits, err := Data{Dataset: name}.Load(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	run, err := runlog.Create(filepath.Join(t.TempDir(), "run"), runlog.Meta{
		Study: "mine", Dataset: name, Network: "theirs", Classes: splits.Classes,
	}, runlog.Examples{Labels: splits.Test.Labels})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.Close() })
	return name, splits.Set, run
}

func newRecorder(t *testing.T, run *runlog.Run, o Options) *Recorder {
	t.Helper()
	r, err := New(run, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A learner that isn't shoal's is trained, stopped, resumed and recorded as one that was never
// stopped.
func TestTrainAnyLearner(t *testing.T) {
	_, set, run := shapes(t)
	training := Training{Total: 20, PerEpoch: 10, Scored: []int{0, 5, 10, 15, 20}, Checkpoint: time.Nanosecond}
	var shown []Progress
	o := Options{Progress: func(p Progress) { shown = append(shown, p) }}
	r := newRecorder(t, run, o)
	l := &fake{labels: set.Test.Labels, stopAt: 12}
	if err := r.Train(t.Context(), l, training); !errors.Is(err, errStop) {
		t.Fatalf("error %v, want that of the learner", err)
	}
	r, l = newRecorder(t, run, o), &fake{labels: set.Test.Labels}
	if err := r.Resume(l, training); err != nil || l.step != 12 || r.LastStep() != 10 {
		t.Fatalf("resumed at step %d, last evaluation %d, %v", l.step, r.LastStep(), err)
	}
	shown = nil
	if err := r.Train(t.Context(), l, training); err != nil {
		t.Fatal(err)
	}
	if shown[0].Part != PartTrain || shown[0].Done != 12 {
		t.Errorf("the first thing shown after resuming is %+v", shown[0])
	}
	s, err := r.Finish(t.Context(), Summary{Seed: 7}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := 20. / 36; s.Accuracy != want || s.Evaluations != 5 || s.Steps != 20 || s.Epochs != 2 || s.Seed != 7 || s.Network != "theirs" {
		t.Errorf("summary %+v, want accuracy %v", s, want)
	}
	h, err := runlog.Load(t.Context(), run.Dir())
	if err != nil || h.Status != runlog.Finished || !slices.Equal(h.Log.Steps, training.Scored) || !math.IsNaN(h.Loss[3]) {
		t.Errorf("the run is %+v, %v", h, err)
	}
}

// Where no checkpoint can be used nothing is deleted: a person decides.
func TestResumeWithoutUsableCheckpoint(t *testing.T) {
	_, set, run := shapes(t)
	training := Training{Total: 4, PerEpoch: 2, Scored: []int{0, 2, 4}, Checkpoint: time.Hour}
	r := newRecorder(t, run, Options{})
	if err := r.Train(t.Context(), &fake{labels: set.Test.Labels}, training); err != nil {
		t.Fatal(err)
	}
	broken := &fake{labels: set.Test.Labels, loadErr: errors.New("damaged")}
	if err := r.Resume(broken, training); err != nil || r.Train(t.Context(), broken, training) != nil || broken.step != 0 {
		t.Errorf("error %v after %d steps, want that nothing is left to train", err, broken.step)
	}
	training.Total, training.Scored = 6, []int{0, 2, 4, 6}
	if err := r.Resume(broken, training); err == nil || !strings.Contains(err.Error(), "no usable checkpoint (damaged), and 3 evaluations") {
		t.Errorf("error %v, want that no checkpoint can be used", err)
	}
	if err := os.RemoveAll(filepath.Join(run.Dir(), CheckpointFolder)); err != nil {
		t.Fatal(err)
	}
	var none *NoCheckpoint
	if err := newRecorder(t, run, Options{}).Resume(broken, training); !errors.As(err, &none) || none.Evaluations != 3 {
		t.Errorf("error %v, want that the checkpoints are gone", err)
	}
	if steps, err := run.Steps(); err != nil || len(steps) != 3 {
		t.Errorf("%d evaluations are left, %v", len(steps), err)
	}
	training.Restart = true // a person has been asked
	if err := newRecorder(t, run, Options{}).Resume(broken, training); err != nil {
		t.Errorf("a restart that was asked for: %v", err)
	}
	if steps, err := run.Steps(); err != nil || len(steps) != 0 {
		t.Errorf("%d evaluations are left after a restart, %v", len(steps), err)
	}
}

// A run that somebody else's loop wrote, without a study, gets fitted references: its dataset is
// known, and its labels show whether it is the same.
func TestCompareARunWithoutAStudy(t *testing.T) {
	name, set, run := shapes(t)
	r := newRecorder(t, run, Options{})
	nan := math.NaN()
	for step := range 3 {
		e := Evaluation{Step: 10 * step, Epoch: float64(step), Loss: nan, Seconds: nan, Predictions: slices.Clone(set.Test.Labels)}
		for i := range e.Predictions[:30-10*step] {
			e.Predictions[i] = (e.Predictions[i] + 1) % 3
		}
		if err := r.Record(e); err != nil {
			t.Fatal(err)
		}
	}
	dir := run.Dir()
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	list := References{{Name: "svm", Kind: "svm", Preset: "default"}}
	s, err := Compare(t.Context(), dir, list, Options{NoCache: true})
	if err != nil || len(s.References) != 1 || !(s.References[0].Accuracy > .5) || s.References[0].Final.DeepRight() != 26 {
		t.Fatalf("summary %+v, %v", s, err)
	}
	if h, err := runlog.Load(t.Context(), dir); err != nil || len(h.Judgements) != 1 || h.Judgements[0].Reference != "svm" {
		t.Errorf("the run keeps %+v, %v", h.Judgements, err)
	}
	// Other labels are other data.
	other, err := runlog.Create(filepath.Join(t.TempDir(), "other"), runlog.Meta{Dataset: name, Classes: set.Classes}, runlog.Examples{Labels: make([]uint16, 36)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.AppendEvaluation(Evaluation{Predictions: make([]uint16, 36)}); err != nil {
		t.Fatal(err)
	}
	dir = other.Dir()
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	var foreign *OtherData
	if _, err := Compare(t.Context(), dir, list, Options{NoCache: true}); !errors.As(err, &foreign) {
		t.Errorf("error %v, want that the data are others", err)
	}
}

// The time of drawing is added to the summary and to the run.
func TestDrawn(t *testing.T) {
	_, set, run := shapes(t)
	r := newRecorder(t, run, Options{})
	if err := r.Train(t.Context(), &fake{labels: set.Test.Labels}, Training{Total: 1, PerEpoch: 1, Scored: []int{0, 1}, Checkpoint: time.Hour}); err != nil {
		t.Fatal(err)
	}
	before, err := r.Finish(t.Context(), Summary{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := run.Dir()
	run.Close()
	s, err := Drawn(dir, 3*time.Second)
	if err != nil || s.Seconds.Report != before.Seconds.Report+3 || s.Seconds.Total != before.Seconds.Total+3 {
		t.Errorf("seconds %+v, %v; before %+v", s.Seconds, err, before.Seconds)
	}
	h, err := runlog.Load(t.Context(), dir)
	if err != nil || h.Seconds != s.Seconds || h.Status != runlog.Finished {
		t.Errorf("the run has %+v, %v", h.Seconds, err)
	}
	if len(h.Judgements) != 0 {
		t.Errorf("a run without references has judgements: %v", h.Judgements)
	}
}
