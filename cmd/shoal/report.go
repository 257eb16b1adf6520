package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"shoal/report"
)

func newReport(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "report RUN...",
		Short: "draw figures and report.html of runs from their folders alone",
		Args:  arguments(1, -1, "run folders"),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, dir := range args {
				p := newProgress(c.err)
				err := report.Write(cmd.Context(), dir, report.Options{Progress: p.drawing})
				p.close()
				if err != nil {
					return err
				}
				fmt.Fprintln(c.out, filepath.Join(dir, "report.html"))
			}
			return nil
		},
	}
}
