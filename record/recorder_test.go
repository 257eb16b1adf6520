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
	"shoal/dynamics"
	"shoal/internal/tinydata"
	"shoal/runlog"
)

// fake is a learner without a network: after n steps it gets the first n of its labels right.
type fake struct {
	labels  []uint16
	step    int
	stopAt  int // Step fails with errStop there
	shift   int // how many labels more it gets right
	atStep  func(step int)
	loadErr error
}

var errStop = errors.New("stopped on purpose")

func (f *fake) Steps() int { return f.step }

func (f *fake) Step(context.Context) (float64, error) {
	if f.stopAt > 0 && f.step == f.stopAt {
		return 0, errStop
	}
	f.step++
	if f.atStep != nil {
		f.atStep(f.step)
	}
	return 1 / float64(f.step), nil
}

func (f *fake) Score(_ context.Context, predicted []uint16) (float64, error) {
	for i, label := range f.labels {
		predicted[i] = label
		if i >= f.step+f.shift {
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
	inTheWay := filepath.Join(run.Dir(), SummaryFile)
	if err := os.Mkdir(inTheWay, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Finish(t.Context(), Summary{}, nil); err == nil {
		t.Error("a summary that can't be written is no error")
	}
	if status, err := runlog.StatusOf(run.Dir()); err != nil || status == runlog.Finished {
		t.Errorf("without a summary the run is %s (%v)", status, err)
	}
	if err := os.Remove(inTheWay); err != nil {
		t.Fatal(err)
	}
	s, err := r.Finish(t.Context(), Summary{Seed: new(uint64(7))}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := 20. / 36; s.Accuracy != want || s.Evaluations != 5 || s.Steps != 20 || s.Epochs != 2 || *s.Seed != 7 || s.Network != "theirs" {
		t.Errorf("summary %+v, want accuracy %v", s, want)
	}
	h, err := runlog.Load(t.Context(), run.Dir())
	if err != nil || h.Status != runlog.Finished || !slices.Equal(h.Log.Steps, training.Scored) || !math.IsNaN(h.Loss[3]) {
		t.Errorf("the run is %+v, %v", h, err)
	}
}

// A run folder that was moved away ends the training at the next checkpoint, and no folder is made
// at its old place.
func TestMovedFolder(t *testing.T) {
	_, set, run := shapes(t)
	training := Training{Total: 20, PerEpoch: 10, Scored: []int{0, 20}, Checkpoint: time.Nanosecond}
	l := &fake{labels: set.Test.Labels}
	l.atStep = func(step int) {
		if step == 3 {
			if err := os.Rename(run.Dir(), run.Dir()+"-moved"); err != nil {
				t.Fatal(err)
			}
		}
	}
	var moved *runlog.Moved
	if err := newRecorder(t, run, Options{}).Train(t.Context(), l, training); !errors.As(err, &moved) || l.step > 4 {
		t.Errorf("error %v after step %d, want that the folder was moved at step 3", err, l.step)
	}
	if _, err := os.Stat(run.Dir()); !os.IsNotExist(err) {
		t.Errorf("there is a folder at the old place: %v", err)
	}
}

// A comparison that was stopped between two references is repeated as a whole.
func TestCompareAgain(t *testing.T) {
	_, set, run := shapes(t)
	if err := newRecorder(t, run, Options{}).Record(Evaluation{Predictions: set.Test.Labels}); err != nil {
		t.Fatal(err)
	}
	dir := run.Dir()
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	one := References{{Name: "svm", Kind: "svm", Preset: "default"}}
	both := append(slices.Clone(one), Reference{Name: "forest", Kind: "forest", Preset: "default"})
	for _, list := range []References{one, both, both} {
		s, err := Compare(t.Context(), dir, list, Options{NoCache: true})
		if err != nil || len(s.References) != len(list) {
			t.Fatalf("summary %+v, %v", s, err)
		}
	}
	both[0].Kind = "forest"
	if _, err := Compare(t.Context(), dir, both, Options{NoCache: true}); err == nil || !strings.Contains(err.Error(), `has another reference "svm" already`) {
		t.Errorf("error %v, want that the name is taken", err)
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
	// Other labels are other data, and so are the same labels with the same names in another order. Other
	// names are not.
	swapped, own := slices.Clone(set.Classes), []string{"a", "b", "c"}
	swapped[0], swapped[1] = swapped[1], swapped[0]
	for _, c := range []struct {
		classes []string
		labels  []uint16
		refused string
	}{{set.Classes, make([]uint16, 36), "the labels differ first at index"}, {swapped, set.Test.Labels, "class 0 is"}, {own, set.Test.Labels, ""}} {
		other, err := runlog.Create(filepath.Join(t.TempDir(), "other"), runlog.Meta{Dataset: name, Classes: c.classes}, runlog.Examples{Labels: c.labels})
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
		_, err = Compare(t.Context(), dir, list, Options{NoCache: true})
		if errors.As(err, &foreign) != (c.refused != "") || c.refused != "" && !strings.Contains(err.Error(), c.refused) {
			t.Errorf("error %v, want %q", err, c.refused)
		}
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
	later, err := Compare(t.Context(), dir, References{{Name: "svm", Kind: "svm", Preset: "default"}}, Options{NoCache: true})
	if err != nil || later.Seconds != s.Seconds {
		t.Errorf("after a comparison %+v, %v; want that the run's times are as before, %+v", later.Seconds, err, s.Seconds)
	}
}

// Networks without a state go with the checkpoints of their time; what is newer, or isn't a checkpoint,
// stays.
func TestNetworksWithoutAState(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, CheckpointFolder)
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	var want []string
	for step, kept := range map[int]bool{1: false, 3: false, 5: true, 6: true, 7: true, 9: true} {
		files := []string{checkpointName(step) + networkSuffix, checkpointName(step) + stateSuffix}
		if step == 1 || step == 6 || step == 9 {
			files = files[:1]
		}
		for _, name := range files {
			if err := os.WriteFile(filepath.Join(folder, name), nil, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if kept {
			want = append(want, files...)
		}
	}
	mine := "step-2.safetensors"
	if err := os.WriteFile(filepath.Join(folder, mine), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	want = append(want, mine)
	if err := dropOld(dir, nil); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("left are %q, want %q", got, want)
	}
}

// What a run kept of a training that wasn't over is judged again when it ends there: only then is there
// something to say of its end.
func TestFinishJudgesTheEnd(t *testing.T) {
	_, set, run := shapes(t)
	r := newRecorder(t, run, Options{})
	if err := r.Record(Evaluation{Predictions: set.Test.Labels}); err != nil {
		t.Fatal(err)
	}
	if _, err := run.AddReference(runlog.Reference{Reference: dynamics.Reference{Name: "svm", Predictions: set.Test.Labels}, Kind: "svm", ParamsJSON: "{}"}); err != nil {
		t.Fatal(err)
	}
	const open = "its training isn't over"
	h, err := r.judge(t.Context(), false)
	if err != nil || h.Judgements[0].Verdicts[2].Reason != open {
		t.Fatalf("%+v, %v", h.Judgements[0].Verdicts, err)
	}
	s, err := r.Finish(t.Context(), Summary{}, nil)
	if err != nil || s.References[0].Verdicts["claim_3"].Reason == open {
		t.Fatalf("the end isn't judged: %+v, %v", s, err)
	}
	if h, err = runlog.Load(t.Context(), run.Dir()); err != nil || h.Judgements == nil || h.Judgements[0].Verdicts[2].Reason == open {
		t.Errorf("the run keeps what was said before its end: %+v, %v", h.Judgements, err)
	}
}

// The time left is told by the clock of the options, which stands still while a process is stopped.
func TestTimeLeftIsOfTheClock(t *testing.T) {
	_, set, run := shapes(t)
	now := time.Unix(1000, 0)
	told := 0
	o := Options{Now: func() time.Time { return now }, Progress: func(p Progress) {
		if p.Part != PartTrain || p.Done == 0 {
			return
		}
		if told++; p.Left != float64(20-p.Done) {
			t.Errorf("at step %d of 20, with a second for each step and none for evaluations, %v s are left", p.Done, p.Left)
		}
	}}
	l := &fake{labels: set.Test.Labels, atStep: func(int) { now = now.Add(time.Second) }}
	if err := newRecorder(t, run, o).Train(t.Context(), l, Training{Total: 20, PerEpoch: 10, Scored: []int{0, 5, 10, 15, 20}, Checkpoint: time.Hour}); err != nil || told != 20 {
		t.Errorf("told %d times (%v)", told, err)
	}
}
