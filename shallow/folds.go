package shallow

import (
	"context"
	"fmt"
	"math/rand/v2"
)

// OutOfFold predicts every training example by a model that did not see it: the examples are dealt
// into folds, with the classes spread evenly, and each fold is predicted by a model fitted to the
// others. A model's predictions of its own training examples would be memory.
//
// newModel returns an unfitted model, folds times. The deal depends on opt.Seed, with which the
// models are fitted, too. folds is at least 2 and at most n. A class with a single example is
// necessarily predicted wrong there.
func OutOfFold(ctx context.Context, newModel func() (Model, error), train Examples, folds int, opt Options) (Prediction, error) {
	if err := train.CheckTraining(); err != nil {
		return Prediction{}, fmt.Errorf("out-of-fold predictions: %w", err)
	}
	n := train.Len()
	if folds < 2 || folds > n {
		return Prediction{}, fmt.Errorf("out-of-fold predictions: folds: got %d for %d examples, want 2 to %d", folds, n, n)
	}
	fold := deal(train, folds, opt.Seed)
	out := Prediction{Class: make([]uint16, n), Margin: make([]float32, n)}
	for f := range folds {
		var seen, unseen []int
		for i, k := range fold {
			if k == f {
				unseen = append(unseen, i)
			} else {
				seen = append(seen, i)
			}
		}
		p, err := foldPrediction(ctx, newModel, train.Select(seen), train.Select(unseen), f, folds, opt)
		if err != nil {
			return Prediction{}, fmt.Errorf("fold %d of %d: %w", f+1, folds, err)
		}
		if f == 0 && p.Scores != nil {
			out.Scores = make([]float32, n*train.Classes)
		}
		for k, i := range unseen {
			out.Class[i], out.Margin[i] = p.Class[k], p.Margin[k]
			if out.Scores != nil {
				copy(out.Scores[i*train.Classes:(i+1)*train.Classes], p.Scores[k*train.Classes:])
			}
		}
	}
	return out, nil
}

// foldPrediction fits a new model to seen and predicts unseen. Its progress is a part of the whole.
func foldPrediction(ctx context.Context, newModel func() (Model, error), seen, unseen Examples, f, folds int, opt Options) (Prediction, error) {
	m, err := newModel()
	if err != nil {
		return Prediction{}, err
	}
	whole := opt.Progress
	if whole != nil {
		opt.Progress = func(done, total int, note string) {
			if total == 0 { // only the folds can be counted
				done, total = 0, 1
			}
			whole(f*total+done, folds*total, fmt.Sprintf("fold %d of %d: %s", f+1, folds, note))
		}
	}
	if err := m.Fit(ctx, seen, opt); err != nil {
		return Prediction{}, err
	}
	opt.Progress = nil
	return m.Predict(ctx, unseen, opt)
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
