package track

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"

	"shoal/dataset"
	"shoal/internal/machine"
	"shoal/record"
	"shoal/shallow"
)

// Estimate is what a run of a study will take on this machine, from a few measurements.
type Estimate struct {
	// Work.
	PerEpoch, Steps       int
	Evaluations, Examples int // scorings of the evaluation split, and its examples
	Initial               int // images that untrained networks of other initialisations score
	TrainExamples         int // training examples that are scored as well
	References            int
	StepSeconds           float64  // of a training step
	ImageSeconds          float64  // of scoring one image
	FitSeconds            float64  // of the references that aren't in the cache
	Cached                []string // names of the references that are
	MemoryBytes           int64    // the largest at any time
	RunBytes              float64  // of the run folder without checkpoints
	EvaluationBytes       float64  // of one more evaluation, at most
	CheckpointBytes       float64
}

// Training, Scoring and Reporting are seconds: of all steps, of all evaluations, and of judging and
// drawing the run.
func (e Estimate) Training() float64 { return float64(e.Steps) * e.StepSeconds }

// Total is the seconds of all: references, training, scoring and the report.
func (e Estimate) Total() float64 { return e.FitSeconds + e.Training() + e.Scoring() + e.Reporting() }

// Scoring is the time of all evaluations, those of other initialisations included.
func (e Estimate) Scoring() float64 {
	return (float64(e.Evaluations)*float64(e.Examples+e.TrainExamples) + float64(e.Initial)) * e.ImageSeconds
}

// Reporting is a rough time of judging and drawing: a report bootstraps curves and draws every
// figure.
func (e Estimate) Reporting() float64 {
	return reportSeconds + perTable*float64(e.Evaluations)*float64(e.Examples)*float64(e.References)
}

// Rough constants of what isn't measured.
const (
	reportSeconds = 8.0      // figures and page of a run
	perTable      = 5e-7     // judging: seconds for each example, evaluation and reference
	reportBytes   = 16 << 20 // report.html and figures of a run
)

// EstimateRun loads the study's data, which shows whether they are available, takes a few training
// steps and scorings of the real network on real images, and fits the references that aren't in the
// cache to two small parts of the data.
func EstimateRun(ctx context.Context, s Study, o Options) (Estimate, error) {
	splits, err := s.Data.Load(ctx, o.Options)
	if err != nil {
		return Estimate{}, err
	}
	loop, err := s.loop(splits.Train.Len())
	if err != nil {
		return Estimate{}, err
	}
	answer := math.Log2(float64(max(len(splits.Classes), 2))) / 8 // bytes of a class: its entropy when all are equally likely
	e := Estimate{
		PerEpoch: loop.PerEpoch, Steps: loop.Total, Evaluations: len(loop.Scored), Examples: splits.Test.Len(), References: len(s.References),
		Initial:       s.initialWork(splits.Test.Len()),
		TrainExamples: s.Evaluation.Train,
		MemoryBytes:   int64(len(splits.Train.Pixels) + len(splits.Test.Pixels)),
	}
	e.EvaluationBytes = float64(e.Examples) * answer
	e.EvaluationBytes += float64(e.TrainExamples) * (answer + valueBytes)
	e.RunBytes = float64(e.Evaluations)*(e.EvaluationBytes+100) + float64(len(splits.Test.Pixels)) + reportBytes
	if err := e.measureNetwork(ctx, s, splits, o); err != nil {
		return e, err
	}
	if err := e.measureReferences(ctx, s, splits, o); err != nil {
		return e, err
	}
	e.MemoryBytes = machine.Resident(e.MemoryBytes) // until here what is live
	return e, nil
}

// enough ends a measurement: a network whose step takes longer is not stepped again, and its first
// step is taken as it is.
const enough = 3 * time.Second

// measureNetwork takes a few training steps on real images and scores some.
func (e *Estimate) measureNetwork(ctx context.Context, s Study, splits *record.Splits, o Options) error {
	o.Show(record.Progress{Part: record.PartMeasure, Name: s.Network.Name, Note: "a few steps, to estimate the time"})
	before := heap()
	trainer, err := newTrainer(s, splits, o, "")
	if err != nil {
		return err
	}
	batch := min(s.Training.Batch, splits.Train.Len())
	first := splits.Train.First(batch)
	e.StepSeconds, err = typical(ctx, 8, func() error {
		_, err := trainer.Step(first.Pixels, first.Labels, 1e-6)
		return err
	})
	if err != nil {
		return err
	}
	some := splits.Test.First(2 * batch)
	out := make([]uint16, some.Len())
	seconds, err := typical(ctx, 8, func() error {
		_, err := trainer.Score(ctx, some.Pixels, some.Labels, out)
		return err
	})
	e.ImageSeconds = seconds / float64(some.Len())
	e.MemoryBytes += max(0, heap()-before)
	// Two checkpoints, each the network, and the network with its momentum.
	e.CheckpointBytes = 2 * 3 * 4 * float64(trainer.Network().ParameterCount())
	runtime.KeepAlive(trainer)
	return err
}

