package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"shoal/internal/textfmt"
)

// A checkpoint is two files in checkpoints/: step-00000938.safetensors is the network alone;
// step-00000938.state.safetensors is what a run is resumed from.
const (
	// CheckpointFolder is the name of the checkpoints' folder in a run folder.
	CheckpointFolder = "checkpoints"
	stateSuffix      = ".state.safetensors"
	networkSuffix    = ".safetensors"
	keptCheckpoints  = 2
)

func checkpointName(step int) string { return fmt.Sprintf("step-%08d", step) }

// checkpointer is the hook that saves the training now and then, by time.
type checkpointer struct {
	dir     string // the run folder
	learner Learner
	inPlace func() error // reports a folder that was moved away
	every   time.Duration
	saved   func() error // is called after a checkpoint
	last    time.Time    // of the last checkpoint
	step    int          // of the last checkpoint, -1 for none
	// lineage are the steps of the checkpoints of this training, the newest last: the one that it resumed
	// from, and those that it wrote.
	lineage []int
}

func (c *checkpointer) after(_ context.Context, m moment) error {
	if c.last.IsZero() {
		c.last = time.Now()
	}
	if time.Since(c.last) < c.every {
		return nil
	}
	return c.save(m.step)
}

// save writes the checkpoint of the learner as it is, and removes old ones.
func (c *checkpointer) save(step int) error {
	if c.step == step {
		return nil
	}
	if err := c.inPlace(); err != nil {
		return err
	}
	folder := filepath.Join(c.dir, CheckpointFolder)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fmt.Errorf("write checkpoint of step %d: %w", step, err)
	}
	base := filepath.Join(folder, checkpointName(step))
	if err := c.learner.Save(base+networkSuffix, base+stateSuffix); err != nil {
		return fmt.Errorf("write checkpoint of step %d: %w", step, err)
	}
	c.step, c.last, c.lineage = step, time.Now(), append(c.lineage, step)
	if err := dropOld(c.dir, c.lineage); err != nil {
		return err
	}
	return c.saved()
}

// dropOld removes all checkpoints but the last that were written, and networks of their time whose state a
// process that was killed didn't come to write. Those of other trainings than lineage's are older, whatever
// their steps: a training that had to resume from an earlier step, because later ones were damaged, would
// lose what it writes otherwise.
func dropOld(dir string, lineage []int) error {
	steps, err := Checkpoints(dir)
	if err != nil || len(steps) <= keptCheckpoints {
		return err
	}
	networks, err := stepsOf(dir, networkSuffix)
	if err != nil {
		return err
	}
	kept := newest(steps, lineage)
	for _, step := range steps {
		if !slices.Contains(kept, step) {
			dropCheckpoint(dir, step)
		}
	}
	for _, step := range networks {
		if step < slices.Min(kept) {
			dropCheckpoint(dir, step)
		}
	}
	return nil
}

// newest are those of the steps whose checkpoints were written last.
func newest(steps, lineage []int) []int {
	sequence := slices.DeleteFunc(slices.Clone(steps), func(step int) bool { return slices.Contains(lineage, step) })
	for _, step := range lineage {
		if slices.Contains(steps, step) {
			sequence = append(sequence, step)
		}
	}
	return sequence[max(0, len(sequence)-keptCheckpoints):]
}

func dropCheckpoint(dir string, step int) {
	base := filepath.Join(dir, CheckpointFolder, checkpointName(step))
	_ = os.Remove(base + stateSuffix)
	_ = os.Remove(base + networkSuffix)
}

// Checkpoints lists the steps of the whole checkpoints in a run folder, ascending.
func Checkpoints(dir string) ([]int, error) { return stepsOf(dir, stateSuffix) }

