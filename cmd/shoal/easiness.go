package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"shoal/dynamics"
	"shoal/dynamics/easiness"
	"shoal/internal/textfmt"
	"shoal/report"
	"shoal/shallow"
	"shoal/track"
)

func newEasiness(c *console) *cobra.Command {
	var e easinessFlags
	cmd := &cobra.Command{
		Use:   "easiness RUN...",
		Short: "is easiness a property of the example, and what does a far better network miss?",
		Long: `easiness takes runs that differ in their seed only, best three or more, and fits each of their references (` + strings.Join(shallow.Kinds(), ", ") + `)
again to several parts of the training split. It says how much of what refits and seeds repeat is common to both,
where they are equally accurate; and whether the network misses more of what a reference gets right than equally good
networks miss of each other (3 seeds or more). It lists the examples behind that, with known label errors marked.
First it says what the refits will cost; they are kept in the cache. Page, figure, numbers and the list are written
to --out.`,
		Args: arguments(1, -1, "run folders"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := e.check(cmd.Flags()); err != nil {
				return err
			}
			return e.do(cmd, c, args)
		},
	}
	e.register(cmd.Flags())
	return cmd
}

// easinessFlags are those of shoal easiness.
type easinessFlags struct {
	place            placeFlags
	ask              track.Easiness
	out              string
	asJSON, estimate bool
}

func (e *easinessFlags) register(f *pflag.FlagSet) {
	e.place.register(f)
	f.IntVar(&e.ask.Refits, "refits", 5, "refits of each reference")
	f.StringSliceVar(&e.ask.References, "reference", nil, "references of the first run, comma-separated (default all that can be fitted again)")
	f.Uint64Var(&e.ask.Seed, "seed", 1, "seed of the parts that are fitted to, and of the fits")
	f.StringVar(&e.out, "out", "", "folder for page, figure and numbers (default easiness in the first run's folder)")
	f.BoolVar(&e.estimate, "estimate", false, "say what the refits will cost, and fit nothing")
	f.BoolVar(&e.asJSON, "json", false, "print the numbers as JSON and nothing else on stdout")
}

func (e *easinessFlags) check(f *pflag.FlagSet) error {
	return firstError(textAlone(e.estimate, e.asJSON), e.place.check(), bounded(f, "refits", e.ask.Refits, 2, 1000), givenFolder(f, "out", e.out))
}

func (e *easinessFlags) do(cmd *cobra.Command, c *console, runs []string) error {
	out := cmp.Or(e.out, filepath.Join(runs[0], "easiness"))
	if err := writableFolder(out); err != nil && !e.estimate {
		return err
	}
	ask := e.ask
	ask.Runs, ask.EstimateOnly = runs, e.estimate
	var costs []string // what --estimate was asked for, which is no progress then
	if e.estimate {
		ask.Cost = func(line string) { costs = append(costs, line) }
	}
	var r *easiness.Report
	err := c.watch(func(p *progress) (err error) {
		err = bringInToRead(cmd.Context(), runs, p)
		if err != nil {
			return err
		}
		r, err = ask.Ask(cmd.Context(), e.place.training(p))
		if err == nil && r != nil {
			err = report.WriteEasiness(out, r, report.Options{DPI: figureDPI})
		}
		return err
	})
	for _, line := range costs {
		textfmt.Say(c.out, "%s\n", line)
	}
	switch {
	case err != nil || r == nil:
		return err
	case e.asJSON:
		return printJSON(c.out, r)
	}
	return printEasiness(c.out, r, out)
}

func printEasiness(w io.Writer, r *easiness.Report, dir string) error {
	textfmt.Say(w, "%s on %s, %s, %s, %s of each reference\n\n", r.Network, r.Dataset,
		textfmt.Count(len(r.Runs), "seed"), textfmt.Count(r.Examples, "example"), textfmt.Count(r.Refits, "refit"))
	rows := [][]string{{"reference", "accuracy", "ratio", "example", "family", "chance", "missed", "by an equal network", "difference"}}
	for _, a := range r.Answers {
		rows = append(rows, answerRow(a))
	}
	if err := (textfmt.Table{Rows: rows, Left: true}).Print(w); err != nil {
		return err
	}
	textfmt.Fprintf(w, "\n")
	for _, a := range r.Answers {
		textfmt.Say(w, "%s.\n%s.\n", textfmt.PlainZeros(a.Shared.Sentence()), textfmt.PlainZeros(a.Missed.Sentence()))
	}
	for _, g := range r.Groups[:len(r.Groups)-1] {
		marked := ""
		if r.LabelErrors != "" {
			marked = fmt.Sprintf(", %d of them known label errors", g.LabelErrors)
		}
		textfmt.Say(w, "%s: %s%s\n", g.Name, textfmt.Count(g.N, "example"), marked)
	}
	_, err := textfmt.Fprintf(w, "\nreport: %s\n", filepath.Join(dir, "report.html"))
	return err
}

// answerRow is a line of the table. Of two seeds it has the numbers of both, without intervals: the sentences
// below have those.
func answerRow(a easiness.Answer) []string {
	s, m := a.Shared, a.Missed
	row := []string{s.Reference, textfmt.PlainPercent(s.Accuracy)}
	for _, of := range []func(c easiness.Compared) dynamics.Estimate{
		func(c easiness.Compared) dynamics.Estimate { return c.Ratio },
		func(c easiness.Compared) dynamics.Estimate { return c.ReferenceVariance.Example },
		func(c easiness.Compared) dynamics.Estimate { return c.ReferenceVariance.Family },
		func(c easiness.Compared) dynamics.Estimate { return c.ReferenceVariance.Noise },
	} {
		cell := decimals(of(s.Compared), 2, "")
		if !s.Ratio.Defined && len(s.BySeed) == 2 {
			cell = textfmt.PlainZeros(fmt.Sprintf("%.2f, %.2f", of(s.BySeed[0]).Value, of(s.BySeed[1]).Value))
		}
		row = append(row, cell)
	}
	switch {
	case m.Difference.Defined:
		return append(row, fmt.Sprintf("%.1f", m.ByReference), fmt.Sprintf("%.1f", m.ByNetwork), decimals(m.Difference, 1, "+"))
	case len(m.BySeed) == 2:
		return append(row, fmt.Sprintf("%.1f, %.1f", m.BySeed[0].ByReference, m.BySeed[1].ByReference), fmt.Sprintf("%.1f, %.1f", m.BySeed[0].ByNetwork, m.BySeed[1].ByNetwork), "-")
	}
	return append(row, "-", "-", "-")
}

// decimals prints an estimate with its interval, or a hyphen.
func decimals(e dynamics.Estimate, digits int, sign string) string {
	if !e.Defined {
		return "-"
	}
	format := fmt.Sprintf("%%%s.%df", sign, digits)
	return textfmt.PlainZeros(fmt.Sprintf(format+" ["+format+", "+format+"]", e.Value, e.Lo, e.Hi))
}
