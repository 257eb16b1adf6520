package paper

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"shoal/runlog"
)

// imported writes the evaluations of a run into another folder, as those of a training elsewhere.
func imported(t *testing.T, from, to, network string, labels func([]uint16)) {
	t.Helper()
	h, err := runlog.Load(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	labels(h.Log.Labels)
	r, err := runlog.Create(to, runlog.Meta{Dataset: h.Dataset, Network: network, Classes: h.Classes, LogJSON: `{"framework": "torch 9", "seed": 7}`}, runlog.Examples{Labels: h.Log.Labels})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for k, step := range h.Log.Steps {
		if _, err := r.AppendEvaluation(runlog.Evaluation{Step: step, Epoch: math.NaN(), Loss: math.NaN(), Seconds: math.NaN(), Predictions: h.Log.Predictions[k]}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.SetStatus(runlog.Finished, ""); err != nil {
		t.Fatal(err)
	}
}

// A run that was trained elsewhere is a column, with the part's references, if it is of the part's dataset,
// network and labels.
func TestColumnFromElsewhere(t *testing.T) {
	p, o := tiny(t, 1)
	p.Parts = p.Parts[:1]
	ladder := p.Parts[0].Ladder
	p.Parts[0].Ladder, p.Parts[0].Study.Training.Epochs = nil, .4
	if _, err := Run(context.Background(), p, o); err != nil {
		t.Fatal(err)
	}
	p.Parts[0].Ladder = ladder
	made, same := filepath.Join(o.Out, "shapes-seed1"), func([]uint16) {}
	for network, change := range map[string]func([]uint16){"resnet20": same, "cnn2": func(l []uint16) { l[0], l[len(l)-1] = l[len(l)-1], l[0] }} {
		o.Out = filepath.Join(t.TempDir(), "paper")
		imported(t, made, filepath.Join(o.Out, "shapes-seed1"), network, change)
		if _, err := Run(context.Background(), p, o); err == nil || !strings.Contains(err.Error(), "trained elsewhere, is of network") && !strings.Contains(err.Error(), "was made with other examples") {
			t.Errorf("network %s: got %v, want that the run is of something else", network, err)
		}
	}
	o.Out = filepath.Join(t.TempDir(), "paper")
	imported(t, made, filepath.Join(o.Out, "shapes-seed1"), "cnn2", same)
	s, err := Run(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	d := shapesOf(t, s)
	if len(d.Triplets) != 2 || len(d.Ladder) != 0 || d.Runs[0].Seed != 7 || d.Skipped != "" || d.Note != "trained elsewhere, with torch 9, for a number of epochs that it doesn't say" {
		t.Errorf("got %+v", d)
	}
	read(t, o.Out, "shapes-seed1", PageFile)
	noNaN(t, read(t, o.Out, SummaryFile))
	o.Track.Progress = nil
	if again, err := Run(context.Background(), p, o); err != nil || len(shapesOf(t, again).Triplets) != 2 {
		t.Errorf("the second time: %v", err)
	}
	p.Seeds = 2
	imported(t, made, filepath.Join(o.Out, "shapes-seed2"), "cnn2", same)
	if _, err := Run(context.Background(), p, o); err == nil || !strings.Contains(err.Error(), "are the same training") {
		t.Errorf("easiness of one seed twice: %v", err)
	}
	if s, err = Write(t.Context(), o.Out, WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if d := shapesOf(t, s); len(d.Runs) != 1 || !strings.Contains(d.Skipped, `"shapes-seed2" is left out: it is of seed 7, which run "shapes-seed1" is`) {
		t.Errorf("one seed twice: %d runs, %q", len(d.Runs), d.Skipped)
	}
}
