package main

import (
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"

	"shoal/internal/textfmt"
	"shoal/record"
)

// printSummary prints the table at the end of a run.
func printSummary(w io.Writer, dir string, s *record.Summary) error {
	textfmt.Fprintf(w, "\n%s: %s", s.Study, s.Network)
	if s.Dataset != "" {
		textfmt.Fprintf(w, " on %s", s.Dataset)
	}
	textfmt.Fprintf(w, ", %d steps", s.Steps)
	if e := s.Epochs.Known(); e != nil {
		textfmt.Fprintf(w, " (%.4g epochs)", *e)
	}
	textfmt.Fprintf(w, ", %d evaluations", s.Evaluations)
	if s.Seconds.Total > 0 { // unknown where somebody else trained
		textfmt.Fprintf(w, ", %s", textfmt.Clock(s.Seconds.Total))
	}
	textfmt.Fprintf(w, "\n\n")
	if s.Tier != "" {
		textfmt.Fprintf(w, "trained in %s (%s)\n\n", s.Precision, s.Tier)
	}
	if p := s.Subset; p != nil {
		textfmt.Fprintf(w, "trained %s by %s: %d easy and %d hard examples\n\n", p.Order, p.Partition, p.Easy, p.Hard)
	}
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	textfmt.Fprintf(t, "\taccuracy\tbest\tR± first\tR± peak, smoothed\tat step\tat epoch\tR± final\tshallow_only\t\n")
	for _, r := range s.References {
		textfmt.Fprintf(t, "%s\t%s\t\t%s\t%s\t%s\t%s\t%s\t%d\t\n", r.Name, textfmt.PlainPercent(r.Accuracy), decimal(r.FirstRatio), decimal(r.PeakRatio),
			integer(r.PeakStep), decimal(r.PeakEpoch), decimal(r.FinalRatio), r.Final.ShallowOnly)
	}
	textfmt.Fprintf(t, "%s (D)\t%s\t%s\t\t\t\t\t\t\t\n", s.Network, textfmt.PlainPercent(s.Accuracy), textfmt.PlainPercent(s.BestAccuracy))
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range s.References {
		for _, text := range r.Warnings {
			fmt.Fprintln(w, textfmt.Line(fmt.Sprintf("warning: %s: %s", r.Name, text)))
		}
	}
	if len(s.References) == 0 {
		return nil
	}
	_, err := textfmt.Fprintf(w, "\nreport: %s\n", filepath.Join(dir, "report.html"))
	return err
}

// decimal prints what may be undefined.
func decimal(x *float64) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf("%.2f", *x)
}

func integer(x *int) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprint(*x)
}
