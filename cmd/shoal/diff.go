package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/sweep"
)

func newDiff(c *console) *cobra.Command {
	var asStatus, asJSON bool
	var workers int
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "compare two runs, or two sweeps: which statistics differ beyond their intervals",
		Long: `diff compares the last evaluations of two runs, or of two sweeps setting by setting: accuracy, and R+, R-, R± and
the ln odds ratio against the references that both have. The difference is B minus A, of R± the factor B over A, with
a 95 % interval: of runs over examples, of sweeps over seeds and examples, from three seeds on. "differs" is said
at 5 % after a correction for all comparisons (Holm), ~ of the rest.

With --exit-code the exit status is 1 if something differs, for the CI of a model:
  shoal diff --exit-code good.run new.run`,
		Args: arguments(2, 2, "two run folders, or two folders of sweeps"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkWorkers(workers); err != nil {
				return err
			}
			var d *sweep.Differences
			err := c.watch(func(p *progress) (err error) {
				if err := bringInToRead(cmd.Context(), args, p); err != nil {
					return err
				}
				d, err = sweep.Diff(cmd.Context(), args[0], args[1], dynamics.Resampling{Workers: workers})
				return err
			})
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(c.out, d)
			} else {
				err = printDiff(c.out, d)
			}
			if err == nil && asStatus && d.Differ {
				err = fmt.Errorf("%q and %q: %w", args[0], args[1], sweep.ErrDiffer)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asStatus, "exit-code", false, "exit with status 1 if a statistic differs")
	cmd.Flags().IntVar(&workers, "workers", 0, "runs read at once (default all cores)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printDiff(w io.Writer, d *sweep.Differences) error {
	textfmt.Fprintf(w, "A: %s\nB: %s\n", d.A, d.B)
	for _, s := range d.Settings {
		title := s.Setting
		if len(s.SeedsA)+len(s.SeedsB) > 2 {
			title += fmt.Sprintf(", %d and %s", len(s.SeedsA), textfmt.Count(len(s.SeedsB), "seed"))
		}
		textfmt.Say(w, "\n%s\n", title)
		for _, line := range s.Study {
			textfmt.Say(w, "  %s\n", line)
		}
		rows := [][]string{{"statistic", "reference", "A", "B", "difference"}}
		for _, r := range s.Rows {
			rows = append(rows, []string{r.A.Statistic, r.A.Reference, plain(r.A.Text()), plain(r.B.Text()), plain(r.Comparison.Text())})
		}
		if err := (textfmt.Table{Rows: rows, Left: true}).Print(w); err != nil {
			return err
		}
		for _, only := range []struct {
			names []string
			in    string
		}{{s.OnlyA, "A"}, {s.OnlyB, "B"}} {
			if len(only.names) > 0 {
				textfmt.Say(w, "references only in %s: %s\n", only.in, strings.Join(only.names, ", "))
			}
		}
		for _, l := range s.LeftOut {
			textfmt.Say(w, "%s\n", plain(l.String()))
		}
		for _, text := range s.Differ {
			textfmt.Say(w, "%s\n", plain(text))
		}
	}
	for _, only := range []struct {
		names []string
		in    string
	}{{d.OnlyA, "A"}, {d.OnlyB, "B"}} {
		if len(only.names) > 0 {
			textfmt.Say(w, "\nsettings only in %s: %s\n", only.in, strings.Join(only.names, "; "))
		}
	}
	verdict := "no statistic differs beyond its interval"
	if d.Differ {
		verdict = sweep.ErrDiffer.Error()
	}
	textfmt.Fprintf(w, "\n%s\n", verdict)
	for _, text := range d.Warnings {
		textfmt.Say(w, "warning: %s\n", text)
	}
	return nil
}

// plain writes the signs of pages as a terminal and scripts have them.
func plain(text string) string {
	return strings.NewReplacer("−", "-", "\u00a0", " ", "’", "'").Replace(text)
}
