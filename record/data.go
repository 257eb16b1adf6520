package record

import (
	"context"

	"shoal/dataset"
	"shoal/internal/usage"
	"shoal/shallow"
)

// Data says which examples are trained and scored on: the table [data] of a study.
type Data struct {
	Dataset string `toml:"dataset"` // mnist, fashion, cifar10, cifar100 or folder:PATH
	// LimitTrain and LimitTest take only the first examples; 0 takes all.
	LimitTrain int `toml:"limit_train"`
	LimitTest  int `toml:"limit_test"`
}

// Splits are the training and the evaluation split of a dataset, in memory.
type Splits struct {
	*dataset.Set
	TrainHash, TestHash string // SHA-256, hex; see dataset.Split.Hash
}

// Load reads the dataset and takes the first examples where d says so.
func (d Data) Load(ctx context.Context, o Options) (*Splits, error) {
	source := dataset.Source{
		DataDir: o.DataDir, CacheDir: o.CacheDir, Offline: o.Offline, AllowModified: o.AllowModified,
		Progress: func(done, total int, note string) {
			if done == 0 && total == 0 { // a line, and no piece of a file of unknown size
				o.Tell(note)
				return
			}
			o.Show(Progress{Part: PartData, Name: note, Done: done, Total: total})
		},
	}
	set, err := dataset.Load(ctx, d.Dataset, source)
	if err != nil {
		return nil, err
	}
	for _, note := range set.Notes {
		o.Tell("note: " + note)
	}
	if d.LimitTrain > set.Train.Len() || d.LimitTest > set.Test.Len() {
		return nil, usage.Errorf("limits of %d training and %d test examples: %s has %d and %d", d.LimitTrain, d.LimitTest, set.Name, set.Train.Len(), set.Test.Len())
	}
	set.Train, set.Test = set.Train.First(d.LimitTrain), set.Test.First(d.LimitTest)
	return &Splits{Set: set, TrainHash: set.Train.Hash(), TestHash: set.Test.Hash()}, nil
}

// Examples are those of one of the splits as shallow models take them; they share its memory.
func (s *Splits) Examples(split dataset.Split) shallow.Examples {
	return shallow.Examples{Pixels: split.Pixels, Labels: split.Labels, Features: s.Features(), Classes: len(s.Classes)}
}
