package paper

import (
	"slices"
	"strconv"
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
		{"1. Is easiness a property of the example, shared by models as different as M and D?", table{Head: []string{"is easiness the example’s?"}}},
		{"2. Is there a change from what is shallow learnable to what only D learns?", table{Head: []string{"does M predict the order of learning?", "shallow first?", "the starved control"}}},
		{"3. Are there examples that M learns and a far better D does not?", table{Head: []string{"does the network miss what M gets right?"}}},
	}
	for _, d := range parts {
		var of [3][][]string // rows of a part
		for _, a := range d.answers() {
			about := []string{d.Title, d.Network, strconv.Itoa(a.Seeds), a.Reference}
			for k, cells := range [][]string{{a.Shared}, {a.Order, a.First, a.Starved}, {a.Missed}} {
				of[k] = append(of[k], slices.Concat(about, cells))
			}
		}
		for k := range out {
			out[k].Rows = append(out[k].Rows, once(of[k])...)
		}
	}
	for k := range out {
		out[k].Head = slices.Concat([]string{"dataset", "network", "seeds", "M"}, out[k].Head)
	}
	if len(out[0].Rows) == 0 {
		return nil
	}
	return out
}

// once makes one row of those of a part where all M have the same answer, such as that it wasn't asked.
func once(rows [][]string) [][]string {
	const m = 3 // column
	for _, r := range rows {
		if len(rows) < 2 || !slices.Equal(r[m+1:], rows[0][m+1:]) {
			return rows
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return [][]string{slices.Concat(rows[0][:m], []string{"all"}, rows[0][m+1:])}
}
