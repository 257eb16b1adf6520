package paper

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// gap is something that a paper's folder lacks, for a person.
type gap struct{ Title, Text string }

// gaps says what is missing: parts without a run, with fewer finished runs than planned, whose
// answers failed, and those of the budget that were not asked for.
func (s *Summary) gaps() []gap {
	var out []gap
	var asked []string
	for _, d := range s.parts() {
		asked = append(asked, d.Part)
		if g, ok := d.gap(); ok {
			out = append(out, g)
		}
	}
	var others []string
	for _, name := range PartNames(s.Budget) {
		if !slices.Contains(asked, name) {
			others = append(others, partHeading(name))
		}
	}
	if len(others) > 0 {
		out = append(out, gap{"Not asked for here", strings.Join(others, ", ") + "."})
	}
	return out
}

// finished is how many runs of a part are.
func (d DatasetSummary) finished() int {
	done := 0
	for _, r := range d.Runs {
		if r.over() {
			done++
		}
	}
	return done
}

// gap is what a part lacks; false for nothing.
func (d DatasetSummary) gap() (gap, bool) {
	done := d.finished()
	resume := joined(" ", "What is done is shown; the same command resumes.", d.begun())
	switch {
	case len(d.Runs) == 0:
		return gap{d.Heading() + " is missing", cmp.Or(d.Skipped, "It has not been run yet.")}, true
	case done == 0:
		return gap{d.Heading() + " is not finished", cmp.Or(d.Skipped, "What is shown is the beginning of a training; the same command resumes.")}, true
	case done < d.Planned:
		return gap{fmt.Sprintf("%s has %d of %d runs", d.Heading(), done, d.Planned), cmp.Or(d.Skipped, resume)}, true
	case d.Skipped != "":
		return gap{d.Heading() + " lacks some of its answers", d.Skipped}, true
	}
	return gap{}, false
}

// Heading names a part for people: its dataset, and the network where it is a smaller one.
func (d DatasetSummary) Heading() string {
	if d.smaller {
		return d.Title + " · " + d.Network
	}
	return d.Title
}

// partHeading is the heading of a part that is known by its name only.
func partHeading(name string) string {
	dataset, network, smaller := strings.Cut(name, "-")
	return DatasetSummary{Title: title(dataset), Network: network, smaller: smaller}.Heading()
}
