package record

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"shoal/dataset"
	"shoal/dataset/table"
	"shoal/internal/usage"
)

// Features are files with other features of the examples than the dataset's pixels: embeddings,
// tf-idf, a table. References are fitted to them, the network isn't.
//
// A file is .npy (features alone), .npz (an array features, x or X and, if there are labels, labels or
// y), .csv, .tsv or .parquet. Its rows are the examples in their order. Labels are compared with
// those that are known.
type Features struct {
	Label       string // the column with the labels of .csv, .tsv, .parquet; "" for label
	Train, Test string // paths; "" for the dataset's own features
	TrainLabels string // an .npy file, for features that have no labels; "" for none
}

// featuresFrom is the parameter of a reference that says which files it was fitted to.
const featuresFrom = "features_from"

// given reports whether there are any.
func (f Features) given() bool { return f.Train != "" || f.Test != "" }

// own is f without the files: the dataset's own features.
func (f Features) own() Features { return Features{Label: f.Label} }

// ErrHalfFeatures is wrapped for features of one split only.
var ErrHalfFeatures = fmt.Errorf("features of one split: want those of the training and of the test examples")

func (f Features) check() error {
	switch {
	case f.given() && (f.Train == "" || f.Test == ""):
		return &usage.Error{Err: fmt.Errorf("%q has %w", f.Train+f.Test, ErrHalfFeatures)}
	case f.TrainLabels != "" && !f.given():
		return usage.Errorf("labels in %q without features", f.TrainLabels)
	}
	return nil
}

// about says where the features are from, nil for the dataset's own.
func (f Features) about() map[string]any {
	if !f.given() {
		return nil
	}
	out := map[string]any{"train": absolute(f.Train), "test": absolute(f.Test)}
	if f.TrainLabels != "" {
		out["train_labels"] = absolute(f.TrainLabels)
	}
	return out
}

// part is the features of one split, with its labels if they are known.
type part struct {
	path   string
	table  *table.Table
	labels *table.Labels
}

// read reads both files.
func (f Features) read() (train, test *part, err error) {
	if train, err = f.part(f.Train); err == nil {
		test, err = f.part(f.Test)
	}
	if err == nil && f.TrainLabels != "" {
		if train.labels != nil {
			return nil, nil, usage.Errorf("%q has labels of its own: those in %q can't be given as well", f.Train, f.TrainLabels)
		}
		train.labels, err = table.ReadLabels(f.TrainLabels)
	}
	if err != nil {
		return nil, nil, err
	}
	a, b := train.table, test.table
	switch {
	case a.Columns != nil && b.Columns != nil:
		if err := b.Arrange(a.Columns); err != nil {
			return nil, nil, fmt.Errorf("%q has other columns than %q: %w", f.Test, f.Train, err)
		}
	default:
		if err := table.Comparable(a, b); err != nil {
			return nil, nil, fmt.Errorf("%q, %q: %w", f.Train, f.Test, err)
		}
	}
	return train, test, nil
}

// part reads one file.
func (f Features) part(path string) (*part, error) {
	out := &part{path: path}
	o := table.Options{Label: f.Label, NoLabel: true}
	var err error
	switch ending := strings.ToLower(filepath.Ext(path)); {
	case table.IsTable(path):
		if out.table, err = table.Read(path, o); err == nil {
			out.labels = out.table.Labels
		}
	case ending == ".npy":
		out.table, err = table.ReadArray(path, o)
	case ending == ".npz":
		err = out.archive(o)
	default:
		err = usage.Errorf("%q: want features in an .npy, .npz, .csv, .tsv or .parquet file", path)
	}
	return out, err
}

// archive reads an .npz file.
func (p *part) archive(o table.Options) error {
	a, err := table.OpenArchive(p.path, o)
	if err != nil {
		return err
	}
	defer a.Close()
	name := a.First("features", "x", "X", "embeddings")
	if name == "" {
		return fmt.Errorf("%q has no array features or x, it has %s", p.path, strings.Join(a.Names(), ", "))
	}
	if p.table, err = a.Features(name); err != nil {
		return err
	}
	if name := a.First("labels", "label", "y"); name != "" {
		p.labels, err = a.Labels(name)
	}
	return err
}

