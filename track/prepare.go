package track

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"
	"strings"

	"shoal/dataset"
	"shoal/dataset/augment"
	"shoal/deep"
	"shoal/internal/usage"
)

// experiment is a study with its data and its untrained network: all that can
// fail for reasons of the study has succeeded.
type experiment struct {
	study   Study
	options Options
	set     *dataset.Set
	sources []source
	trainer *deep.Trainer
	augment *augment.Augmenter
	rate    deep.Schedule
	visits  *visits

	perEpoch, total     int
	scored              []int // steps at which the network is scored
	trainHash, testHash string
	seconds             Seconds
	subsetSummary       *SubsetSummary // nil without a partition
}

// newExperiment loads the data and builds the network.
func newExperiment(ctx context.Context, s Study, o Options) (*experiment, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	x := &experiment{study: s, options: o}
	var err error
	done := watch(&x.seconds.Data)
	if x.set, err = x.load(ctx); err != nil {
		return nil, err
	}
	x.trainHash, x.testHash = x.set.Train.Hash(), x.set.Test.Hash()
	done()
	if x.sources, err = prepare(s.References, split{x.set.Name, x.set.Test.Labels, len(x.set.Classes)}); err != nil {
		return nil, err
	}
	t := s.Training
	x.perEpoch = (x.set.Train.Len() + t.Batch - 1) / t.Batch
	x.total = max(1, int(math.Round(t.Epochs*float64(x.perEpoch))))
	if x.total > math.MaxInt32 {
		return nil, usage.Errorf("%v epochs of %d steps are too many: want at most %d steps", t.Epochs, x.perEpoch, math.MaxInt32)
	}
	schedule, err := ParseSchedule(s.Evaluation.Schedule)
	if err != nil {
		return nil, err
	}
	x.scored = schedule.Steps(x.perEpoch, x.total)
	if x.rate, err = ParseRate(t.Schedule, t.LearningRate); err != nil {
		return nil, err
	}
	x.visits = plainVisits(x.set.Train.Len(), t.Batch, s.Seed)
	if err := x.subset(); err != nil {
		return nil, err
	}
	return x, x.build()
}

// load reads the study's data.
func (x *experiment) load(ctx context.Context) (*dataset.Set, error) {
	return x.options.loadData(ctx, x.study.Data)
}

// loadData reads a dataset and takes the first examples where d says so.
func (o Options) loadData(ctx context.Context, d Data) (*dataset.Set, error) {
	source := dataset.Source{
		DataDir: o.DataDir, CacheDir: o.CacheDir, Offline: o.Offline, AllowModified: o.AllowModified,
		Progress: func(done, total int, note string) {
			if total == 0 {
				o.say(note)
				return
			}
			o.report(Progress{Part: PartData, Name: note, Done: done, Total: total})
		},
	}
	set, err := dataset.Load(ctx, d.Dataset, source)
	if err != nil {
		return nil, err
	}
	for _, note := range set.Notes {
		o.say("note: " + note)
	}
	if d.LimitTrain > set.Train.Len() || d.LimitTest > set.Test.Len() {
		return nil, usage.Errorf("limits of %d training and %d test examples: %s has %d and %d", d.LimitTrain, d.LimitTest, set.Name, set.Train.Len(), set.Test.Len())
	}
	set.Train, set.Test = set.Train.First(d.LimitTrain), set.Test.First(d.LimitTest)
	return set, nil
}

// build makes the network and all that feeds it.
func (x *experiment) build() error {
	t, set := x.study.Training, x.set
	network, err := deep.Build(x.study.Network.Name, deep.Shape{Height: set.Height, Width: set.Width, Channels: set.Channels}, len(set.Classes), x.study.Seed)
	if err != nil {
		return &usage.Error{Err: err}
	}
	if path := x.study.Network.Init; path != "" {
		if err := network.Load(path); err != nil {
			return err
		}
	}
	x.trainer, err = deep.NewTrainer(network, deep.Options{
		Batch: min(t.Batch, set.Train.Len()), Workers: x.options.Workers, Seed: x.study.Seed, Level: x.options.Level,
		Normalisation:  deep.Normalisation{Mean: t.Mean, Std: t.Std},
		SGD:            deep.SGD{Momentum: t.Momentum, WeightDecay: t.WeightDecay, Nesterov: t.Nesterov},
		LabelSmoothing: t.LabelSmoothing,
	})
	if err != nil {
		return &usage.Error{Err: err}
	}
	x.augment, err = augment.New(t.policy(), set.Height, set.Width, set.Channels, x.study.Seed)
	if err != nil {
		return &usage.Error{Err: err}
	}
	return nil
}

// picture encodes example i of the evaluation split as PNG.
func (x *experiment) picture() func(i int) ([]byte, error) {
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	set := x.set
	bounds := image.Rect(0, 0, set.Width, set.Height)
	return func(i int) ([]byte, error) {
		pixels := set.Test.Image(i)
		var img image.Image = &image.Gray{Pix: pixels, Stride: set.Width, Rect: bounds}
		if set.Channels != 1 {
			rgba := image.NewRGBA(bounds)
			for p := range set.Width * set.Height {
				c := pixels[p*set.Channels:]
				rgba.SetRGBA(p%set.Width, p/set.Width, color.RGBA{c[0], c[1], c[2], 255})
			}
			img = rgba
		}
		var b bytes.Buffer
		err := encoder.Encode(&b, img)
		return b.Bytes(), err
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

// quoteIfNeeded makes a path safe to paste into a shell.
func quoteIfNeeded(path string) string {
	if strings.ContainsAny(path, " \t\n'\"$&|;<>()*?[]{}~`!#\\") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
