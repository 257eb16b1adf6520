package record

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"shoal/runlog"
)

// networkOf reads the predictions of another run's network: FOLDER, FOLDER@STEP or
// FOLDER@REFERENCE, see ParseReference.
func networkOf(spec string, want target) ([]uint16, map[string]any, error) {
	dir, at := cutNetwork(spec)
	run, err := runlog.Load(context.Background(), dir)
	if err != nil {
		return nil, nil, err
	}
	if !slices.Equal(run.Given(run.Log.Labels), want.labels) {
		return nil, nil, fmt.Errorf("run %q was scored on another evaluation split: the labels differ", dir)
	}
	if run.TestHash != "" && want.testHash != "" && run.TestHash != want.testHash {
		return nil, nil, fmt.Errorf("run %q was scored on other images, whose labels happen to agree", dir)
	}
	t := len(run.Log.Steps) - 1
	if t < 0 {
		return nil, nil, fmt.Errorf("run %q has no evaluation yet", dir)
	}
	if at != "" {
		if step, err := strconv.Atoi(at); err == nil {
			if t = slices.Index(run.Log.Steps, step); t < 0 {
				return nil, nil, fmt.Errorf("run %q has no evaluation of step %d", dir, step)
			}
		} else {
			ref := run.Reference(at)
			if ref == nil {
				return nil, nil, fmt.Errorf("run %q has no reference %q: after @ comes a step or the name of one", dir, at)
			}
			t = run.Log.NearestAccuracy(ref.Accuracy)
		}
	}
	return run.Log.Predictions[t], map[string]any{"run": dir, "network": run.Network, "step": run.Log.Steps[t]}, nil
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
