package paper

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/published"
)

// Print writes the table for a terminal.
func (s *Summary) Print(w io.Writer) error {
	textfmt.Fprintf(w, "\npaper, budget %s; accuracies ours / the paper's\n\n", s.Budget)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	shown := shownClaims(s)
	fmt.Fprint(t, "dataset\tM\taccuracy of M\taccuracy of D\tpeak of R±, smoothed")
	for _, k := range shown {
		textfmt.Fprintf(t, "\t%s", shortTitles[k-1])
	}
	fmt.Fprintln(t, "\torder")
	for _, d := range s.Datasets {
		if len(d.Triplets) == 0 {
			textfmt.Fprintf(t, "%s\t-\n", d.Title)
		}
		for _, m := range d.Triplets {
			textfmt.Fprintf(t, "%s\t%s\t%s / %s\t%s / %s\t%s", d.Title, m.Reference, textfmt.Percent(m.Accuracy), optional(m.Published),
				mean(d.Accuracy), optional(d.Published), m.peak())
			for _, c := range m.Claims {
				if slices.Contains(shown, c.Claim) {
					textfmt.Fprintf(t, "\t%s", mark(c))
				}
			}
			textfmt.Fprintf(t, "\t%s\n", m.regime())
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprint(w, "\nyes: holds, no: does not hold, ?: cannot be judged by these runs, ~: seeds differ; !: not what the paper says; (): not claimed of it\n")
	for _, o := range s.Overall {
		if o.Title != "" {
			textfmt.Fprintf(w, "%s\n", o.sentence())
		}
	}
	if err := s.printSmaller(w); err != nil {
		return err
	}
	for _, d := range s.parts() {
		if d.Note != "" {
			textfmt.Fprintf(w, "%s: %s\n", d.Heading(), d.Note)
		}
		for _, m := range d.Triplets {
			for _, text := range m.warnings() {
				fmt.Fprintf(w, "%s: warning: %s\n", d.Heading(), textfmt.Line(text))
			}
		}
	}
	for _, g := range s.gaps() {
		textfmt.Fprintf(w, "%s: %s\n", g.Title, textfmt.Line(g.Text))
	}
	return nil
}

// printSmaller writes the table of the smaller networks, if there are any.
func (s *Summary) printSmaller(w io.Writer) error {
	if !slices.ContainsFunc(s.Smaller, func(d DatasetSummary) bool { return len(d.Runs) > 0 }) {
		return nil
	}
	fmt.Fprint(w, "\nsmaller networks, several seeds: counted in none of these\n\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "dataset\tD\tM\taccuracy of M\taccuracy of D\tpeak of R±, smoothed\torder\tshallow first")
	for _, d := range s.Smaller {
		for k, a := range d.answers() {
			m := d.Triplets[k]
			textfmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", d.Title, d.Network, m.Reference, textfmt.Percent(m.Accuracy), mean(d.Accuracy), m.peak(), m.regime(), a.First)
		}
	}
	return t.Flush()
}

func mean(s *Spread) string {
	if s == nil {
		return "–"
	}
	return textfmt.Percent(s.Mean)
}

// shortTitles head the columns of the claims.
var shortTitles = [dynamics.Claims]string{"R± starts", "peak", "settles", "M alone", "60/20/15", "R+ > R−", "early"}

// peak is the mean over seeds, or with fewer than three of them the first one's.
func (t Triplet) peak() string {
	for _, h := range t.Headlines {
		if h.Name == dynamics.HeadlinePeak && h.Mean.Defined {
			return estimate(h.Mean)
		}
	}
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
	switch {
	case c.Paper == published.NotClaimed:
		return "(" + text + ")"
	case c.Agrees != nil && !*c.Agrees:
		return text + "!"
	}
	return text
}
