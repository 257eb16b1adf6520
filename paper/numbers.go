package paper

import (
	"fmt"
	"math"
	"strings"

	"shoal/dynamics"
	"shoal/internal/textfmt"
)

// numbers are the headlines of one network: a row a number, a column a reference.
type numbers struct {
	Title, Caption string
	References     []string
	Rows           []numbersRow
}

// numbersRow has a cell for each reference, or one for all of them.
type numbersRow struct {
	Name  string
	Cells []numberCell
	Wide  int // columns that its one cell takes; 0 where there is a cell a reference
}

// A numberCell is one number over seeds: the mean, "" where there are too few of them, and every seed.
type numberCell struct {
	Mean  string
	Seeds []string
}

func (c numberCell) text() string {
	seeds := strings.Join(c.Seeds, ", ")
	switch {
	case c.Mean == "":
		return seeds
	case seeds == "":
		return c.Mean
	}
	return c.Mean + " (" + seeds + ")"
}

// numbersNote says what the intervals of numbers cover.
const numbersNote = "In brackets 95 % intervals: of a mean over three or more seeds for seeds and examples together (Student’s t over the seeds with the bootstrap over examples), of a single seed for examples only. Means of ratios are geometric. The mean of the peaks is lower by what the maximum of a noisy curve is too high; of single seeds only the intervals are."

// numbersOf are the numbers of a network. Its accuracy is one for all references.
func numbersOf(d DatasetSummary) numbers {
	out := numbers{Title: d.Heading()}
	note, seeds, missing := "", 0, ""
	for k, t := range d.Triplets {
		out.References = append(out.References, t.Reference)
		for i, h := range t.Headlines {
			if k == 0 {
				out.Rows = append(out.Rows, numbersRow{Name: h.Name})
				if !earlyHeadline(h.Name) { // of which there may be more
					note, seeds = h.Note, len(h.Seeds)
				}
			}
			if h.Note != "" && len(h.Seeds) >= dynamics.LeastSeeds {
				note = ""
				missing += fmt.Sprintf("; %s against %s: %s", h.Name, t.Reference, h.Note)
			}
			r := &out.Rows[i]
			if h.Name == dynamics.HeadlineAccuracy {
				r.Wide = len(d.Triplets)
				if k > 0 {
					continue
				}
			}
			r.Cells = append(r.Cells, t.numberCell(h))
		}
	}
	out.Caption = joined(", ", numbersCaption(seeds, note), d.soFar()) + missing
	for _, seed := range d.beside() {
		out.Caption += fmt.Sprintf("; of seed %d, which isn’t over, the first R± and the peak", seed)
	}
	return out
}

// numbersCaption says what the numbers of so many seeds are; note is why there is no mean of them, "" where there is one.
func numbersCaption(seeds int, note string) string {
	switch {
	case seeds == 1:
		return "one seed, with its 95 % interval over examples"
	case note != "":
		return note + ": each seed with its 95 % interval over examples"
	}
	return fmt.Sprintf("mean of %d seeds with its 95 %% interval for seeds and examples, then each seed with that over examples", seeds)
}

// numberCell writes a number over seeds; of a single one there is no mean.
func (t Triplet) numberCell(h dynamics.Headline) numberCell {
	var c numberCell
	if h.Mean.Defined {
		c.Mean = numberText(h.Name, h.Mean)
	}
	beside := len(t.beside()) > 0 && len(h.Seeds) == len(t.Evidence)
	for k, e := range h.Seeds {
		text := numberText(h.Name, e)
		if beside && t.Evidence[k].SoFar {
			text += fmt.Sprintf(" (seed %d)", t.Evidence[k].Seed)
		}
		c.Seeds = append(c.Seeds, text)
	}
	return c
}

// numberText writes a headline's number: a share in per cent, a count (of a mean, one decimal), or a plain number.
func numberText(name string, e dynamics.Estimate) string {
	switch {
	case !e.Defined:
		return "undefined"
	case name == dynamics.HeadlineAccuracy:
		return fmt.Sprintf("%s [%.2f, %.2f]", textfmt.Percent(e.Value), 100*e.Lo, 100*e.Hi)
	case name == dynamics.HeadlineLeft && e.Value == math.Trunc(e.Value):
		return textfmt.Signs(fmt.Sprintf("%.0f [%.0f, %.0f]", e.Value, e.Lo, e.Hi))
	case name == dynamics.HeadlineLeft:
		return textfmt.Signs(fmt.Sprintf("%.1f [%.1f, %.1f]", e.Value, e.Lo, e.Hi))
	}
	return estimate(e)
}