// first drops all examples but the first n: of a training split no more may be scored.
func (p *part) first(n int) {
	if n >= p.table.Len() {
		return
	}
	p.table.Values = p.table.Values[:n*p.table.Features]
	if p.labels != nil && len(p.labels.Index) > n {
		p.labels.Index = p.labels.Index[:n]
	}
}

// known are the labels of the part's examples: those of the file, which must be the given ones if
// there are any, or the given ones. classes are the names.
func (p *part) known(classes []string, given []uint16) ([]uint16, error) {
	labels := given
	if p.labels != nil {
		own, err := p.labels.In(classes, given)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", p.path, err)
		}
		labels = own
	}
	if labels == nil {
		return nil, fmt.Errorf("%q: %w", p.path, ErrNoTrainLabels)
	}
	n, want := p.table.Len(), len(labels)
	if given != nil {
		want = len(given)
	}
	if n != want || n != len(labels) {
		return nil, fmt.Errorf("%q has features of %d examples and labels of %d, want %d", p.path, n, len(labels), want)
	}
	for i, l := range labels {
		if given != nil && l != given[i] {
			return nil, fmt.Errorf("%q: its label of example %d is %d, want %d: are its rows in another order?", p.path, i, l, given[i])
		}
	}
	return labels, nil
}

// ErrNoTrainLabels is wrapped for features of training examples whose labels are nowhere.
var ErrNoTrainLabels = fmt.Errorf("no labels of the training examples are known")

// replace puts the features in the place of those of a dataset, whose labels they must have.
func (f Features) replace(set *dataset.Set) error {
	if !f.given() {
		return nil
	}
	train, test, err := f.read()
	if err != nil {
		return err
	}
	if set.Train.Values != nil {
		set.Notes = nil // of features that are not used
	}
	for _, of := range []struct {
		part  *part
		split *dataset.Split
	}{{train, &set.Train}, {test, &set.Test}} {
		if _, err := of.part.known(set.Classes, of.split.Labels); err != nil {
			return err
		}
		of.split.Pixels, of.split.Values = nil, of.part.table.Values
	}
	return f.shape(set, train)
}

// shape sets what a set says of its features.
func (f Features) shape(set *dataset.Set, train *part) error {
	set.Height, set.Width, set.Channels = 1, train.table.Features, 1
	set.Columns, set.Decoder, set.Origin = train.table.Columns, "", "features in "+f.Train+" and "+f.Test
	set.Notes = append(set.Notes, dataset.FeatureNotes(set, train.table)...)
	return set.Validate()
}

// forRun makes the splits of a run that was scored on labels, of features alone: those of its test
// split or, for predictions of a training split, of that.
func (f Features) forRun(name string, classes []string, labels []uint16, training bool, given []uint16) (*Splits, error) {
	train, test, err := f.read()
	if err != nil {
		return nil, err
	}
	of, other := test, train
	if training {
		of, other = train, test
		of.first(len(labels))
	}
	if _, err := of.known(classes, labels); err != nil {
		return nil, err
	}
	set := &dataset.Set{Name: name, Classes: slices.Clone(classes)}
	split := dataset.Split{Values: of.table.Values, Labels: labels}
	if training { // the test examples take no part, and may have no labels
		set.Train, set.Test = split, split
	} else {
		set.Test = split
		set.Train.Values = other.table.Values
		if set.Train.Labels, err = other.known(classes, given); err != nil {
			return nil, err
		}
	}
	if err := f.shape(set, train); err != nil {
		return nil, err
	}
	whole := dataset.Split{Labels: set.Test.Labels}
	return &Splits{Set: set, TrainHash: set.Train.Hash(), TestHash: set.Test.Hash(), whole: whole, features: f.about()}, nil
}
