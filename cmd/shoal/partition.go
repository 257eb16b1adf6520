package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"shoal/dynamics"
	"shoal/dynamics/orders"
	"shoal/internal/textfmt"
	"shoal/internal/usage"
	"shoal/report"
	"shoal/shallow"
	"shoal/track"
)

func newPartition(c *console) *cobra.Command {
	var (
		place  placeFlags
		model  modelFlags
		p      track.Partition
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "partition DATASET",
		Short: "cut the training split into easy and hard examples by a shallow model",
		Long: `partition predicts every training example by a shallow model that was fitted without it (--folds),
and writes a file with the indices of the easy examples, which it gets right, and the hard ones.
The file names the training split by its hash. A study trains by it:

  shoal partition mnist --reference svm --folds 5 --out easy.json
  shoal run mnist --partition easy.json --order easy-first --seed 1 --out runs/easy-1
  shoal partition compare runs/*

Orders: easy-first and hard-first begin with --passes over that part and go on with all examples;
easy-only, hard-only; random (all), random-as-easy and random-as-hard (as many, drawn from all).
All take as many steps as the same study without a partition.`,
		Args: arguments(1, 1, "a dataset"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkPartition(cmd, args, &place, &p); err != nil {
				return err
			}
			p.Name, p.Data.Dataset = p.Kind, args[0]
			p.Parameters = model.given(cmd.Flags())
			bar := newProgress(c.err)
			defer bar.close()
			result, err := p.Do(cmd.Context(), place.shown(bar))
			bar.close()
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(c.out).Encode(result)
			}
			return printPartition(c.out, result)
		},
	}
	place.register(cmd.Flags())
	model.register(cmd.Flags(), "")
	f := cmd.Flags()
	f.StringVar(&p.Kind, "reference", "svm", "the shallow model: "+strings.Join(shallow.Kinds(), ", "))
	f.StringVar(&p.Preset, "preset", "default", strings.Join(shallow.Presets(), ", "))
	f.IntVar(&p.Folds, "folds", 5, "fit to all but one of K parts and predict that, K times")
	f.IntVar(&p.Data.LimitTrain, "limit-train", 0, "cut the first N training examples only; for studies with the same limit")
	f.Uint64Var(&p.Seed, "seed", 1, "seed of the folds and the model")
	f.StringVar(&p.Save, "out", "", "file to write (JSON)")
	f.BoolVar(&p.Force, "force", false, "replace the file if it exists")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	cmd.AddCommand(newPartitionCompare(c))
	return cmd
}

// checkPartition reports what a person gave that makes no sense.
func checkPartition(cmd *cobra.Command, args []string, place *placeFlags, p *track.Partition) error {
	if !slices.Contains(shallow.Kinds(), p.Kind) {
		return usage.Errorf("unknown model %q: want one of %s", p.Kind, strings.Join(shallow.Kinds(), ", "))
	}
	if err := known(args); err != nil {
		return err
	}
	if cmd.Flags().Changed("limit-train") && p.Data.LimitTrain < 1 {
		return usage.Errorf("--limit-train is %d: want 1 or more", p.Data.LimitTrain)
	}
	if p.Folds < 2 {
		return usage.Errorf("--folds is %d: want 2 or more", p.Folds)
	}
	return place.check()
}

func printPartition(w io.Writer, r *track.PartitionResult) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s: %d training examples, %s out of %d folds, %s\n\n", r.Dataset, r.Examples, r.Reference, r.Folds, textfmt.Clock(r.FitSeconds))
	fmt.Fprintf(t, "class\teasy\thard\teasy share\t\n")
	var names []string
	for name := range r.ByClass {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		n := r.ByClass[name]
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\t\n", name, n.Easy, n.Hard, textfmt.PlainPercent(float64(n.Easy)/float64(n.Easy+n.Hard)))
	}
	fmt.Fprintf(t, "all\t%d\t%d\t%s\t\n", r.Easy, r.Hard, textfmt.PlainPercent(float64(r.Easy)/float64(r.Examples)))
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\npartition: %s\n", r.File)
	return err
}

func newPartitionCompare(c *console) *cobra.Command {
	var (
		asJSON bool
		out    string
	)
	cmd := &cobra.Command{
		Use:   "compare RUN...",
		Short: "compare runs by their order of training, with intervals over seeds: a table, and a page with figures",
		Long: `compare tabulates the final accuracy of runs that differ in order and seed only: mean and 95 % interval over
seeds, and the difference to the order random and to the random order of as many examples. ~ marks differences
whose interval contains 0. Each interval stands for itself; nothing is corrected for how many there are.

With --out DIR the table is written as a page too: DIR/report.html, with accuracy over the steps by order and bands
over seeds; DIR/figures as SVG and PNG; DIR/orders.json.`,
		Args: arguments(2, -1, "two run folders or more"),
		RunE: func(cmd *cobra.Command, args []string) error {
			table, err := track.CompareOrders(args)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("out") {
				if err := drawOrders(table, out); err != nil {
					return err
				}
			}
			if asJSON {
				e := json.NewEncoder(c.out)
				e.SetIndent("", "  ")
				return e.Encode(table)
			}
			if err := printOrders(c.out, table); err != nil || out == "" {
				return err
			}
			_, err = fmt.Fprintln(c.out, "\nreport: "+filepath.Join(out, "report.html"))
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringVar(&out, "out", "", "folder for a page and figures")
	return cmd
}

func drawOrders(table *orders.Comparison, out string) error {
	if out == "" {
		return usage.Errorf("--out is empty: want a folder")
	}
	return report.WriteOrders(out, table, report.Options{})
}

func printOrders(w io.Writer, table *orders.Comparison) error {
	fmt.Fprintf(w, "%s on %s, %d steps (%.4g epochs); %s out of fold finds %d easy and %d hard\n\n",
		table.Network, table.Dataset, table.Steps, table.Epochs, table.Reference, table.Easy, table.Hard)
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintf(t, "order\texamples\tseeds\taccuracy %%\tminus random\tminus its control\n")
	for _, r := range table.Rows {
		control := "" // the same as the column before
		if r.OwnControl() {
			control = difference(r.ToControl) + " (" + string(r.ToControl.Control) + ")"
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\t%s\t%s\n", r.Name(), r.Examples, len(r.Seeds), plusMinus(r), difference(r.ToRandom), control)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, "\nmean ± 95 % interval over seeds, in points; ~ where the interval of the difference contains 0")
	return err
}

// plusMinus prints a mean with half the width of its interval, or without one.
func plusMinus(r orders.Row) string {
	if e := r.Accuracy; e.Defined {
		return fmt.Sprintf("%.2f ± %.2f", 100*e.Value, 100*(e.Hi-e.Value))
	}
	return fmt.Sprintf("%.2f", 100*r.Mean())
}

func difference(d orders.Difference) string {
	if !d.Difference.Defined {
		return ""
	}
	mark := ""
	if d.Verdict == dynamics.NotToldApart {
		mark = " " + string(dynamics.NotToldApart)
	}
	return fmt.Sprintf("%+.2f [%+.2f, %+.2f]%s", 100*d.Difference.Value, 100*d.Difference.Lo, 100*d.Difference.Hi, mark)
}
