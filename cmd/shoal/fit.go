package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/dataset"
	"shoal/internal/textfmt"
	"shoal/record"
	"shoal/shallow"
)

func newFit(c *console) *cobra.Command {
	var fit fitFlags
	cmd := &cobra.Command{
		Use:   "fit MODEL DATASET",
		Short: "fit one shallow model and print its accuracy",
		Long: "fit fits one shallow model (" + strings.Join(shallow.Kinds(), ", ") + ") to a dataset (" + strings.Join(dataset.Names(), ", ") +
			", or folder:PATH, the images in PATH/<class>/ or PATH/train/<class>/) and predicts the test split, or with --folds the training split out of fold.\n\nFeatures are datasets, too: npz:PATH, csv:PATH, parquet:PATH (docs/features.md).",
		Example: `  shoal fit svm mnist
  shoal fit forest folder:photos --resize 32 --trees 200
  shoal fit knn fashion --k 3 --folds 5 --save fashion.npz`,
		ValidArgsFunction: completeModels,
		Args:              arguments(2, 2, "a model and a dataset"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := fit.check(cmd.Flags(), args[0], args[1]); err != nil {
				return err
			}
			return fit.do(cmd, c, args[0], args[1])
		},
	}
	fit.register(cmd.Flags())
	return cmd
}

// fitFlags are those of shoal fit.
type fitFlags struct {
	place  placeFlags
	images imageFlags
	from   featureFlags
	model  modelFlags
	fit    record.Fit
	asJSON bool
}

func (x *fitFlags) register(f *pflag.FlagSet) {
	x.place.register(f)
	x.images.register(f, "split")
	x.from.register(f)
	x.model.register(f)
	f.StringVar(&x.fit.Preset, "preset", "default", strings.Join(shallow.Presets(), ", "))
	f.IntVar(&x.fit.Data.LimitTrain, "limit-train", 0, "train on the first N examples")
	f.IntVar(&x.fit.Data.LimitTest, "limit-test", 0, "predict the first N examples of the test split")
	f.Uint64Var(&x.fit.Seed, "seed", 1, "seed of everything random")
	f.IntVar(&x.fit.Folds, "folds", 0, "predict the training split out of K folds")
	f.StringVar(&x.fit.Save, "save", "", "write the predictions to this .npy file, or with labels and names to this .npz")
	f.BoolVar(&x.asJSON, "json", false, "print JSON")
}

func (x *fitFlags) check(f *pflag.FlagSet, kind, name string) error {
	return firstError(
		knownModel(kind),
		knownData(name),
		x.place.check(),
		x.images.check(f),
		atLeast(f, "limit-train", x.fit.Data.LimitTrain, 1),
		atLeast(f, "limit-test", x.fit.Data.LimitTest, 1),
		atLeast(f, "folds", x.fit.Folds, 2),
		savedArray(x.fit.Save),
	)
}

func (x *fitFlags) do(cmd *cobra.Command, c *console, kind, name string) error {
	fit := x.fit
	fit.Name, fit.Kind, fit.Data.Dataset = kind, kind, name
	x.images.apply(cmd.Flags(), &fit.Data)
	fit.Parameters = x.model.given(cmd.Flags())
	var result *record.FitResult
	err := c.watch(func(p *progress) (err error) {
		result, err = fit.Do(cmd.Context(), x.from.in(x.place.shown(p)))
		return err
	})
	switch {
	case err != nil:
		return err
	case x.asJSON:
		return json.NewEncoder(c.out).Encode(result)
	}
	return printFit(c, result, fit.Save)
}

// printFit prints what a fit has come to, and the file with its predictions, "" for none.
func printFit(c *console, r *record.FitResult, saved string) error {
	where := "test split"
	if r.Folds > 0 {
		where = fmt.Sprintf("training split, out of %d folds", r.Folds)
	}
	from := ""
	if r.FromCache {
		from = " (from the cache)"
	}
	rows := [][]string{
		{r.Model + " on " + r.Dataset, textfmt.Count(r.Train, "training example") + from},
		{"accuracy", textfmt.PlainPercent(r.Accuracy) + ", " + where},
		{"fit", textfmt.Clock(r.FitSeconds)},
		{"predict", textfmt.Clock(r.PredictSeconds)},
	}
	for _, row := range []struct {
		name  string
		value any
	}{{"support vectors", r.SupportVectors}, {"trees", r.Trees}, {"nodes", r.Nodes}} {
		if row.value != nil {
			rows = append(rows, []string{row.name, fmt.Sprint(row.value)})
		}
	}
	if err := (textfmt.Table{Rows: rows, List: true}).Print(c.out); err != nil || saved == "" {
		return err
	}
	_, err := textfmt.Fprintf(c.out, "\npredictions: %s\n", saved)
	return err
}
