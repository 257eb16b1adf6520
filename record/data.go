package record

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"shoal/dataset"
	"shoal/internal/usage"
	"shoal/shallow"
)

// Data says which examples are trained and scored on: the table [data] of a study.
type Data struct {
	Dataset string `toml:"dataset"` // mnist, fashion, cifar10, cifar100, folder:PATH, or that of features, such as csv:PATH
	// Absolute is the absolute path of an image folder, for whoever reads it again from another
	// folder; see Placed.
	Absolute string `toml:"absolute,omitempty"`
	// LimitTrain and LimitTest take only the first examples; 0 takes all.
	LimitTrain int `toml:"limit_train"`
	LimitTest  int `toml:"limit_test"`
	// SampleTrain draws so many of the training examples, by SampleSeed; 0 takes all.
	SampleTrain int    `toml:"sample_train,omitempty"`
	SampleSeed  uint64 `toml:"sample_seed,omitempty"`
	// Of an image folder, see dataset.Images: Resize as dataset.ParseSize reads it; Split is the share
	// for testing where the folder has no test split. What is left out is chosen when the images are
	// read; see Chosen.
	Resize          string  `toml:"resize,omitempty"`
	Colour          string  `toml:"colour,omitempty"`
	Split           float64 `toml:"split,omitzero"`
	SplitSeed       uint64  `toml:"split_seed,omitzero"`
	GroupDuplicates bool    `toml:"group_duplicates,omitempty"`

	// from is the folder that a path in Dataset counts from, of a run that was trained elsewhere.
	from string
}

// Splits are the training and the evaluation split of a dataset, in memory.
type Splits struct {
	*dataset.Set
	TrainHash, TestHash string // SHA-256, hex; see dataset.Split.Hash

	whole       dataset.Split // the evaluation split before its limit, without pixels
	small, from *Splits       // the copy for references, and what that is a copy of
	// features are the files that other features of the examples are from, for the parameters of
	// references; nil for the dataset's own.
	features map[string]any
}

// preset is the name of the dataset as presets know it: other features are of none.
func (s *Splits) preset() string {
	if s.features != nil {
		return ""
	}
	return s.Name
}

const folderPrefix = "folder:"

// Placed is d with the absolute path of its image folder, unless it has one.
func (d Data) Placed() Data {
	if path, ok := strings.CutPrefix(d.Dataset, folderPrefix); ok && d.Absolute == "" {
		d.Absolute = absolute(path)
	}
	return d
}

// name is what dataset.Load knows the data by.
func (d Data) name() string {
	if was := d.was(); dataset.Here(was) {
		return was
	}
	return d.Dataset
}

// was is the name with the place where the data were when the run began; "" where that is not known, or
// the name says it.
func (d Data) was() string {
	name := ""
	switch {
	case d.Absolute != "" && strings.HasPrefix(d.Dataset, folderPrefix):
		name = folderPrefix + d.Absolute
	case d.from != "":
		name = dataset.From(d.from, d.Dataset)
	}
	if name == d.Dataset {
		return ""
	}
	return name
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// absolute is a path that is the same from every folder. It stays as it is without a working folder,
// and in one whose name isn't UTF-8, which no study file can hold.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil && utf8.ValidString(abs) {
		return abs
	}
	return path
}

// Load reads the dataset and takes the first examples where d says so.
func (d Data) Load(ctx context.Context, o Options) (*Splits, error) {
	set, err := d.read(ctx, o)
	if err != nil {
		return nil, err
	}
	set.Name = d.Dataset // whatever folder the path counts from
	if err := o.Features.replace(set); err != nil {
		return nil, err
	}
	if o.Set == nil { // or they have been told
		o.tellNotes(set)
	}
	if d.LimitTrain > set.Train.Len() {
		return nil, usage.Errorf("limit of %d training examples: %s has %d", d.LimitTrain, set.Name, set.Train.Len())
	}
	if d.LimitTest > set.Test.Len() {
		return nil, usage.Errorf("limit of %d test examples: %s has %d", d.LimitTest, set.Name, set.Test.Len())
	}
	whole := dataset.Split{Labels: set.Test.Labels, Names: set.Test.Names}
	set.Train, set.Test = set.Train.First(d.LimitTrain), set.Test.First(d.LimitTest)
	out := &Splits{Set: set, TrainHash: set.Train.Hash(), TestHash: set.Test.Hash(), whole: whole, features: o.Features.about()}
	if d.SampleTrain < 0 || d.SampleTrain > set.Train.Len() {
		return nil, usage.Errorf("a sample of %d training examples: %s has %d", d.SampleTrain, set.Name, set.Train.Len())
	}
	if d.SampleTrain > 0 {
		out = out.Sampled(d.SampleTrain, d.SampleSeed)
	}
	return out, nil
}

// read is the whole dataset.
func (d Data) read(ctx context.Context, o Options) (*dataset.Set, error) {
	if o.Set != nil {
		return o.Set, nil
	}
	images, err := d.Images()
	if err != nil {
		return nil, err
	}
	source := dataset.Source{
		Images: images, DataDir: o.DataDir, CacheDir: o.CacheDir, Offline: o.Offline, AllowModified: o.AllowModified, Label: o.Features.Label,
		Progress: func(done, total int, note string) {
			if done == 0 && total == 0 { // a line, and no piece of a file of unknown size
				o.Tell(note)
				return
			}
			o.Show(Progress{Part: PartData, Name: note, Done: done, Total: total})
		},
	}
	set, err := dataset.Load(ctx, d.name(), source)
	switch {
	case err != nil && d.was() != "" && d.name() == d.Dataset:
		_, place, _ := strings.Cut(d.was(), ":")
		return nil, fmt.Errorf("%w; it is not at %q either, where it was", err, place)
	case err != nil:
		return nil, err
	}
	return set, nil
}

// Sampled is s with n of its training examples, drawn by a seed and in their order. Those of a smaller
// n are among those of a larger one.
func (s *Splits) Sampled(n int, seed uint64) *Splits {
	r := rand.New(rand.NewPCG(seed, sampleStream))
	chosen := r.Perm(s.Train.Len())[:n]
	slices.Sort(chosen)
	features := s.Features()
	var train dataset.Split
	for _, i := range chosen {
		if s.Train.Values != nil {
			train.Values = append(train.Values, s.Train.Values[i*features:(i+1)*features]...)
		} else {
			train.Pixels = append(train.Pixels, s.Train.Pixels[i*features:(i+1)*features]...)
		}
		train.Labels = append(train.Labels, s.Train.Labels[i])
		if s.Train.Names != nil {
			train.Names = append(train.Names, s.Train.Names[i])
		}
	}
	out, set := *s, *s.Set
	set.Train, out.Set = train, &set
	out.TrainHash = train.Hash()
	return &out
}

// sampleStream is the stream of the PCG that samples are drawn from.
const sampleStream = 0x73616d706c65

// Examples are those of one of the splits as shallow models take them; they share its memory.
func (s *Splits) Examples(split dataset.Split) shallow.Examples {
	return shallow.Examples{Pixels: split.Pixels, Values: split.Values, Labels: split.Labels, Features: s.Features(), Classes: len(s.Classes), Names: s.Classes}
}

// tellNotes tells what a user should know of a set.
func (o Options) tellNotes(set *dataset.Set) {
	for _, note := range set.Notes {
		o.Tell("note: " + note)
	}
}
