package paper

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"shoal/dynamics"
	"shoal/internal/atomicfile"
	"shoal/internal/textfmt"
	"shoal/runlog"
)

// RecordFolder is the folder, in a paper's, of what a dated record of it is made of: copy it.
const RecordFolder = "record"

// Files of the record.
const (
	tablesFile = "tables.md"
	runsFile   = "runs.json"
)

// recordedRun is one run in runs.json.
type recordedRun struct {
	Part    string `json:"part"`
	Dataset string `json:"dataset"`
	RunSummary
	References []recordedReference `json:"references"`
}

type recordedReference struct {
	Name       string  `json:"name"`
	Kind       string  `json:"kind"`
	Accuracy   float64 `json:"accuracy"`
	FitSeconds float64 `json:"fit_seconds"`
}

// writeRecord writes OUT/record: tables.md, the summary of the paper and of each run, and figure 1 for
// each M, as SVG. It is written whole each time, from the same folders.
func writeRecord(out string, s *Summary, parts []collected, d *drawings) error {
	dir := filepath.Join(out, RecordFolder)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("make folder of the record: %w", err)
	}
	atomicfile.Sweep(dir)
	for _, p := range d.Figure1 {
		data, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(p.File)))
		if err != nil {
			return fmt.Errorf("figure of the record: %w", err)
		}
		if err := atomicfile.WriteFile(filepath.Join(dir, filepath.Base(p.File)), data); err != nil {
			return err
		}
	}
	if err := atomicfile.WriteJSON(filepath.Join(dir, SummaryFile), s); err != nil {
		return err
	}
	if err := atomicfile.WriteJSON(filepath.Join(dir, runsFile), recordedRuns(parts)); err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(dir, tablesFile), s.tables())
}

// recordedRuns are all runs with an evaluation.
func recordedRuns(parts []collected) []recordedRun {
	out := []recordedRun{}
	for _, c := range parts {
		for _, r := range c.runs {
			one := recordedRun{Part: c.Name, Dataset: c.Dataset, RunSummary: r.summarise(), References: []recordedReference{}}
			for _, ref := range r.References {
				one.References = append(one.References, recordedReference{ref.Name, ref.Kind, ref.Accuracy, ref.FitSeconds})
			}
			out = append(out, one)
		}
	}
	return out
}

// tables is tables.md: what a record has to show, as Markdown, without prose.
func (s *Summary) tables() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# The paper, budget %s: tables\n", s.Budget)
	for _, g := range s.gaps() {
		fmt.Fprintf(&b, "\n**%s.** %s\n", g.Title, textfmt.Line(g.Text))
	}
	s.differences(&b)
	s.tableOfAccuracies(&b)
	s.tableOfClaims(&b)
	tableOfAnswers(&b, "## The questions", s.Datasets)
	tableOfAnswers(&b, "## Smaller networks: the same questions", s.Smaller)
	for _, d := range s.Smaller {
		if d.Orders != nil {
			fmt.Fprintf(&b, "\n%s: %s\n", d.Heading(), textfmt.Sentence(d.Orders.Sentence(d.Network)))
		}
	}
	s.tableOfNumbers(&b)
	s.tableOfCosts(&b)
	return bytes.ReplaceAll(b.Bytes(), []byte("\u00a0"), []byte(" "))
}

// differences says how the studies differ from the paper's, and what the fits of M warn of.
func (s *Summary) differences(w io.Writer) {
	var lines []string
	for _, d := range s.parts() {
		if d.Note != "" && len(d.Runs) > 0 {
			lines = append(lines, d.Heading()+": "+d.Note)
		}
		lines = append(lines, d.warnings()...)
	}
	list(w, "## How the networks were trained, and warnings", lines)
}

// list writes a heading and a list beneath it; nothing for an empty one.
func list(w io.Writer, heading string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n\n", heading)
	for _, line := range lines {
		fmt.Fprintf(w, "- %s\n", textfmt.Sentence(textfmt.Line(line)))
	}
}

// row writes a row of a table of Markdown.
func row(w io.Writer, cells ...string) {
	for k, c := range cells {
		cells[k] = strings.ReplaceAll(textfmt.Line(c), "|", `\|`)
	}
	fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
}

// head writes the first two rows, after an empty line.
func head(w io.Writer, cells ...string) {
	fmt.Fprintln(w)
	row(w, cells...)
	fmt.Fprintf(w, "|%s\n", strings.Repeat(" --- |", len(cells)))
}

// tableOfAccuracies sets ours beside the paper's, smaller networks below.
func (s *Summary) tableOfAccuracies(w io.Writer) {
	fmt.Fprint(w, "\n## Ours beside the paper's\n\nAccuracies on the test split. At the end: of the last evaluation, the mean over runs; at best: the mean of each run's highest, which is what the sources of the paper's numbers report.\n")
	head(w, "dataset", "network", "M", "M here", "paper", "network at the end, or so far", "at best", "paper", "runs")
	for _, d := range s.parts() {
		for _, t := range d.Triplets {
			r := rowOf(d, t, nil)
			row(w, r.Title, r.Network, r.Reference, r.ShallowOurs, r.ShallowPaper, strings.TrimSuffix(r.DeepOurs+" ("+r.DeepRange+")", " ()"), r.Best, r.DeepPaper, fmt.Sprint(len(t.Evidence)))
		}
	}
	var recipes []string
	for _, d := range s.Datasets {
		if d.Recipe != "" {
			recipes = append(recipes, d.Heading()+": "+d.Recipe)
		}
	}
	list(w, "## What the published recipes would take here", recipes)
}

