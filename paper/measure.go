package paper

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"shoal/dataset"
	"shoal/deep"
	"shoal/internal/usage"
	"shoal/shallow"
	"shoal/track"
)

// networkSpeed is what a few steps of the real network have shown.
type networkSpeed struct {
	step, image float64 // seconds of a training step, and of scoring an image
	memory      int64   // of the trainer
	checkpoint  float64 // bytes of the checkpoints that a run keeps
}

// enough ends a measurement: a network whose step takes longer is not stepped
// again, and its first step is taken as it is.
const enough = 3 * time.Second

// measureNetwork takes a few training steps on real images and scores some.
func measureNetwork(ctx context.Context, s track.Study, set *dataset.Set, o track.Options) (networkSpeed, error) {
	var v networkSpeed
	before := heap()
	net, err := deep.Build(s.Network.Name, deep.Shape{Height: set.Height, Width: set.Width, Channels: set.Channels}, len(set.Classes), s.Seed)
	if err != nil {
		return v, &usage.Error{Err: err}
	}
	t := s.Training
	batch := min(t.Batch, set.Train.Len())
	trainer, err := deep.NewTrainer(net, deep.Options{Batch: batch, Workers: o.Workers, Level: o.Level, Seed: s.Seed,
		Normalisation: deep.Normalisation{Mean: t.Mean, Std: t.Std},
		SGD:           deep.SGD{Momentum: t.Momentum, WeightDecay: t.WeightDecay, Nesterov: t.Nesterov}})
	if err != nil {
		return v, &usage.Error{Err: err}
	}
	first := set.Train.First(batch)
	v.step, err = typical(ctx, func() error {
		_, err := trainer.Step(first.Pixels, first.Labels, 1e-6)
		return err
	})
	if err != nil {
		return v, err
	}
	some := set.Test.First(2 * batch)
	out := make([]uint16, some.Len())
	v.image, err = typical(ctx, func() error {
		_, err := trainer.Score(ctx, some.Pixels, some.Labels, out)
		return err
	})
	v.image /= float64(some.Len())
	v.memory = max(0, heap()-before)
	// Two checkpoints, each the network, and the network with its momentum.
	v.checkpoint = 2 * 3 * 4 * float64(net.ParameterCount())
	runtime.KeepAlive(trainer)
	return v, err
}

// typical is the median of a few repetitions, the first left out unless it took
// so long that it is to be the only one.
func typical(ctx context.Context, work func() error) (float64, error) {
	var seconds []float64
	start := time.Now()
	for range 8 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		begin := time.Now()
		if err := work(); err != nil {
			return 0, err
		}
		seconds = append(seconds, time.Since(begin).Seconds())
		if time.Since(start) > enough {
			break
		}
	}
	if len(seconds) > 1 {
		seconds = seconds[1:]
	}
	slices.Sort(seconds)
	return seconds[len(seconds)/2], nil
}

// heap is the memory in use after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// referenceSpeed is what the fits of all references will take.
type referenceSpeed struct {
	seconds float64
	memory  int64
	cached  []string // names of those that need no fit
}

// cacheOf returns what tells whether a reference is in the cache: it asks for
// the reference under a context that is over already, so that only the cache can
// answer.
func cacheOf(s track.Study, set *dataset.Set, o track.Options) func(track.Reference) bool {
	dir := o.CacheDir
	if user, err := os.UserCacheDir(); dir == "" && err == nil {
		dir = filepath.Join(user, "shoal")
	}
	if o.NoCache || dir == "" {
		return func(track.Reference) bool { return false }
	}
	over, stop := context.WithCancel(context.Background())
	stop()
	train, test := spread(set.Train, set.Train.Len(), set), spread(set.Test, set.Test.Len(), set)
	trainHash, testHash := set.Train.Hash(), set.Test.Hash()
	return func(r track.Reference) bool {
		m, err := shallow.New(r.Kind, r.Preset, set.Name, r.Parameters)
		if err != nil {
			return false
		}
		_, err = shallow.FitReference(over, m, train, test, trainHash, testHash, dir, shallow.Options{Workers: o.Workers, Seed: s.Seed})
		return err == nil
	}
}

