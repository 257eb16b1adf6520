package shallow

import (
	"context"
	"fmt"
	"math/rand/v2"
)

// Folded is an out-of-fold prediction, and what its folds warn of: "fold 2 of 5: ...".
type Folded struct {
	Prediction
	Params   map[string]any // of the models
	Warnings []string
}

// OutOfFold predicts every training example by a model that did not see it: the examples are dealt
// into folds, with the classes spread evenly, and each fold is predicted by a model fitted to the
// others. A model's predictions of its own training examples would be memory.
//
// newModel returns an unfitted model, folds times. The deal depends on opt.Seed, with which the
// models are fitted, too. folds is at least 2 and at most n. A class that a fold's model has not
// seen, since it has a single example or the model trains on the first ones only, is predicted wrong
// there, with a warning. Where all classes have a single example that would be all there is to say,
// which is an error.
func OutOfFold(ctx context.Context, newModel func() (Model, error), train Examples, folds int, opt Options) (Folded, error) {
	n := train.Len()
	err := train.CheckTraining()
	switch {
	case err != nil:
	case folds < 2 || folds > n:
		err = fmt.Errorf("folds: got %d for %d examples, want 2 to %d", folds, n, n)
	case train.Occurring() == n:
		err = fmt.Errorf("each of %d examples has a class of its own: no model can learn it from the others", n)
	}
	if err != nil {
		return Folded{}, fmt.Errorf("out-of-fold predictions: %w", err)
	}
	fold := deal(train, folds, opt.Seed)
	out := Folded{Prediction: Prediction{Class: make([]uint16, n), Margin: make([]float32, n)}}
	for f := range folds {
		var seen, unseen []int
		for i, k := range fold {
			if k == f {
				unseen = append(unseen, i)
			} else {
				seen = append(seen, i)
			}
		}
		p, params, warnings, err := foldPrediction(ctx, newModel, train.Select(seen), train.Select(unseen), f, folds, opt)
		if err != nil {
			return Folded{}, fmt.Errorf("fold %d of %d: %w", f+1, folds, err)
		}
		out.Params = params
		for _, text := range warnings {
			out.Warnings = append(out.Warnings, fmt.Sprintf("fold %d of %d: %s", f+1, folds, text))
		}
		for k, i := range unseen {
			out.Class[i], out.Margin[i] = p.Class[k], p.Margin[k]
		}
	}
	return out, nil
}

// foldPrediction fits a new model to seen, predicts unseen and returns what has to be known of that.
// Its progress is a part of the whole.
func foldPrediction(ctx context.Context, newModel func() (Model, error), seen, unseen Examples, f, folds int, opt Options) (Prediction, map[string]any, []string, error) {
	m, err := newModel()
	if err != nil {
		return Prediction{}, nil, nil, err
	}
	whole, counted := opt.Progress, 1
	if whole != nil {
		opt.Progress = func(done, total int, note string) {
			if total == 0 { // only the folds can be counted
				done, total = 0, 1
			}
			counted = total
			whole(f*total+done, folds*total, fmt.Sprintf("fold %d of %d: %s", f+1, folds, note))
		}
	}
	if err := m.Fit(ctx, seen, opt); err != nil {
		return Prediction{}, nil, nil, err
	}
	if whole != nil {
		whole((f+1)*counted, folds*counted, fmt.Sprintf("fold %d of %d: predict %d examples", f+1, folds, unseen.Len()))
	}
	opt.Progress, opt.Scores = nil, false
	p, err := m.Predict(ctx, unseen, opt)
	return p, m.Params(), warnings(m, seen, unseen), err
}

// deal returns the fold of every example: each class is shuffled by the seed and dealt in turn,
// starting where the class before it ended.
func deal(train Examples, folds int, seed uint64) []int {
	members := make([][]int, train.Classes)
	for i, label := range train.Labels {
		members[label] = append(members[label], i)
	}
	fold := make([]int, train.Len())
	next := 0
	for class, m := range members {
		r := rand.New(rand.NewPCG(seed, uint64(class)))
		r.Shuffle(len(m), func(a, b int) { m[a], m[b] = m[b], m[a] })
		for _, i := range m {
			fold[i] = next % folds
			next++
		}
	}
	return fold
}
