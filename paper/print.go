package paper

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/published"
)

// Print writes the table for a terminal.
func (s *Summary) Print(w io.Writer) error {
	textfmt.Say(w, "\npaper, budget %s; accuracies ours / the paper's\n\n", s.Budget)
	if err := (textfmt.Table{Rows: s.rows(), Left: true}).Print(w); err != nil {
		return err
	}
	textfmt.Say(w, "\nyes: holds, no: does not hold, ?: cannot be judged by these runs, ~: seeds differ; !: not what the paper says; (): not claimed of it\n")
	for _, o := range s.Overall {
		if o.Title != "" {
			textfmt.Say(w, "%s\n", o.sentence())
		}
	}
	if err := s.printSmaller(w); err != nil {
		return err
	}
	for _, d := range s.parts() {
		if d.Note != "" && len(d.Runs) > 0 {
			textfmt.Say(w, "%s: %s\n", d.Heading(), d.Note)
		}
		if d.Recipe != "" {
			textfmt.Say(w, "%s.\n", d.Recipe)
		}
		for _, text := range d.warnings() {
			textfmt.Say(w, "warning: %s\n", text)
		}
	}
	for _, g := range s.gaps() {
		textfmt.Say(w, "%s: %s\n", g.Title, g.Text)
	}
	return nil
}

// rows are those of the table of the paper's networks.
func (s *Summary) rows() [][]string {
	shown := shownClaims(s)
	head := []string{"dataset", "M", "accuracy of M", "accuracy of D", "peak of R±, smoothed"}
	for _, k := range shown {
		head = append(head, shortTitles[k-1])
	}
	rows := [][]string{append(head, "order")}
	for _, d := range s.Datasets {
		if len(d.Triplets) == 0 {
			rows = append(rows, []string{d.Title, "-"})
		}
		for _, m := range d.Triplets {
			row := []string{d.Title, m.Reference, textfmt.Percent(m.Accuracy) + " / " + optional(m.Published),
				joined(" ", mean(d.Accuracy), d.soFar()) + " / " + optional(d.Published), m.peak()}
			for _, c := range m.Claims {
				if slices.Contains(shown, c.Claim) {
					row = append(row, mark(c))
				}
			}
			order := m.regime()
			if d.SoFar && (order == noChange || order == someChange) {
				order += " so far"
			}
			rows = append(rows, append(row, order))
		}
	}
	return rows
}

// shownClaims are the claims of which a triplet says something, or the paper does.
func shownClaims(s *Summary) []int {
	var out []int
	for k := 1; k <= dynamics.Claims; k++ {
		if slices.ContainsFunc(s.Datasets, func(d DatasetSummary) bool {
			return slices.ContainsFunc(d.Triplets, func(t Triplet) bool {
				return slices.ContainsFunc(t.Claims, func(c Claim) bool {
					said := c.Verdict != dynamics.CannotJudge && c.Verdict != dynamics.NotClaimed
					return c.Claim == k && (said || c.Paper != published.NotClaimed)
				})
			})
		}) {
			out = append(out, k)
		}
	}
	return out
}

// printSmaller writes the table of the smaller networks, if there are any.
func (s *Summary) printSmaller(w io.Writer) error {
	if !slices.ContainsFunc(s.Smaller, func(d DatasetSummary) bool { return len(d.Runs) > 0 }) {
		return nil
	}
	textfmt.Say(w, "\nsmaller networks, several seeds: counted in none of these\n\n")
	rows := [][]string{{"dataset", "D", "M", "accuracy of M", "accuracy of D", "peak of R±, smoothed", "order", "shallow first"}}
	for _, d := range s.Smaller {
		for k, a := range d.answers() {
			m := d.Triplets[k]
			rows = append(rows, []string{d.Title, d.Network, m.Reference, textfmt.Percent(m.Accuracy), joined(" ", mean(d.Accuracy), d.soFar()), m.peak(), m.regime(), a.First})
		}
	}
	return textfmt.Table{Rows: rows, Left: true}.Print(w)
}

func mean(s *Spread) string {
	if s == nil {
		return "–"
	}
	return textfmt.Percent(s.Mean)
}

// shortTitles head the columns of the claims.
var shortTitles = [dynamics.Claims]string{"R± starts", "peak", "settles", "M alone", "60/20/15", "R+ > R−", "early"}

// peak is the mean over seeds; the one seed's; or, of two, both, which are too few for an interval. Where a
// seed has none, there is no mean.
func (t Triplet) peak() string {
	k := slices.IndexFunc(t.Headlines, func(h dynamics.Headline) bool { return h.Name == dynamics.HeadlinePeak })
	if k < 0 {
		return "–"
	}
	h := t.Headlines[k]
	if h.Mean.Defined {
		return estimate(h.Mean)
	}
	seeds := slices.DeleteFunc(slices.Clone(h.Seeds), func(e dynamics.Estimate) bool { return !e.Defined })
	switch {
	case len(seeds) == 0:
		return "–"
	case len(h.Seeds) == 1:
		return estimate(seeds[0])
	}
	var values []string
	for _, e := range seeds {
		values = append(values, fmt.Sprintf("%.2f", e.Value))
	}
	text := strings.Join(values, " and ")
	if len(h.Seeds) < dynamics.LeastSeeds {
		return text + "; two seeds are too few for an interval"
	}
	return text + "; the other seeds have no peak"
}

// Answers on the order of learning that a longer training may change.
const (
	noChange   = "no change"
	someChange = "change"
)

// regime is the answer of all seeds, or that they differ.
func (t Triplet) regime() string {
	text := "–"
	for k, r := range t.Regimes {
		now := "?"
		switch g := r.Regime; {
		case g.ShallowFirst != nil && *g.ShallowFirst:
			now = "shallow first"
		case g.Found != nil && *g.Found:
			now = someChange
		case g.Found != nil:
			now = noChange
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