// stepsOf lists the steps of the files of checkpoints with an ending, ascending.
func stepsOf(dir, suffix string) ([]int, error) {
	entries, err := os.ReadDir(filepath.Join(dir, CheckpointFolder))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list checkpoints: %w", err)
	}
	var steps []int
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok {
			continue
		}
		if step, err := strconv.Atoi(strings.TrimPrefix(name, "step-")); err == nil && checkpointName(step) == name {
			steps = append(steps, step)
		}
	}
	slices.Sort(steps)
	return steps, nil
}

// Resume takes the learner to the last checkpoint that can be used and that the run's evaluations
// reach, or leaves it at its start. The evaluations after it stay until the training has made them
// again, one by one. Where no checkpoint can be used but all evaluations are there, Train has nothing
// to do.
// A run that had a checkpoint and has none that can be used any more is a *NoCheckpoint error, unless
// t.Restart is set: its evaluations may be a week's work.
func (r *Recorder) Resume(l Learner, t Training) error {
	have, err := r.run.Steps()
	if err != nil {
		return err
	}
	dir := r.run.Dir()
	saved, err := Checkpoints(dir)
	if err != nil {
		return err
	}
	slices.Reverse(saved)
	var damaged, undecided error
	for _, step := range saved {
		if step > t.Total || !complete(have, t.Scored, step) {
			continue
		}
		path := filepath.Join(dir, CheckpointFolder, checkpointName(step)+stateSuffix)
		err := l.Load(path)
		if err == nil && l.Steps() != step {
			err = fmt.Errorf("it is of step %d: was it renamed?", l.Steps())
		}
		if isSound(err) {
			undecided = fmt.Errorf("run %q: the checkpoint of step %d: %w", dir, step, err)
			break
		}
		if err != nil {
			r.options.Tell(fmt.Sprintf("the checkpoint of step %d can't be used: %v", step, err))
			damaged = err
			continue
		}
		r.options.Tell(fmt.Sprintf("resuming from the checkpoint of step %d of %d", step, t.Total))
		return r.rewind(step)
	}
	if complete(have, t.Scored, t.Total+1) {
		r.options.Tell("no checkpoint can be used, and none is needed: all evaluations are there")
		r.trained = true
		return nil
	}
	if undecided != nil && !t.Restart {
		return undecided
	}
	if !t.Restart && (damaged != nil || r.Seconds.Training > 0) { // a time is written with every checkpoint
		return &NoCheckpoint{Dir: dir, Evaluations: len(have), Damage: damaged}
	}
	if t.Begin != nil {
		if err := t.Begin(); err != nil {
			return err
		}
	}
	r.options.Tell("the run has no usable checkpoint: training starts from its beginning")
	return r.rewind(-1)
}

// isSound reports whether an error of Load is of a sound state; see Learner.
func isSound(err error) bool {
	var sound interface{ Sound() bool }
	return errors.As(err, &sound) && sound.Sound()
}

// NoCheckpoint is the error of a run whose checkpoints are gone or damaged.
type NoCheckpoint struct {
	Dir         string
	Evaluations int   // that training from the beginning would replace
	Damage      error // of the last checkpoint that is there, nil when there is none
}

func (e *NoCheckpoint) Error() string {
	why := "they are gone"
	if e.Damage != nil {
		why = e.Damage.Error()
	}
	return fmt.Sprintf("run %q has no usable checkpoint (%s), and %s that training from the beginning would replace", e.Dir, why, textfmt.Count(e.Evaluations, "evaluation"))
}

// Unwrap returns the damage.
func (e *NoCheckpoint) Unwrap() error { return e.Damage }

// rewind has the evaluations after step made again.
func (r *Recorder) rewind(step int) error {
	if err := r.run.Rewind(step); err != nil {
		return err
	}
	if r.train != nil {
		if err := r.train.Rewind(step); err != nil {
			return err
		}
	}
	var err error
	r.last, err = r.run.LastStep()
	return err
}

// complete reports whether all evaluations before step are there. That of step itself may be
// missing: it is made first.
func complete(have, scored []int, step int) bool {
	there := setOf(have)
	for _, s := range scored {
		if s < step && !there[s] {
			return false
		}
	}
	return true
}
