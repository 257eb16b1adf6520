package track

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"slices"

	"shoal/curriculum"
	"shoal/deep/safetensors"
	"shoal/internal/machine"
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

// initialWeights is what errors call the file that a training starts from.
const initialWeights = "initial weights"

// kept is what a run has of its study already; nothing for a new run.
type kept struct {
	text       string   // the study: states of the network belong to it and to the data
	references []string // their names: they are not read again
}

// newTraining loads the data and builds the network, as yet without the weights that it starts from.
func newTraining(ctx context.Context, s Study, have kept, o Options) (*training, error) {
	if err := errors.Join(s.Check(), o.check()); err != nil {
		return nil, err
	}
	if have.text == "" { // a run has its references' predictions already
		if err := s.present(); err != nil {
			return nil, err
		}
	}
	x := &training{study: s, text: have.text, options: o}
	done := record.Watch(&x.seconds)
	var err error
	if x.splits, err = s.Data.Load(ctx, o.Options); err != nil {
		return nil, err
	}
	done()
	if x.text == "" {
		x.study.Data = x.splits.Chosen(s.Data)
		s = x.study
	}
	if err := x.fits(machine.Available()); err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(slices.Clone(s.References), func(r record.Reference) bool { return slices.Contains(have.references, r.Name) })
	if x.sources, err = x.splits.Prepare(missing); err != nil {
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
	if err := x.thin(ctx); err != nil {
		return nil, err
	}
	if x.text == "" {
		if x.text, err = x.encode(); err != nil {
			return nil, err
		}
	}
	if x.learner, err = newEngine(x.study, x.splits, v, x.loop, o, x.identity()); err != nil {
		return nil, err
	}
	x.loop.Begin = x.begin
	if err := x.takeScored(ctx); err != nil {
		return nil, err
	}
	return x, x.checkBatches(v)
}

// checkBatches refuses a training that would come to a batch too small for its network, before it
// begins.
func (x *training) checkBatches(v *curriculum.Visits) error {
	size, of := v.Smallest(x.loop.Total)
	if least := x.learner.trainer.LeastImages(); size < least {
		return usage.Errorf("%d training examples in batches of %d leave a batch of %d: network %q on images of %d×%d needs %d or more, because BatchNorm can't normalise a single value: choose another batch size or number of examples",
			of, v.Batch, size, x.study.Network.Name, x.splits.Height, x.splits.Width, least)
	}
	return nil
}

// encode is the study as a new run keeps it, with what it needs to know its files again.
func (x *training) encode() (string, error) {
	x.study = x.study.Placed()
	if n := &x.study.Network; n.Init != "" {
		var err error
		if _, n.InitSHA256, err = sameFile(initialWeights, n.Init, "", safetensors.MaxFile); err != nil {
			return "", err
		}
	}
	text, err := x.study.Encode(nil)
	return string(text), err
}

// identity tells what is trained, for checkpoints.
func (x *training) identity() string {
	sum := sha256.Sum256([]byte(x.splits.TrainHash + "\n" + x.text))
	return hex.EncodeToString(sum[:])
}

// begin takes the untrained network to the weights that the study starts from.
func (x *training) begin() error {
	n := x.study.Network
	if n.Init == "" {
		return nil
	}
	path := cmp.Or(n.InitAbsolute, n.Init)
	if _, _, err := sameFile(initialWeights, path, n.InitSHA256, safetensors.MaxFile); err != nil {
		return err
	}
	return x.learner.trainer.Network().Load(path)
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
