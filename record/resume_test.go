package record

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"shoal/runlog"
)

// A run whose first checkpoint couldn't be written, as on a full disk, begins again when it is resumed.
func TestResumeWithoutAnyCheckpoint(t *testing.T) {
	_, set, run := shapes(t)
	training := Training{Total: 4, PerEpoch: 2, Scored: []int{0, 2, 4}, Checkpoint: time.Hour}
	inTheWay := filepath.Join(run.Dir(), CheckpointFolder)
	if err := os.WriteFile(inTheWay, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	r := newRecorder(t, run, Options{})
	if err := r.Train(t.Context(), &fake{labels: set.Test.Labels}, training); err == nil {
		t.Fatal("a checkpoint that can't be written is no error")
	}
	if err := r.KeepSeconds(); err != nil || !(r.Seconds.Training > 0) {
		t.Fatalf("%v, %v seconds of training", err, r.Seconds.Training)
	}
	if err := os.Remove(inTheWay); err != nil {
		t.Fatal(err)
	}
	if err := newRecorder(t, run, Options{}).Resume(&fake{labels: set.Test.Labels}, Training{Total: 6, PerEpoch: 2, Scored: []int{0, 2, 4, 6}}); err != nil {
		t.Errorf("it can't be resumed: %v", err)
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
		t.Errorf("%d evaluations stand after a restart, %v", len(steps), err)
	}
	if h, err := run.Load(t.Context()); err != nil || len(h.Log.Steps) != 3 || h.RewoundTo != -1 {
		t.Errorf("a restart left %+v (%v), want the evaluations until others take their place", h, err)
	}
	// What is made again takes the place of what was there, and a difference is said.
	var told []string
	r = newRecorder(t, run, Options{Say: func(line string) { told = append(told, line) }})
	other := &fake{labels: set.Test.Labels, step: 0, shift: 1}
	if err := r.Train(t.Context(), other, training); err != nil {
		t.Fatal(err)
	}
	h, err := run.Load(t.Context())
	if err != nil || !slices.Equal(h.Log.Steps, training.Scored) || h.RewoundTo != runlog.NotRewound || h.Log.Accuracies()[1] != 3./36 {
		t.Errorf("after the restart: %+v (%v)", h, err)
	}
	if len(told) != 1 || !strings.Contains(told[0], "step 0, made again, differs from the earlier one in 1 of 36 predictions") {
		t.Errorf("told %q", told)
	}
}

// A checkpoint that can't be used, or that is of another step than its name says, leaves the run to
// an older sound one.
func TestResumeFallsBack(t *testing.T) {
	_, set, run := shapes(t)
	training := Training{Total: 20, PerEpoch: 10, Scored: []int{0, 5, 10, 15, 20}, Checkpoint: time.Nanosecond}
	l := &fake{labels: set.Test.Labels, stopAt: 12}
	if err := newRecorder(t, run, Options{}).Train(t.Context(), l, training); !errors.Is(err, errStop) {
		t.Fatal(err)
	}
	state := func(step int) string {
		return filepath.Join(run.Dir(), CheckpointFolder, checkpointName(step)+stateSuffix)
	}
	for _, spoil := range []string{"1", "garbage"} { // the state of step 1 under the name of step 12
		if err := os.WriteFile(state(12), []byte(spoil), 0o666); err != nil {
			t.Fatal(err)
		}
		l = &fake{labels: set.Test.Labels}
		r := newRecorder(t, run, Options{})
		if err := r.Resume(l, training); err != nil || l.step != 11 || r.LastStep() != 10 {
			t.Errorf("%q: resumed at step %d, last evaluation %d (%v), want 11 and 10", spoil, l.step, r.LastStep(), err)
		}
	}
}

// What is written last is kept, whatever damaged checkpoints of later steps lie beside it.
func TestNewestCheckpointsAreKept(t *testing.T) {
	_, set, run := shapes(t)
	training := Training{Total: 20, PerEpoch: 10, Scored: []int{0, 5, 10, 15, 20}, Checkpoint: time.Nanosecond}
	l := &fake{labels: set.Test.Labels, stopAt: 6}
	if err := newRecorder(t, run, Options{}).Train(t.Context(), l, training); !errors.Is(err, errStop) {
		t.Fatal(err)
	}
	for _, step := range []int{18, 19} {
		if err := os.WriteFile(filepath.Join(run.Dir(), CheckpointFolder, checkpointName(step)+stateSuffix), []byte("garbage"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	l = &fake{labels: set.Test.Labels, stopAt: 9}
	r := newRecorder(t, run, Options{})
	if err := r.Resume(l, training); err != nil {
		t.Fatal(err)
	}
	if err := r.Train(t.Context(), l, training); !errors.Is(err, errStop) {
		t.Fatal(err)
	}
	if steps, err := Checkpoints(run.Dir()); err != nil || !slices.Equal(steps, []int{8, 9}) {
		t.Errorf("checkpoints of steps %v (%v) are kept, want 8 and 9", steps, err)
	}
}

// undecided is an error of a sound state.
type undecided struct{ error }

func (undecided) Sound() bool { return true }

// A sound state that a person has to decide about isn't passed over for an older one, nor replaced;
// a run that has all its evaluations doesn't need it.
func TestResumeAsksAboutASoundState(t *testing.T) {
	_, set, run := shapes(t)
	training := Training{Total: 4, PerEpoch: 2, Scored: []int{0, 2, 4}, Checkpoint: time.Nanosecond}
	if err := newRecorder(t, run, Options{}).Train(t.Context(), &fake{labels: set.Test.Labels}, training); err != nil {
		t.Fatal(err)
	}
	l := &fake{labels: set.Test.Labels, loadErr: fmt.Errorf("state: %w", undecided{errStop})}
	if err := newRecorder(t, run, Options{}).Resume(l, training); err != nil {
		t.Errorf("with all evaluations: %v", err)
	}
	training.Total, training.Scored = 6, []int{0, 2, 4, 6}
	var told []string
	say := Options{Say: func(line string) { told = append(told, line) }}
	if err := newRecorder(t, run, say).Resume(l, training); !isSound(err) || !strings.Contains(err.Error(), "checkpoint of step 4: state: stopped") || len(told) > 0 {
		t.Errorf("got %v and %q, want the error of the last checkpoint alone", err, told)
	}
	training.Restart = true
	if err := newRecorder(t, run, Options{}).Resume(l, training); err != nil {
		t.Errorf("a restart that was asked for: %v", err)
	}
}
