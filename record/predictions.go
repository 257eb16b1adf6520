package record

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"shoal/runlog"
)

// identity is that of the scored examples, by the labels that the dataset gives.
func (s target) identity() runlog.Identity {
	out := runlog.Identity{Labels: s.labels, Classes: s.split.Classes}
	if len(s.split.Names) >= len(s.labels) {
		out.Names = s.split.Names[:len(s.labels)]
	}
	return out
}

// readNetwork reads the predictions of another run's network, and what is right of them where it was
// logged: FOLDER, FOLDER@STEP or FOLDER@REFERENCE, see ParseReference.
func (s *Source) readNetwork(spec string, want target) error {
	dir, at := cutNetwork(spec)
	run, err := runlog.Load(context.Background(), dir)
	if err != nil {
		return err
	}
	other := run.Identity()
	other.Labels = run.Given(run.Log.Labels)
	if what := want.identity().Differs(other); what != "" {
		return fmt.Errorf("run %q was scored on other examples: of this run and that one, %s", dir, what)
	}
	if run.TestHash != "" && want.testHash != "" && run.TestHash != want.testHash {
		return fmt.Errorf("run %q was scored on other images, whose labels happen to agree", dir)
	}
	t, err := evaluationAt(run, at)
	if err != nil {
		return err
	}
	s.classes, s.right = run.Log.Predictions[t], run.Log.RightGiven(t)
	s.params = map[string]any{"run": dir, "network": run.Network, "step": run.Log.Steps[t]}
	return nil
}

// evaluationAt finds the evaluation of a step, or where the run is as accurate as a reference; the last
// one for "".
func evaluationAt(run *runlog.History, at string) (int, error) {
	last := len(run.Log.Steps) - 1
	if last < 0 {
		return 0, fmt.Errorf("run %q has no evaluation yet", run.Dir)
	}
	if at == "" {
		return last, nil
	}
	if step, err := strconv.Atoi(at); err == nil {
		t := slices.Index(run.Log.Steps, step)
		if t < 0 {
			return 0, fmt.Errorf("run %q has no evaluation of step %d", run.Dir, step)
		}
		return t, nil
	}
	ref := run.Reference(at)
	if ref == nil {
		return 0, fmt.Errorf("run %q has no reference %q: after @ comes a step or the name of one", run.Dir, at)
	}
	return run.Log.NearestAccuracy(ref.Accuracy), nil
}

// cutNetwork cuts FOLDER@STEP or FOLDER@REFERENCE at the last @ that comes after an existing folder:
// the names of folders may have one, too.
func cutNetwork(spec string) (dir, at string) {
	for i := len(spec); i > 0; i = strings.LastIndex(spec[:i], "@") {
		if exists(spec[:i]) {
			return spec[:i], strings.TrimPrefix(spec[i:], "@")
		}
	}
	dir, at, _ = strings.Cut(spec, "@")
	return dir, at
}
