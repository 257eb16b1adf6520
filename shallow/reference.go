package shallow

import (
	"context"
	"fmt"
	"maps"
	"time"
)

// Fitted is a model that was fitted, and its predictions of the evaluation split.
type Fitted struct {
	Model          Model
	Params         map[string]any
	Test           Prediction
	Accuracy       float64 // on the evaluation split, 0 to 1
	FitSeconds     float64 // of the fit itself, also when it came from the cache
	PredictSeconds float64
	FromCache      bool
	// Facts are the model's; its "warnings" are Warnings. "cache_warning" is added when the cache
	// held a damaged file, or could not be written.
	Facts map[string]any
	// Warnings are what a reader of the accuracy has to know, whether the model was fitted now or
	// came from the cache.
	Warnings []string
}

// FitReference fits m to train and predicts test, whose labels it needs for the accuracy only.
//
// With a cacheDir (that is, not "") it keeps the model and its predictions in files below
// cacheDir/models, and takes them from there when everything agrees that defines them: the hashes
// of both splits (dataset's Split.Hash), the kind, its version, its parameters and the seed. A
// damaged file is replaced. A cache that cannot be written is a warning, not an error.
func FitReference(ctx context.Context, m Model, train, test Examples, trainHash, testHash, cacheDir string, opt Options) (*Fitted, error) {
	if len(test.Labels) != test.Len() || test.Len() == 0 {
		return nil, fmt.Errorf("reference %s: evaluation split: got %d labels for %d examples, want one each and at least 1", m.Kind(), len(test.Labels), test.Len())
	}
	suit(m, train)
	if cacheDir == "" {
		return fitAndPredict(ctx, m, train, test, opt)
	}
	if trainHash == "" || testHash == "" {
		return nil, fmt.Errorf("reference %s: got an empty hash of a split, want both: the cache is keyed by them", m.Kind())
	}
	entry, err := newEntry(cacheDir, m, trainHash, testHash, opt.Seed)
	if err != nil {
		return nil, fmt.Errorf("reference %s: cache: %w", m.Kind(), err)
	}
	opt.Scores = false // the cache would grow with the number of classes
	fitted, warning := entry.load(m, train, test, opt)
	if fitted != nil {
		return fitted, nil
	}
	if fitted, err = fitAndPredict(ctx, m, train, test, opt); err != nil {
		return nil, err
	}
	if err := entry.store(fitted); err != nil {
		warning = err
	}
	if warning != nil {
		fitted.Facts["cache_warning"] = warning.Error()
	}
	return fitted, nil
}

func fitAndPredict(ctx context.Context, m Model, train, test Examples, opt Options) (*Fitted, error) {
	start := time.Now()
	if err := m.Fit(ctx, train, opt); err != nil {
		return nil, fmt.Errorf("fit %s: %w", m.Kind(), err)
	}
	fitSeconds := time.Since(start).Seconds()
	start = time.Now()
	if opt.Progress != nil { // a fit that is over is no more to be seen
		opt.Progress(0, 0, fmt.Sprintf("predict %d examples", test.Len()))
	}
	opt.Progress = nil
	p, err := m.Predict(ctx, test, opt)
	if err != nil {
		return nil, fmt.Errorf("predict with %s: %w", m.Kind(), err)
	}
	return assemble(m, train, test, p, fitSeconds, time.Since(start).Seconds())
}

// assemble scores a prediction and gathers what belongs to a reference.
func assemble(m Model, train, test Examples, p Prediction, fitSeconds, predictSeconds float64) (*Fitted, error) {
	accuracy, err := p.Accuracy(test.Labels)
	if err != nil {
		return nil, fmt.Errorf("score %s: %w", m.Kind(), err)
	}
	facts := map[string]any{}
	maps.Copy(facts, m.Facts())
	warned := warnings(m, train, test)
	facts["warnings"] = warned
	return &Fitted{
		Model: m, Params: m.Params(), Test: p, Accuracy: accuracy, Facts: facts, Warnings: warned,
		FitSeconds: fitSeconds, PredictSeconds: predictSeconds,
	}, nil
}
