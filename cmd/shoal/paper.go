package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"shoal/paper"
	"shoal/published"
)

func newPaper(c *console) *cobra.Command {
	var (
		place            placeFlags
		budget, out      string
		only, references []string
		seeds            int
		every            time.Duration
		estimate, asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "paper",
		Short: "run the paper's six triplets and say which of its claims hold",
		Long: `paper trains the paper's network on each of its datasets, scores it against the paper's shallow models, and writes figure 1,
a table beside the published numbers and a verdict on every claim to one folder, --out. What it will cost on this machine it says
first. Given again after an interruption, the same command goes on. A dataset that can't be had is skipped with a line; the exit
status is 1 if it was named with --only, if a part failed, or if nothing could be run.
  quick   shorter training, about an hour on two cores (--only mnist: a few minutes)
  day     about a day
  full    the paper's recipes: weeks on a CPU, but for MNIST`,
		Args: arguments(0, 0, "none"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := place.check(); err != nil {
				return err
			}
			plan, err := paper.NewPlan(budget, only, references, seeds)
			if err != nil {
				return err
			}
			if out == "" {
				out = filepath.Join("runs", "paper-"+budget)
			}
			p := newProgress(c.err)
			defer p.close()
			o := paper.Options{Out: out, Track: place.training(p), EstimateOnly: estimate}
			o.Track.Checkpoint = every
			s, err := paper.Run(cmd.Context(), plan, o)
			p.close()
			if s == nil {
				return err
			}
			return firstError(printPaper(c.out, out, s, asJSON), err)
		},
	}
	place.register(cmd.Flags())
	f := cmd.Flags()
	f.StringVar(&budget, "budget", "quick", strings.Join(paper.Budgets(), ", "))
	f.StringSliceVar(&only, "only", nil, "datasets, comma-separated: "+strings.Join(published.Datasets(), ", ")+" (default all that can be had)")
	f.StringSliceVar(&references, "reference", nil, "shallow models, comma-separated (default svm,forest)")
	f.IntVar(&seeds, "seeds", 1, "train each network with N seeds, for bands and controls")
	f.StringVar(&out, "out", "", "folder for all of it (default runs/paper-<budget>); given again, what is there is finished")
	f.DurationVar(&every, "checkpoint-every", time.Minute, "time from one checkpoint to the next")
	f.BoolVar(&estimate, "estimate", false, "only say what it would cost")
	f.BoolVar(&asJSON, "json", false, "print the summary as JSON and nothing else on stdout")
	return cmd
}

// printPaper prints the table, or the summary as JSON.
func printPaper(w io.Writer, out string, s *paper.Summary, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(s)
	}
	if err := s.Print(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nreport: %s\n", filepath.Join(out, paper.PageFile))
	return err
}

// firstError is the first of the errors that isn't nil.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
