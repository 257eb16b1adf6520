package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"

	"shoal/dynamics/groups"
	"shoal/internal/textfmt"
	"shoal/report/figure"
)

// groupsView is the page's section on groups of examples.
type groupsView struct {
	Sentences  []string
	References []string
	Rows       []attributeRow
	Figures    []template.HTML
}

// attributeRow is a line of its table.
type attributeRow struct {
	Attribute, Group, N      string
	Errors                   []groupErrors // of the network early and at the end, of each reference
	Later, MedianStep, Never string
}

type groupErrors struct{ Share, Ratio, Class, Verdict string }

// compareGroups compares the groups of the examples; nil where there are none.
func (a *analysis) compareGroups() (*groups.Comparison, error) {
	if len(a.in.Groups) == 0 {
		return nil, nil
	}
	return groups.Compare(&a.in.Log, a.in.references(), a.in.Groups)
}

// groupFigures has one for each attribute.
func (a *analysis) groupFigures(c *groups.Comparison) []*figure.Figure {
	if c == nil {
		return nil
	}
	log := &a.in.Log
	var out []*figure.Figure
	for _, attribute := range a.in.Groups {
		f := figure.Groups{Dataset: a.in.title(), Network: a.in.Network, Attribute: attribute.Name, Steps: log.Steps, Epochs: log.Epochs,
			Accuracy: log.Accuracies(), SoFar: a.in.SoFar}
		chosen := mostApart(c, attribute)
		if len(chosen) < len(attribute.Groups) {
			f.Note = fmt.Sprintf("the %d of %d groups that differ most", len(chosen), len(attribute.Groups))
		}
		tables := groups.Tables(log, a.in.References[0].Reference, attribute)
		for _, g := range chosen {
			line := figure.GroupLine{Name: attribute.Groups[g]}
			for _, at := range tables {
				line.Accuracy = append(line.Accuracy, proportionPoint(at[g].DeepAccuracy()))
			}
			f.Lines = append(f.Lines, line)
		}
		out = append(out, f.Draw())
	}
	return out
}

// mostApart are the groups of an attribute that a figure shows, in their order: those with the least
// p-values early in training.
func mostApart(c *groups.Comparison, a groups.Attribute) []int {
	p := make([]float64, len(a.Groups))
	var all []int
	for _, g := range c.Groups {
		if k := slices.Index(a.Groups, g.Name); g.Attribute == a.Name && g.N > 0 {
			p[k] = g.Early.P
			all = append(all, k)
		}
	}
	slices.SortStableFunc(all, func(x, y int) int { return cmp.Compare(p[x], p[y]) })
	all = all[:min(len(all), figure.MostGroups)]
	slices.Sort(all)
	return all
}

// groupsView describes a comparison for the page.
func (a *analysis) groupsView(c *groups.Comparison, figures []*figure.Figure) *groupsView {
	if c == nil {
		return nil
	}
	v := &groupsView{Figures: inlined(figures...)}
	for _, r := range a.in.References {
		v.References = append(v.References, r.Name)
	}
	for _, g := range c.Groups {
		row := attributeRow{Attribute: g.Attribute, Group: g.Name, N: textfmt.Thousands(g.N), Later: valueText(g.Later), MedianStep: "not kept", Never: textfmt.Thousands(g.Never)}
		if g.MedianStep != nil {
			row.MedianStep = textfmt.Thousands(*g.MedianStep)
		}
		for _, e := range append([]groups.Errors{g.Early, g.End}, g.References...) {
			row.Errors = append(row.Errors, errorsText(g.N, e))
		}
		v.Rows = append(v.Rows, row)
	}
	v.Sentences = groupSentences(c, a.in.SoFar)
	return v
}

// errorsText is a pair of cells.
func errorsText(n int, e groups.Errors) groupErrors {
	out := groupErrors{Share: "–", Ratio: valueText(e.Ratio)}
	if n > 0 {
		out.Share = textfmt.Share(e.Share, 1)
	}
	if !e.Ratio.Defined {
		out.Ratio = "–"
	}
	if !e.Within && n > 0 {
		out.Ratio += " *"
	}
	switch e.Verdict {
	case groups.More:
		out.Class, out.Verdict = "fails", "more"
	case groups.Fewer:
		out.Class, out.Verdict = "holds", "fewer"
	}
	return out
}

// groupSentences say which groups the network leaves behind.
func groupSentences(c *groups.Comparison, soFar bool) []string {
	var out []string
	for _, g := range c.Groups {
		for _, x := range []struct {
			when string
			groups.Errors
		}{{fmt.Sprintf("At step %s", textfmt.Thousands(c.EarlyStep)), g.Early}, {figure.AtTheEndCapital(soFar), g.End}} {
			if x.Verdict != groups.More {
				continue
			}
			text := fmt.Sprintf("%s the network gets %s of %s = %s wrong, and %s of the others", x.when, textfmt.Share(x.Share, 1), g.Attribute, g.Name, textfmt.Share(x.OthersShare, 1))
			if x.Ratio.Defined && x.Within {
				text += fmt.Sprintf(": within classes %s times as many", valueText(x.Ratio))
			} else if x.Ratio.Defined {
				text += fmt.Sprintf(": %s times as many", valueText(x.Ratio))
			}
			out = append(out, text+".")
		}
	}
	if out == nil {
		if len(c.Groups) == 1 {
			return []string{"The network doesn’t leave the one group behind that could be told from chance."}
		}
		return []string{fmt.Sprintf("The network leaves none of the %d groups behind that could be told from chance.", len(c.Groups))}
	}
	return out
}
