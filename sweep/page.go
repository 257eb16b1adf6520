package sweep

import (
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"path/filepath"
	"slices"
	"strings"

	"shoal/contingency"
	"shoal/dataset"
	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/report"
)

//go:embed page/page.html.tmpl
var pageFiles embed.FS

//go:embed page/style.css
var style string

// pageBytes bounds the figures of a page, so that it stays below 15 MB.
const pageBytes = 13 << 20

// pageView is what the template sees.
type pageView struct {
	Title, Done string
	Warnings    []string
	Families    []familyView
	Style       template.CSS

	Kicker, Heading, Lead, DataFile string
	Single                          bool // numbers of single runs are compared, over examples
}

type familyView struct {
	ID, Title, Networks, First, Common, Families string
	Shared                                       []template.HTML
	Blocks                                       []blockView // of the network, then of each reference
	Compared                                     []comparedView
	Settings                                     []figureView
	Notes                                        []string
	Runs                                         runsView
	Compares                                     bool // there is more than one setting
}

// blockView is a table: settings by statistics.
type blockView struct {
	Title   string
	Columns []string
	Rows    []rowView
}

type rowView struct {
	Setting, Seeds string
	Cells          []cellView
}

// cellView is a number, and its difference to that of the first setting.
type cellView struct{ Value, Difference, Class string }

type comparedView struct{ Statistic, Reference, A, B, Difference, P, Class string }

type figureView struct {
	Setting, Reference string
	SVG                template.HTML
}

// page fills the template.
func (s *Summary) page(dir string) ([]byte, error) {
	name := filepath.Base(dir)
	if abs, err := filepath.Abs(dir); err == nil {
		name = filepath.Base(abs)
	}
	v := pageView{Title: textfmt.PlainName(name), Done: s.done(), Style: report.BaseStyle() + template.CSS(style), Warnings: s.warnings(),
		Kicker: s.title, Heading: s.heading, Lead: s.lead, DataFile: s.dataFile, Single: s.single}
	room := pageBytes
	for k := range s.Families {
		f := familyViewOf(&s.Families[k], &s.pages[k], &room)
		f.ID, f.Runs = fmt.Sprintf("family-%d", k+1), runsOf(&s.Families[k], dir)
		v.Families = append(v.Families, f)
	}
	return report.Fill(pageFiles, "page.html.tmpl", v)
}

// done says how much of what was asked for is here.
func (s *Summary) done() string {
	settings := 0
	for _, f := range s.Families {
		settings += len(f.Settings)
	}
	if s.dataFile == TogetherFile {
		if settings == 1 {
			return textfmt.Thousands(s.Finished) + " runs of one setting"
		}
		return fmt.Sprintf("%s runs of %s settings", textfmt.Thousands(s.Finished), textfmt.Thousands(settings))
	}
	return fmt.Sprintf("%s of %s %s finished", textfmt.Thousands(s.Finished), textfmt.Number(s.Items, "item"), textfmt.Are(s.Finished))
}

// warnings say what a reader must know first.
func (s *Summary) warnings() []string {
	out := slices.Clone(s.notes)
	if len(s.Missing) > 0 {
		out = append(out, fmt.Sprintf("without a finished run, and missing here, %s %s: %s", textfmt.Are(len(s.Missing)), textfmt.Number(len(s.Missing), "setting"), some(s.Missing)))
	}
	if len(s.Damaged) > 0 {
		out = append(out, fmt.Sprintf("left out because they can’t be read: %s", some(s.Damaged)))
	}
	out = append(out, s.ReferenceNotes()...)
	for k := range s.Families {
		out = append(out, s.Families[k].otherEnds()...)
	}
	var one, few, unfinished []string
	for _, f := range s.Families {
		for _, r := range f.Settings {
			switch n := len(r.Runs); {
			case n == 1:
				one = append(one, r.short)
			case n < dynamics.LeastSeeds:
				few = append(few, r.short)
			}
			if len(r.Runs) < r.Planned {
				unfinished = append(unfinished, r.short)
			}
		}
	}
	oneSeed := "one seed: nothing is known of another one, and nothing is compared, of %s"
	if s.single {
		oneSeed = "one run: intervals and comparisons with other single runs are over examples only, and another seed may differ beyond them: %s"
	}
	for _, w := range []struct {
		settings []string
		text     string
	}{
		{unfinished, "not all seeds are finished of %s"},
		{one, oneSeed},
		{few, "two seeds are too few for an interval or a comparison: %s"},
	} {
		if len(w.settings) > 0 {
			out = append(out, fmt.Sprintf(w.text, some(w.settings)))
		}
	}
	for k, f := range s.Families {
		for _, note := range s.pages[k].notes {
			out = append(out, f.Dataset+": "+note)
		}
	}
	return out
}

// otherEnds says which settings have runs that were scored for the last time at other steps than each other: a mean
// is over each run's last evaluation then, of no one step.
func (f *Family) otherEnds() (out []string) {
	for _, r := range f.Settings {
		var ends []int
		for _, o := range r.outcomes {
			ends = append(ends, o.steps[len(o.steps)-1])
		}
		if least, most := slices.Min(ends), slices.Max(ends); least < most {
			out = append(out, fmt.Sprintf("the runs of %s end at other steps, %s to %s: their numbers are those of each one’s last evaluation, and curves over them have the steps at which all were scored",
				r.short, textfmt.Thousands(least), textfmt.Thousands(most)))
		}
	}
	return out
}

// some names a few.
func some(names []string) string {
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most], "; ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, "; ")
}

