package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/spf13/pflag"

	"shoal/curriculum"
	"shoal/deep"
	"shoal/internal/usage"
	"shoal/record"
	"shoal/shallow"
	"shoal/track"
)

// sourceFlags say where datasets come from.
type sourceFlags struct {
	dataDir, cacheDir string
	modified          bool
}

func (s *sourceFlags) register(f *pflag.FlagSet) {
	f.StringVar(&s.dataDir, "data-dir", "", "folder with the dataset's official files, or with one folder a dataset")
	f.StringVar(&s.cacheDir, "cache-dir", "", "folder for datasets and fitted models (default shoal in the user's cache folder)")
	f.BoolVar(&s.modified, "allow-modified", false, "accept dataset files that are not the published ones")
}

// placeFlags say where data are and how to compute; they change no number.
type placeFlags struct {
	sourceFlags
	noCache, offline bool
	workers          int
	memory           int64
	level            string
}

func (p *placeFlags) register(f *pflag.FlagSet) {
	p.sourceFlags.register(f)
	f.BoolVar(&p.noCache, "no-cache", false, "fit references again")
	f.BoolVar(&p.offline, "offline", false, "fetch nothing")
	f.IntVar(&p.workers, "workers", 0, "goroutines that compute at once (default all cores that are not much slower than others)")
	f.Int64Var(&p.memory, "memory", 0, "megabytes that a shallow model's caches may take (default 0: its own choice)")
	f.StringVar(&p.level, "simd", "", "avx512, avx2, neon or portable: changes the speed, never a number (default the best of this machine)")
}

func (p *placeFlags) options() record.Options {
	return record.Options{
		DataDir: p.dataDir, CacheDir: p.cacheDir, NoCache: p.noCache, Offline: p.offline, AllowModified: p.modified,
		Workers: p.workers, MemoryBytes: p.memory << 20,
	}
}

// shown are the options with a display.
func (p *placeFlags) shown(display *progress) record.Options {
	o := p.options()
	o.Progress, o.Say, o.Now = display.show, display.say, display.now
	return o
}

// training are the options of what trains.
func (p *placeFlags) training(display *progress) track.Options {
	return track.Options{Options: p.shown(display), Level: p.level, Version: version()}
}

// check reports an invalid number.
func (p *placeFlags) check() error {
	if p.memory < 0 || p.memory > math.MaxInt64>>20 {
		return usage.Errorf("--memory is %d: want 1 megabyte or more, or 0 for each model's own choice", p.memory)
	}
	if err := checkLevel(p.level); err != nil {
		return err
	}
	return checkWorkers(p.workers)
}

// studyFlags change a study.
type studyFlags struct {
	network, init, bnInit                string
	schedule, evaluate, preset           string
	precision                            string
	references                           []string
	epochs, rate, momentum, decay        float64
	batch, limitTrain, limitTest, passes int
	scoreTrain                           int
	partition, order                     string
	initialisations                      int
	seed                                 uint64
}

func (s *studyFlags) register(f *pflag.FlagSet) {
	f.StringVar(&s.network, "network", "", "network: "+strings.Join(deep.Names(), ", "))
	f.StringVar(&s.init, "init", "", "start from this checkpoint (safetensors, PyTorch's names)")
	f.StringVar(&s.bnInit, "bn-init", "", "BatchNorm's γ at the start: ones, or uniform as in PyTorch before 1.2")
	f.StringSliceVar(&s.references, "reference", nil, "references, comma-separated: "+strings.Join(shallow.Kinds(), ", ")+", file:PATH (.npy, .npz, CSV), run:FOLDER, exec:COMMAND; or none")
	f.StringVar(&s.preset, "preset", "", "preset of the references: "+strings.Join(shallow.Presets(), ", "))
	f.Float64Var(&s.epochs, "epochs", 0, "passes over the training split; may be a part of one")
	f.IntVar(&s.batch, "batch", 0, "examples of a training step")
	f.Float64Var(&s.rate, "lr", 0, "learning rate")
	f.StringVar(&s.schedule, "schedule", "", "of the learning rate: constant, cosine, onecycle, steps:0.1@150,250, warmup:1+cosine, linear:0@0,0.1@4,0.003@12")
	f.Float64Var(&s.momentum, "momentum", 0, "momentum of SGD")
	f.Float64Var(&s.decay, "weight-decay", 0, "weight decay of SGD")
	f.StringVar(&s.precision, "precision", "", "of activations and products: "+strings.Join(deep.Precisions(), ", "))
	f.StringVar(&s.evaluate, "evaluate", "", "when to score: every:1, every:50, log:1.02, every:1@2,every:20; with tail:5 at the end, also 5 times in each of the last two tenths")
	f.IntVar(&s.initialisations, "initialisations", 0, "also score so many random initialisations of the network, untrained: claim 1 takes 100")
	f.Uint64Var(&s.seed, "seed", 0, "seed of weights, order, dropout, augmentation and references")
	f.IntVar(&s.limitTrain, "limit-train", 0, "train on the first N examples")
	f.StringVar(&s.partition, "partition", "", "train by this partition of the training split; see shoal partition")
	f.StringVar(&s.order, "order", "", "of training by a partition: "+strings.Join(orderNames(), ", "))
	f.IntVar(&s.passes, "passes", 0, "of easy-first and hard-first over their first part (default 1)")
	f.IntVar(&s.limitTest, "limit-test", 0, "score the first N examples")
	f.IntVar(&s.scoreTrain, "score-train", 0, "score the first N training examples as well, as the split train, with AUM, EL2N and more")
	showDefaults(f)
}

