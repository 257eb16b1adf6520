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
	for _, p := range slices.Concat(d.Figure1, d.Others) {
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
	tablesOfAnswers(&b, "## The three questions", s.Datasets)
	tablesOfAnswers(&b, "## Smaller networks: the same questions", s.Smaller)
	for _, d := range s.Smaller {
		if d.Orders != nil {
			fmt.Fprintf(&b, "\n%s: %s\n", d.Heading(), textfmt.Sentence(d.Orders.Sentence(d.Network)))
		}
	}
	s.tableOfNumbers(&b)
	costs, note := s.costs()
	fmt.Fprint(&b, "\n## Cost\n")
	costs.write(&b)
	fmt.Fprintf(&b, "\n%s\n", note)
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
	var escaped []string
	for _, c := range cells {
		escaped = append(escaped, strings.ReplaceAll(textfmt.Line(c), "|", `\|`))
	}
	fmt.Fprintf(w, "| %s |\n", strings.Join(escaped, " | "))
}

// head writes the first two rows, after an empty line.
func head(w io.Writer, cells ...string) {
	fmt.Fprintln(w)
	row(w, cells...)
	fmt.Fprintf(w, "|%s\n", strings.Repeat(" --- |", len(cells)))
}

// write writes the table.
func (t table) write(w io.Writer) {
	head(w, t.Head...)
	for _, cells := range t.Rows {
		row(w, cells...)
	}
}

// tableOfAccuracies sets ours beside the paper's, smaller networks below.
func (s *Summary) tableOfAccuracies(w io.Writer) {
	fmt.Fprint(w, "\n## Ours beside the paper's\n\nAccuracies on the test split. At the end: of the last evaluation, the mean over runs; at best: the mean of each run's highest, which is what the sources of the paper's numbers report.\n")
	s.accuracies().write(w)
	var recipes []string
	for _, d := range s.Datasets {
		if d.Recipe != "" {
			recipes = append(recipes, d.Heading()+": "+d.Recipe)
		}
	}
	list(w, "## What the published recipes would take here", recipes)
}

// tableOfClaims has the verdict on every claim for each of the paper's triplets, and over its networks, with the
// reasons, and for other M; nothing where none of the paper's networks was run.
func (s *Summary) tableOfClaims(w io.Writer) {
	paper, other := s.paperMatrix(), s.otherMatrix()
	if len(paper.Rows)+len(other.Rows) == 0 {
		return
	}
	fmt.Fprint(w, "\n## Verdicts\n\nM is the shallow model, D the network. In brackets: whether that is what the paper says. All networks: the paper's three, also those without a run; triplets of one network share its runs, so that networks are counted.\n")
	paper.write(w)
	if len(other.Rows) > 0 {
		fmt.Fprint(w, "\nWhat the paper says nothing of, and what counts in none of these:\n")
		other.write(w)
	}
	fmt.Fprint(w, "\n### Why\n\nThe reasons for the paper's triplets, claim by claim. Intervals are at 95 %, over examples where nothing else is said.\n")
	views := slices.DeleteFunc(s.tripletViews(), func(v tripletView) bool { return !v.OfPaper })
	for k, text := range claimTexts {
		var lines []string
		for _, v := range views {
			if len(v.Claims) > k && v.Claims[k].Verdict != dynamics.NotClaimed.Words() {
				lines = append(lines, fmt.Sprintf("%s, %s: %s. %s", v.Title, v.Reference, v.Claims[k].Verdict, strings.Join(v.Claims[k].Why, " ")))
			}
		}
		list(w, fmt.Sprintf("#### (%d) %s", k+1, text), lines)
	}
}

// write writes the matrix.
func (m matrix) write(w io.Writer) {
	if len(m.Rows) == 0 {
		return
	}
	head(w, append([]string{"claim"}, m.Heads...)...)
	for _, r := range m.Rows {
		cells := []string{fmt.Sprintf("(%d) %s", r.Claim, r.Text)}
		for _, c := range r.Cells {
			cells = append(cells, c.text())
		}
		row(w, cells...)
	}
}

// tablesOfAnswers has the answers of parts, with their intervals, a table a question; nothing where there are
// none.
func tablesOfAnswers(w io.Writer, title string, parts []DatasetSummary) {
	questions := questionsOf(parts)
	if len(questions) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n\n%s\n", title, intervals)
	for _, q := range questions {
		fmt.Fprintf(w, "\n### %s\n", q.Text)
		q.write(w)
	}
}

// tableOfNumbers has the headline numbers.
func (s *Summary) tableOfNumbers(w io.Writer) {
	fmt.Fprintf(w, "\n## Numbers, with 95 %% intervals\n\n%s\n", numbersNote)
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
