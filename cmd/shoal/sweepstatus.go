package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"shoal/internal/textfmt"
	"shoal/internal/usage"
	"shoal/sweep"
)

func newSweepStatus(c *console) *cobra.Command {
	var watch, asJSON bool
	cmd := &cobra.Command{
		Use:   "status DIR",
		Short: "say how far the items of a sweep are, and how much time is left",
		Long: `status counts the items of a sweep that are finished, running, failed, stopped and waiting, and lists those that
run or failed, with why. An item that is stopped was interrupted or killed: it resumes when it is run again.
The time left is that of everything that isn't finished, if as many items as now run at once.`,
		Args: arguments(1, 1, "the folder of a sweep"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if watch && asJSON {
				return usage.Errorf("--watch prints no JSON: drop one of them")
			}
			if watch {
				return watchStatus(cmd.Context(), c.out, args[0], watchEvery)
			}
			s, err := sweep.ReadStatus(args[0])
			switch {
			case err != nil:
				return err
			case asJSON:
				return printJSON(c.out, s)
			}
			return printStatus(c.out, s)
		},
	}
	cmd.Flags().BoolVar(&watch, "watch", false, "print it again every few seconds until no item runs or waits")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// watchEvery is the time between two prints.
const watchEvery = 5 * time.Second

// watchStatus prints the status whenever it has changed, until nothing runs or waits any more.
func watchStatus(ctx context.Context, w io.Writer, dir string, every time.Duration) error {
	for {
		s, err := sweep.ReadStatus(dir)
		if err != nil {
			return err
		}
		if err := printStatus(w, s); err != nil || s.Count[sweep.Finished]+s.Count[sweep.Failed] == len(s.Items) {
			return err
		}
		textfmt.Fprintf(w, "\n")
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(every):
		}
	}
}

// mostListed is how many items of one state are printed.
const mostListed = 20

func printStatus(w io.Writer, s *sweep.Status) error {
	head := textfmt.Count(len(s.Items), "item") + ":"
	for _, state := range sweep.States() {
		head += fmt.Sprintf("  %s %d", state, s.Count[state])
	}
	if s.Left != nil {
		head += "  about " + textfmt.Duration(*s.Left) + " left"
	}
	textfmt.Say(w, "%s\n", head)
	var rows [][]string
	for _, state := range []sweep.State{sweep.Running, sweep.Failed, sweep.Stopped} {
		listed := 0
		for _, it := range s.Items {
			if it.State != state {
				continue
			}
			if listed++; listed > mostListed {
				rows = append(rows, []string{string(state), "", fmt.Sprintf("and %d more", s.Count[state]-mostListed), ""})
				break
			}
			rows = append(rows, []string{string(state), fmt.Sprintf("item %d", it.Item), it.Folder, howFar(it)})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return textfmt.Table{Rows: rows, List: true}.Print(w)
}

// howFar says what is known of an item.
func howFar(it sweep.ItemStatus) string {
	switch {
	case it.Why != "":
		return textfmt.Line(it.Why)
	case it.Step < 0:
		return "not training yet"
	}
	text := "step " + textfmt.Thousands(it.Step)
	if it.Done != nil {
		text += ", " + textfmt.Share(*it.Done, 0)
	}
	if it.Left != nil {
		text += ", " + textfmt.Duration(*it.Left) + " left"
	}
	return text
}
