package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/contingency"
	"shoal/export"
	"shoal/internal/textfmt"
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
	var x exportFlags
	cmd := &cobra.Command{
		Use:   "export RUN",
		Short: "write a run for pandas, NumPy, TensorBoard, or tools for labelling",
		Long: `export writes what a run logged and what follows from it:

  csv, parquet: a folder with curves (a row for each evaluation and reference), examples (a row for each example) and suspects (examples whose labels look wrong, the likeliest first)
  npz: a file of arrays: predictions (evaluations × examples), steps, epochs, labels, reference_NAME
  tensorboard: a log folder: loss, and for each reference ` + charts() + `
  fiftyone, labelstudio: a folder with the suspects and their images, for FiftyOne (labels.json) and Label Studio (tasks.json, config.xml); shoal relabel takes corrected labels back

What is undefined is an empty field, null, or no point; what is infinite is inf in tables. Names of classes and references are written
as they are: a spreadsheet takes a name that begins with =, +, - or @ for a formula, so import the columns of a CSV as text.`,
		Args: arguments(1, 1, "one run folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := x.check(); err != nil {
				return err
			}
			return x.do(cmd.Context(), c, args[0])
		},
	}
	x.register(cmd.Flags())
	return cmd
}

// exportFlags are those of shoal export.
type exportFlags struct{ options export.Options }

func (x *exportFlags) register(f *pflag.FlagSet) {
	f.StringVar(&x.options.Format, "format", "", strings.Join(export.Formats(), ", "))
	f.StringVar(&x.options.Out, "out", "", "the file (npz) or folder (all others) to write")
	f.StringVar(&x.options.Split, "split", "", "evaluation split of a run that has several (default the main one)")
	f.BoolVar(&x.options.Force, "force", false, "replace an earlier export")
}

func (x *exportFlags) check() error {
	if err := oneOf("--format is", x.options.Format, export.Formats()); err != nil {
		return err
	}
	if x.options.Out == "" {
		return usage.Errorf("export: name the output with --out")
	}
	return nil
}

// do writes the export and prints the names of its files.
func (x *exportFlags) do(ctx context.Context, c *console, run string) error {
	if err := c.watch(func(p *progress) error { return bringIn(ctx, run, p) }); err != nil {
		return err
	}
	x.options.Warn = func(text string) { textfmt.Fprintf(c.err, "warning: %s\n", text) }
	files, err := export.Write(ctx, run, x.options)
	if err != nil {
		return err
	}
	for _, file := range files {
		if _, err := textfmt.Fprintf(c.out, "%s\n", file); err != nil {
			return err
		}
	}
	return nil
}
