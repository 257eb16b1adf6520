package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"shoal/contingency"
	"shoal/export"
	"shoal/internal/usage"
)

// charts names the statistics that TensorBoard draws.
func charts() string {
	var names []string
	for _, s := range contingency.StatisticsIn(contingency.Chart) {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

func newExport(c *console) *cobra.Command {
	var o export.Options
	cmd := &cobra.Command{
		Use:   "export RUN",
		Short: "write a run for pandas, NumPy or TensorBoard",
		Long: `export writes what a run logged and what follows from it:

  csv, parquet   a folder with curves (a row for each evaluation and reference) and examples (a row for each example)
  npz            a file of arrays: predictions (evaluations × examples), steps, epochs, labels, reference_NAME
  tensorboard    a log folder: loss, and for each reference ` + charts() + `

What is undefined is an empty field, null, or no point.`,
		Args: arguments(1, 1, "one run folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(export.Formats(), o.Format) {
				return usage.Errorf("--format is %q: want one of %s", o.Format, strings.Join(export.Formats(), ", "))
			}
			if o.Out == "" {
				return usage.Errorf("export: name the output with --out")
			}
			files, err := export.Write(cmd.Context(), args[0], o)
			if err != nil {
				return err
			}
			for _, f := range files {
				fmt.Fprintln(c.out, f)
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Format, "format", "", strings.Join(export.Formats(), ", "))
	f.StringVar(&o.Out, "out", "", "the file (npz) or folder (all others) to write")
	f.BoolVar(&o.Force, "force", false, "replace an earlier export")
	return cmd
}
