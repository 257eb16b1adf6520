package track

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"shoal/deep"
)

// A checkpoint is two files in checkpoints/: step-00000938.safetensors is the
// network alone, as PyTorch would load it; step-00000938.state.safetensors has
// the optimiser's state and the random state as well, and is what a run is
// resumed from. Each is written beside its place and renamed.
const (
	checkpointFolder = "checkpoints"
	stateSuffix      = ".state.safetensors"
	networkSuffix    = ".safetensors"
	keptCheckpoints  = 2
)

func checkpointName(step int) string { return fmt.Sprintf("step-%08d", step) }

// checkpointer is the hook that saves the training now and then, by time.
type checkpointer struct {
	dir     string // the run folder
	trainer *deep.Trainer
	every   time.Duration
	saved   func() error // is called after a checkpoint; may be nil
	last    time.Time    // of the last checkpoint
	step    int          // of the last checkpoint, -1 for none
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

// save writes the checkpoint of the trainer as it is, and removes old ones.
func (c *checkpointer) save(step int) error {
	if c.step == step {
		return nil
	}
	folder := filepath.Join(c.dir, checkpointFolder)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fmt.Errorf("write checkpoint of step %d: %w", step, err)
	}
	base := filepath.Join(folder, checkpointName(step))
	// The state comes last: where it is, the checkpoint is whole.
	if err := c.trainer.Network().Save(base + networkSuffix); err != nil {
		return fmt.Errorf("write checkpoint of step %d: %w", step, err)
	}
	if err := c.trainer.SaveState(base + stateSuffix); err != nil {
		return fmt.Errorf("write checkpoint of step %d: %w", step, err)
	}
	c.step, c.last = step, time.Now()
	steps, err := checkpoints(c.dir)
	if err != nil {
		return err
	}
	for _, old := range steps[:max(0, len(steps)-keptCheckpoints)] {
		dropCheckpoint(c.dir, old)
	}
	if c.saved != nil {
		return c.saved()
	}
	return nil
}

func dropCheckpoint(dir string, step int) {
	base := filepath.Join(dir, checkpointFolder, checkpointName(step))
	_ = os.Remove(base + stateSuffix)
	_ = os.Remove(base + networkSuffix)
}

// checkpoints lists the steps of the whole checkpoints of a run, ascending.
func checkpoints(dir string) ([]int, error) {
	entries, err := os.ReadDir(filepath.Join(dir, checkpointFolder))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list checkpoints: %w", err)
	}
	var steps []int
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), stateSuffix)
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
