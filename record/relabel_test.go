package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/contingency"
	"shoal/record/answers"
	"shoal/runlog"
)

// corrections is a file that gives examples, by their indexes, the next class.
func corrections(t *testing.T, labels []uint16, examples ...int) string {
	t.Helper()
	text := "id,label\n"
	for _, i := range examples {
		text += fmt.Sprintf("%d,%d\n", i, (labels[i]+1)%3)
	}
	path := filepath.Join(t.TempDir(), "labels.csv")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// A copy with corrected labels counts by them, and its new references are fitted to the dataset as it is.
func TestRelabel(t *testing.T) {
	_, set, run := shapes(t)
	labels, from := set.Test.Labels, run.Dir()
	for step := range 3 {
		p := slices.Clone(labels)
		for i := range p[:20-5*step] {
			p[i] = (p[i] + 1) % 3
		}
		if _, err := run.AppendEvaluation(runlog.Evaluation{Step: step, Predictions: p}); err != nil {
			t.Fatal(err)
		}
	}
	to, file := filepath.Join(t.TempDir(), "copy"), corrections(t, labels, 0, 1, 2)
	if _, err := Relabel(t.Context(), from, to, "", file, Options{}, nil); err == nil || !strings.Contains(err.Error(), "is running") {
		t.Errorf("an unfinished run: %v", err)
	}
	if err := errors.Join(run.SetStatus(runlog.Finished, ""), run.Close()); err != nil {
		t.Fatal(err)
	}
	list, _ := References{}.Named([]string{"knn"})
	if _, err := Compare(t.Context(), from, list, Options{NoCache: true}); err != nil {
		t.Fatal(err)
	}
	out, err := Relabel(t.Context(), from, to, "", file, Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if out.Changed != 3 || out.Line("x.csv") != `3 of 36 labels corrected from "x.csv"` || out.Accuracy != 29./36 { // of the last step's ten errors three are right now
		t.Errorf("made %+v", out)
	}
	list[0].Name = "again"
	if _, err := Compare(t.Context(), to, list, Options{NoCache: true}); err != nil {
		t.Fatal(err)
	}
	h, err := runlog.Load(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	knn, again := h.Reference("knn"), h.Reference("again")
	if !slices.Equal(knn.Predictions, again.Predictions) || again.Accuracy != contingency.Accuracy(h.Log.Labels, again.Predictions) || h.Log.Labels[1] != 2 {
		t.Errorf("a reference that is fitted to the same examples differs, or is counted otherwise")
	}
	s, err := ReadSummary(to)
	if err != nil || s.Relabelled == nil || s.Relabelled.Sources[0].Changed != 3 || len(s.Relabelled.Given) != 3 || s.Suspects == nil {
		t.Errorf("summary %+v, %v", s, err)
	}
	networks, _ := References{}.Named([]string{"net=run:" + from})
	if _, err := Compare(t.Context(), to, networks, Options{}); err != nil {
		t.Errorf("the network of the run that it is a copy of: %v", err)
	}
	networks, _ = References{}.Named([]string{"copy=run:" + to})
	if _, err := Compare(t.Context(), from, networks, Options{}); err != nil {
		t.Errorf("the network of its copy: %v", err)
	}
	checkRefused(t, from, to, labels)
}

// checkRefused: what can't be done makes nothing, and leaves nothing beside.
func checkRefused(t *testing.T, from, to string, labels []uint16) {
	t.Helper()
	good := corrections(t, labels, 5)
	if _, err := Relabel(t.Context(), from, to, "", good, Options{}, nil); !errors.Is(err, ErrOutExists) {
		t.Errorf("over a run: %v", err)
	}
	none := filepath.Join(t.TempDir(), "none")
	if _, err := Relabel(t.Context(), to, none, "", corrections(t, labels, 0, 1, 2), Options{}, nil); !errors.Is(err, answers.ErrNothingChanged) {
		t.Errorf("the same corrections twice: %v", err)
	}
	if _, err := Relabel(t.Context(), from, none, "other", good, Options{}, nil); !errors.Is(err, runlog.ErrNoSplit) {
		t.Errorf("of no split: %v", err)
	}
	stop := func(dir string, s *Summary) error {
		if s == nil || !runlog.Exists(dir) {
			t.Errorf("drawn with %v, %v", s, runlog.Exists(dir))
		}
		return context.Canceled
	}
	if _, err := Relabel(t.Context(), from, none, "", good, Options{}, stop); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted while it is drawn: %v", err)
	}
	if left, _ := os.ReadDir(filepath.Dir(none)); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}
