package track

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"

	"shoal/curriculum"
	"shoal/internal/usage"
	"shoal/record"
)

// training is a study with its data and its untrained network: all that can fail for reasons of the
// study has succeeded.
type training struct {
	study   Study
	text    string // of the study, without what runs it
	options Options
	splits  *record.Splits
	sources []record.Source
	learner *engine
	loop    record.Training
	subset  *record.SubsetSummary // nil without a partition
	seconds float64               // that loading the data took
}

// newTraining loads the data and builds the network. text is the study as a run keeps it, ""
// for a new one: states of the network belong to it and to the data.
func newTraining(ctx context.Context, s Study, text string, o Options) (*training, error) {
	if err := errors.Join(s.Check(), o.check()); err != nil {
		return nil, err
	}
	x := &training{study: s, text: text, options: o}
	done := record.Watch(&x.seconds)
	var err error
	if x.splits, err = s.Data.Load(ctx, o.Options); err != nil {
		return nil, err
	}
	done()
	if x.sources, err = x.splits.Prepare(s.References); err != nil {
		return nil, err
	}
	if x.loop, err = s.loop(x.splits.Train.Len()); err != nil {
		return nil, err
	}
	x.loop.Checkpoint, x.loop.Restart = o.checkpoint(), o.Restart
	v := &curriculum.Visits{Plan: curriculum.Everything(x.splits.Train.Len()), Batch: s.Training.Batch, Seed: s.Seed}
	if s.Subset.Partition != "" {
		if v, err = x.readSubset(); err != nil {
			return nil, err
		}
	}
	if x.text == "" {
		text, err := x.study.Encode(nil)
		if err != nil {
			return nil, err
		}
		x.text = string(text)
	}
	x.learner, err = newEngine(x.study, x.splits, v, x.loop, o, x.identity())
	return x, err
}

// identity tells what is trained, for checkpoints.
func (x *training) identity() string {
	sum := sha256.Sum256([]byte(x.splits.TrainHash + "\n" + x.text))
	return hex.EncodeToString(sum[:])
}

// loop says how many steps a training on n examples takes, and which of them are scored.
func (s Study) loop(n int) (record.Training, error) {
	t := record.Training{PerEpoch: curriculum.Steps(n, s.Training.Batch)}
	t.Total = max(1, int(math.Round(s.Training.Epochs*float64(t.PerEpoch))))
	if t.Total > math.MaxInt32 {
		return t, usage.Errorf("%v epochs of %d steps are too many: want at most %d steps", s.Training.Epochs, t.PerEpoch, math.MaxInt32)
	}
	schedule, err := record.ParseSchedule(s.Evaluation.Schedule)
	if err != nil {
		return t, err
	}
	t.Scored = schedule.Steps(t.PerEpoch, t.Total)
	return t, nil
}
