package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/sweep"
)

func newSweepReport(c *console) *cobra.Command {
	var workers int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "report DIR",
		Short: "compare the settings of a sweep over their seeds: a page",
		Long: `report reads the finished runs of the sweep in DIR and writes DIR/report.html: numbers of every setting with
intervals over seeds and examples, differences to the first setting, ~ where they can't be told apart, curves with
bands over seeds; DIR/sweep.json and DIR/figures. Settings with fewer than three seeds are shown and not compared.`,
		Args: arguments(1, 1, "the folder of a sweep"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkWorkers(workers); err != nil {
				return err
			}
			if err := writableFolder(args[0]); err != nil && sweep.IsSweep(args[0]) {
				return err
			}
			var s *sweep.Summary
			err := c.watch(func(p *progress) (err error) {
				o := sweep.ReportOptions{DPI: figureDPI, Resampling: dynamics.Resampling{Workers: workers}, Progress: p.drawing}
				s, err = sweep.Report(cmd.Context(), args[0], o)
				return err
			})
			if err != nil {
				return err
			}
			for _, why := range s.Damaged {
				textfmt.Fprintf(c.err, "warning: left out: %s\n", why)
			}
			warnOfReferences(c, s)
			if asJSON {
				return printJSON(c.out, s)
			}
			_, err = textfmt.Fprintf(c.out, "%d of %s finished\nreport: %s\n", s.Finished, textfmt.Count(s.Items, "item"), filepath.Join(args[0], sweep.PageFile))
			return err
		},
	}
	cmd.Flags().IntVar(&workers, "workers", 0, "runs read at once (default all cores)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the numbers as JSON and nothing else on stdout")
	return cmd
}

// warnOfReferences says which references a page of several runs leaves out, and which aren't the same in all of them.
func warnOfReferences(c *console, s *sweep.Summary) {
	for _, text := range s.ReferenceNotes() {
		textfmt.Say(c.err, "warning: %s\n", plain(text))
	}
}