func (f *Family) comparedViewOf(c Comparison) comparedView {
	v := comparedView{Statistic: textfmt.Signs(statisticNamed(c.Statistic).Title), Reference: c.Reference, A: f.shortOf(c.A), B: f.shortOf(c.B),
		Difference: notTold, Class: classOf(c.Verdict)}
	if c.told() {
		v.Difference, v.P = differenceText(c), fmt.Sprintf("%.2g", float64(c.Corrected))
	}
	return v
}

// titled is a dataset's title with how many examples are scored; of one that no run names, these alone.
func titled(title string, examples int) string {
	if title != "" {
		title += ", "
	}
	return title + textfmt.Thousands(examples) + " examples"
}

func familyViewOf(f *Family, d *drawings, room *int) familyView {
	v := familyView{Title: titled(dataset.Describe(f.Dataset).Title, len(f.Settings[0].outcomes[0].right)), Networks: strings.Join(f.Networks, ", "), First: f.Settings[0].short, Common: f.common, Families: f.Families, Compares: len(f.Settings) > 1}
	for _, fig := range d.shared {
		v.Shared = append(v.Shared, report.Inline(fig))
		*room -= len(v.Shared[len(v.Shared)-1])
	}
	for _, name := range append([]string{""}, f.References...) {
		v.Blocks = append(v.Blocks, f.block(name))
	}
	for _, c := range f.Compared {
		v.Compared = append(v.Compared, f.comparedViewOf(c))
	}
	left := 0
	for _, fig := range d.settings {
		svg := report.Inline(fig.figure)
		if *room -= len(svg); *room < 0 {
			*room += len(svg)
			left++
			continue
		}
		v.Settings = append(v.Settings, figureView{fig.setting, fig.reference, svg})
	}
	if left > 0 {
		v.Notes = append(v.Notes, fmt.Sprintf("To keep the file small, %s of a setting against a reference %s left out.", textfmt.Number(left, "figure"), textfmt.Are(left)))
	}
	return v
}

// block is the table against one reference, or of the network alone for "".
func (f *Family) block(reference string) blockView {
	b := blockView{Title: "The network"}
	if reference != "" {
		b.Title = "Against " + reference
	}
	for k, r := range f.Settings {
		row := rowView{Setting: r.short, Seeds: fmt.Sprint(len(r.Runs))}
		for _, n := range r.Numbers {
			if n.Reference != reference {
				continue
			}
			if k == 0 {
				b.Columns = append(b.Columns, textfmt.Signs(n.statistic.Title))
			}
			c := cellView{Value: numberText(n)}
			if d := f.between(f.Settings[0].Setting, r.Setting, n.Statistic, reference); d != nil {
				c.Difference, c.Class = differenceText(*d), classOf(d.Verdict)
			}
			row.Cells = append(row.Cells, c)
		}
		b.Rows = append(b.Rows, row)
	}
	return b
}

// numberText is a mean with its interval; the values themselves where there are too few.
func numberText(n Number) string {
	share := n.statistic.Unit == contingency.Share
	one := func(v float64) string {
		switch {
		case v != v:
			return "undefined"
		case share:
			return textfmt.Signs(fmt.Sprintf("%.2f", 100*v))
		}
		return textfmt.Signs(textfmt.Decimals(v))
	}
	if n.Interval.Defined {
		text := fmt.Sprintf("%s [%s, %s]", one(float64(n.Mean)), one(n.Interval.Lo), one(n.Interval.Hi))
		if share {
			text += "\u00a0%"
		}
		return text
	}
	if len(n.readings) == 1 && (n.readings[0].Infinite || n.readings[0].OneSided) { // a ratio with a bound on one side
		return report.RatioText(n.readings[0].Ratio())
	}
	var values []string
	for k, v := range n.Values {
		switch text := one(float64(v)); {
		case k < len(n.readings) && n.readings[k].Infinite:
			values = append(values, "∞")
		case k < len(n.readings) && n.readings[k].OneSided:
			values = append(values, one(0))
		default:
			values = append(values, text)
		}
	}
	if len(values) >= dynamics.LeastSeeds {
		return cmp.Or(noMean(n.readings), one(float64(n.Mean))+", no interval")
	}
	text := strings.Join(values, " and ")
	if share && slices.ContainsFunc(n.Values, func(v dynamics.NullFloat) bool { return v == v }) {
		text += "\u00a0%"
	}
	return text
}

// noMean says why seeds have no mean, "" where they have one.
func noMean(seeds []contingency.Reading) string {
	var infinite, zero, undefined int
	for _, r := range seeds {
		switch {
		case r.Infinite:
			infinite++
		case !r.Defined:
			undefined++
		case r.OneSided:
			zero++
		}
	}
	return dynamics.NoMean(len(seeds), infinite, zero, undefined)
}

// differenceText is a difference in points, as a number or as a factor, and whether it can be told from
// none.
func differenceText(c Comparison) string {
	d := c.Difference
	if !d.Defined {
		return ""
	}
	format, scale := "%+.2f [%+.2f, %+.2f]", 1.0
	switch {
	case c.Factor:
		format = "×%.3f [%.3f, %.3f]"
	case statisticNamed(c.Statistic).Unit == contingency.Share:
		scale = 100
	default:
		format = "%+.3f [%+.3f, %+.3f]"
	}
	text := textfmt.Signs(fmt.Sprintf(format, scale*d.Value, scale*d.Lo, scale*d.Hi))
	if c.Verdict == NotToldApart {
		text += " " + string(NotToldApart)
	}
	return text
}

func classOf(v Verdict) string {
	return map[Verdict]string{Higher: "holds", Lower: "fails"}[v]
}

// statisticNamed is the statistic of a name that this package wrote.
func statisticNamed(name string) contingency.Statistic {
	for _, s := range contingency.Statistics() {
		if s.Name == name {
			return s
		}
	}
	return contingency.Statistic{Name: name, Title: name}
}
