package track

import (
	"strings"

	"shoal/dataset"
	"shoal/deep"
	"shoal/internal/usage"
	"shoal/kernel"
	"shoal/record"
)

// BuiltinNames lists the built-in studies.
func BuiltinNames() []string {
	return []string{"mnist", "fashion", "cifar10", "cifar100", "cifar10-fast"}
}

// Builtin returns a built-in study. That of a dataset has the dataset's name; cifar10-fast is another
// one on CIFAR-10.
//
// The paper names dataset, D and M but no recipe. These are inferred from its accuracies: the
// classic PyTorch MNIST example of 2018; DenseNet-121 with the schedule of 2019 of the CIFAR-10
// repository that publishes the paper's 95.04 %; ResNet-101 as the CIFAR-100 repository trains it
// that publishes 77.78 %.
func Builtin(name string) (Study, error) {
	switch name {
	case "mnist", "fashion":
		return mnistStudy().on(name), nil
	case "cifar10":
		return cifar10Study().on(name), nil
	case "cifar100":
		return cifar100Study().on(name), nil
	case "cifar10-fast":
		return cifar10Fast(), nil
	}
	return Study{}, usage.Errorf("unknown study %q: want one of %s, folder:PATH, or the path of a .toml file%s", name, strings.Join(BuiltinNames(), ", "), usage.DidYouMean(name, BuiltinNames()))
}

// on sets dataset, network and normalisation, and names the study after the dataset.
func (s Study) on(name string) Study {
	about := dataset.Describe(name)
	s.Name, s.Data.Dataset, s.Network.Name = name, name, about.Network
	// A list without elements is written to study.toml, nil is not.
	s.Training.Mean, s.Training.Std = append([]float32{}, about.Mean...), append([]float32{}, about.Std...)
	return s
}

// defaultsFor are the values of a study file that leaves them out.
func defaultsFor(name string) Study {
	s, err := Builtin(name)
	if err != nil {
		s = mnistStudy().on(name)
	}
	s.Name = ""
	return s
}

func svmAndForest(preset string) record.References {
	return record.References{
		{Name: "svm", Kind: "svm", Preset: preset, Parameters: map[string]string{}},
		{Name: "forest", Kind: "forest", Preset: preset, Parameters: map[string]string{}},
	}
}

// mnistStudy trains for one epoch by default; the paper's 98.8 % takes about 24.
func mnistStudy() Study {
	return Study{
		Seed:       1,
		Training:   Training{Epochs: 1, Batch: 64, LearningRate: .01, Schedule: "constant", Momentum: .5, Precision: "float32"},
		Evaluation: Evaluation{Schedule: "every:1", Initialisations: 100},
		References: svmAndForest("default"),
	}
}

// fastest is the precision of the built-in studies of CIFAR: bfloat16 where it was measured to be faster,
// on processors with AMX. AVX512_BF16 alone is slower than float32 on a Xeon, and wasn't timed on others
// (records/2026-11-27-amx).
func fastest() string {
	if deep.BFloat16.Tier() == kernel.AMX.String() {
		return string(deep.BFloat16)
	}
	return string(deep.Float32)
}

func cifar10Study() Study {
	return Study{
		Seed: 1,
		Training: Training{
			Epochs: 350, Batch: 128, LearningRate: .1, Schedule: "steps:0.1@150,250", Momentum: .9, WeightDecay: 5e-4, Precision: fastest(),
			Crop: 4, Flip: true,
		},
		Evaluation: Evaluation{Schedule: "log:1.02,tail:5"},
		References: svmAndForest("default"),
	}
}

// cifar10Fast is for those who need many seeds and can't wait for DenseNet-121. The shape of its
// rate is that of public recipes of small residual networks, with a flat tail.
func cifar10Fast() Study {
	s := cifar10Study().on("cifar10")
	s.Name, s.Network.Name = "cifar10-fast", "resnet18"
	t := &s.Training
	t.Epochs, t.LearningRate, t.Schedule, t.Nesterov = 20, 0, "linear:0@0,0.1@5,0.003@16", true
	s.Evaluation.Schedule = "log:1.08@16,every:150"
	return s
}

func cifar100Study() Study {
	return Study{
		Seed: 1,
		Training: Training{
			Epochs: 200, Batch: 128, LearningRate: .1, Schedule: "warmup:1+steps:0.2@60,120,160", Momentum: .9, WeightDecay: 5e-4, Precision: fastest(),
			Crop: 4, Flip: true, Rotate: 15,
		},
		Evaluation: Evaluation{Schedule: "log:1.02,tail:5"},
		References: svmAndForest("default"),
	}
}
