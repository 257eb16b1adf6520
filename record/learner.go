package record

import "context"

// A Learner is a network in training, of whatever engine. Train calls it from one goroutine.
type Learner interface {
	// Steps is the number of training steps done.
	Steps() int
	// Step takes the next training step and returns the mean loss of its batch.
	Step(ctx context.Context) (loss float64, err error)
	// Score predicts every example of the evaluation split, in the order of the run, into
	// predicted, and returns the mean loss; NaN where the learner has none. It changes nothing that
	// Step sees.
	Score(ctx context.Context, predicted []uint16) (loss float64, err error)
	// Save writes a checkpoint to two files: the network alone, and the state that Load resumes
	// from. Each is there as a whole or not at all, the state last.
	Save(network, state string) error
	// Load returns to the step at which the state was saved. An error of a state that is sound, but
	// that a person has to decide about, has a method Sound() bool that returns true: then no older
	// state is tried.
	Load(state string) error
}

// A LabelScorer is a learner that knows how probable it finds the labels. The last evaluation keeps that.
type LabelScorer interface {
	// ScoreLabels is Score, with the learner's probability of every example's label, 0 to 1.
	ScoreLabels(ctx context.Context, predicted []uint16) (loss float64, p []float32, err error)
}

// A TrainingScorer is a learner that can score some of its training examples, too; see
// Recorder.ScoreTraining.
type TrainingScorer interface {
	// ScoreTraining is Score for the training examples that the run has as its split train. values are
	// numbers of every example by name, as dynamics names them; nil for none.
	ScoreTraining(ctx context.Context, predicted []uint16) (loss float64, values map[string][]float32, err error)
}
