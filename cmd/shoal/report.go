package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"shoal/internal/textfmt"
	"shoal/internal/usage"
	"shoal/paper"
	"shoal/record"
	"shoal/report"
	"shoal/runlog"
)

func newReport(c *console) *cobra.Command {
	var split, groups string
	cmd := &cobra.Command{
		Use:   "report RUN...",
		Short: "draw figures and report.html of runs, or of a paper's folder, from their folders alone",
		Long: `report draws runs, or a paper's folder, from their folders alone. Several runs of one study with different seeds
stand by each other: where a shallow model stops predicting the order of learning, their pages and summaries then say
whether that is "shallow first", for which the order of another seed has to agree, and which needs a starved control
(shoal compare RUN --ladder).

With --groups FILE a run is given groups of its evaluation examples: a CSV file with a line for each example, with its
name, id or index (as shoal data list-examples prints them), or its label where the lines are in the run's order, and a
column for each attribute: background, source, sex. The run keeps them; report, export, summary and serve then say
which groups the network and the references get wrong more often than others.`,
		Args: arguments(1, -1, "run folders"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := c.watch(func(p *progress) error { return standTogether(cmd.Context(), args, split, p) }); err != nil {
				return err
			}
			return each(args, func(dir string) error {
				place := dir
				err := c.watch(func(p *progress) (err error) {
					if cmd.Flags().Changed("groups") {
						if err := giveGroups(cmd.Context(), dir, split, groups, p); err != nil {
							return err
						}
					}
					place, err = redraw(cmd.Context(), dir, split, p)
					return err
				})
				if err != nil {
					return err
				}
				_, err = textfmt.Fprintf(c.out, "%s\n", filepath.Join(place, "report.html"))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&split, "split", "", splitHelp)
	cmd.Flags().StringVar(&groups, "groups", "", "CSV file with groups of the examples, which the run keeps; none removes them")
	return cmd
}

// giveGroups gives a run the groups in a file.
func giveGroups(ctx context.Context, dir, split, path string, p *progress) error {
	if path == "" {
		return usage.Errorf("--groups is empty: want a CSV file, or none")
	}
	if err := bringIn(ctx, dir, p); err != nil {
		return err
	}
	split, err := runlog.OtherSplit(dir, split)
	if err != nil {
		return err
	}
	return record.SetGroups(ctx, dir, split, path)
}

// standTogether sets the runs among several folders beside each other.
func standTogether(ctx context.Context, folders []string, split string, p *progress) error {
	var runs []string
	for _, dir := range folders {
		if !paper.IsPaper(dir) {
			runs = append(runs, dir)
		}
	}
	if len(runs) < 2 || split != "" {
		return nil
	}
	for _, dir := range runs {
		if err := bringIn(ctx, dir, p); err != nil {
			return err
		}
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
		_, err := paper.Write(ctx, dir, paper.WriteOptions{DPI: figureDPI, Progress: p.drawing})
		return dir, err
	}
	if err := bringIn(ctx, dir, p); err != nil {
		return "", err
	}
	if split, err = runlog.OtherSplit(dir, split); err != nil {
		return "", err
	}
	return report.Place(dir, split), report.Write(ctx, dir, report.Options{Split: split, DPI: figureDPI, Progress: p.drawing})
}
