package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"shoal/internal/textfmt"
	"shoal/internal/usage"
	"shoal/record"
	"shoal/shallow"
)

func newFit(c *console) *cobra.Command {
	var (
		place  placeFlags
		model  modelFlags
		fit    record.Fit
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "fit MODEL DATASET",
		Short: "fit one shallow model and print its accuracy",
		Long:  "fit fits one shallow model (" + strings.Join(shallow.Kinds(), ", ") + ") and predicts the test split, or with --folds the training split out of fold.",
		Args:  arguments(2, 2, "a model and a dataset"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(shallow.Kinds(), args[0]) {
				return usage.Errorf("unknown model %q: want one of %s", args[0], strings.Join(shallow.Kinds(), ", "))
			}
			if err := known(args[1:]); err != nil {
				return err
			}
			if err := place.check(); err != nil {
				return err
			}
			for name, n := range map[string]int{"limit-train": fit.Data.LimitTrain, "limit-test": fit.Data.LimitTest} {
				if cmd.Flags().Changed(name) && n < 1 {
					return usage.Errorf("--%s is %d: want 1 or more", name, n)
				}
			}
			if cmd.Flags().Changed("folds") && fit.Folds < 2 {
				return usage.Errorf("--folds is %d: want 2 or more", fit.Folds)
			}
			fit.Name, fit.Kind, fit.Data.Dataset = args[0], args[0], args[1]
			fit.Parameters = model.given(cmd.Flags())
			p := newProgress(c.err)
			defer p.close()
			result, err := fit.Do(cmd.Context(), place.shown(p))
			p.close()
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(c.out).Encode(result)
			}
			return printFit(c, result)
		},
	}
	place.register(cmd.Flags())
	model.register(cmd.Flags(), "")
	f := cmd.Flags()
	f.StringVar(&fit.Preset, "preset", "default", strings.Join(shallow.Presets(), ", "))
	f.IntVar(&fit.Data.LimitTrain, "limit-train", 0, "train on the first N examples")
	f.IntVar(&fit.Data.LimitTest, "limit-test", 0, "predict the first N examples of the test split")
	f.Uint64Var(&fit.Seed, "seed", 1, "seed of everything random")
	f.IntVar(&fit.Folds, "folds", 0, "predict the training split out of K folds")
	f.StringVar(&fit.Save, "save", "", "write the predictions to this .npy file")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
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
	fmt.Fprintf(t, "%s on %s\t%d training examples%s\n", r.Model, r.Dataset, r.Train, from)
	fmt.Fprintf(t, "accuracy\t%s, %s\n", textfmt.PlainPercent(r.Accuracy), where)
	fmt.Fprintf(t, "fit\t%s\n", textfmt.Clock(r.FitSeconds))
	fmt.Fprintf(t, "predict\t%s\n", textfmt.Clock(r.PredictSeconds))
	for _, row := range []struct {
		name  string
		value any
	}{{"support vectors", r.SupportVectors}, {"trees", r.Trees}, {"nodes", r.Nodes}} {
		if row.value != nil {
			fmt.Fprintf(t, "%s\t%v\n", row.name, row.value)
		}
	}
	return t.Flush()
}
