package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/ingest"
	"shoal/internal/atomicfile"
	"shoal/internal/textfmt"
	"shoal/internal/usage"
	"shoal/record"
	"shoal/runlog"
)

func newImport(c *console) *cobra.Command {
	var x importFlags
	cmd := &cobra.Command{
		Use:   "import FILE...",
		Short: "make a run of predictions that were logged elsewhere",
		Long: `import makes a run of files, or adds to one what is new in them:

  .jsonl          logs that a training loop wrote (docs/attach.md), or dataset cartography's dynamics_epoch_N.jsonl
  .npz, .npy      labels [N] and predictions [T, N], probabilities [T, N, K] or logits [T, N, K]; steps, epochs,
                  losses [T], right [T, N], classes and ids [N] where they are known
  .csv, .parquet  a row for each step and example: columns step, example, prediction, label

A folder with a log in it is a run: shoal import RUN reads what is new in RUN/log, as report, compare and export do.`,
		Args: arguments(1, -1, "files, or one run folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := x.check(cmd.Flags(), args); err != nil {
				return err
			}
			return x.do(cmd.Context(), c, args)
		},
	}
	x.register(cmd.Flags())
	return cmd
}

// importFlags are those of shoal import.
type importFlags struct {
	options ingest.Options
	out     string
	asJSON  bool
}

func (x *importFlags) register(f *pflag.FlagSet) {
	f.StringVar(&x.out, "out", "", "run folder; one that was imported from the same files takes what is new")
	f.StringVar(&x.options.Dataset, "dataset", "", "dataset that was scored, for files that don't say: what compare fits references to")
	f.StringVar(&x.options.Network, "network", "", "name of the network, for files that don't say")
	f.StringVar(&x.options.Split, "split", "", "what was scored, test or train, for files that are no logs")
	f.StringVar(&x.options.Labels, "labels", "", "a .npy file with the labels, for files that have none")
	f.BoolVar(&x.asJSON, "json", false, "print the summary as JSON and nothing else on stdout")
}

// check reports invalid flags, and finds the run folder where one is named instead of files.
func (x *importFlags) check(f *pflag.FlagSet, args []string) error {
	if err := givenFolder(f, "out", x.out); err != nil {
		return err
	}
	for _, path := range args {
		info, err := os.Stat(path)
		switch {
		case err != nil || !info.IsDir():
		case len(args) > 1 || x.out != "" && x.out != path:
			return usage.Errorf("import: %q is a folder: want files, or one run folder alone", path)
		default:
			x.out = path
			return nil
		}
	}
	if x.out == "" {
		return usage.Errorf("import: name the run folder with --out")
	}
	return nil
}

func (x *importFlags) do(ctx context.Context, c *console, args []string) error {
	var got *ingest.Result
	var s *record.Summary
	if here, err := os.Getwd(); err == nil {
		x.options.Folder = here
	}
	err := c.watch(func(p *progress) (err error) {
		x.options.Say = p.say
		if x.out == args[0] {
			got, err = ingest.Refresh(ctx, x.out, x.options)
		} else {
			got, err = ingest.Files(ctx, x.out, args, x.options)
		}
		if err == nil {
			s, err = record.Summarise(ctx, x.out, "")
		}
		return err
	})
	if got != nil && errors.Is(err, runlog.ErrMemory) { // it was imported all the same
		textfmt.Fprintf(c.err, "%s\nwarning: no summary: %v\n", importLine(x.out, got), err)
		return nil
	}
	switch {
	case err != nil:
		return err
	case x.asJSON:
		return printJSON(c.out, s)
	}
	if _, err := textfmt.Fprintf(c.out, "%s\n", importLine(x.out, got)); err != nil {
		return err
	}
	return printSummary(c.out, x.out, s)
}

// importLine says what an import did.
func importLine(dir string, r *ingest.Result) string {
	line := fmt.Sprintf("%s: %s, %d of them new", dir, textfmt.Count(r.Total, "evaluation"), r.Added)
	if r.Splits > 1 {
		line += fmt.Sprintf(", in %d splits", r.Splits)
	}
	if r.Replaced > 0 {
		line += fmt.Sprintf("; %d were replaced by a training that resumed", r.Replaced)
	}
	if r.Waiting > 0 {
		line += fmt.Sprintf("; %d wait for the parts of other ranks", r.Waiting)
	}
	return line
}

// bringInToRead is bringIn of each of several runs that are only read. One that can't be written now is read as it is,
// with a note.
func bringInToRead(ctx context.Context, dirs []string, p *progress) error {
	return each(dirs, func(dir string) error {
		err := bringIn(ctx, dir, p)
		if (errors.Is(err, runlog.ErrLocked) || atomicfile.ReadOnly(err)) && runlog.Exists(dir) {
			p.say(fmt.Sprintf("note: run %q is read as it was last imported: %v", dir, err))
			return nil
		}
		return err
	})
}

// bringIn imports what is new in the log of a run folder, if it has one, and makes its summary again.
func bringIn(ctx context.Context, dir string, p *progress) error {
	if !ingest.HasLog(dir) {
		return nil
	}
	got, err := ingest.Refresh(ctx, dir, ingest.Options{Say: p.say})
	if err != nil {
		return err
	}
	if got.Added+got.Replaced > 0 {
		p.say(importLine(dir, got))
	}
	if got.Total == 0 {
		return nil
	}
	if lags, err := record.Lags(dir); err != nil || !lags && got.Added+got.Replaced == 0 {
		return err
	}
	_, err = record.Summarise(ctx, dir, "")
	return err
}
