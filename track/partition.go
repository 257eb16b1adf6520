package track

import (
	"context"
	"errors"
	"fmt"
	"os"

	"shoal/curriculum"
	"shoal/internal/machine"
	"shoal/internal/usage"
	"shoal/record"
)

// Partition is an easy/hard partition to be made: the training split, cut by what a shallow model
// gets right out of fold.
type Partition struct {
	record.Fit      // Folds is 2 or more; Save is the partition's file
	Force      bool // replace the file if it exists
}

// PartitionResult is what a Partition found.
type PartitionResult struct {
	File        string                       `json:"file"`
	Dataset     string                       `json:"dataset"`
	DatasetHash string                       `json:"dataset_hash"`
	Examples    int                          `json:"examples"`
	Reference   string                       `json:"reference"`
	Params      map[string]any               `json:"params"`
	Folds       int                          `json:"folds"`
	Seed        uint64                       `json:"seed"`
	Easy        int                          `json:"easy"`
	Hard        int                          `json:"hard"`
	FitSeconds  float64                      `json:"fit_seconds"` // of all folds
	PeakRSS     int64                        `json:"peak_rss_bytes"`
	ByClass     map[string]curriculum.Counts `json:"by_class"` // by the names of the classes that have examples
	Warnings    []string                     `json:"warnings"` // of the folds
}

// Do predicts the training split out of fold, cuts it and writes the file.
func (p Partition) Do(ctx context.Context, o record.Options) (*PartitionResult, error) {
	if err := errors.Join(o.Check(), p.Check()); err != nil {
		return nil, err
	}
	if p.Folds < 2 {
		return nil, usage.Errorf("%d folds: want 2 or more", p.Folds)
	}
	if err := p.checkFile(); err != nil {
		return nil, err
	}
	set, classes, fitted, err := p.OutOfFold(ctx, o)
	if err != nil {
		return nil, err
	}
	cut, err := curriculum.Cut(set.Train.Labels, classes)
	if err != nil {
		return nil, err
	}
	cut.Dataset, cut.DatasetHash = set.Name, set.TrainHash
	cut.Reference, cut.Params, cut.Folds, cut.Seed = p.Kind, fitted.Params, p.Folds, p.Seed
	cut.Warnings = fitted.Warnings
	if err := cut.Save(p.Save); err != nil {
		return nil, err
	}
	return p.result(cut, set, fitted), nil
}

// result says what was cut.
func (p Partition) result(cut *curriculum.Partition, set *record.Splits, fitted *record.FitResult) *PartitionResult {
	out := &PartitionResult{
		File: p.Save, Dataset: cut.Dataset, DatasetHash: cut.DatasetHash, Examples: cut.Examples, Reference: cut.Reference,
		Params: cut.Params, Folds: cut.Folds, Seed: cut.Seed, Easy: len(cut.Easy), Hard: len(cut.Hard),
		FitSeconds: fitted.FitSeconds, Warnings: fitted.Warnings, PeakRSS: machine.PeakRSS(), ByClass: map[string]curriculum.Counts{},
	}
	for label, counts := range cut.ByClass(set.Train.Labels) {
		out.ByClass[set.Classes[label]] = counts
	}
	return out
}

// ErrFileExists is wrapped when the partition's file is there already; Partition.Force replaces it.
var ErrFileExists = errors.New("exists already")

// checkFile refuses a place that can't be written to, before any work is done.
func (p Partition) checkFile() error {
	if p.Save == "" {
		return usage.Errorf("no file for the partition")
	}
	info, err := os.Stat(p.Save)
	switch {
	case os.IsNotExist(err):
		return nil
	case err != nil:
		return fmt.Errorf("partition file: %w", err)
	case info.IsDir():
		return fmt.Errorf("partition file %q is a folder", p.Save)
	case !p.Force:
		return fmt.Errorf("partition file %q %w", p.Save, ErrFileExists)
	}
	return nil
}
