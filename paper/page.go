package paper

import (
	"embed"
	"fmt"
	"html/template"

	"shoal/dynamics"
	"shoal/internal/textfmt"
	"shoal/published"
	"shoal/report"
)

//go:embed page/page.html.tmpl
var pageFiles embed.FS

//go:embed page/style.css
var style string

// pageView is what the template sees.
type pageView struct {
	*Summary
	*drawings
	Rows     []tripletRow
	Skipped  []DatasetSummary
	Columns  []DatasetSummary // with runs
	Warnings []string         // of the fits of M
	Regimes  []regimeRow
	Rungs    []rungRow
	Easiness []easinessView
	Style    template.CSS
}

// tripletRow is a line of the table.
type tripletRow struct {
	Title, Network, Reference        string
	ShallowOurs, ShallowPaper        string
	DeepOurs, DeepRange, DeepPaper   string
	First, Peak, PeakAt, Shape, Last string
	Left                             string
	Claims                           []claimView
}

type claimView struct {
	Claim                                   int
	Title, Verdict, Class, Paper, Agreement string
	Seeds                                   []seedView
}

type seedView struct {
	Seed            uint64
	Verdict, Reason string
}

// regimeRow is what one seed says of the order of learning.
type regimeRow struct {
	Title, Reference string
	Seed             uint64
	Regime, Beyond   string
}

type rungRow struct {
	Title string
	report.RungRow
}

// renderPage fills the template.
func renderPage(s *Summary, d *drawings) ([]byte, error) {
	v := pageView{Summary: s, drawings: d, Style: report.BaseStyle() + template.CSS(style), Easiness: easinessViews(s)}
	for _, data := range s.Datasets {
		if len(data.Runs) > 0 {
			v.Columns = append(v.Columns, data)
		}
		if data.Skipped != "" || len(data.Runs) == 0 {
			v.Skipped = append(v.Skipped, data)
		}
		for _, t := range data.Triplets {
			v.Rows = append(v.Rows, rowOf(data, t))
			for _, text := range t.warnings() {
				v.Warnings = append(v.Warnings, data.Title+", "+text)
			}
			for _, r := range t.Regimes {
				v.Regimes = append(v.Regimes, regimeRow{data.Title, t.Reference, r.Seed, textfmt.Sentence(r.Regime.Reason), textfmt.Sentence(r.BeyondAccuracy.Reason)})
			}
		}
		for _, r := range d.Rungs[data.Dataset] {
			v.Rungs = append(v.Rungs, rungRow{data.Title, r})
		}
	}
	return report.Fill(pageFiles, "page.html.tmpl", v)
}

func rowOf(d DatasetSummary, t Triplet) tripletRow {
	row := tripletRow{Title: d.Title, Network: d.Network, Reference: t.Reference, ShallowOurs: textfmt.Percent(t.Accuracy), ShallowPaper: optional(t.Published),
		DeepOurs: mean(d.Accuracy), DeepRange: rangeText(d.Accuracy), DeepPaper: optional(d.Published)}
	if len(t.Evidence) > 0 {
		e := t.Evidence[0]
		row.First, row.Last = textfmt.Signs(e.First.String()), textfmt.Signs(e.Last.String())
		row.Peak, row.PeakAt, row.Shape = peakText(e)
		row.Left = leftText(e)
	}
	for _, c := range t.Claims {
		row.Claims = append(row.Claims, claimViewOf(c))
	}
	return row
}

// peakText says how high the peak is, where, and of what shape.
func peakText(e Evidence) (height, at, shape string) {
	if !e.Peak.Defined {
		return "undefined", "", ""
	}
	height = estimate(e.Peak)
	if e.PeakStep != nil && e.PeakEpoch != nil {
		at = textfmt.Moment(*e.PeakStep, *e.PeakEpoch)
	}
	if e.Modes != nil {
		shape = fmt.Sprintf("%d mode", *e.Modes)
		if *e.Modes != 1 {
			shape += "s"
		}
	}
	if e.Skewness.Defined {
		shape += ", skewness " + estimate(e.Skewness)
	}
	return height, at, shape
}

func leftText(e Evidence) string {
	if e.ShallowOnly == nil {
		return ""
	}
	text := textfmt.Thousands(*e.ShallowOnly)
	if e.Persistent != nil {
		text += ", persistent " + textfmt.Thousands(*e.Persistent)
	}
	return text
}

func claimViewOf(c Claim) claimView {
	v := claimView{Claim: c.Claim, Title: textfmt.Signs(c.Title), Verdict: c.Verdict.Words(), Paper: c.Paper, Class: report.Class(c.Verdict)}
	switch {
	case c.Agrees == nil:
	case *c.Agrees:
		v.Agreement = "as the paper says"
	default:
		v.Agreement = "the paper says: " + c.Paper
	}
	if c.Paper == published.NotClaimed {
		v.Agreement = "not claimed of it"
	}
	for _, s := range c.Seeds {
		v.Seeds = append(v.Seeds, seedView{s.Seed, s.Verdict.Words(), textfmt.Sentence(s.Reason)})
	}
	return v
}

func optional(x *float64) string {
	if x == nil {
		return "–"
	}
	return textfmt.Percent(*x)
}

// rangeText is the range over seeds, "" with a single one.
func rangeText(s *Spread) string {
	if s == nil || s.Seeds == 1 {
		return ""
	}
	return fmt.Sprintf("%.2f to %.2f, %d seeds", 100*s.Least, 100*s.Most, s.Seeds)
}

// estimate is like 1.23 [1.20, 1.26].
func estimate(e dynamics.Estimate) string {
	if !e.Defined {
		return "undefined"
	}
	return textfmt.Signs(fmt.Sprintf("%.2f [%.2f, %.2f]", e.Value, e.Lo, e.Hi))
}
