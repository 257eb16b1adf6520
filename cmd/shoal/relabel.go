package main

import (
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/internal/textfmt"
	"shoal/record"
	"shoal/report"
	"shoal/runlog"
)

func newRelabel(c *console) *cobra.Command {
	var x relabelFlags
	cmd := &cobra.Command{
		Use:   "relabel RUN FILE",
		Short: "make a copy of a run with corrected labels, and count everything again",
		Long: `relabel makes a copy of a finished run in which labels of its evaluation examples are corrected, and counts everything
again: accuracies, tables, every statistic, orders, claims and the summary. The run itself stays as it is.

FILE is a CSV file with a line for each example that it has a label for: a column id (the example's index) or name, as
shoal data list-examples and shoal export print them, and a column label with the class, by its number or name. So the
table suspects of shoal export, or a list saved from the page, can be edited and given back. With a column
corrected_label, label is the one before, and is compared with the run's. FILE may also be what Label Studio exports as
JSON, JSON-MIN or CSV, or samples.json of FiftyOne, of what shoal export --format labelstudio or fiftyone wrote.

The copy can be drawn, exported, compared with more references (which are fitted to the dataset's own training labels)
and corrected again; it can't be trained.`,
		Args: arguments(2, 2, "a run folder and a file of labels"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := x.check(cmd.Flags()); err != nil {
				return err
			}
			return x.do(cmd, c, args[0], args[1])
		},
	}
	x.register(cmd.Flags())
	return cmd
}

// relabelFlags are those of shoal relabel.
type relabelFlags struct {
	out, split string
	asJSON     bool
}

func (x *relabelFlags) register(f *pflag.FlagSet) {
	f.StringVar(&x.out, "out", "", "folder of the copy (default RUN-relabelled)")
	f.StringVar(&x.split, "split", "", "evaluation split of a run that has several (default the main one)")
	f.BoolVar(&x.asJSON, "json", false, "print the summary as JSON and nothing else on stdout")
}

func (x *relabelFlags) check(f *pflag.FlagSet) error {
	return givenFolder(f, "out", x.out)
}

func (x *relabelFlags) do(cmd *cobra.Command, c *console, dir, file string) error {
	out := x.out
	if out == "" {
		out = filepath.Clean(dir) + "-relabelled"
	}
	var made *record.Relabelled
	var place string
	err := c.watch(func(p *progress) error {
		if err := bringIn(cmd.Context(), dir, p); err != nil {
			return err
		}
		split, err := runlog.OtherSplit(dir, x.split)
		if err != nil {
			return err
		}
		place = report.Place(out, split)
		draw := func(dir string, s *record.Summary) error { return drawRun(cmd.Context(), dir, split, s, p) }
		made, err = record.Relabel(cmd.Context(), dir, out, split, file, record.Options{Say: p.say}, draw)
		return err
	})
	switch {
	case err != nil:
		return err
	case x.asJSON:
		return printJSON(c.out, made.Summary)
	}
	if _, err := textfmt.Fprintf(c.out, "%s: %s\n", out, made.Line(file)); err != nil {
		return err
	}
	return printSummary(c.out, place, made.Summary)
}