// showDefaults adds the values of the study mnist to the texts of flags that change a study.
func showDefaults(f *pflag.FlagSet) {
	mnist, err := track.Builtin("mnist")
	if err != nil {
		return
	}
	t := mnist.Training
	for name, value := range map[string]any{
		"network": mnist.Network.Name, "reference": "svm,forest", "preset": "default", "epochs": t.Epochs, "batch": t.Batch, "lr": t.LearningRate,
		"schedule": t.Schedule, "momentum": t.Momentum, "weight-decay": t.WeightDecay, "precision": t.Precision,
		"evaluate": mnist.Evaluation.Schedule, "seed": mnist.Seed, "limit-train": "all", "limit-test": "all",
	} {
		flag := f.Lookup(name)
		flag.Usage = fmt.Sprintf("%s (default %v)", flag.Usage, value)
	}
}

// orderNames are the ways to train by a partition.
func orderNames() []string {
	var names []string
	for _, o := range curriculum.Orders() {
		names = append(names, string(o))
	}
	return names
}

// apply makes the changes that the flags ask for; parameters are those of the shallow models.
func (s *studyFlags) apply(f *pflag.FlagSet, parameters map[string]string, study *track.Study) error {
	set := map[string]func(){
		"network":         func() { study.Network.Name = s.network },
		"init":            func() { study.Network.Init = s.init },
		"bn-init":         func() { study.Network.BNInit = s.bnInit },
		"epochs":          func() { study.Training.Epochs = s.epochs },
		"batch":           func() { study.Training.Batch = s.batch },
		"lr":              func() { study.Training.LearningRate = s.rate },
		"schedule":        func() { study.Training.Schedule = s.schedule },
		"momentum":        func() { study.Training.Momentum = s.momentum },
		"weight-decay":    func() { study.Training.WeightDecay = s.decay },
		"precision":       func() { study.Training.Precision = s.precision },
		"evaluate":        func() { study.Evaluation.Schedule = s.evaluate },
		"initialisations": func() { study.Evaluation.Initialisations = s.initialisations },
		"seed":            func() { study.Seed = s.seed },
		"limit-train":     func() { study.Data.LimitTrain = s.limitTrain },
		"limit-test":      func() { study.Data.LimitTest = s.limitTest },
		"score-train":     func() { study.Evaluation.Train = s.scoreTrain },
		"partition":       func() { study.Subset.Partition = s.partition },
		"order":           func() { study.Subset.Order = s.order },
		"passes":          func() { study.Subset.Passes = s.passes },
	}
	f.Visit(func(flag *pflag.Flag) {
		if change, ok := set[flag.Name]; ok {
			change()
		}
	})
	if f.Changed("schedule") && !f.Changed("lr") && track.OwnRates(s.schedule) {
		study.Training.LearningRate = 0 // the study's; one that was asked for is an error
	}
	if err := firstError(atLeast(f, "limit-train", s.limitTrain, 1), atLeast(f, "limit-test", s.limitTest, 1), atLeast(f, "score-train", s.scoreTrain, 1)); err != nil {
		return err
	}
	if f.Changed("precision") {
		if err := checkPrecisions([]string{s.precision}); err != nil {
			return err
		}
	}
	if f.Changed("reference") {
		var err error
		if study.References, err = study.References.Named(s.references); err != nil {
			return err
		}
	}
	if f.Changed("preset") {
		study.References.SetPreset(s.preset)
	}
	for name, value := range parameters {
		if err := study.References.SetParameter(name, value); err != nil {
			return err
		}
	}
	return study.Check()
}
