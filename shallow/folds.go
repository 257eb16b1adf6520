package shallow

import (
	"context"
	"fmt"
)

// OutOfFold predicts every training example by a model that did not see it.
func OutOfFold(ctx context.Context, newModel func() (Model, error), train Examples, folds int, opt Options) (Prediction, error) {
	return Prediction{}, fmt.Errorf("out-of-fold predictions: not written yet")
}
