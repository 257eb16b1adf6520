package paper

import (
	"fmt"
	"slices"

	"shoal/internal/textfmt"
)

// A table is for pages and records alike: the names of its columns, and its rows.
type table struct {
	Head []string
	Rows [][]string
}

// A question is one of the paper's three, with the answers of some parts.
type question struct {
	Text string
	table
}

// intervals says what those of the answers cover.
const intervals = "Intervals are at 95 %. Those of ρ are over examples, seed by seed; that of the difference in what a better network misses is for seeds and examples together; what that of the common part covers is said in its own report, in the folder of the part’s name and easiness."

// questionsOf are the answers of parts to the paper's three questions; nil where there are none.
func questionsOf(parts []DatasetSummary) []question {
	out := []question{
		{"1. Is easiness a property of the example, shared by models as different as M and D?", table{Head: []string{"of", "is easiness the example’s?"}}},
		{"2. Is there a change from what is shallow learnable to what only D learns?", table{Head: []string{"of", "does M predict the order of learning?", "shallow first?", "the starved control"}}},
		{"3. Are there examples that M learns and a far better D does not?", table{Head: []string{"of", "does the network miss what M gets right?"}}},
	}
	for _, d := range parts {
		answers := d.answers()
		for k, cells := range [3]func(a answer) []string{
			func(a answer) []string { return []string{a.Shared} },
			func(a answer) []string { return []string{a.Order, a.First, a.Starved} },
			func(a answer) []string { return []string{a.Missed} },
		} {
			out[k].Rows = append(out[k].Rows, d.rows(answers, cells)...)
		}
	}
	if len(out[0].Rows) == 0 {
		return nil
	}
	return out
}

// rows has a row for each M, or one for all where they have the same answer, such as that it wasn't asked.
func (d DatasetSummary) rows(answers []answer, cells func(a answer) []string) [][]string {
	row := func(m string, a answer) []string {
		return append([]string{fmt.Sprintf("%s, %s, %s (%s)", d.Title, d.Network, m, textfmt.Count(a.Seeds, "seed"))}, cells(a)...)
	}
	if len(answers) > 1 && !slices.ContainsFunc(answers, func(a answer) bool { return !slices.Equal(cells(a), cells(answers[0])) }) {
		return [][]string{row("all M", answers[0])}
	}
	var out [][]string
	for _, a := range answers {
		out = append(out, row(a.Reference, a))
	}
	return out
}
