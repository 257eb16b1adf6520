package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/internal/textfmt"
	"shoal/record"
	"shoal/shallow"
)

func newFit(c *console) *cobra.Command {
	var fit fitFlags
	cmd := &cobra.Command{
		Use:   "fit MODEL DATASET",
		Short: "fit one shallow model and print its accuracy",
		Long:  "fit fits one shallow model (" + strings.Join(shallow.Kinds(), ", ") + ") and predicts the test split, or with --folds the training split out of fold.\nA dataset is one of those that shoal data list names, folder:PATH (images), or features: npz:PATH, csv:PATH, parquet:PATH (docs/features.md).",
		Args:  arguments(2, 2, "a model and a dataset"),
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
	from   featureFlags
	model  modelFlags
	fit    record.Fit
	asJSON bool
}

func (x *fitFlags) register(f *pflag.FlagSet) {
	x.place.register(f)
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

func (x *fitFlags) check(f *pflag.FlagSet, kind, dataset string) error {
	return firstError(
		knownModel(kind),
		knownData(dataset),
		x.place.check(),
		atLeast(f, "limit-train", x.fit.Data.LimitTrain, 1),
		atLeast(f, "limit-test", x.fit.Data.LimitTest, 1),
		atLeast(f, "folds", x.fit.Folds, 2),
	)
}

func (x *fitFlags) do(cmd *cobra.Command, c *console, kind, dataset string) error {
	fit := x.fit
	fit.Name, fit.Kind, fit.Data.Dataset = kind, kind, dataset
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
	return printFit(c, result)
}

func printFit(c *console, r *record.FitResult) error {
	t := tabwriter.NewWriter(c.out, 0, 0, 3, ' ', 0)
	where := "test split"
	if r.Folds > 0 {
		where = fmt.Sprintf("training split, out of %d folds", r.Folds)
	}
	from := ""
	if r.FromCache {
		from = " (from the cache)"
	}
	textfmt.Fprintf(t, "%s on %s\t%d training examples%s\n", r.Model, r.Dataset, r.Train, from)
	textfmt.Fprintf(t, "accuracy\t%s, %s\n", textfmt.PlainPercent(r.Accuracy), where)
	textfmt.Fprintf(t, "fit\t%s\n", textfmt.Clock(r.FitSeconds))
	textfmt.Fprintf(t, "predict\t%s\n", textfmt.Clock(r.PredictSeconds))
	for _, row := range []struct {
		name  string
		value any
	}{{"support vectors", r.SupportVectors}, {"trees", r.Trees}, {"nodes", r.Nodes}} {
		if row.value != nil {
			textfmt.Fprintf(t, "%s\t%v\n", row.name, row.value)
		}
	}
	return t.Flush()
}
