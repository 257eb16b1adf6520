package track

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"shoal/runlog"
)

// networkOf reads the predictions of another run's network: FOLDER, FOLDER@STEP
// or FOLDER@REFERENCE, see ParseReference.
func networkOf(spec string, want split) ([]uint16, map[string]any, error) {
	dir, at := spec, ""
	if i := strings.LastIndex(spec, "@"); i >= 0 {
		dir, at = spec[:i], spec[i+1:]
	}
	run, err := runlog.OpenReadOnly(dir)
	if err != nil {
		return nil, nil, err
	}
	defer run.Close()
	if !slices.Equal(run.Labels(), want.labels) {
		return nil, nil, fmt.Errorf("run %q was scored on another evaluation split: the labels differ", dir)
	}
	log, references, err := ReadLog(run)
	if err != nil {
		return nil, nil, err
	}
	if len(log.Steps) == 0 {
		return nil, nil, fmt.Errorf("run %q has no evaluation yet", dir)
	}
	t := len(log.Steps) - 1
	if at != "" {
		if step, err := strconv.Atoi(at); err == nil {
			if t = slices.Index(log.Steps, step); t < 0 {
				return nil, nil, fmt.Errorf("run %q has no evaluation of step %d", dir, step)
			}
		} else {
			i := slices.IndexFunc(references, func(r runlog.Reference) bool { return r.Name == at })
			if i < 0 {
				return nil, nil, fmt.Errorf("run %q has no reference %q: after @ comes a step or the name of one", dir, at)
			}
			t = log.NearestAccuracy(references[i].Accuracy)
		}
	}
	meta, err := run.Meta()
	if err != nil {
		return nil, nil, err
	}
	return log.Predictions[t], map[string]any{"run": dir, "network": meta["network"], "step": log.Steps[t]}, nil
}
