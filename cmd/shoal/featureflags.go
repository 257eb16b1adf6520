package main

import (
	"github.com/spf13/pflag"

	"shoal/record"
)

// featureFlags name files with other features of the examples.
type featureFlags struct{ files record.Features }

func (x *featureFlags) register(f *pflag.FlagSet) {
	f.StringVar(&x.files.Train, "train-features", "", "fit to these features of the training examples: .npy, .npz, .csv, .tsv, .parquet")
	f.StringVar(&x.files.Test, "test-features", "", "the same features of the examples that are scored")
	f.StringVar(&x.files.TrainLabels, "train-labels", "", "labels of the training examples (.npy), for features without")
	f.StringVar(&x.files.Label, "label", "", "column with the labels of a .csv, .tsv or .parquet (default label)")
}

// in are options with the files.
func (x *featureFlags) in(o record.Options) record.Options {
	o.Features = x.files
	return o
}