// tableOfClaims has the verdict on every claim for each triplet, and over the paper's networks; nothing
// where none of those was run.
func (s *Summary) tableOfClaims(w io.Writer) {
	if !slices.ContainsFunc(s.Datasets, func(d DatasetSummary) bool { return len(d.Triplets) > 0 }) {
		return
	}
	fmt.Fprint(w, "\n## Verdicts\n")
	titles := []string{"dataset", "M"}
	for k, short := range shortTitles {
		titles = append(titles, fmt.Sprintf("(%d) %s", k+1, short))
	}
	head(w, titles...)
	for _, d := range s.Datasets {
		for _, t := range d.Triplets {
			cells := []string{d.Title, t.Reference}
			for _, c := range t.Claims {
				v := claimViewOf(c)
				if c.Verdict == dynamics.NotClaimed {
					v.Agreement = ""
				}
				cells = append(cells, strings.TrimSuffix(v.Verdict+" ("+v.Agreement+")", " ()"))
			}
			row(w, cells...)
		}
	}
	fmt.Fprintf(w, "\nThe claims: %s. M is the shallow model, D the network. In brackets: whether that is what the paper says.\n", claimLegend)
	fmt.Fprint(w, "\nOver the paper's networks, also those without a run; stronger M and smaller networks aren't counted:\n\n")
	for _, o := range s.Overall {
		if o.Title != "" {
			fmt.Fprintf(w, "- (%d) %s. All together: %s.\n", o.Claim, textfmt.Signs(o.sentence()), o.Verdict.Words())
		}
	}
}

// tableOfAnswers has the answers of parts, with their intervals; nothing where there are none.
func tableOfAnswers(w io.Writer, title string, parts []DatasetSummary) {
	if !slices.ContainsFunc(parts, func(d DatasetSummary) bool { return len(d.answers()) > 0 }) {
		return
	}
	fmt.Fprintf(w, "\n%s\n", title)
	head(w, "dataset", "network", "seeds", "M", "is easiness the example's?", "does M predict the order?", "shallow first?", "the starved control", "does the network miss what M gets right?")
	for _, d := range parts {
		for _, a := range d.answers() {
			row(w, d.Title, d.Network, fmt.Sprint(a.Seeds), a.Reference, a.Shared, a.Order, a.First, a.Starved, a.Missed)
		}
	}
}

// tableOfNumbers has the headline numbers.
func (s *Summary) tableOfNumbers(w io.Writer) {
	fmt.Fprint(w, "\n## Numbers, with 95 % intervals\n")
	for _, d := range s.parts() {
		n := numbersOf(d)
		if len(n.Rows) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s, %s\n", n.Title, n.Caption)
		head(w, append([]string{"number"}, n.References...)...)
		for _, r := range n.Rows {
			cells := []string{r.Name}
			for _, c := range r.Cells {
				cells = append(cells, c.text())
			}
			cells = append(cells, make([]string, len(n.References)-len(r.Cells))...)
			row(w, cells...)
		}
	}
}

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

// row writes the cost as a row of the table, between what it is of and how it was computed.
func (c cost) row(w io.Writer, part, network, epochs, arithmetic string) {
	refits := textfmt.Duration(c.refits)
	if c.refitsUnknown {
		refits = joined(", ", strings.TrimPrefix(refits, "-"), "not all recorded")
	}
	cells := []string{part, network, fmt.Sprint(c.runs), epochs}
	for _, seconds := range []float64{c.References, c.Training, c.Evaluation, c.Report, c.Total, c.ladder} {
		cells = append(cells, textfmt.Duration(seconds))
	}
	memory := "–" // only a run that is over knows it
	if c.memory > 0 {
		memory = textfmt.Bytes(c.memory)
	}
	row(w, append(cells, refits, memory, arithmetic)...)
}

// tableOfCosts has the time of each part, as its runs and the plan have recorded it, and of all. What isn't
// recorded is left out: drawing this folder.
func (s *Summary) tableOfCosts(w io.Writer) {
	fmt.Fprint(w, "\n## Cost\n")
	head(w, "part", "network", "runs", "epochs of a run", "references", "training", "scoring", "report", "runs in all", "ladder", "refits", "memory", "arithmetic")
	var all cost
	parts := 0
	for _, d := range s.parts() {
		if len(d.Runs) == 0 {
			continue
		}
		c := d.cost()
		over := d.Runs[max(0, slices.IndexFunc(d.Runs, func(r RunSummary) bool { return r.Workers > 0 }))]
		c.row(w, d.Part, d.Network, over.Passes(), over.arithmetic())
		all.add(c)
		parts++
	}
	if parts > 1 {
		all.row(w, "all", "", "", "")
	}
	whole := all.Total + all.ladder + all.refits
	fmt.Fprintf(w, "\nRuns, ladders and refits take %s together. Runs in all: with loading data; refits: what the question whether easiness is the example's takes; memory: the largest.\n", textfmt.Duration(whole))
}

// arithmetic is how a run computed, which its summary says: one that isn't over has none.
func (r RunSummary) arithmetic() string {
	if r.Workers == 0 {
		return "–"
	}
	return strings.Join(strings.Fields(fmt.Sprintf("%s %s %s, %d workers", r.Precision, r.Tier, r.SIMD, r.Workers)), " ")
}
