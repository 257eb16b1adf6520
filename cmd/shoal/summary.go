package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"

	"shoal/contingency"
	"shoal/internal/textfmt"
	"shoal/record"
)

// printSummary prints the table at the end of a run, and where its report is, or how it gets one.
func printSummary(w io.Writer, dir string, s *record.Summary) error {
	if err := printRun(w, s); err != nil {
		return err
	}
	if len(s.References) == 0 {
		_, _ = textfmt.Fprintf(w, "\nrun: %s\n", dir) // a path, which stays whole
		_, err := textfmt.Say(w, "no report without a reference; add one with: shoal compare %s --reference svm\n", textfmt.ShellQuote(dir))
		return err
	}
	_, err := textfmt.Fprintf(w, "\nreport: %s\n", filepath.Join(dir, "report.html"))
	return err
}

// printRun prints the table of a run.
func printRun(w io.Writer, s *record.Summary) error {
	textfmt.Say(w, "\n%s\n\n", headline(s))
	if s.Tier != "" {
		textfmt.Say(w, "trained in %s (%s)\n\n", s.Precision, s.Tier)
	}
	if s.TierRefused != "" {
		textfmt.Say(w, "instructions for bfloat16 that its processor has were not used: %s\n\n", s.TierRefused)
	}
	if p := s.Subset; p != nil {
		textfmt.Say(w, "trained %s by %s: %d easy and %d hard examples\n\n", p.Order, p.Partition, p.Easy, p.Hard)
	}
	rows := [][]string{{"", "accuracy", "best", "R± first", "R± peak, smoothed", "at step", "at epoch", "R± final", "shallow_only"}}
	for _, r := range s.References {
		rows = append(rows, []string{r.Name, textfmt.PlainPercent(r.Accuracy), "", ratioAt(r.First, r.FirstRatio), decimal(r.PeakRatio),
			integer(r.PeakStep), decimal(r.PeakEpoch), ratioAt(r.Final, r.FinalRatio), strconv.Itoa(r.Final.ShallowOnly)})
	}
	rows = withoutEmpty(rows)
	network := make([]string, len(rows[0]))
	copy(network, []string{s.Network + " (D)", textfmt.PlainPercent(s.Accuracy), textfmt.PlainPercent(s.BestAccuracy)})
	rows = append(rows, network)
	if err := (textfmt.Table{Rows: rows}).Print(w); err != nil {
		return err
	}
	for _, r := range s.References {
		for _, text := range r.Warnings {
			textfmt.Say(w, "warning: %s: %s\n", r.Name, text)
		}
	}
	return nil
}

// withoutEmpty leaves out the columns that are undefined for every reference, but the first three, which
// the network has.
func withoutEmpty(rows [][]string) [][]string {
	out := make([][]string, len(rows))
	for k := range rows[0] {
		if k > 2 && !slices.ContainsFunc(rows[1:], func(row []string) bool { return row[k] != "-" }) {
			continue
		}
		for j, row := range rows {
			out[j] = append(out[j], row[k])
		}
	}
	return out
}

// headline says what was run.
func headline(s *record.Summary) string {
	text := s.Study + ": " + s.Network
	if s.Dataset != "" {
		text += " on " + s.Dataset
	}
	text += ", " + textfmt.Count(s.Steps, "step")
	if e := s.Epochs.Known(); e != nil {
		text += " (" + textfmt.Passes(*e) + ")"
	}
	text += ", " + textfmt.Count(s.Evaluations, "evaluation")
	if s.Seconds.Total > 0 { // unknown where somebody else trained
		text += ", " + textfmt.Clock(s.Seconds.Total)
	}
	return textfmt.Line(text)
}

// decimal prints what may be undefined.
func decimal(x *float64) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf("%.2f", *x)
}

// ratioAt is R± of a table, which may be infinite.
func ratioAt(t contingency.Table, ratio *float64) string {
	if t.Ratio().Infinite {
		return "infinite"
	}
	return decimal(ratio)
}

func integer(x *int) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprint(*x)
}
