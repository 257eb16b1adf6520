package record

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shoal/dynamics"
	"shoal/runlog"
)

// storedRun makes a run of a study, in which the network learns its examples one after another.
func storedRun(t *testing.T, dir string, m runlog.Meta, status runlog.Status) string {
	t.Helper()
	const n = 40
	labels := make([]uint16, n)
	for i := range labels {
		labels[i] = uint16(i % 2)
	}
	m.Classes, m.Network, m.Study = []string{"a", "b"}, "n", "s"
	run, err := runlog.Create(dir, m, runlog.Examples{Labels: labels})
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	if _, err := run.AddReference(runlog.Reference{Reference: dynamics.Reference{Name: "m", Predictions: make([]uint16, n)}, Kind: "svm", ParamsJSON: "{}"}); err != nil {
		t.Fatal(err)
	}
	for step := range 12 {
		predicted := slices.Clone(labels)
		for i := 4 * step; i < n; i++ {
			predicted[i] = 1 - labels[i]
		}
		if _, err := run.AppendEvaluation(runlog.Evaluation{Step: step, Epoch: float64(step), Predictions: predicted}); err != nil {
			t.Fatal(err)
		}
	}
	if err := run.SetStatus(status, ""); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Runs stand by those of their study with other seeds, and by no others.
func TestJoinSeeds(t *testing.T) {
	root := t.TempDir()
	study := func(seed int, more string) runlog.Meta {
		return runlog.Meta{StudyTOML: fmt.Sprintf("name = \"s%d\"\nseed = %d\n[training]\nepochs = 1\n%s", seed, seed, more)}
	}
	var dirs []string
	for name, c := range map[string]struct {
		meta   runlog.Meta
		status runlog.Status
		seeds  int
	}{
		"one": {study(1, ""), runlog.Finished, 3}, "two": {study(2, "[[reference]]\nname = \"m\""), runlog.Finished, 3},
		"three": {study(3, ""), runlog.Finished, 3}, "again": {study(3, ""), runlog.Finished, 3},
		"other": {study(4, "batch = 3"), runlog.Finished, 1}, "growing": {study(5, ""), runlog.Running, 1},
		"logged": {runlog.Meta{LogJSON: `{"seed": 1}`}, runlog.Finished, 2}, "logged2": {runlog.Meta{LogJSON: `{"seed": 2, "more": {"seed": 2}}`}, runlog.Finished, 2},
		"rate":    {runlog.Meta{LogJSON: `{"seed": 3, "more": {"device": "a", "study": {"lr": 0.1, "seed": 3}}}`}, runlog.Finished, 2},
		"rate2":   {runlog.Meta{LogJSON: `{"seed": 4, "more": {"device": "b", "study": {"lr": 0.1, "seed": 4}}}`}, runlog.Finished, 2},
		"rate3":   {runlog.Meta{LogJSON: `{"seed": 5, "more": {"device": "b", "study": {"lr": 0.2, "seed": 5}}}`}, runlog.Finished, 1},
		"unknown": {runlog.Meta{LogJSON: `{}`}, runlog.Finished, 1},
	} {
		dir := storedRun(t, filepath.Join(root, name), c.meta, c.status)
		dirs = append(dirs, dir)
		defer func() {
			h, err := runlog.Load(context.Background(), dir)
			if err == nil {
				err = h.Judge(context.Background())
			}
			if err != nil || h.Judgements[0].Regime.Seeds != c.seeds {
				t.Errorf("%s stands with %d seeds, want %d (%v)", name, h.Judgements[0].Regime.Seeds, c.seeds, err)
			}
			if s, err := ReadSummary(dir); c.seeds > 1 && (err != nil || s.References[0].Regime.Seeds != c.seeds) {
				t.Errorf("%s: the summary doesn't know of %d seeds: %v", name, c.seeds, err)
			}
		}()
	}
	slices.Sort(dirs)
	var said []string
	if err := JoinSeeds(context.Background(), dirs, Options{Say: func(line string) { said = append(said, line) }}); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(said, "\n")
	for _, want := range []string{`growing" isn't finished`, `unknown" doesn't know its seed`, `other" with another seed`, `rate3" with another seed`} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing says %q:\n%s", want, text)
		}
	}
	if len(said) != 4 {
		t.Errorf("%d notes:\n%s", len(said), text)
	}
}
