package track

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"shoal/internal/usage"
	"shoal/runlog"
)

// Resume goes on with the run in dir from its last checkpoint and ends with the
// same database as a run that was never interrupted. change, if not nil, is
// what a person asks of the study now; anything that it changes is refused, as
// the run's numbers would belong to neither study. A finished run gets its
// report and summary again.
func Resume(ctx context.Context, dir string, change func(*Study) error, o Options) (*Summary, error) {
	o.Out = dir
	start := time.Now()
	log, err := runlog.Open(dir)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	meta, err := log.Meta()
	if err != nil {
		return nil, err
	}
	study, err := studyOf(dir, meta)
	if err != nil {
		return nil, err
	}
	if change != nil {
		asked := study.clone()
		if err := change(&asked); err != nil {
			return nil, err
		}
		if err := refuseChange(dir, study, asked); err != nil {
			return nil, err
		}
	}
	if runlog.Status(meta["status"]) == runlog.Failed {
		return nil, fmt.Errorf("run %q has failed (%s); it would fail again: start another run with other settings", dir, meta[metaFailure])
	}
	x, err := newExperiment(ctx, study, o)
	if cancelled(err) {
		return nil, &Interrupted{Dir: dir, Step: -1, Command: o.resume(dir)}
	}
	if err != nil {
		return nil, err
	}
	if x.trainHash != meta[metaTrainHash] || x.testHash != meta[metaTestHash] {
		return nil, fmt.Errorf("run %q was made with other examples of %s than those found now: give the same --data-dir", dir, study.Data.Dataset)
	}
	if err := json.Unmarshal([]byte(meta[metaSeconds]), &x.seconds); err != nil && meta[metaSeconds] != "" {
		return nil, fmt.Errorf("run %q: meta %q: %w", dir, metaSeconds, err)
	}
	if err := x.rewind(log); err != nil {
		return nil, err
	}
	if err := x.writeStudy(); err != nil {
		return nil, err
	}
	if err := log.SetStatus(runlog.Running); err != nil {
		return nil, err
	}
	return x.execute(ctx, log, start)
}

// studyOf reads the study of a run, which its folder has twice.
func studyOf(dir string, meta map[string]string) (Study, error) {
	text := meta[metaStudy]
	if text == "" {
		return Study{}, fmt.Errorf("run %q was not made by `shoal run`: it has no study to go on with", dir)
	}
	study, err := ParseStudy(text)
	if err != nil {
		return Study{}, fmt.Errorf("run %q: its study: %w", dir, err)
	}
	path := filepath.Join(dir, StudyFile)
	onDisk, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return study, nil
	}
	if err != nil {
		return Study{}, fmt.Errorf("run %q: %w", dir, err)
	}
	edited, err := ParseStudy(string(onDisk))
	if err != nil {
		return Study{}, fmt.Errorf("study %q: %w", path, err)
	}
	return study, refuseChange(dir, study, edited)
}

// refuseChange names what differs between the run's study and another.
func refuseChange(dir string, run, asked Study) error {
	differences, err := Differences(run, asked)
	if err != nil || len(differences) == 0 {
		return err
	}
	return usage.Errorf("run %q can't go on with another study: %s; start a new run for that", dir, strings.Join(differences, "; "))
}

// Differences lists what differs between two studies: `training.epochs is 1 in
// the run and 2 now`.
func Differences(run, now Study) ([]string, error) {
	a, err := run.flat()
	if err != nil {
		return nil, err
	}
	b, err := now.flat()
	if err != nil {
		return nil, err
	}
	var out []string
	for key, was := range a {
		if is, ok := b[key]; !ok {
			out = append(out, fmt.Sprintf("%s is %s in the run and absent now", key, was))
		} else if is != was {
			out = append(out, fmt.Sprintf("%s is %s in the run and %s now", key, was, is))
		}
	}
	for key, is := range b {
		if _, ok := a[key]; !ok {
			out = append(out, fmt.Sprintf("%s is absent in the run and %s now", key, is))
		}
	}
	slices.Sort(out)
	return out, nil
}

// flat is the study as dotted keys and values.
func (s Study) flat() (map[string]string, error) {
	text, err := s.Encode(nil)
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if _, err := toml.Decode(string(text), &tree); err != nil {
		return nil, err
	}
	out := map[string]string{}
	flatten(out, "", tree)
	return out, nil
}

func flatten(out map[string]string, prefix string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			flatten(out, strings.TrimPrefix(prefix+"."+key, "."), inner)
		}
	case []map[string]any:
		for i, inner := range v {
			flatten(out, fmt.Sprintf("%s[%d]", prefix, i), inner)
		}
	default:
		out[prefix] = fmt.Sprint(v)
	}
}

// clone is a copy that shares nothing.
func (s Study) clone() Study {
	s.References = slices.Clone(s.References)
	for i := range s.References {
		copied := map[string]string{}
		for k, v := range s.References[i].Parameters {
			copied[k] = v
		}
		s.References[i].Parameters = copied
	}
	return s
}

// rewind takes the trainer to the last checkpoint that the database reaches,
// or to the start, and drops the evaluations after it.
func (x *experiment) rewind(log *runlog.Run) error {
	have := map[int]bool{}
	steps, err := log.Steps()
	if err != nil {
		return err
	}
	for _, step := range steps {
		have[step] = true
	}
	saved, err := checkpoints(log.Dir())
	if err != nil {
		return err
	}
	slices.Reverse(saved)
	var damaged error
	for _, step := range saved {
		if step > x.total || !x.complete(have, step) {
			continue
		}
		path := filepath.Join(log.Dir(), checkpointFolder, checkpointName(step)+stateSuffix)
		if err := x.trainer.LoadState(path); err != nil {
			x.options.say(fmt.Sprintf("the checkpoint of step %d can't be used: %v", step, err))
			damaged = err
			continue
		}
		if int(x.trainer.Steps()) != step {
			return fmt.Errorf("checkpoint %q is of step %d: was it renamed?", path, x.trainer.Steps())
		}
		x.options.say(fmt.Sprintf("resuming from the checkpoint of step %d of %d", step, x.total))
		return log.DeleteAfter(step)
	}
	if damaged != nil {
		return fmt.Errorf("run %q has no usable checkpoint: %w; remove its folder %s to train from the beginning", log.Dir(), damaged, checkpointFolder)
	}
	x.options.say("the run has no checkpoint yet: training starts from its beginning")
	return log.DeleteAfter(-1)
}

// complete reports whether all evaluations before step are there. That of step
// itself may be missing: it is made first.
func (x *experiment) complete(have map[int]bool, step int) bool {
	for _, s := range x.scored {
		if s < step && !have[s] {
			return false
		}
	}
	return true
}
