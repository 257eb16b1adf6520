package sweep

import (
	"fmt"
	"os"
	"path/filepath"

	"shoal/contingency"
	"shoal/internal/textfmt"
	"shoal/report"
	"shoal/report/figure"
)

// manyRuns is how many runs a page lists unfolded.
const manyRuns = 24

// runsView is the table of all runs of a family: what stands for each of them, and its own page.
type runsView struct {
	Columns []string
	Rows    []runView
	Folded  bool
}

type runView struct {
	Link                                        string // "" where the run has no page
	Name, Setting, Seed, Steps, Accuracy, State string
	Cells                                       []string
}

// runsOf lists the runs of a family on the page in dir.
func runsOf(f *Family, dir string) runsView {
	var v runsView
	for _, name := range f.References {
		v.Columns = append(v.Columns, "R± against "+name+": smoothed peak", "R± against "+name+" at the last step", name+" right alone (shallow_only) at the last step")
	}
	for _, r := range f.Settings {
		for _, o := range r.outcomes {
			row := runView{Link: pageOf(dir, o.folder), Name: filepath.Base(o.folder), Setting: r.short, Seed: "unknown", State: o.state}
			if o.seeded {
				row.Seed = fmt.Sprint(o.seed)
			}
			end := len(o.steps) - 1
			row.Steps, row.Accuracy = textfmt.Thousands(o.steps[end]), textfmt.Percent(o.accuracy[end])
			for _, name := range f.References {
				row.Cells = append(row.Cells, o.reference(name).cells()...)
			}
			v.Rows = append(v.Rows, row)
		}
	}
	v.Folded = len(v.Rows) > manyRuns
	return v
}

// cells are the run's numbers against a reference: the smoothed peak of R±, and what stands at the last step, which of a run
// that isn't finished isn't the end.
func (a *against) cells() []string {
	peak := contingency.Ratio{Value: a.peak.Value, Lo: a.peak.Lo, Hi: a.peak.Hi, Defined: a.peak.Defined}
	last := a.last()
	return []string{report.RatioText(peak), report.RatioText(last.Ratio()), textfmt.Thousands(last.ShallowOnly)}
}

// last is the table at the last step.
func (a *against) last() contingency.Table {
	end, cells := len(a.curves.Steps)-1, &a.curves.Cells
	return contingency.Table{Both: cells[figure.Both][end], ShallowOnly: cells[figure.ShallowOnly][end], DeepOnly: cells[figure.DeepOnly][end], Neither: cells[figure.Neither][end]}
}

// pageOf is the address of a run's page from a page in dir; "" where there is none.
func pageOf(dir, run string) string {
	from, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	to, err := filepath.Abs(filepath.Join(run, PageFile))
	if err != nil {
		return ""
	}
	if _, err := os.Stat(to); err != nil {
		return ""
	}
	link, err := filepath.Rel(from, to)
	if err != nil {
		return ""
	}
	return "./" + filepath.ToSlash(link)
}
