package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"shoal/internal/textfmt"
	"shoal/paper"
	"shoal/report"
)

func newReport(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "report RUN...",
		Short: "draw figures and report.html of runs, or of a paper's folder, from their folders alone",
		Args:  arguments(1, -1, "run folders"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return each(args, func(dir string) error {
				if err := c.watch(func(p *progress) error { return redraw(cmd.Context(), dir, p) }); err != nil {
					return err
				}
				_, err := textfmt.Fprintf(c.out, "%s\n", filepath.Join(dir, "report.html"))
				return err
			})
		},
	}
}

// figureDPI is the resolution of PNG figures, 0 for the default. Tests, which draw dozens of
// reports, lower it.
var figureDPI int

// redraw draws a run, or the folder of a paper.
func redraw(ctx context.Context, dir string, p *progress) error {
	if paper.IsPaper(dir) {
		_, err := paper.Write(ctx, dir, paper.WriteOptions{DPI: figureDPI, Progress: p.drawing})
		return err
	}
	return report.Write(ctx, dir, report.Options{DPI: figureDPI, Progress: p.drawing})
}
