package sweep

import (
	"fmt"
	"os"
	"path/filepath"

	"shoal/internal/textfmt"
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
	text := func(defined bool, v, lo, hi float64) string {
		if !defined {
			return "undefined"
		}
		return textfmt.Signs(fmt.Sprintf("%s [%s, %s]", textfmt.Decimals(v), textfmt.Decimals(lo), textfmt.Decimals(hi)))
	}
	end := len(a.curves.Steps) - 1
	last := a.curves.Ratio[end]
	return []string{text(a.peak.Defined, a.peak.Value, a.peak.Lo, a.peak.Hi), text(last.OK, last.Value, last.Low, last.High),
		textfmt.Thousands(a.curves.Cells[figure.ShallowOnly][end])}
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
