package shallow

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"shoal/internal/atomicfile"
	"shoal/shallow/model"
)

// bagShare is the share of the training examples in a bag: as many different ones as a sample with
// replacement has, 1 - 1/e. They are drawn without replacement, since copies would vote for themselves
// in knn, and be out of bag and in it in a forest.
const bagShare = .632

// Bag draws the training examples of refit number k, from 0: indices into n examples, ascending, a
// share of .632 of them, at least 1. It depends on seed, k and n alone.
func Bag(n int, seed uint64, k int) []int {
	r := rand.New(rand.NewPCG(seed, uint64(k)))
	bag := r.Perm(n)[:max(1, int(bagShare*float64(n)))]
	slices.Sort(bag)
	return bag
}

const (
	refitKind    = "refit" // of the envelope
	refitVersion = 1       // of what it holds
)

// Refit fits m, which is unfitted, to bag number k of the training examples and predicts test. opt.Seed
// is that of the bag and, with k added, of the fit. Where cacheDir is not "", the predictions, and
// nothing of the model, are kept in a file below cacheDir/models, and taken from there when everything
// agrees that defines them; then cached is true. A cache that can't be written is no error.
func Refit(ctx context.Context, m Model, k int, train, test Examples, trainHash, testHash, cacheDir string, opt Options) (classes []uint16, cached bool, err error) {
	suit(m, train)
	e, err := refitEntry(m, k, trainHash, testHash, cacheDir, opt)
	if err != nil {
		return nil, false, err
	}
	if classes = e.classes(test); classes != nil {
		return classes, true, nil
	}
	bag := Bag(train.Len(), opt.Seed, k)
	opt.Seed += uint64(k)
	opt.Scores = false
	if err := m.Fit(ctx, train.Select(bag), opt); err != nil {
		return nil, false, fmt.Errorf("refit %d of %s: %w", k+1, m.Kind(), err)
	}
	opt.Progress = nil
	p, err := m.Predict(ctx, test, opt)
	if err != nil {
		return nil, false, fmt.Errorf("predict with refit %d of %s: %w", k+1, m.Kind(), err)
	}
	e.keep(p.Class)
	return p.Class, false, nil
}

// RefitCached reports whether the cache has the predictions of refit number k of m.
func RefitCached(m Model, k int, test Examples, trainHash, testHash, cacheDir string, opt Options) bool {
	suit(m, test)
	e, err := refitEntry(m, k, trainHash, testHash, cacheDir, opt)
	return err == nil && e.classes(test) != nil
}

// refitEntry is the place of a refit in the cache; one without a file where there is no cache.
func refitEntry(m Model, k int, trainHash, testHash, cacheDir string, opt Options) (entry, error) {
	if cacheDir == "" {
		return entry{}, nil
	}
	if trainHash == "" || testHash == "" {
		return entry{}, fmt.Errorf("refit of %s: got an empty hash of a split, want both: the cache is keyed by them", m.Kind())
	}
	return newEntry(cacheDir, m, fmt.Sprintf("%s bag %d of .632", trainHash, k), testHash, opt.Seed)
}

// classes reads the predictions of the entry; nil where there are none, or others.
func (e entry) classes(test Examples) []uint16 {
	if e.file == "" {
		return nil
	}
	data, err := atomicfile.ReadSmall(e.file, int64(headBytes+2*test.Len()))
	if err != nil {
		return nil
	}
	payload, err := model.Unseal(refitKind, refitVersion, data)
	if err != nil {
		return nil
	}
	r := model.NewReader(payload)
	var head cached
	r.JSON(&head)
	classes := r.Uint16s()
	if r.Close() != nil || head.Key != e.key || len(classes) != test.Len() {
		return nil
	}
	if slices.ContainsFunc(classes, func(c uint16) bool { return int(c) >= test.Classes }) {
		return nil
	}
	return classes
}

// keep writes the predictions of the entry.
func (e entry) keep(classes []uint16) {
	if e.file == "" {
		return
	}
	var w model.Writer
	w.JSON(cached{Key: e.key})
	w.Uint16s(classes)
	if w.Err == nil {
		_ = e.write(model.Seal(refitKind, refitVersion, w.Payload))
	}
}
