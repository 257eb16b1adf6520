package track

import (
	"context"
	"fmt"
	"math/rand/v2"

	"shoal/deep"
	"shoal/internal/usage"
	"shoal/record"
	"shoal/runlog"
)

// maxInitialisations is what a study may ask for at most.
const maxInitialisations = 10_000

// initialExamples is on how many of the first test images other initialisations are scored: all with
// the 2-layer CNN, a thousand with the large networks, where all would take as long as training.
func (s Study) initialExamples(test int) int {
	if s.Network.Name == "cnn2" {
		return test
	}
	return min(test, 1000)
}

// initialWork is the number of scorings of one image that the study's random initialisations take.
func (s Study) initialWork(test int) int {
	return s.initialisations() * s.initialExamples(test)
}

// initialisations is how many are scored: none where the network starts from a checkpoint, because
// its start is no random one.
func (s Study) initialisations() int {
	if s.Network.Init != "" {
		return 0
	}
	return s.Evaluation.Initialisations
}

// initialise has the run keep what the study's network answers under other random initialisations,
// before any training, unless it keeps that already. The k-th is drawn from the k-th number that
// follows the study's seed, so it is the same wherever and however often it is made.
func (x *training) initialise(ctx context.Context, run *runlog.Run, r *record.Recorder) error {
	count, s := x.study.initialisations(), x.study
	if have, err := run.Initial(); count == 0 || err != nil || len(have) >= count {
		return err
	}
	defer record.Watch(&r.Seconds.Evaluation)()
	part := x.splits.Test.First(s.initialExamples(x.splits.Test.Len()))
	seeds := rand.New(rand.NewPCG(s.Seed, 0x696e6974)) // "init"
	trainer, err := newTrainer(s, x.splits, x.quiet(), "")
	if err != nil {
		return err
	}
	answers := make([][]uint16, count)
	for k := range answers {
		x.options.Show(record.Progress{Part: record.PartInitial, Name: "random initialisations", Done: k, Total: count})
		seed := seeds.Uint64()
		trainer.Network().Draw(seed)
		if init, err := deep.ParseNormInit(s.Network.BNInit); err == nil && init == deep.Uniform {
			trainer.Network().DrawNorms(seed)
		}
		answers[k] = make([]uint16, part.Len())
		if _, err := trainer.Score(ctx, part.Pixels, part.Labels, answers[k]); err != nil {
			return fmt.Errorf("score random initialisation %d: %w", k+1, err)
		}
	}
	return run.KeepInitial(answers)
}

// quiet is the options without a voice: what a network is like has been told of the first one.
func (x *training) quiet() Options {
	o := x.options
	o.Say = nil
	return o
}

// checkInitialisations reports an invalid number.
func (e Evaluation) checkInitialisations() error {
	if e.Initialisations < 0 || e.Initialisations > maxInitialisations {
		return usage.Errorf("%d random initialisations: want 0 to %d", e.Initialisations, maxInitialisations)
	}
	return nil
}
