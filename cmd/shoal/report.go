package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"shoal/internal/atomicfile"
	"shoal/internal/textfmt"
	"shoal/internal/usage"
	"shoal/paper"
	"shoal/record"
	"shoal/report"
	"shoal/runlog"
	"shoal/sweep"
)

func newReport(c *console) *cobra.Command {
	var o reportFlags
	cmd := &cobra.Command{
		Use:   "report RUN...",
		Short: "draw figures and report.html of runs, or of a paper's folder, from their folders alone",
		Long: `report draws runs, or a paper's folder, from their folders alone. Several runs are drawn side by side as well, in the
folder side-by-side beside the first of them, or in --out DIR: curves over each other with bands over seeds, numbers of
every run, and differences, marked ~ where they can't be told from none. Among several, a run that can only be read
keeps the page that it has.

Several runs of one study with different seeds stand by each other: where a shallow model stops predicting the order of
learning, their pages and summaries then say whether that is "shallow first", for which the order of another seed has
to agree, and which needs a starved control (shoal compare RUN --ladder).

With --groups FILE a run is given groups of its evaluation examples: a CSV file with a line for each example, with its
name, id or index (as shoal data list-examples prints them), or its label where the lines are in the run's order, and a
column for each attribute: background, source, sex. The run keeps them; report, export, summary and serve then say
which groups the network and the references get wrong more often than others.`,
		Args: arguments(1, -1, "run folders"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("groups") && o.groups == "" {
				return usage.Errorf("--groups is empty: want a CSV file, or none")
			}
			if err := givenFolder(cmd.Flags(), "out", o.out); err != nil {
				return err
			}
			return o.do(cmd.Context(), c, args)
		},
	}
	cmd.Flags().StringVar(&o.split, "split", "", splitHelp)
	cmd.Flags().StringVar(&o.out, "out", "", "folder for the page of several runs side by side (default side-by-side, beside the first run)")
	cmd.Flags().StringVar(&o.groups, "groups", "", "CSV file with groups of the examples, which the run keeps; none removes them")
	return cmd
}

// reportFlags are those of shoal report.
type reportFlags struct{ split, groups, out string }

// do draws runs and papers one by one, then the runs side by side where there are several.
func (o *reportFlags) do(ctx context.Context, c *console, folders []string) error {
	runs := slices.DeleteFunc(slices.Clone(folders), paper.IsPaper)
	switch together := len(runs) > 1 && o.split == ""; {
	case !together && o.out != "":
		return usage.Errorf("--out is for the page of several runs side by side, of their main split")
	case together && o.out == "":
		o.out = filepath.Join(filepath.Dir(filepath.Clean(runs[0])), "side-by-side")
	}
	drawn, kept, err := o.writable(folders)
	if err != nil {
		return err
	}
	err = c.watch(func(p *progress) error {
		for _, note := range kept {
			p.say(note)
		}
		return standTogether(ctx, runs, o.split, p)
	})
	if err != nil {
		return err
	}
	err = each(drawn, func(dir string) error {
		place := dir
		err := c.watch(func(p *progress) (err error) {
			if o.groups != "" {
				if err := giveGroups(ctx, dir, o.split, o.groups, p); err != nil {
					return err
				}
			}
			place, err = redraw(ctx, dir, o.split, p)
			return err
		})
		if err != nil {
			return err
		}
		_, err = textfmt.Fprintf(c.out, "%s\n", filepath.Join(place, "report.html"))
		return err
	})
	if err != nil || o.out == "" {
		return err
	}
	return sideBySide(ctx, c, runs, o.out)
}

// writable are the folders whose own pages are drawn. Of several runs side by side, those that can only be
// read keep theirs, with a note; anywhere else what can't be written is an error.
func (o *reportFlags) writable(folders []string) (drawn, kept []string, err error) {
	for _, dir := range folders {
		err := writableFolder(dir)
		switch {
		case err == nil || notThere(dir): // what isn't there is named later, as it is read
			drawn = append(drawn, dir)
		case o.out != "" && o.groups == "" && !paper.IsPaper(dir) && atomicfile.ReadOnly(err):
			kept = append(kept, fmt.Sprintf("note: the page and the summary of run %q stay as they are: %v", dir, err))
		default:
			return nil, nil, err
		}
	}
	return drawn, kept, writableFolder(o.out)
}

// notThere reports whether a folder can't be looked at: what is wrong with it is said later.
func notThere(dir string) bool {
	info, err := os.Stat(dir)
	return err != nil || !info.IsDir()
}

// giveGroups gives a run the groups in a file.
func giveGroups(ctx context.Context, dir, split, path string, p *progress) error {
	if err := bringIn(ctx, dir, p); err != nil {
		return err
	}
	split, err := runlog.OtherSplit(dir, split)
	if err != nil {
		return err
	}
	return record.SetGroups(ctx, dir, split, path)
}

// sideBySide writes the page of several runs.
func sideBySide(ctx context.Context, c *console, runs []string, out string) error {
	var s *sweep.Summary
	err := c.watch(func(p *progress) (err error) {
		s, err = sweep.Together(ctx, runs, out, sweep.ReportOptions{DPI: figureDPI, Progress: p.drawing})
		return err
	})
	if err != nil {
		return err
	}
	warnOfReferences(c, s)
	_, err = textfmt.Fprintf(c.out, "side by side: %s\n", filepath.Join(out, sweep.PageFile))
	return err
}

// standTogether sets runs beside each other.
func standTogether(ctx context.Context, runs []string, split string, p *progress) error {
	if len(runs) < 2 || split != "" {
		return nil
	}
	if err := bringInToRead(ctx, runs, p); err != nil {
		return err
	}
	return record.JoinSeeds(ctx, runs, record.Options{Say: p.say})
}

// splitHelp describes the flag --split.
const splitHelp = "evaluation split of a run that has several; its report is in a folder of its name (default the main one)"

// figureDPI is the resolution of PNG figures, 0 for the default. Tests, which draw dozens of
// reports, lower it.
var figureDPI int

// redraw draws a run, or the folder of a paper, and returns where its page is.
func redraw(ctx context.Context, dir, split string, p *progress) (place string, err error) {
	if paper.IsPaper(dir) {
		if err := paper.Renew(ctx, dir, record.Options{Say: p.say}); err != nil {
			return dir, err
		}
		_, err := paper.Write(ctx, dir, paper.WriteOptions{DPI: figureDPI, Progress: p.drawing})
		return dir, err
	}
	if err := bringIn(ctx, dir, p); err != nil {
		return "", err
	}
	if split, err = runlog.OtherSplit(dir, split); err != nil {
		return "", err
	}
	if err := record.Renew(ctx, dir, split, record.Options{Say: p.say}); err != nil {
		return "", err
	}
	return report.Place(dir, split), report.Write(ctx, dir, report.Options{Split: split, DPI: figureDPI, Progress: p.drawing})
}
