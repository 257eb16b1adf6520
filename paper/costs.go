package paper

import (
	"fmt"
	"slices"
	"strings"

	"shoal/internal/textfmt"
	"shoal/runlog"
)

// cost is what a part has taken.
type cost struct {
	runlog.Seconds
	runs           int
	ladder, refits float64
	memory         int64
	refitsUnknown  bool
}

// add adds what another part has taken. Of memory it keeps the most.
func (c *cost) add(o cost) {
	c.runs += o.runs
	c.References += o.References
	c.Training += o.Training
	c.Evaluation += o.Evaluation
	c.Report += o.Report
	c.Total += o.Total
	c.ladder += o.ladder
	c.refits += o.refits
	c.memory = max(c.memory, o.memory)
	c.refitsUnknown = c.refitsUnknown || o.refitsUnknown
}

// cost is that of the part.
func (d DatasetSummary) cost() cost {
	out := cost{ladder: d.LadderSeconds, refits: known(d.RefitSeconds), refitsUnknown: d.RefitSeconds == nil && len(d.Easiness) > 0}
	for _, r := range d.Runs {
		out.add(cost{runs: 1, Seconds: r.Seconds, memory: r.PeakRSSBytes})
	}
	return out
}

// row is the cost as a row of the table, between what it is of and how it was computed.
func (c cost) row(part, network, epochs, arithmetic string) []string {
	refits := textfmt.Duration(c.refits)
	if c.refitsUnknown {
		refits = joined(", ", strings.TrimPrefix(refits, "-"), "not all recorded")
	}
	cells := []string{part, network, fmt.Sprint(c.runs), epochs}
	for _, seconds := range []float64{c.References, c.Training, c.Evaluation, c.Report, c.Total, c.ladder} {
		cells = append(cells, textfmt.Duration(seconds))
	}
	return append(cells, refits, memoryText(c.memory), arithmetic)
}

// Memory is the run's largest, for people.
func (r RunSummary) Memory() string { return memoryText(r.PeakRSSBytes) }

// memoryText is the memory that was used, "–" where only a run that is over knows it.
func memoryText(bytes int64) string {
	if bytes == 0 {
		return "–"
	}
	return textfmt.Bytes(bytes)
}

// costs has the time of each part, as its runs and the plan have recorded it, and of all; note says what the
// columns are. What isn't recorded is left out: drawing this folder.
func (s *Summary) costs() (out table, note string) {
	out.Head = []string{"part", "network", "runs", "epochs of a run", "references", "training", "scoring", "report", "runs in all", "ladder", "refits", "memory", "arithmetic"}
	var all cost
	for _, d := range s.parts() {
		if len(d.Runs) == 0 {
			continue
		}
		c := d.cost()
		over := d.Runs[max(0, slices.IndexFunc(d.Runs, func(r RunSummary) bool { return r.Workers > 0 }))]
		out.Rows = append(out.Rows, c.row(d.Part, d.Network, d.passes(), over.arithmetic()))
		all.add(c)
	}
	if len(out.Rows) > 1 {
		out.Rows = append(out.Rows, all.row("all", "", "", ""))
	}
	whole := all.Total + all.ladder + all.refits
	return out, fmt.Sprintf("Runs, ladders and refits take %s together. Runs in all: with loading data; refits: what the question whether easiness is the example's takes; memory: the largest.", textfmt.Duration(whole))
}

// passes are the epochs of the part's runs, each number once.
func (d DatasetSummary) passes() string {
	var all []string
	for _, r := range d.Runs {
		if p := r.Passes(); !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return strings.Join(all, ", ")
}

// arithmetic is how a run computed, which its summary says: one that isn't over has none.
func (r RunSummary) arithmetic() string {
	if r.Workers == 0 {
		return "–"
	}
	return strings.Join(strings.Fields(fmt.Sprintf("%s %s %s, %d workers", r.Precision, r.Tier, r.SIMD, r.Workers)), " ")
}
