package main

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/dataset"
	"shoal/internal/textfmt"
	"shoal/internal/usage"
	"shoal/shallow"
	"shoal/track"
)

func newPartition(c *console) *cobra.Command {
	var p partitionFlags
	cmd := &cobra.Command{
		Use:   "partition DATASET",
		Short: "cut the training split into easy and hard examples by a shallow model",
		Long: `partition predicts every training example of a dataset (` + strings.Join(dataset.Names(), ", ") + `, or folder:PATH,
a folder of images) by a shallow model that was fitted without it (--folds), and writes a file with the indices of
the easy examples, which it gets right, and the hard ones. The file names the training split by its hash. A study
trains by it.

Orders: easy-first and hard-first begin with --passes over that part and continue with all examples;
easy-only, hard-only; random (all), random-as-easy and random-as-hard (as many, drawn from all).
All take as many steps as the same study without a partition.`,
		Example: `  shoal partition mnist --reference svm --folds 5 --out easy.json
  shoal run mnist --partition easy.json --order easy-first --seed 1 --out runs/easy-1
  shoal partition compare runs/*`,
		ValidArgsFunction: completeDataset,
		Args:              arguments(1, 1, "a dataset"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.check(cmd.Flags(), args[0]); err != nil {
				return err
			}
			return p.do(cmd, c, args[0])
		},
	}
	p.register(cmd.Flags())
	cmd.AddCommand(newPartitionCompare(c))
	return cmd
}

// partitionFlags are those of shoal partition.
type partitionFlags struct {
	place  placeFlags
	images imageFlags
	model  modelFlags
	cut    track.Partition
	asJSON bool
}

func (p *partitionFlags) register(f *pflag.FlagSet) {
	p.place.register(f)
	p.images.register(f, "split")
	p.model.register(f)
	f.StringVar(&p.cut.Kind, "reference", "svm", "the shallow model: "+strings.Join(shallow.Kinds(), ", "))
	f.StringVar(&p.cut.Preset, "preset", "default", strings.Join(shallow.Presets(), ", "))
	f.IntVar(&p.cut.Folds, "folds", 5, "fit to all but one of K parts and predict that, K times")
	f.IntVar(&p.cut.Data.LimitTrain, "limit-train", 0, "cut the first N training examples only; for studies with the same limit")
	f.Uint64Var(&p.cut.Seed, "seed", 1, "seed of the folds and the model")
	f.StringVar(&p.cut.Save, "out", "", "file to write (JSON)")
	f.BoolVar(&p.cut.Force, "force", false, "replace the file if it exists")
	f.BoolVar(&p.asJSON, "json", false, "print JSON")
}

func (p *partitionFlags) check(f *pflag.FlagSet, name string) error {
	err := firstError(
		knownModel(p.cut.Kind),
		knownDatasets(name),
		atLeast(f, "limit-train", p.cut.Data.LimitTrain, 1),
		atLeast(f, "folds", p.cut.Folds, 2),
		p.place.check(),
		p.images.check(f),
	)
	if err == nil && p.cut.Save == "" {
		err = usage.Errorf("no file for the partition: name one with --out")
	}
	return firstError(err, writableFile(p.cut.Save))
}

func (p *partitionFlags) do(cmd *cobra.Command, c *console, name string) error {
	cut := p.cut
	cut.Name, cut.Data.Dataset = cut.Kind, name
	p.images.apply(cmd.Flags(), &cut.Data)
	cut.Parameters = p.model.given(cmd.Flags())
	var result *track.PartitionResult
	err := c.watch(func(display *progress) (err error) {
		result, err = cut.Do(cmd.Context(), p.place.shown(display))
		return err
	})
	switch {
	case err != nil:
		return err
	case p.asJSON:
		return json.NewEncoder(c.out).Encode(result)
	}
	return printPartition(c.out, result)
}

func printPartition(w io.Writer, r *track.PartitionResult) error {
	textfmt.Say(w, "%s: %s, %s out of %d folds, %s\n\n", r.Dataset, textfmt.Count(r.Examples, "training example"), r.Reference, r.Folds, textfmt.Clock(r.FitSeconds))
	rows := [][]string{{"class", "easy", "hard", "easy share"}}
	row := func(name string, easy, hard int) {
		rows = append(rows, []string{name, strconv.Itoa(easy), strconv.Itoa(hard), textfmt.PlainPercent(float64(easy) / float64(easy+hard))})
	}
	var names []string
	for name := range r.ByClass {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		n := r.ByClass[name]
		row(name, n.Easy, n.Hard)
	}
	row("all", r.Easy, r.Hard)
	if err := (textfmt.Table{Rows: rows}).Print(w); err != nil {
		return err
	}
	_, err := textfmt.Fprintf(w, "\npartition: %s\n", r.File)
	return err
}