// typical is the median of some repetitions, at most the given number, the first left out unless it
// took so long that it is to be the only one.
func typical(ctx context.Context, times int, work func() error) (float64, error) {
	var seconds []float64
	start := time.Now()
	for range times {
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

// measureReferences estimates the fits of all references that aren't in the cache.
func (e *Estimate) measureReferences(ctx context.Context, s Study, splits *record.Splits, o Options) error {
	most := int64(0)
	small := splits.ForReferences()
	for _, r := range s.References {
		if !r.Fitted() {
			continue // predictions that are there already
		}
		cached, err := splits.Cached(r, s.Seed, o.Options)
		if err != nil {
			return err
		}
		if cached {
			e.Cached = append(e.Cached, r.Name)
			continue
		}
		o.Show(record.Progress{Part: record.PartMeasure, Name: r.Name, Note: "fits to few examples, to estimate the time"})
		seconds, memory, err := measureReference(ctx, r, s.Seed, small, o)
		if err != nil {
			return fmt.Errorf("reference %q: %w", r.Name, err)
		}
		e.FitSeconds += seconds
		most = max(most, memory)
	}
	e.MemoryBytes += most
	return nil
}

// Sizes of the parts of the training split that references are fitted to for their estimate, and
// how many test examples are predicted.
const (
	smallFit    = 1000
	largeFit    = 4000
	somePredict = 500
)

// measureReference fits a model to two parts of the training split and follows the power law
// through both times to its size. The exponent is kept between 1 and 2.3, within which all kinds
// lie, for the small fits are noisy.
func measureReference(ctx context.Context, r record.Reference, seed uint64, splits *record.Splits, o Options) (seconds float64, memory int64, err error) {
	full, err := r.Model(splits.Name)
	if err != nil {
		return 0, 0, err
	}
	n := splits.Train.Len()
	if limit, ok := full.Params()["train"].(int); ok && limit > 0 {
		n = min(n, limit)
	}
	small, large := min(smallFit, max(1, n/2)), min(largeFit, n)
	// A part with an example of each class, and no more, defines no model of some kinds.
	small = min(n, max(small, 2*splits.Examples(splits.Train).Occurring()))
	large = max(small, large)
	var fit, predict [2]float64
	for k, size := range []int{small, large} {
		if fit[k], predict[k], err = timeFit(ctx, r, seed, splits, size, o); err != nil {
			return 0, 0, err
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
	some := min(somePredict, splits.Test.Len())
	seconds = fit[1]*math.Pow(ratio, exponent(fit, 1, 2.3)) +
		predict[1]*math.Pow(ratio, exponent(predict, 0, 1))*float64(splits.Test.Len())/float64(some)
	need := full.Memory(splits.Examples(splits.Train), shallow.Options{Workers: o.Workers, MemoryBytes: o.MemoryBytes})
	memory = need.Needed + need.Cache
	return seconds, memory, nil
}

// timeFit fits the model to size examples, spread evenly over the training split.
func timeFit(ctx context.Context, r record.Reference, seed uint64, splits *record.Splits, size int, o Options) (fit, predict float64, err error) {
	m, err := r.Model(splits.Name)
	if err != nil {
		return 0, 0, err
	}
	options := shallow.Options{Workers: o.Workers, MemoryBytes: o.MemoryBytes, Seed: seed}
	train := spread(splits, splits.Train, size)
	begin := time.Now()
	if err := m.Fit(ctx, train, options); err != nil {
		return 0, 0, err
	}
	fit = time.Since(begin).Seconds()
	begin = time.Now()
	_, err = m.Predict(ctx, spread(splits, splits.Test, min(somePredict, splits.Test.Len())), options)
	if errors.Is(err, context.Canceled) {
		return 0, 0, err
	}
	return fit, time.Since(begin).Seconds(), err
}

// spread takes n examples at even distances: some splits are sorted by class. All of them share the
// split's memory.
func spread(splits *record.Splits, s dataset.Split, n int) shallow.Examples {
	if n == s.Len() {
		return splits.Examples(s)
	}
	out := splits.Examples(dataset.Split{})
	for k := range n {
		i := k * s.Len() / n
		out.Pixels = append(out.Pixels, s.Image(i)...)
		out.Labels = append(out.Labels, s.Labels[i])
	}
	return out
}

// Typical numbers of a ladder's search for the right number of examples.
const (
	searchTrials = 4    // of one accuracy
	earlyScored  = 100  // evaluations of the other seed, which is stopped early
	earlyEpochs  = 3    // in which a network is taken to be as accurate as the weakest shallow model
	earlyLonger  = 1.25 // times the steps until then
)

// EstimateLadder is the time of a ladder for one run of a study, of which e is the estimate: fits,
// trainings on few examples, and another seed as long as it typically takes.
func EstimateLadder(ctx context.Context, s Study, l Ladder, e Estimate, o Options) (seconds float64, err error) {
	splits, err := s.Data.Load(ctx, o.Options)
	if err != nil {
		return 0, err
	}
	fits, measured := s.clone(), Estimate{}
	fits.References = nil
	for _, kind := range ladderKinds {
		if !slices.ContainsFunc(s.References, func(r record.Reference) bool { return r.Kind == kind.kind }) {
			fits.References = append(fits.References, record.Reference{Name: kind.rung, Kind: kind.kind, Preset: "default", Parameters: record.Parameters{}})
		}
	}
	if n := mostExamples(ladderKinds[0].most, splits.Train.Len()); n < splits.Train.Len() {
		splits = splits.Sampled(n, s.Seed)
	}
	if err := measured.measureReferences(ctx, fits, splits, o); err != nil {
		return 0, err
	}
	seconds = 2*measured.FitSeconds + e.FitSeconds // fits to parts cost about as much as the whole
	score := float64(e.Examples) * e.ImageSeconds
	if l.Starved {
		steps := float64(cmp.Or(l.Steps, starvedSteps))
		trials := float64(searchTrials * (1 + len(s.References)))
		seconds += trials * (steps*e.StepSeconds + starvedScored*score)
	}
	if l.Early && len(l.Others) == 0 {
		seconds += e.early() + earlyScored*score
	}
	return seconds, nil
}

// early is the time of the other seed's steps: it is trained until it is as accurate as the weakest of the
// shallow models, and a little longer.
func (e Estimate) early() float64 {
	return math.Min(e.Training(), earlyLonger*earlyEpochs*float64(e.PerEpoch)*e.StepSeconds)
}
