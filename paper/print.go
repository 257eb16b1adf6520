package paper

import (
	"fmt"
	"io"
	"text/tabwriter"

	"shoal/dynamics"
	"shoal/internal/textfmt"
)

// Print writes the table for a terminal.
func (s *Summary) Print(w io.Writer) error {
	textfmt.Fprintf(w, "\npaper, budget %s; accuracies ours / the paper's\n\n", s.Budget)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "dataset\tM\taccuracy of M\taccuracy of D\tpeak of R±\tR± starts\tpeak\tsettles\tM alone\t60/20/15\torder\n")
	for _, d := range s.Datasets {
		if len(d.Triplets) == 0 {
			textfmt.Fprintf(t, "%s\t-\n", d.Title)
		}
		for _, m := range d.Triplets {
			textfmt.Fprintf(t, "%s\t%s\t%s / %s\t%s / %s\t%s", d.Title, m.Reference, textfmt.Percent(m.Accuracy), optional(m.Published),
				mean(d.Accuracy), optional(d.Published), m.peak())
			for _, c := range m.Claims {
				textfmt.Fprintf(t, "\t%s", mark(c))
			}
			textfmt.Fprintf(t, "\t%s\n", m.regime())
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprint(w, "\nyes: holds, no: does not hold, ?: cannot be judged by these runs, ~: seeds differ; !: not what the paper says\n")
	for _, d := range s.Datasets {
		if d.Note != "" {
			textfmt.Fprintf(w, "%s: %s\n", d.Title, d.Note)
		}
		for _, m := range d.Triplets {
			for _, text := range m.warnings() {
				fmt.Fprintf(w, "%s: warning: %s\n", d.Title, textfmt.Line(text))
			}
		}
		if d.Skipped != "" {
			textfmt.Fprintf(w, "%s is missing: %s\n", d.Title, d.Skipped)
		}
	}
	return nil
}

func mean(s *Spread) string {
	if s == nil {
		return "–"
	}
	return textfmt.Percent(s.Mean)
}

// peak is the first seed's.
func (t Triplet) peak() string {
	if len(t.Evidence) == 0 || !t.Evidence[0].Peak.Defined {
		return "–"
	}
	return estimate(t.Evidence[0].Peak)
}

// regime is the answer of all seeds, or that they differ.
func (t Triplet) regime() string {
	text := "–"
	for k, r := range t.Regimes {
		now := "?"
		switch g := r.Regime; {
		case g.ShallowFirst != nil && *g.ShallowFirst:
			now = "shallow first"
		case g.Found != nil && *g.Found:
			now = "change"
		case g.Found != nil:
			now = "no change"
		}
		if k > 0 && now != text {
			return differs.Words()
		}
		text = now
	}
	return text
}

func mark(c Claim) string {
	text, ok := map[dynamics.Outcome]string{dynamics.Holds: "yes", dynamics.Fails: "no", differs: "~"}[c.Verdict]
	if !ok {
		text = "?"
	}
	if c.Agrees != nil && !*c.Agrees {
		text += "!"
	}
	return text
}