// measureReferences estimates the fits of all references that aren't in the
// cache.
func measureReferences(ctx context.Context, s track.Study, set *dataset.Set, o track.Options) (referenceSpeed, error) {
	var sum referenceSpeed
	inCache := cacheOf(s, set, o)
	for _, r := range s.References {
		if !slices.Contains(shallow.Kinds(), r.Kind) {
			continue // predictions that are there already
		}
		if inCache(r) {
			sum.cached = append(sum.cached, r.Name)
			continue
		}
		one, err := measureReference(ctx, r, s, set, o)
		if err != nil {
			return sum, fmt.Errorf("reference %q: %w", r.Name, err)
		}
		sum.seconds += one.seconds
		sum.memory = max(sum.memory, one.memory)
	}
	return sum, nil
}

// Sizes of the parts of the training split that references are fitted to for
// their estimate, and how many test examples are predicted.
const (
	smallFit    = 1000
	largeFit    = 4000
	somePredict = 500
)

// measureReference fits a model to two parts of the training split and follows
// the power law through both times to its size. The exponent is kept between 1
// and 2.3, within which all kinds lie, for the small fits are noisy.
func measureReference(ctx context.Context, r track.Reference, s track.Study, set *dataset.Set, o track.Options) (referenceSpeed, error) {
	full, err := shallow.New(r.Kind, r.Preset, set.Name, r.Parameters)
	if err != nil {
		return referenceSpeed{}, &usage.Error{Err: err}
	}
	n := set.Train.Len()
	if limit, ok := full.Params()["train"].(int); ok && limit > 0 {
		n = min(n, limit)
	}
	small, large := min(smallFit, max(1, n/2)), min(largeFit, n)
	var fit, predict [2]float64
	for k, size := range []int{small, large} {
		if fit[k], predict[k], err = timeFit(ctx, r, s, set, size, o); err != nil {
			return referenceSpeed{}, err
		}
	}
	ratio := float64(n) / float64(large)
	exponent := func(t [2]float64, least, most float64) float64 {
		if large <= small {
			return 1
		}
		e := math.Log(t[1]/t[0]) / math.Log(float64(large)/float64(small))
		return math.Min(most, math.Max(least, e))
	}
	some := min(somePredict, set.Test.Len())
	out := referenceSpeed{
		seconds: fit[1]*math.Pow(ratio, exponent(fit, 1, 2.3)) +
			predict[1]*math.Pow(ratio, exponent(predict, 0, 1))*float64(set.Test.Len())/float64(some),
		memory: int64(n) * int64(set.Features()),
	}
	if r.Kind == "svm" { // its cache of kernel rows: those of the largest pair of classes
		limit := o.MemoryBytes
		if limit == 0 {
			limit = 2 << 30
		}
		pair := 2 * int64(n) / int64(max(2, len(set.Classes)))
		out.memory += min(limit, 4*pair*pair)
	}
	return out, nil
}

// timeFit fits the model to size examples, spread evenly over the training split.
func timeFit(ctx context.Context, r track.Reference, s track.Study, set *dataset.Set, size int, o track.Options) (fit, predict float64, err error) {
	m, err := shallow.New(r.Kind, r.Preset, set.Name, r.Parameters)
	if err != nil {
		return 0, 0, &usage.Error{Err: err}
	}
	options := shallow.Options{Workers: o.Workers, MemoryBytes: o.MemoryBytes, Seed: s.Seed}
	train := spread(set.Train, size, set)
	begin := time.Now()
	if err := m.Fit(ctx, train, options); err != nil {
		return 0, 0, err
	}
	fit = time.Since(begin).Seconds()
	begin = time.Now()
	_, err = m.Predict(ctx, spread(set.Test, min(somePredict, set.Test.Len()), set), options)
	if errors.Is(err, context.Canceled) {
		return 0, 0, err
	}
	return fit, time.Since(begin).Seconds(), err
}

// spread takes n examples at even distances: some splits are sorted by class.
// All of them share the split's memory.
func spread(s dataset.Split, n int, set *dataset.Set) shallow.Examples {
	out := shallow.Examples{Features: set.Features(), Classes: len(set.Classes)}
	if n == s.Len() {
		out.Pixels, out.Labels = s.Pixels, s.Labels
		return out
	}
	for k := range n {
		i := k * s.Len() / n
		out.Pixels = append(out.Pixels, s.Image(i)...)
		out.Labels = append(out.Labels, s.Labels[i])
	}
	return out
}
