package main

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/internal/textfmt"
	"shoal/paper"
)

func newPaper(c *console) *cobra.Command {
	var p paperFlags
	cmd := &cobra.Command{
		Use:   "paper",
		Short: "run the paper's six triplets and say which of its claims hold",
		Long: `paper trains the paper's network on each of its datasets, scores it against the paper's shallow models, and writes figure 1,
a table beside the published numbers and a verdict on every claim to one folder, --out. It first says what that
will cost on this machine. It draws the page after each part. After an interruption, the same command resumes. A dataset that is not available is skipped with a line;
the exit status is 1 if it was named with --only, if a part failed, or if nothing could be run.
  quick     the beginning of the training, about an hour on two cores (--only mnist: a few minutes)
  evening   short recipes that converge, MNIST and a smaller network on each CIFAR with three seeds, and stronger
            shallow models beside the paper's: ten hours to a day on two cores
  full      the paper's recipes: weeks on a CPU, but for MNIST`,
		Args: arguments(0, 0, "none"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := p.check(cmd.Flags()); err != nil {
				return err
			}
			return p.do(cmd.Context(), c)
		},
	}
	p.register(cmd.Flags())
	return cmd
}

// paperFlags are those of shoal paper.
type paperFlags struct {
	place            placeFlags
	budget, out      string
	only, references []string
	seeds            int
	every            time.Duration
	estimate, asJSON bool
	anyTier          bool
}

func (p *paperFlags) register(f *pflag.FlagSet) {
	p.place.register(f)
	f.StringVar(&p.budget, "budget", "quick", strings.Join(paper.Budgets(), ", "))
	f.StringSliceVar(&p.only, "only", nil, "parts, comma-separated: "+strings.Join(paper.PartNames("evening"), ", ")+" (default all that are available)")
	f.StringSliceVar(&p.references, "reference", nil, "shallow models, comma-separated (default svm,forest)")
	f.IntVar(&p.seeds, "seeds", 1, "train each network with N seeds or more, for bands and controls")
	f.StringVar(&p.out, "out", "", "folder for all of it (default runs/paper-<budget>); given again, what is there is finished")
	registerEvery(f, &p.every)
	f.BoolVar(&p.anyTier, "any-tier", false, "continue in bfloat16 where this machine or version sums products in another order than the one that began a run")
	f.BoolVar(&p.estimate, "estimate", false, "only say what it would cost")
	f.BoolVar(&p.asJSON, "json", false, "print the summary as JSON and nothing else on stdout")
}

func (p *paperFlags) check(f *pflag.FlagSet) error {
	return firstError(textAlone(p.estimate, p.asJSON), bounded(f, "seeds", p.seeds, 1, 1000), checkInterval(p.every), givenFolder(f, "out", p.out), p.place.check())
}

// do runs what isn't done yet, and prints the table.
func (p *paperFlags) do(ctx context.Context, c *console) error {
	plan, err := paper.NewPlan(p.budget, p.only, p.references, p.seeds)
	if err != nil {
		return err
	}
	out := p.out
	if out == "" {
		out = filepath.Join("runs", "paper-"+p.budget)
	}
	if err := writableFolder(out); err != nil && !p.estimate {
		return err
	}
	var s *paper.Summary
	var costs [][]string // what --estimate was asked for, which is no progress then
	err = c.watch(func(display *progress) (err error) {
		o := paper.Options{Out: out, Track: p.place.training(display), EstimateOnly: p.estimate, DPI: figureDPI,
			Table: func(rows [][]string) { display.table(rows) }}
		if p.estimate {
			o.Table = func(rows [][]string) { costs = rows }
		}
		o.Track.Checkpoint, o.Track.AnyTier = p.every, p.anyTier // a ladder's trainings have them, too
		s, err = paper.Run(ctx, plan, o)
		return err
	})
	if costs != nil {
		return firstError((textfmt.Table{Rows: costs}).Print(c.out), err)
	}
	if s == nil {
		return err
	}
	return firstError(printPaper(c.out, out, s, p.asJSON), err)
}

// printPaper prints the table, or the summary as JSON.
func printPaper(w io.Writer, out string, s *paper.Summary, asJSON bool) error {
	if asJSON {
		return printJSON(w, s)
	}
	if err := s.Print(w); err != nil {
		return err
	}
	_, err := textfmt.Fprintf(w, "\nreport: %s\n", filepath.Join(out, paper.PageFile))
	return err
}
